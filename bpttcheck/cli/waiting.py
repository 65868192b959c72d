"""Waiting for the process of one TARGET: events are gathered, whatever it comes to."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from bpttcheck.cli.fate import death, hang
from bpttcheck.cli.finding import Found
from bpttcheck.cli.process import Process
from bpttcheck.cli.tell import Teller

TICK = 0.1
"""Seconds between two looks at the clock."""

ANSWER = 3.0
"""Seconds in which code that was interrupted has to give its report so far."""

LEAVES = 2.0
"""Seconds in which a process leaves after its report: files of the user's are tidied up then."""


def grace(budget: float) -> float:
    """Return how long after its budget a process is let live, to say what it has found."""
    return min(10.0, 2.0 + budget / 10)


class Waiting:
    """One process, from its start to what it found."""

    def __init__(self, request: Mapping[str, Any], found: Found, teller: Teller) -> None:
        self.found = found
        self._teller = teller
        self._budget = float(request["budget"])
        self._case = ""
        self._started = self._asked = self._done = False
        self._process = Process({**request, "dies_after": self._budget + grace(self._budget)})

    def run(self) -> None:
        """Gather what is found; Ctrl-C asks for the report so far, and a second one ends it."""
        # The process ends itself before: this is for one that cannot.
        end = time.monotonic() + self._budget + grace(self._budget) + 1.0
        try:
            self._listen(end)
            if not self._done:
                self._ended(late=time.monotonic() > end)
        except KeyboardInterrupt:
            self._interrupted()
        except BaseException:
            self._process.end()
            raise

    def finish(self) -> None:
        """See the process off."""
        self._process.end(LEAVES if self._done else 0.0)

    def _listen(self, end: float) -> None:
        while not self._done and not self._process.ended and time.monotonic() <= end:
            event = self._process.event(TICK)
            if event is not None:
                self._take(event)
            self._teller.status.tick()

    def _take(self, event: Mapping[str, Any]) -> None:
        found, what = self.found, event["event"]
        if what == "started":
            self._started = True
            self._teller.status.progress("importing", 0, 0)
        elif what == "case":
            if not self._asked:
                self._teller.status.progress("checking", 0, 0)
            self._asked, self._case = True, event["case"]
        elif what == "calls":
            self._teller.status.calls = event["count"]
        elif what == "progress":
            self._teller.status.progress(event["what"], event["done"], event["total"])
        elif what == "interrupted" and not found.interrupted:
            self._done = True
            found.undecided("raised", "your code raised KeyboardInterrupt, without Ctrl-C")
        elif what in ("verdict", "so far", "report", "interrupted"):
            self._done = what not in ("verdict", "so far")
            if "report" in event:
                found.report, found.text = dict(event["report"]), event["text"]
            elif what == "interrupted":
                found.undecided("interrupted", "interrupted")
            if what == "verdict":
                self._teller.verdict()
        elif what == "saved":
            found.saved = event["text"]
        elif what == "stopped":
            self._done = True
            found.undecided(event["kind"], event["reason"])
        elif what == "error":
            self._done = True
            found.error, found.kind = event["message"], event["kind"]
            found.traceback = event.get("traceback", "")

    def _ended(self, late: bool) -> None:
        """Take in that the process ended, or has to, without having told everything."""
        status, trace = self._process.status, self._process.trace
        if late or "Timeout (" in trace:
            self.found.undecided("time", hang(self._budget, trace, self._case))
        elif not self._started:
            self.found.kind = "internal"
            self.found.error = f"the process for your code did not start: exit status {status}"
        else:
            kind, reason = death(status, trace)
            case = f", in the case {self._case}" if self._case else ""
            self.found.undecided(kind, f"{reason}{case}")

    def _interrupted(self) -> None:
        self.found.interrupted = True
        if not self._started:  # it has nothing to tell, and would say where it was importing
            self._done = True
            self.found.undecided("interrupted", "interrupted")
            self._process.end()
            return
        try:
            self._process.interrupt()
            self._listen(time.monotonic() + ANSWER)
        except KeyboardInterrupt:
            pass
        if not self._done:
            where = f", in the case {self._case}" if self._case else ""
            reason = f"interrupted{where}; your code did not heed it, and was ended"
            self.found.undecided("interrupted", reason)
