"""One check of a campaign: an ordinary ``bpttcheck check`` with a seed of its own, on a worker."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bpttcheck.check.program.target import split
from bpttcheck.verification.shards import Failure, ShardOutcome, compare
from bpttcheck.verification.sources import Versions

PATIENCE = 30.0
"""Seconds beyond its budget in which a check has to end; it ends itself long before."""


@dataclass(frozen=True)
class OneCheck:
    """What a worker is asked: which code, at which cases.

    ``folder`` is where TARGET is looked for, ``digest`` is that of its file, if it names one, and
    ``options`` are those of the command line that the whole campaign has in common.
    """

    number: int
    target: str
    folder: str
    digest: str
    seed: int
    examples: int
    budget: float
    options: tuple[str, ...] = ()

    def halves(self) -> list[OneCheck]:
        """Return none: what one check finds hangs on all of its cases."""
        return []

    @property
    def again(self) -> tuple[str, ...]:
        """The options that have its cases drawn again."""
        return ("--seed", str(self.seed), "--max-examples", str(self.examples), *self.options)

    def __str__(self) -> str:
        return f"check {self.number} of {self.target}"


def digest_of(target: str, folder: str) -> str:
    """Return what tells a file of code from another; empty where TARGET names a module.

    Raises:
        TargetError: TARGET names nothing.
        OSError: the file cannot be read.
    """
    place, _ = split(target)
    if not place.endswith(".py"):
        return ""
    return hashlib.sha256((Path(folder) / place).read_bytes()).hexdigest()[:16]


def do(check: OneCheck, here: Versions, _turn: int = 0) -> ShardOutcome:
    """Do a check; what it says is under ``report``, as ``check --json`` prints it.

    Raises:
        WrongVersions: those of this process are others.
    """
    compare(here)
    started = time.perf_counter()

    def found(report: dict[str, object]) -> ShardOutcome:
        return ShardOutcome(time.perf_counter() - started, {("", "", "report"): report})

    def refused(message: str) -> ShardOutcome:
        return found({"exit": 2, "error": {"kind": "usage", "message": message}})

    try:
        same = digest_of(check.target, check.folder) == check.digest
    except OSError:
        return refused(f"TARGET: no file {check.target} in {check.folder} on a worker")
    if not same:
        return refused(f"TARGET: {check.target} in {check.folder} is another file on a worker")
    if not Path(check.folder).is_dir():
        return refused(f"TARGET: no folder {check.folder} on a worker")
    # -P: what lies in the user's folder is no module of ours, or of Python's.
    command = [sys.executable, "-P", "-m", "bpttcheck", "check", check.target, "--json"]
    command += ["--verdict-only", "--no-mend", "--budget", str(check.budget), *check.again]
    try:
        ended = subprocess.run(
            command,
            cwd=check.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=check.budget + PATIENCE,
            check=False,
        )
        return found(json.loads(ended.stdout))
    except subprocess.TimeoutExpired:
        reason = f"no end within {check.budget + PATIENCE:g} s"
    except ValueError:  # it printed no report: it was ended, or could not start
        said = ended.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        reason = f"exit status {ended.returncode}: {said or 'nothing was said'}"
    return ShardOutcome(
        time.perf_counter() - started, failure=Failure(str(check), reason, ours=False)
    )
