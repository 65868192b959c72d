"""Decide the identities and the claims of the sources, by machine.

Nothing here knows what the verdicts should be: the table of expected ones is read by the command
line alone, after the fact.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

from bpttcheck.arguments import (
    Kind,
    count,
    did_you_mean,
    function,
    got,
    instance,
    jointly,
    optional,
    seed,
    shown,
    takes,
)
from bpttcheck.claims import CLAIMS, ClaimReading
from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from bpttcheck.statements.judge import Finding
from bpttcheck.verification import examples
from bpttcheck.verification.driving import Driver, ExecutorLost, drive_here
from bpttcheck.verification.examine import Examiner, Progress, silent
from bpttcheck.verification.gathering import Gathering
from bpttcheck.verification.result import Incomplete, Result, VerifyInterrupted
from bpttcheck.verification.shards import GROUP, Failure, WrongVersions, group_of
from bpttcheck.verification.stored import Decisions
from bpttcheck.verification.workers import Workers

if TYPE_CHECKING:
    from bpttcheck.verification.examples import ExampleDatabase

MOST = 10**12
"""Random cases of a model: more than a cluster decides in a year."""

MOST_JOBS = 10_000

__all__ = ["Incomplete", "Result", "VerifyInterrupted", "WrongVersions", "replay", "verify"]


def _ids(known: Container[str], every: Callable[[], Iterable[str]]) -> Kind:
    """Return the kind of lists of IDs."""

    def of_ids(name: str, given: Any) -> list[str]:
        if isinstance(given, str):
            raise TypeError(f"{name}: expected a list of IDs, got the string {shown(given)}")
        try:
            found = list(given)
        except Exception:
            raise TypeError(f"{name}: expected a list of IDs, got {got(given)}") from None
        for one in found:
            if not isinstance(one, str) or one not in known:
                hint = did_you_mean(one, every())
                raise ValueError(f"{name}: expected registered IDs, got {shown(one)}{hint}")
        return found

    return of_ids


@takes(
    identities=_ids(REGISTRY, lambda: [one.id for one in REGISTRY]),
    claims=_ids(CLAIMS, lambda: CLAIMS),
    max_examples=count(most=MOST),
    seed=optional(seed),
    jobs=count(most=MOST_JOBS),
    executor=optional(instance(Executor, "one of concurrent.futures")),
    kept=optional(instance(Decisions, "decisions that were kept")),
    progress=function,
    database=jointly("a database of Hypothesis's"),
)
def verify(
    identities: Iterable[str],
    claims: Iterable[str] = (),
    *,
    max_examples: int = 200,
    seed: int | None = None,
    jobs: int = 1,
    executor: Executor | None = None,
    kept: Decisions | None = None,
    database: ExampleDatabase | None = None,
    progress: Progress = silent,
) -> Result:
    """Decide identities and claims, and the identities that the claims lean on.

    What is found follows from the arguments alone: it is the same for any number of processes, on
    one machine or many, stopped and gone on with or not, whatever dies on the way.

    Arguments:
        identities: IDs of identities.
        claims: IDs of claims.
        max_examples: random cases a model.
        seed: of the random cases; None gives the same cases every time.
        jobs: processes to spread the work over; with an ``executor``, how many shards of the work
            it does at a time.
        executor: any of ``concurrent.futures``, a Dask client's too, to do the work. It is not shut
            down. Its processes need this package, the same sources and versions.
        kept: decisions that are not made again; it takes in those that are made.
        database: of Hypothesis, such as its ``DirectoryBasedExampleDatabase``: cases in it that
            refuted an identity are tried first, and those that do now are kept there.
        progress: called with a model's name, cases done and cases in all.

    Returns:
        A :class:`Result` with every decision by ID.

    Raises:
        TypeError: a string where a list of IDs is expected, an executor or a database that is none.
        ValueError: an unknown ID, fewer than one example or job, a seed that is none, or a database
            without a seed.
        WrongVersions: the executor's processes would not find the same.
        Incomplete: some of it could not be decided; what could is its ``result``.
        VerifyInterrupted: Ctrl-C; what was decided before is its ``result``.
    """
    identities, claims = list(identities), list(claims)
    if database is not None:
        examples.check(database, seed)
    alone = executor is None and jobs == 1
    asked_for = len(identities) + len(claims)
    # An executor may have more processes than it is asked to use, or come to have them.
    group = GROUP if executor is not None else group_of(asked_for, jobs)
    gathering = Gathering(
        identities,
        claims,
        max_examples,
        seed,
        len(REGISTRY) + len(CLAIMS) if alone else group,
        Decisions(None) if kept is None else kept,
        progress,
    )
    complete = False
    if database is not None:
        asked = [("", "", name) for name in gathering.needed]
        gathering.recalled = examples.recalled(asked, database)
    try:
        _drive(gathering, jobs, executor, alone)
        result = gathering.result()
        complete = result.complete
    except KeyboardInterrupt as stopped:
        raise VerifyInterrupted(gathering.result(shrunk=False)) from stopped
    except ExecutorLost as lost:
        gathering.failures.append(Failure("what is missing", str(lost), ours=False))
        result = gathering.result()
    finally:
        gathering.kept.close(complete=complete)
    if database is not None and seed is not None:
        examples.keep(gathering.refuted(), max_examples, seed, database)
    if not complete:
        raise Incomplete(result)
    return result


def _drive(gathering: Gathering, jobs: int, executor: Executor | None, alone: bool) -> None:
    if executor is not None:
        # One that knows how many there are, such as a cluster that grows, is asked.
        Driver(gathering, executor, getattr(executor, "sharers", lambda: jobs)).run()
    elif alone or gathering.short:
        drive_here(gathering)
    else:
        workers = Workers(jobs)
        try:
            Driver(gathering, workers, lambda: jobs).run()
        finally:
            workers.shutdown(cancel_futures=True)


def replay(name: str, case: Any, *, version: str = "") -> dict[str, Finding | None]:
    """Judge an identity, or every reading of a claim, at one case: to paste a counterexample into.

    Arguments:
        name: the ID of an identity or a claim.
        case: a case of its model.
        version: one of the identity's wrong versions, to judge in its place.

    Returns:
        By statement, what balls say; None where they could not settle it. Statements about
        another model, or whose domain leaves the case out, are left out.

    Raises:
        ValueError: no identity or claim of that name, or no such wrong version.
    """
    if name not in REGISTRY and name not in CLAIMS:
        raise ValueError(f"name: expected the ID of an identity or a claim, got {name!r}")
    if version and (name not in REGISTRY or version not in REGISTRY[name].wrong):
        raise ValueError(f"version: expected a wrong version of {name}, got {version!r}")
    single = ClaimReading(name, (name,), version=version or None) if name in REGISTRY else None
    pairs = [
        pair for r in ((single,) if single else CLAIMS[name].readings) for pair in r.statements()
    ]
    findings = {}
    for identity, statement in pairs:
        if identity.model == case.model and case in identity.domain:
            trial = Examiner(MODELS[identity.model], 0, None).trial(name, statement)
            findings[statement.says] = trial.judge(case)
    return findings
