"""Judge one statement at one case: in floats, in balls, in the field.

Floats only screen: a difference above 2⁻²⁶ of the sum of the terms' moduli (half the digits of a
float64) is suspicious, and goes to the balls. There, disjoint enclosures refute with the rigour
of interval arithmetic, and precision is raised until a difference of 2⁻⁴⁰ of the terms would
show. So rounding can cause no false alarm, and what a pass leaves open is stated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.statements.notation import Statement
from bpttcheck.statements.terms import IllTyped, Term

SCREEN = 2.0**-26
"""The relative difference that float64 shows after losing half its digits."""

RESOLUTION_BITS = 40
"""Balls are refined until their radii are below 2⁻⁴⁰ of the terms."""

FLOOR_BITS = 1100
"""Below 2⁻¹¹⁰⁰, under the smallest positive float64, a radius needs no further refinement."""

MANY = 12
"""A screen evaluates at most this many instances of a quantified statement, ends included."""


class Outcome(Enum):
    """What one case says about a statement."""

    AGREES = "agrees"
    SUSPICIOUS = "suspicious"
    FAILS = "fails"
    ILL_TYPED = "ill-typed"
    VACUOUS = "vacuous"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Finding:
    """An outcome, with the place and the sides where it is not agreement."""

    outcome: Outcome
    at: dict[str, int] | None = None
    sides: tuple[str, ...] = ()
    reason: str = ""
    relation: str = "≠"
    radius_bits: float = float("inf")


def _pairs(sides: list[Any]) -> Iterator[tuple[Term, Term]]:
    """Return neighbouring sides as terms; a literal number becomes one."""
    like = next((side for side in sides if isinstance(side, Term)), None)
    if like is None:
        raise IllTyped("no side has a quantity in it")
    # 0 * brings a literal into the number system of the others, a number for every sequence.
    terms = [side if isinstance(side, Term) else 0 * _scalar(like) + side for side in sides]
    for left, right in pairwise(terms):
        if left.value.shape != right.value.shape:
            if left.core != right.core:
                raise IllTyped(f"the sides have shapes {left.core} and {right.core}")
            left.same_sequences(right)
        yield left, right


def _scalar(term: Term) -> Term:
    first = term.value.reshape(len(term.value), -1)[:, 0]
    return Term(first, term.modulus)


def in_floats(statement: Statement, symbols: dict[str, Any], turn: int = 0) -> Finding:
    """Screen the statement in float64; ``turn`` varies which of many instances are looked at."""
    try:
        places = list(statement.few(symbols, MANY, turn))
        if not places:
            return Finding(Outcome.VACUOUS)
        for at, sides in statement.at_each(symbols, places):
            for left, right in _pairs(sides):
                if not _close(statement, left, right):
                    return Finding(Outcome.SUSPICIOUS, at)
    except IllTyped as reason:
        return Finding(Outcome.ILL_TYPED, reason=str(reason))
    return Finding(Outcome.AGREES)


def _close(statement: Statement, left: Term, right: Term) -> bool:
    difference = left.value - right.value
    if statement.is_equation:
        difference = np.abs(difference)
    # The sides themselves are at most as large as the sum of the terms: close by them is close.
    sides = left.modulus(left.value) + right.modulus(right.value)
    if ((difference <= SCREEN * sides) & np.isfinite(sides)).all():
        return True
    scale = left.size + right.size
    close = difference <= SCREEN * scale
    return bool((close & np.isfinite(scale) & np.isfinite(difference)).all())


def in_balls(statement: Statement, symbols: dict[str, Any], worst: float = float("inf")) -> Finding:
    """Judge the statement on enclosures; UNDECIDED asks for more precision.

    ``worst`` is how many bits the widest radius is known to lie below its terms: what is no wider
    is not measured.
    """
    seen, undecided, equation = False, False, statement.is_equation
    try:
        for at, sides in statement.instances(symbols):
            for left, right in _pairs(sides):
                seen = True
                verdict, worst = _compare(statement, left, right, worst)
                if verdict is Outcome.FAILS:
                    shown = _shown(left.value, right.value)
                    return Finding(verdict, at, shown, relation="≠" if equation else ">")
                undecided |= verdict is Outcome.UNDECIDED
    except IllTyped as reason:
        return Finding(Outcome.ILL_TYPED, reason=str(reason))
    if not seen:
        return Finding(Outcome.VACUOUS)
    return Finding(Outcome.UNDECIDED if undecided else Outcome.AGREES, radius_bits=worst)


def _compare(statement: Statement, left: Term, right: Term, worst: float) -> tuple[Outcome, float]:
    from flint import arb

    undecided, equation = False, statement.is_equation
    narrow = 2 ** arb(-worst)
    for i, (a, b) in enumerate(zip(left.value.flat, right.value.flat, strict=True)):
        a, b = a.value, b.value
        if not (a.is_finite() and b.is_finite()):
            undecided = True  # a larger precision may bound it; nothing is refuted by an infinity
        elif a > b or (equation and a < b):
            return Outcome.FAILS, worst
        elif equation or not a <= b:  # they overlap: how tightly is what counts
            radius = a.rad() + b.rad()
            # The sides are at most as large as the sum of the terms: tight by them is tight.
            if radius <= narrow * (abs(a) + abs(b)).abs_lower():
                continue
            scale = left.size.flat[i].value + right.size.flat[i].value
            bits = _radius_bits(radius, scale)
            if bits < worst:
                worst, narrow = bits, 2 ** arb(-bits)
            undecided |= bits < RESOLUTION_BITS
    return Outcome.UNDECIDED if undecided else Outcome.AGREES, worst


def _radius_bits(radius: Any, scale: Any) -> float:
    """Return how many bits the radius lies below the scale of the terms."""
    if radius == 0:
        return float("inf")
    if radius * 2**FLOOR_BITS < 1:
        return float(FLOOR_BITS)
    lower = scale.abs_lower()
    if not lower > 0:
        return 0.0
    return float(-(radius / lower).log().mid() / np.log(2))


def in_field(statement: Statement, symbols: dict[str, Any]) -> Outcome:
    """Compare residues: AGREES, or SUSPICIOUS, which is no verdict."""
    seen = False
    for _, sides in statement.instances(symbols):
        for left, right in _pairs(sides):
            seen = True
            same = (a == b for a, b in zip(left.value.flat, right.value.flat, strict=True))
            if not all(same):
                return Outcome.SUSPICIOUS
    return Outcome.AGREES if seen else Outcome.VACUOUS


def degree(statement: Statement, symbols: dict[str, Any]) -> tuple[int, int]:
    """Return the largest degree of a difference of sides, over ``Degree`` numbers.

    With it comes what they depend on: see :class:`~bpttcheck.arithmetic.degrees.Ledger`.
    """
    largest = within = 0
    for _, sides in statement.instances(symbols):
        for left, right in _pairs(sides):
            for z in (left.value - right.value).reshape(-1):
                largest, within = max(largest, z.top, z.bottom), within | z.within
    return largest, within


def _shown(left: Array, right: Array) -> tuple[str, str]:
    """Return what a person compares, with digits enough to see the difference."""
    for digits in (8, 16, 32, 64):
        texts = [
            [_plain(z.value.str(digits, radius=False)) for z in side.reshape(-1)]
            for side in (left, right)
        ]
        if texts[0] != texts[1]:  # else a reader would be shown 0.3 ≠ 0.3
            break
    first, second = (t[0] if len(t) == 1 else f"[{', '.join(t)}]" for t in texts)
    return first, second


def _plain(text: str) -> str:
    """Return a decimal without trailing zeros."""
    mantissa, e, exponent = text.partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return mantissa + e + exponent
