"""``bpttcheck verify``: decide, compare with what is expected, say so."""

from __future__ import annotations

import argparse
import json
import time
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from bpttcheck import expected
from bpttcheck.arguments import shown
from bpttcheck.claims import CLAIMS
from bpttcheck.cli.output import complain
from bpttcheck.cli.scheduler import cluster_of
from bpttcheck.cli.screen import progress
from bpttcheck.cli.usage import UsageError, please_report
from bpttcheck.cli.verify_report import as_json, print_report
from bpttcheck.identities import REGISTRY
from bpttcheck.verification import Incomplete, Result, VerifyInterrupted, examples, verify
from bpttcheck.verification.stored import Decisions, place
from bpttcheck.verification.workers import cores

if TYPE_CHECKING:
    from bpttcheck.verification.examples import ExampleDatabase


def selected(pattern: str) -> tuple[list[str], list[str]]:
    """Return the IDs of identities and claims that a pattern matches.

    Raises:
        UsageError: it matches nothing.
    """
    identities = [i.id for i in REGISTRY if fnmatchcase(i.id, pattern)]
    claims = [name for name in CLAIMS if fnmatchcase(name, pattern)]
    if not identities and not claims:
        raise UsageError(
            "GLOB: expected a pattern that matches an ID, such as 'scalar.*', "
            f"got {shown(pattern)}, which matches none of {len(REGISTRY)} identities "
            f"and {len(CLAIMS)} claims"
        )
    return identities, claims


def run_verify(options: argparse.Namespace) -> int:
    """Run the command; return the exit status."""
    identities, claims = selected(options.pattern)
    started = time.perf_counter()
    kept = _kept(options.resume)
    interrupted = False
    try:
        with _executor(options.scheduler) as executor, progress() as report:
            result = verify(
                identities,
                claims,
                max_examples=options.max_examples,
                seed=options.seed,
                jobs=cores(),
                executor=executor,
                kept=kept,
                database=_database(options.database, options.seed),
                progress=report,
            )
    except Incomplete as left:
        result = left.result
    except KeyboardInterrupt as stopped:
        interrupted = True
        nothing = Result(missing=[*identities, *claims])
        result = stopped.result if isinstance(stopped, VerifyInterrupted) else nothing
    seconds = time.perf_counter() - started
    table = expected.load()
    surprises = expected.surprises(result, table)
    options.status = _status(result, surprises, interrupted)
    if options.json:
        found = as_json(result, surprises, seconds, interrupted)
        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        print_report(result, table, surprises, seconds, options)
    _complain(result, interrupted, kept, options)
    return int(options.status)


def _executor(scheduler: str | None) -> AbstractContextManager[Executor | None]:
    return nullcontext() if scheduler is None else cluster_of(scheduler)


def _database(folder: str | None, seed: int | None) -> ExampleDatabase | None:
    """Return where failing cases are kept."""
    if folder is None:
        return None
    if seed is None:
        raise UsageError("--database: expected --seed with it; without, cases are always the same")
    try:
        return examples.in_folder(folder)
    except OSError as error:
        raise UsageError(f"--database: {folder}: {error.strerror}") from error


def _kept(resume: bool) -> Decisions:
    """Return the decisions of earlier runs, and say what there is to go on from."""
    path = place()
    kept = Decisions(path, believed=resume, short=False, tell=lambda line: _say(line))
    if resume and path is None:
        _say("--resume: there is no folder of yours to keep decisions in")
    elif resume and kept.stale:
        _say(f"--resume: {path} is by other sources or versions: everything is decided again")
    elif resume and not len(kept):
        _say(f"--resume: nothing is kept in {path}")
    return kept


def _say(line: str) -> None:
    complain(f"bpttcheck: {line}")


def _status(result: Result, surprises: list[str], interrupted: bool) -> int:
    if interrupted:
        return 130
    if any(failure.ours for failure in result.failures):
        return 4
    if surprises:
        return 1
    return 0 if result.complete else 3


def _complain(
    result: Result, interrupted: bool, kept: Decisions, options: argparse.Namespace
) -> None:
    """Say on stderr why not everything is decided."""
    ours = [failure for failure in result.failures if failure.ours]
    for failure in result.failures:
        if not failure.ours:
            _say(f"{failure.deciding}: not decided: {failure.reason}")
    if ours:
        if options.debug:
            complain(ours[0].traceback.rstrip())
        more = f" and {len(ours) - 1} more" if ours[1:] else ""
        _say(please_report(f"{ours[0].reason}, while deciding {ours[0].deciding}{more}"))
    if interrupted:
        on = "; --resume goes on from here" if len(kept) and kept.write() else ""
        _say(f"interrupted{on}")
