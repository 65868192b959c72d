"""Arrays against their enclosures, and what all of them together say."""

from __future__ import annotations

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.floating import OWN, FloatType
from bpttcheck.conformance.comparison import Comparison, Conformance

BLUNT = 2.0**-7
"""An interval wider than this share of the largest entry says too little, or than ``COARSE``."""

COARSE = 32.0
"""Units of roundoff: 1.6 % in float16, 13 % in bfloat16, of which one can ask no more."""

UNDERFLOWS = "underflows"
"""The verdict on an array in which every number is below the smallest normal one, about."""


def compared(
    name: str, got: Array, mid: Array, radius: Array, kind: FloatType, scale: float | None = None
) -> Comparison:
    """Compare an array with its enclosure, entry by entry.

    Arguments:
        name: of the array.
        got: what the program computed.
        mid: the middle of each interval.
        radius: and its radius; where it is no number, the interval is unbounded.
        kind: the program's float type.
        scale: the size of the largest entry of a gradient, every slope being at its largest; None
            of what is no gradient.
    """
    value = np.asarray(got, dtype=np.float64)
    known = np.isfinite(mid) & np.isfinite(radius)
    with np.errstate(all="ignore"):
        beyond = np.abs(mid) + radius > kind.largest
        # A radius is at least a rounding of each term that was added up, some of which overflowed.
        beyond |= ~np.isfinite(value) & (np.abs(mid) + radius / kind.unit > kind.largest)
        off = np.where(mid == value, 0.0, np.abs(value - mid))
        share = np.where(off > 0, off / np.where(radius > 0, radius, kind.tiny), 0.0)
    share = np.where(np.isnan(share), np.inf, share)
    share = np.where(known & ~beyond, share, 0.0)
    worst = int(np.argmax(share))
    at = tuple(int(i) for i in np.unravel_index(worst, got.shape))
    blunt = max(BLUNT, COARSE * kind.unit)
    largest, widest = float(np.abs(mid).max()), float(radius.max())
    verdict, reason = "right", ""
    if share.max() > 1:
        verdict = "wrong"
    elif beyond.any() or not known.all():
        verdict = "undecided"
        reason = "it may overflow" if known.all() else "rounding can move it by anything"
    elif largest <= kind.tiny and 0 < widest <= kind.tiny / kind.unit:
        verdict = UNDERFLOWS
    elif widest > blunt * largest:
        verdict = "undecided"
        reason = f"rounding can move it by {widest:.1e}, its largest entry being {largest:.1e}"
    return Comparison(
        name=name,
        shape=got.shape,
        verdict=verdict,
        index=at,
        got=float(value[at]),
        expected=float(mid[at]),
        bound=float(radius[at]),
        share=float(share[at]),
        reason=reason,
        largest=largest,
        widest=widest,
        visible=_visible(mid, radius, known),
        gradient=scale is not None,
        faint=verdict == "undecided" and widest <= blunt * (scale or 0.0),
    )


def _visible(mid: Array, radius: Array, known: Array) -> float:
    """Return the smallest share by which all entries may be off together and one shows it."""
    some = known & (mid != 0)
    with np.errstate(over="ignore"):
        return float(np.min(radius[some] / np.abs(mid[some]), initial=np.inf))


def concluded(parts: tuple[Comparison, ...], kind: FloatType) -> Conformance:
    """Return what the comparisons say together.

    Through a gate that is saturated, slopes are 1 − h² of an h that was rounded to one, and what is
    left of a gradient is rounding; so it is where terms cancel. What is faint for such a reason
    does not count where other gradients are to be seen.
    """
    wrong = [p.name for p in parts if p.verdict == "wrong"]
    right = [p for p in parts if p.verdict == "right"]
    if wrong:
        rest = f"; {', '.join(p.name for p in right)} as in the reference" if right else ""
        reason = f"{', '.join(wrong)} not what the reference computes{rest}"
        return Conformance("wrong", reason, parts, kind.unit)
    vague = [p for p in parts if p.verdict == "undecided"]
    seen = [p for p in parts if p.verdict != "undecided"]
    told = "; ".join(f"{p.name}: {p.reason}" for p in vague)
    entries = sum(int(np.prod(p.shape)) for p in seen)
    reason = f"all {entries:,} entries of {', '.join(p.name for p in seen)}"
    small = [p.name for p in parts if p.verdict == UNDERFLOWS]
    if small:
        reason += f"; {', '.join(small)}: underflows"
    if not vague:
        return Conformance("right", reason, parts, kind.unit)
    if all(p.faint for p in vague):
        if any(p.gradient for p in right):
            reason += f"; too faint to see much of: {told}"
            return Conformance("right", reason, parts, kind.unit)
        told = f"every gradient is faint, smaller weights or inputs would show more; {told}"
    elif kind.unit > OWN:
        told += "; in float64, or of fewer units or steps, more would show"
    return Conformance("undecided", told, parts, kind.unit)
