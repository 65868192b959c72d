"""Decisions kept in a file: for several programs that need the same ones, and to go on later.

A file counts only for the very sources that decided: it is keyed by their digest and by the
versions of what they ran on. Otherwise everything is decided again, as if there were no file.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from bpttcheck.verification.decision import StatementDecision
from bpttcheck.verification.sampled import SampledBlocks
from bpttcheck.verification.shards import Key, cases_of
from bpttcheck.verification.sources import fingerprint

VARIABLE = "BPTTCHECK_DECISIONS"
"""The environment variable that names the file. It is unpickled: name only a file of your own."""

FORM = "bpttcheck decisions 2"

EVERY = 5.0
"""Seconds between two writings, and how long a run takes before one is worth while."""

Campaign: TypeAlias = tuple[str, tuple[Key, ...], int | None]
"""What blocks of random cases have in common: a model, statements and a seed."""

Stretch: TypeAlias = tuple[int, int, int, Mapping[Key, SampledBlocks]]
"""First block, end, cases of the whole campaign, and what these blocks say."""


def place() -> Path | None:
    """Return the file of this user; None where there is no folder for such."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    if sys.platform == "win32":
        folder = os.environ.get("LOCALAPPDATA")
    else:
        folder = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    if not folder or folder.startswith("~"):
        return None
    return Path(folder) / "bpttcheck" / "decisions"


def _warn(line: str) -> None:
    warnings.warn(line, stacklevel=4)


class Decisions:
    """What is kept.

    Arguments:
        path: the file; None keeps nothing.
        believed: whether what it holds need not be decided again.
        written: whether it takes in what is decided now.
        short: whether a run of a few seconds that comes to its end is kept too.
        tell: called with a line where the file cannot be read, or written.
    """

    def __init__(
        self,
        path: Path | None,
        *,
        believed: bool = True,
        written: bool = True,
        short: bool = True,
        tell: Callable[[str], None] = _warn,
    ) -> None:
        self.path = path
        self.believed = believed
        self.written = written
        self.short = short
        self.stale = False
        """Whether the file holds what other sources decided."""
        self._tell = tell
        self._changed = False
        self._failed = False
        self._began = self._last = time.monotonic()
        self._decided: dict[tuple[Key, int | None], tuple[int, StatementDecision]] = {}
        self._sampled: dict[Campaign, list[Stretch]] = {}
        if path is not None:
            self._read(path)

    def _read(self, path: Path) -> None:
        try:
            content = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            self._tell(f"{path}: the decisions kept there cannot be read: {error.strerror}")
            return
        try:
            form, key, decided, sampled = pickle.loads(content)  # see VARIABLE
            if form != FORM:
                raise ValueError(f"not of the form {FORM!r}")
        except Exception as error:  # a pickle that is none can raise anything
            aside = path.with_name(f"{path.name}.unreadable")
            moved = "it is ignored"
            with contextlib.suppress(OSError):
                path.replace(aside)
                moved = f"it is now {aside.name}"
            why = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
            self._tell(f"{path}: no decisions can be read from it ({why}); {moved}")
            return
        self.stale = key != fingerprint()
        if not self.stale:
            self._decided, self._sampled = decided, sampled

    def __len__(self) -> int:
        return len(self._decided) + len(self._sampled)

    def decision(self, key: Key, seed: int | None, examples: int) -> StatementDecision | None:
        """Return what was decided on no fewer random cases, if that is believed."""
        kept = self._decided.get((key, seed)) if self.believed else None
        return kept[1] if kept is not None and kept[0] >= examples else None

    def stretches(self, campaign: Campaign, examples: int) -> list[Stretch]:
        """Return what was sampled for a campaign of so many cases, in the order of the blocks."""
        kept = self._sampled.get(campaign, []) if self.believed else []
        return [s for s in kept if cases_of(s[1] - 1, s[2]) == cases_of(s[1] - 1, examples)]

    def decide(
        self, decided: Mapping[Key, StatementDecision], seed: int | None, examples: int
    ) -> None:
        """Take in decisions."""
        self._decided.update({(key, seed): (examples, found) for key, found in decided.items()})
        self._now_and_then()

    def sampled(self, campaign: Campaign, stretches: list[Stretch]) -> None:
        """Take in all that was sampled of a campaign."""
        self._sampled[campaign] = stretches
        self._now_and_then()

    def _now_and_then(self) -> None:
        self._changed = True
        if time.monotonic() > self._last + EVERY:
            self.write()

    def close(self, *, complete: bool) -> None:
        """Write at the end of a run, if that is worth while."""
        if self.short or not complete or time.monotonic() > self._began + EVERY:
            self.write()

    def write(self) -> bool:
        """Write in one step: a reader finds all of it or what was there; return whether it is."""
        if self._failed or not self.written or self.path is None:
            return False
        if not self._changed:
            return True
        scratch = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.path.parent, delete=False) as scratch:
                pickle.dump((FORM, fingerprint(), self._decided, self._sampled), scratch)
            Path(scratch.name).replace(self.path)
        except OSError as error:
            self._failed = True
            if scratch is not None:
                Path(scratch.name).unlink(missing_ok=True)
            self._tell(f"{self.path}: decisions cannot be kept there: {error.strerror or error}")
            return False
        self._changed = False
        self._last = time.monotonic()
        return True
