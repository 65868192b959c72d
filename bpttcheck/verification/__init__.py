"""Decide the identities and the claims of the sources, by machine.

Nothing here knows what the verdicts should be: the table of expected ones is read by the command
line alone, after the fact.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

from bpttcheck.arguments import whole
from bpttcheck.claims import CLAIMS, Claim, ClaimReading
from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from bpttcheck.statements.identity import Identity
from bpttcheck.statements.judge import Finding
from bpttcheck.statements.trial import Trial
from bpttcheck.verification.decision import (
    ClaimDecision,
    IdentityDecision,
    ReadingDecision,
    StatementDecision,
)
from bpttcheck.verification.examine import Examiner, Progress
from bpttcheck.verification.workers import spread

__all__ = ["Result", "replay", "verify"]


@dataclass
class Result:
    """Every decision of a run."""

    identities: dict[str, IdentityDecision] = field(default_factory=dict)
    claims: dict[str, ClaimDecision] = field(default_factory=dict)


def _silent(_what: str, _done: int, _total: int) -> None:
    """Report nothing."""


def verify(
    identities: Iterable[str],
    claims: Iterable[str] = (),
    *,
    max_examples: int = 200,
    seed: int | None = None,
    jobs: int = 1,
    progress: Progress = _silent,
) -> Result:
    """Decide identities and claims, and the identities that the claims lean on.

    Arguments:
        identities: IDs of identities.
        claims: IDs of claims.
        max_examples: random cases a model.
        seed: of the random cases; None gives the same cases every time.
        jobs: processes to spread the models over.
        progress: called with a model's name, cases done and cases in all.

    Returns:
        A :class:`Result` with every decision by ID.

    Raises:
        TypeError: a string where a list of IDs is expected.
        ValueError: an unknown ID, fewer than one example or job, or a seed that is none.
    """
    for argument, given in (("identities", identities), ("claims", claims)):
        if isinstance(given, str):
            raise TypeError(f"{argument}: expected a list of IDs, got the string {given!r}")
    identities, claims = list(identities), list(claims)
    for argument, names, known in (
        ("identities", identities, REGISTRY),
        ("claims", claims, CLAIMS),
    ):
        for name in names:
            if name not in known:
                raise ValueError(f"{argument}: expected registered IDs, got {name!r}")
    max_examples, jobs = whole("max_examples", max_examples), whole("jobs", jobs)
    seed = None if seed is None else whole("seed", seed, 0)
    chosen = [CLAIMS[name] for name in claims]
    needed = dict.fromkeys([*identities, *(i for c in chosen for i in c.identities)])
    by_model = {
        model: names
        for model in MODELS
        if (names := [name for name in needed if REGISTRY[name].model == model])
    }
    longest_first = sorted(by_model, key=lambda model: -len(by_model[model]))
    work = [
        partial(_decide_model, model, by_model[model], claims, max_examples, seed)
        for model in longest_first
    ]
    found = dict(zip(longest_first, spread(work, jobs, progress), strict=True))
    decided = {name: d for model in by_model for name, d in found[model][0].items()}
    changed = {key: d for model in by_model for key, d in found[model][1].items()}
    return Result(decided, {c.id: _decide_claim(c, decided, changed) for c in chosen})


Changed: TypeAlias = dict[tuple[str, str, str], StatementDecision]
"""Decisions on readings that are not identities as they stand: claim, reading, identity."""


def _decide_model(
    model: str,
    names: list[str],
    claims: list[str],
    max_examples: int,
    seed: int | None,
    progress: Progress,
) -> tuple[dict[str, IdentityDecision], Changed]:
    """Decide the identities of one model, and what claims make of them."""
    examiner = Examiner(MODELS[model], max_examples, seed)
    mine = [REGISTRY[name] for name in names]
    trials = {i.id: examiner.trial(i.id, i.statement, i.domain) for i in mine}
    others = _changed_statements(examiner, [CLAIMS[name] for name in claims])
    examiner.run([*trials.values(), *others.values()], progress)
    decided = {i.id: examiner.decide_identity(i, trials[i.id]) for i in mine}
    return decided, {key: examiner.decide(trial) for key, trial in others.items()}


def _changed_statements(
    examiner: Examiner, claims: list[Claim]
) -> dict[tuple[str, str, str], Trial]:
    """Return trials for the readings that are not identities as they stand."""
    trials = {}
    for claim in claims:
        for reading in claim.readings:
            for identity, statement in reading.statements():
                if identity.model == examiner.model.name and not reading.is_as_registered:
                    name = f"{claim.id} ({reading.name})"
                    key = (claim.id, reading.name, identity.id)
                    trials[key] = examiner.trial(name, statement, identity.domain)
    return trials


def _decide_claim(
    claim: Claim,
    identities: dict[str, IdentityDecision],
    changed: Changed,
) -> ClaimDecision:
    def part(reading: ClaimReading, identity: Identity) -> StatementDecision:
        if reading.is_as_registered:
            return identities[identity.id]
        return changed[claim.id, reading.name, identity.id]

    readings = [
        ReadingDecision(reading.name, [part(reading, i) for i, _ in reading.statements()])
        for reading in claim.readings
    ]
    corrected = identities[claim.corrected] if claim.corrected else None
    return ClaimDecision(claim.id, readings, corrected, claim.identities)


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
