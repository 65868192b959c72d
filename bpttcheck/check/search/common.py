"""What some cases have in common that the others have not: where something happens."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from bpttcheck.cases import Case

SYMBOLS = "TBnmp"

FEW = 3
"""Two properties at once are looked for from so many cases on: of fewer, chance finds some."""

MOSTLY = 0.5
"""A property is worth a word where it covers at least this share of the cases that have it."""


@dataclass(frozen=True)
class Property:
    """A property of a case, with its words; ``plain`` says how little there is to it."""

    words: str
    holds: Callable[[Case], bool]
    plain: int


def where(some: Collection[Case], seen: Collection[Case]) -> str:
    """Return what cases have in common: ``T = 1``; with counts where others share it.

    Arguments:
        some: the cases in question.
        seen: all cases, these among them.
    """
    if len(some) == len(seen):
        return f"all {len(seen)} cases" if len(seen) > 1 else str(next(iter(seen)))
    shared = list(_shared(some, seen))
    if len(some) >= FEW:
        shared += [_both(a, b) for a, b in itertools.combinations(shared, 2)]
    found = [(sum(p.holds(case) for case in seen), p) for p in shared]
    if found:
        having, best = min(found, key=lambda one: (one[0], one[1].plain))
        if having == len(some):
            return best.words
        # The plainest word that says most of it: two at once explain nothing here.
        having, best = min(
            (one for one in found if " and " not in one[1].words),
            key=lambda one: (one[0], one[1].plain),
        )
        if len(some) >= max(2, MOSTLY * having):
            return f"{best.words} ({len(some)} of {having})"
    if len(some) == 1:
        return str(next(iter(some)))
    return f"{len(some)} of {len(seen)} cases"


def _shared(some: Collection[Case], seen: Collection[Case]) -> Iterator[Property]:
    """Yield what all of some cases have, and not all that were seen."""
    for candidate in _candidates(some, seen):
        if not all(map(candidate.holds, seen)):
            yield candidate


def _candidates(some: Collection[Case], seen: Collection[Case]) -> Iterator[Property]:
    regimes = {case.regime for case in some}
    if len(regimes) == 1:
        (regime,) = regimes
        yield Property(_regime(regime), lambda case: case.regime == regime, 1)
    if "saturated" not in regimes:
        yield Property("not saturated", lambda case: case.regime != "saturated", 4)
    for symbol in SYMBOLS:
        sizes = {getattr(case, symbol) for case in some}
        low, high = min(sizes), max(sizes)
        if low == high:
            yield Property(f"{symbol} = {low}", _between(symbol, low, high), 0 if low == 1 else 2)
        yield Property(f"{symbol} ≥ {low}", _between(symbol, low, None), 3)
        yield Property(f"{symbol} ≤ {high}", _between(symbol, None, high), 3)


def _regime(regime: str) -> str:
    return regime if regime == "saturated" else f"regime {regime!r}"


def _between(symbol: str, low: int | None, high: int | None) -> Callable[[Case], bool]:
    def holds(case: Case) -> bool:
        size = getattr(case, symbol)
        return (low is None or size >= low) and (high is None or size <= high)

    return holds


def _both(one: Property, other: Property) -> Property:
    return Property(
        f"{one.words} and {other.words}",
        lambda case: one.holds(case) and other.holds(case),
        one.plain + other.plain + 5,
    )
