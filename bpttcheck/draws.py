"""What the strategies of every model draw with: sizes, numbers of a distribution, targets.

A strategy that is made anew has to be validated anew, so each is made once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from inspect import signature
from typing import Any, TypeVar

import numpy as np
from hypothesis import strategies as st

from bpttcheck.arguments import (
    Kind,
    count,
    flag,
    jointly,
    one_of,
    optional,
    takes,
    words,
)
from bpttcheck.arithmetic.base import Array
from bpttcheck.distributions import DISTRIBUTIONS, numbers_of

TARGETS = ("class", "distribution", "any")

FEW = 12
"""Up to so many numbers are drawn one by one, so that they shrink one by one."""

Fill = Callable[[str, tuple[int, ...]], Array]


LARGEST = 10_000
"""Steps, sequences or states that a strategy may be asked for."""

BOUNDS: dict[str, Kind] = {
    "distribution": optional(one_of(DISTRIBUTIONS)),
    **{f"max_{size}": count(most=LARGEST) for size in "TBnp"},
    "most": count(most=LARGEST),
    "smooth": flag,
    "within": jointly("dict(T=(2, 12), p=1, regimes=…)"),
}
"""What strategies take."""

RAISES = """

    Raises:
        TypeError, ValueError: an option of the wrong kind, or out of range.
    """

F = TypeVar("F", bound=Callable[..., Any])


def bounded(made: F) -> F:
    """Return a function that makes a strategy, its options checked, which its text says."""
    kinds = {name: BOUNDS[name] for name in signature(made).parameters if name in BOUNDS}
    checked = takes(**kinds)(made)
    checked.__doc__ = f"{(made.__doc__ or '').rstrip()}{RAISES}"
    return checked


def strategy(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return what makes a strategy of a function that draws, its options checked."""
    return bounded(st.composite(function))


def sizes(most: int) -> st.SearchStrategy[int]:
    """Draw a size: small ones often, up to ``most`` now and then."""
    return between(1, most)


@cache
def between(least: int, most: int) -> st.SearchStrategy[int]:
    """Draw a size from ``least`` to ``most``: small ones often."""
    return st.one_of(st.integers(least, min(least + 4, most)), st.integers(least, most))


@cache
def distributions() -> st.SearchStrategy[str]:
    """Draw a distribution of values."""
    return st.sampled_from(DISTRIBUTIONS)


_SEEDS = st.integers(0, 2**32 - 1)


@cache
def integers(count: int, low: int, high: int) -> st.SearchStrategy[list[int]]:
    """Draw so many integers."""
    return st.lists(st.integers(low, high), min_size=count, max_size=count)


@cache
def any_of(*choices: Any) -> st.SearchStrategy[Any]:
    """Draw one of some choices, towards the first when it shrinks."""
    return st.sampled_from(choices)


@st.composite
def fills(draw: st.DrawFn, distribution: str) -> Fill:
    """Draw a way to fill arrays of any shape with numbers of a distribution."""
    random = np.random.default_rng(draw(_SEEDS))

    def fill(_name: str, shape: tuple[int, ...]) -> Array:
        count = int(np.prod(shape))
        if distribution == "integers" and count <= FEW:
            return np.array(draw(integers(count, -3, 3)), dtype=np.float64).reshape(shape)
        return numbers_of(distribution, random, shape)

    return fill


def targets_of(draw: st.DrawFn, fill: Fill, targets: str, B: int, p: int) -> Array:
    """Draw targets (B, p): classes, distributions, or any numbers."""
    if targets == "any":
        return fill("y", (B, p))
    if targets == "class":
        return np.eye(p)[draw(integers(B, 0, p - 1))]
    # Multiples of 2⁻¹⁰ that sum to one exactly, so that no rounding breaks the assumption.
    edges = np.array([[0, *sorted(draw(integers(p - 1, 0, 1024))), 1024] for _ in range(B)])
    return np.diff(edges) / 1024.0


def check_options(strategy: Callable[..., Any], options: Iterable[str]) -> None:
    """Check that a strategy takes options of these names; one that hands them on says it itself.

    Raises:
        ValueError: it does not.
    """
    known = signature(strategy).parameters
    if not any(one.kind is one.VAR_KEYWORD for one in known.values()):
        for option in options:
            words("options", option, known)
