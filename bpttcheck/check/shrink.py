"""From a case that fails to one that cannot be made smaller, in few questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from bpttcheck.cases import REGIMES, Case, resized
from bpttcheck.ranges import Ranges

Fails = Callable[[Case], bool]

SYMBOLS = "TBnmp"

OTHERS = 2
"""So many other draws of small cases are asked where the smallest failing one is not small."""


def smaller(case: Case, fails: Fails, ranges: Ranges) -> Iterator[Case]:
    """Yield failing cases, each smaller than the last; the last has no size that could go down.

    Most mistakes show in one step of one state, in two steps, or where most sizes are two: these
    are asked first. Then each size is put to its least, or halved towards it. Where much is left,
    the numbers may matter more than the sizes: the last is asked again of other numbers.
    """
    for likely in _likely(case, ranges):
        if fails(likely):
            yield likely
            case = likely
            break
    else:
        for plainer in _plainer(case, ranges):
            if fails(plainer):
                yield plainer
                case = plainer
                break
    for found in _least(case, fails, ranges):
        case = found
        yield case
    if max(getattr(case, symbol) - ranges.least(symbol) for symbol in SYMBOLS) > 1:
        for seed in range(OTHERS):
            *_, likely = case, *_likely(replace(case, seed=seed), ranges)
            if _smaller(likely, case) and fails(likely):
                yield likely
                yield from _least(likely, fails, ranges)
                return


def _least(case: Case, fails: Fails, ranges: Ranges) -> Iterator[Case]:
    """Lower all sizes, then ask each case next to what is found."""
    here: Case | None = case
    while here is not None:
        for case in _lowered(here, fails, ranges):
            yield case
        here = next((below for below in _below(case, ranges) if fails(below)), None)
        if here is not None:
            yield here
            case = here


def _smaller(one: Case, other: Case) -> bool:
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


def _lowered(case: Case, fails: Fails, ranges: Ranges) -> Iterator[Case]:
    together = case
    for symbol in "Bmp":
        together = resized(together, symbol, ranges.least(symbol))
    if together != case and fails(together):
        case = together
        yield case
    for symbol in "BmpnT":
        for found in _bisected(case, symbol, fails, ranges.least(symbol)):
            case = found
            yield case


def _bisected(case: Case, symbol: str, fails: Fails, low: int) -> Iterator[Case]:
    """Lower one size: to its least, to one more, then by halves."""
    first = low
    while low < (size := getattr(case, symbol)):
        trial = low if low <= first + 1 else (low + size) // 2
        here = resized(case, symbol, trial)
        if fails(here):
            case = here
            yield case
        else:
            low = trial + 1


def _below(case: Case, ranges: Ranges) -> Iterator[Case]:
    """Yield the cases next to a case that are smaller or plainer than it."""
    for symbol in SYMBOLS:
        size = getattr(case, symbol)
        if size > ranges.least(symbol):
            yield resized(case, symbol, size - 1)
    yield from _plainer(case, ranges)


def _plainer(case: Case, ranges: Ranges) -> Iterator[Case]:
    for regime in REGIMES[: REGIMES.index(case.regime)]:
        if regime in ranges.regimes:
            yield replace(case, regime=regime)
