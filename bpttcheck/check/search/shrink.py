"""From a case that fails to one that cannot be made smaller: a guess, then Hypothesis's shrinker.

A question costs some fifty losses of the user's. Hypothesis alone, which knows nothing of what is
asked, takes twice as many as it does with the guess, and with what may be presumed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from bpttcheck.cases import REGIMES, Case, resized
from bpttcheck.ranges import Ranges

if TYPE_CHECKING:  # it is imported where it is needed: right code does without
    from hypothesis.strategies import SearchStrategy

Fails = Callable[[Case], bool]

SYMBOLS = "pmBTn"
"""In the order in which they are lowered: mistakes in recurrent code hang on steps and states."""

OTHERS = 2
"""So many other draws of small cases are asked where the smallest failing one is not small."""

TOWARD = 8
"""One draw in so many lowers a size: the case that is known to fail is drawn soon, and as it is."""

DRAWS = 100
"""Draws until that is given up; all but the first few cost nothing."""


def shrunk(case: Case, fails: Fails, ranges: Ranges) -> Case:
    """Ask smaller cases; return the last that fails, of which no size can go down by one.

    Most mistakes show in one step of one state, in two steps, or where most sizes are two: these
    are asked first. Where much is left, the numbers may matter more than the sizes: the last is
    asked again of other numbers.

    Arguments:
        case: one that fails.
        fails: asks; of those that fail each is smaller, or plainer, than the one before.
        ranges: the sizes and regimes that make sense.
    """
    case = next((likely for likely in _likely(case, ranges) if fails(likely)), case)
    case = _least(case, fails, ranges)
    if max(getattr(case, symbol) - ranges.least(symbol) for symbol in SYMBOLS) > 1:
        for seed in range(OTHERS):
            *_, likely = case, *_likely(replace(case, seed=seed), ranges)
            if _is_smaller(likely, case) and fails(likely):
                return _least(likely, fails, ranges)
    return case


def _least(case: Case, fails: Fails, ranges: Ranges) -> Case:
    """Lower all sizes, then ask each case next to what is found: what was presumed is asked."""
    below: Case | None = case
    while below is not None:
        case = _by_hypothesis(below, fails, ranges)
        below = next((one for one in _below(case, ranges) if fails(one)), None)
    return case


def _by_hypothesis(case: Case, fails: Fails, ranges: Ranges) -> Case:
    """Return the case to which Hypothesis shrinks one, of those that are nowhere larger than it.

    A vector holds what is left of each size above its least, and the regime. What is nowhere
    larger than a vector that is right is presumed right, and not asked.
    """
    free = [symbol for symbol in SYMBOLS if getattr(case, symbol) > ranges.least(symbol)]
    regimes = [name for name in REGIMES if name in ranges.regimes or name == case.regime]
    start = (*(getattr(case, s) - ranges.least(s) for s in free), regimes.index(case.regime))
    if sum(start) <= 1:
        return case  # there is one case below, which is asked without a search

    from hypothesis import HealthCheck, Phase, Verbosity, find, settings
    from hypothesis import strategies as st
    from hypothesis.errors import NoSuchExample

    best, begun = start, False
    asked = {start: True}

    def put(vector: tuple[int, ...]) -> Case:
        sizes = {s: ranges.least(s) + more for s, more in zip(free, vector, strict=False)}
        return replace(case, regime=regimes[vector[-1]], **sizes)

    def condition(vector: tuple[int, ...]) -> bool:
        nonlocal best, begun
        begun = begun or vector == start
        if vector in asked:
            return asked[vector]
        if not begun and any(vector):
            return False  # what chance draws before it has drawn the start is no question
        right = (one for one, failed in asked.items() if not failed)
        if not _within(vector, best) or any(_within(vector, one) for one in right):
            return False
        asked[vector] = fails(put(vector))
        if asked[vector]:
            best = vector
        return asked[vector]

    how = settings(
        max_examples=DRAWS,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    try:
        find(st.tuples(*map(_toward, start)), condition, settings=how)
    except NoSuchExample:  # the start was not drawn: a chance of one in 10²⁵
        return case
    return put(best)


def _toward(most: int) -> SearchStrategy[int]:
    """Draw 0 to ``most``, that itself nearly always; it shrinks to 0."""
    from hypothesis import strategies as st

    return st.integers(0, TOWARD * most).map(lambda k: min(k, most))


def _within(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(a <= b for a, b in zip(one, other, strict=True))


def _is_smaller(one: Case, other: Case) -> bool:
    pairs = [(getattr(one, symbol), getattr(other, symbol)) for symbol in SYMBOLS]
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)


def _likely(case: Case, ranges: Ranges) -> Iterator[Case]:
    """Yield what no size could be lowered of, and the same with one more of some sizes."""
    least = replace(case, regime=min(ranges.regimes, key=REGIMES.index))
    for symbol in SYMBOLS:
        least = resized(least, symbol, ranges.least(symbol))
    for more in ("", "T", "TBnp"):
        likely = least
        for symbol in more:
            one_more = getattr(least, symbol) + 1
            likely = resized(likely, symbol, min(one_more, getattr(case, symbol)))
        if likely != case:
            yield likely


def _below(case: Case, ranges: Ranges) -> Iterator[Case]:
    """Yield the cases next to a case that are smaller or plainer than it."""
    for symbol in SYMBOLS:
        size = getattr(case, symbol)
        if size > ranges.least(symbol):
            yield resized(case, symbol, size - 1)
    for regime in REGIMES[: REGIMES.index(case.regime)]:
        if regime in ranges.regimes:
            yield replace(case, regime=regime)
