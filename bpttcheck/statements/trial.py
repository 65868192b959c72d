"""A trial: one statement, examined case after case, until it is decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

from bpttcheck.arithmetic.base import Inapplicable
from bpttcheck.statements.evaluation_cache import EvaluationCache
from bpttcheck.statements.evidence import Evidence
from bpttcheck.statements.identity import EVERYTHING, Domain
from bpttcheck.statements.judge import (
    RESOLUTION_BITS,
    Finding,
    Outcome,
    degree,
    in_balls,
    in_field,
    in_floats,
)
from bpttcheck.statements.notation import Statement
from bpttcheck.statements.terms import IllTyped

Verdict: TypeAlias = Literal["holds", "refuted", "ill-typed", "undecided"]

PRECISIONS = (256, 1280, 5120)
"""Bits to try in turn. A pass costs much the same at any of them; the tiny numbers, at 10⁻³²⁰, and
cancellation to zero need the long ones."""

REDRAWS = 3


class NumberSystems(Protocol):
    """Where number systems come from."""

    def floats(self) -> Any:
        """Return float64."""

    def balls(self, bits: int) -> Any:
        """Return balls of a precision."""

    def field(self, seed: str) -> Any:
        """Return a finite field with symbols of its own."""

    def degrees(self) -> Any:
        """Return degrees of what the field computes."""


@dataclass(frozen=True)
class Counterexample:
    """A case at which a statement fails."""

    case: Any
    finding: Finding


class Trial:
    """Collects evidence for or against a statement."""

    def __init__(
        self,
        name: str,
        statement: Statement,
        cache: EvaluationCache,
        systems: NumberSystems,
        domain: Domain = EVERYTHING,
    ) -> None:
        self.name = name
        self.statement = statement
        self.domain = domain
        self.cache = cache
        self.systems = systems
        self.evidence = Evidence()
        self.counterexample: Counterexample | None = None
        self.undecided_cases = 0
        self.first_undecided: Counterexample | None = None
        self.not_rational = False

    @property
    def open(self) -> bool:
        """Whether no case has failed yet."""
        return self.counterexample is None

    @property
    def verdict(self) -> Verdict:
        """What the evidence says. Undecided is never a pass, and vacuous is undecided."""
        if self.counterexample is not None:
            wrong = self.counterexample.finding.outcome
            return "ill-typed" if wrong is Outcome.ILL_TYPED else "refuted"
        if self.undecided_cases or self.evidence.level in ("none", "sampled"):
            return "undecided"
        return "holds"

    def screen(self, case: Any) -> Finding:
        """Look at a case in float64 alone: SUSPICIOUS is no verdict."""
        if case not in self.domain:
            return Finding(Outcome.VACUOUS)
        try:
            with self.cache.symbols(case, self.systems.floats()) as symbols:
                return in_floats(self.statement, symbols, self.evidence.sampled.cases)
        except Inapplicable:  # arbitrary functions, which floats do not have
            return Finding(Outcome.VACUOUS)

    def check_types(self, case: Any) -> None:
        """Evaluate a case whose sizes are pairwise distinct, so that no shape fits by accident."""
        finding = self.screen(case)
        if finding.outcome is Outcome.ILL_TYPED:
            self._refuted(case, finding)

    def sample(self, case: Any) -> None:
        """Screen a case in float64, and settle in balls what looks wrong there."""
        if not self.open:
            return
        finding = self.screen(case)
        if finding.outcome is Outcome.VACUOUS:
            return
        if finding.outcome is Outcome.SUSPICIOUS:
            settled = self.judge(case, RESOLUTION_BITS)
            if settled is None or self._refuted(case, settled):
                return
            self.evidence.sampled.settled += 1
        elif self._refuted(case, finding):
            return
        self.evidence.sampled.cases += 1
        self.evidence.sampled.sizes.include(case.sizes)

    def enclose(self, case: Any) -> None:
        """Evaluate a case in balls."""
        if not self.open or case not in self.domain:
            return
        finding = self.judge(case, self.evidence.enclosed.bits)
        if finding is None or finding.outcome is Outcome.VACUOUS or self._refuted(case, finding):
            return
        enclosed = self.evidence.enclosed
        enclosed.points += 1
        enclosed.bits = min(enclosed.bits, finding.radius_bits)
        enclosed.sizes.include(case.sizes)

    def judge(self, case: Any, worst: float = float("inf")) -> Finding | None:
        """Return what balls say of a case; None where they cannot be applied or settled.

        Radii are measured that lie less than ``worst`` bits below their terms.
        """
        for bits in PRECISIONS:
            try:
                with self.cache.symbols(case, self.systems.balls(bits)) as symbols:
                    finding = in_balls(self.statement, symbols, worst)
            except Inapplicable:  # a sign that is not known yet
                continue
            if finding.outcome is not Outcome.UNDECIDED:
                return finding
        self._undecided(case, f"not settled with {PRECISIONS[-1]} bits")
        return None

    def decide_exactly(self, case: Any, seed: str) -> None:
        """Decide the shape and functions of a case in the finite field."""
        if not self.open or self.not_rational or case not in self.domain:
            return
        if not self.statement.is_equation:
            return
        for draw in range(REDRAWS):
            try:
                with self.cache.symbols(case, self.systems.field(f"{seed}.{draw}")) as symbols:
                    outcome = in_field(self.statement, symbols)
                break
            except Inapplicable:  # a divisor that happens to be zero here: another point
                continue
            except IllTyped as reason:  # at this shape, where it is at no other before
                self._refuted(case, Finding(Outcome.ILL_TYPED, reason=str(reason)))
                return
        else:
            return
        if outcome is Outcome.VACUOUS:
            return
        if outcome is Outcome.SUSPICIOUS:
            # No verdict: the statement may hold for exp and log as they are, not as symbols. Nor
            # do the shapes at which it agreed count any more: it is not of the kind decided here.
            self.not_rational = True
            self.evidence.exact = type(self.evidence.exact)()
            return
        with self.cache.counted(case, self.systems.degrees()) as (symbols, ledger):
            bits = -ledger.false_acceptance(*degree(self.statement, symbols))
        self.evidence.exact.include(case.sizes, bits)

    def weigh(self, agreed: int, against: Any | None) -> None:
        """Count the cases at which the kernel agrees; one that is against it stands.

        Two verifiers that differ prove nothing: one of them is wrong.
        """
        if against is not None:
            self.evidence.exact = type(self.evidence.exact)()
            self._undecided(against, "the kernel does not agree")
        elif self.evidence.exact.cases:
            self.evidence.exact.kernel = agreed

    def _undecided(self, case: Any, reason: str) -> None:
        self.undecided_cases += 1
        if self.first_undecided is None:
            self.first_undecided = Counterexample(case, Finding(Outcome.UNDECIDED, reason=reason))

    def _refuted(self, case: Any, finding: Finding) -> bool:
        if finding.outcome in (Outcome.FAILS, Outcome.ILL_TYPED):
            self.counterexample = Counterexample(case, finding)
            return True
        return False
