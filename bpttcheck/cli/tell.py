"""What is said of one TARGET: its verdict when it is known, the rest at the end."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from bpttcheck.cli.finding import Found
from bpttcheck.cli.output import coloured, complain, say
from bpttcheck.cli.status import Status
from bpttcheck.cli.usage import please_report


class Teller:
    """Prints results on stdout; progress and errors on stderr."""

    def __init__(
        self, found: Found, known: Callable[[], None], options: argparse.Namespace, several: bool
    ) -> None:
        self._found = found
        self._known = known
        self._json = options.json
        self._debug = options.debug
        self._several = several
        self._said = ""
        self.status = Status(found.target if several else "")
        if several and not self._json:
            say(found.target)

    def verdict(self) -> None:
        """Print the line of the verdict, which has just come."""
        self._known()
        if not self._json:
            self.status.clear()
            self._said = self._found.text.partition("\n")[0]
            say(coloured(self._found.verdict, self._said))

    def rest(self) -> None:
        """Print the report, but the line that is there already; what was no finding on stderr."""
        found = self._found
        self._known()
        self.status.clear()
        if found.text and not self._json:
            first, _, rest = found.text.partition("\n")
            notes = "\n".join(["", *(f"note: {note}" for note in found.notes)])
            lines = [] if first == self._said else [coloured(found.verdict, first)]
            lines += [rest] if rest else []
            lines += [notes] if found.notes else []
            lines += [""] if self._several else []
            if lines:
                say("\n".join(lines))
        if found.error:
            if self._debug and found.traceback:
                complain(found.traceback.rstrip())
            text = found.error if found.kind == "usage" else please_report(found.error)
            complain(f"bpttcheck: {text}")
        for line in (found.saved, "interrupted" if found.interrupted else ""):
            if line:
                complain(f"bpttcheck: {line}")
