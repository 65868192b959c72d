"""What was found of one statement by sampling some blocks of random cases, and how it adds up."""

from __future__ import annotations

from dataclasses import dataclass, field

from bpttcheck.statements.evidence import Sampled
from bpttcheck.statements.trial import Counterexample, Trial


@dataclass
class SampledBlocks:
    """What some consecutive blocks of random cases say about one statement."""

    sampled: Sampled = field(default_factory=Sampled)
    counterexample: Counterexample | None = None
    undecided_cases: int = 0
    first_undecided: Counterexample | None = None
    block: int = 0
    """Where the counterexample was found."""

    @classmethod
    def of(cls, trial: Trial, block: int = 0) -> SampledBlocks:
        """Return what a trial that did nothing but sample has found."""
        return cls(
            trial.evidence.sampled,
            trial.counterexample,
            trial.undecided_cases,
            trial.first_undecided,
            block,
        )

    def __add__(self, later: SampledBlocks) -> SampledBlocks:
        """Return what both say; nothing counts that comes after a counterexample.

        So the sum is the same however blocks are put together, and wherever they were sampled.
        """
        if self.counterexample is not None:
            return self
        return SampledBlocks(
            added(self.sampled, later.sampled),
            later.counterexample,
            self.undecided_cases + later.undecided_cases,
            self.first_undecided or later.first_undecided,
            later.block,
        )


def added(first: Sampled, second: Sampled) -> Sampled:
    """Return the evidence of both."""
    both = Sampled(first.cases + second.cases, first.settled + second.settled)
    for part in (first, second):
        both.sizes.include(part.sizes.largest)
    return both
