"""What cases of every model are drawn with: sizes, numbers of a distribution, targets.

A case is drawn by a function of ``draw``, which is handed choices: Hypothesis makes them where a
case is to shrink and to be remembered, and random numbers alone where many are wanted, several
times as fast and the same ones whatever release of Hypothesis there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, wraps
from inspect import signature
from random import Random
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

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


class Drawable(NamedTuple):
    """Something to draw.

    A strategy that is made anew has to be validated anew, so each one is made once.
    """

    strategy: st.SearchStrategy[Any]
    """By Hypothesis."""
    drawn: Callable[[Random], Any]
    """By random numbers."""


Draw: TypeAlias = Callable[[Drawable], Any]


class Strategy(Protocol):
    """Makes a strategy of Hypothesis for cases of a model; has the function that draws one."""

    draws: Callable[..., Any]

    def __call__(self, **options: Any) -> Any:
        """Return the strategy."""


def bounded(made: F) -> F:
    """Return a function that makes a strategy, its options checked, which its text says."""
    kinds = {name: BOUNDS[name] for name in signature(made).parameters if name in BOUNDS}
    checked = takes(**kinds)(made)
    checked.__doc__ = f"{(made.__doc__ or '').rstrip()}{RAISES}"
    return checked


def strategy(function: Callable[..., Any]) -> Strategy:
    """Return what makes a strategy of a function that draws, its options checked."""

    @wraps(function)
    def by_hypothesis(draw: st.DrawFn, *args: Any, **options: Any) -> Any:
        return function(lambda one: draw(one.strategy), *args, **options)

    made: Any = bounded(st.composite(by_hypothesis))
    made.draws = function
    return made  # type: ignore[no-any-return]


def like(base: Strategy, **defaults: Any) -> Callable[[Callable[..., Any]], Strategy]:
    """Return how to make a strategy of a function that hands its options on to another's.

    ``defaults`` are its own, where they differ.
    """
    known = signature(base.draws)
    own = [
        one.replace(default=defaults.get(name, one.default))
        for name, one in known.parameters.items()
    ]

    def made(function: Callable[..., Any]) -> Strategy:
        @wraps(function)
        def handed_on(draw: Draw, **options: Any) -> Any:
            return function(draw, **defaults | options)

        vars(handed_on)["__signature__"] = known.replace(parameters=own)
        return strategy(handed_on)

    return made


def plainly(random: Random) -> Draw:
    """Return what draws by random numbers."""
    return lambda one: one.drawn(random)


@cache
def whole(least: int, most: int) -> Drawable:
    """Draw a whole number, each as often as any other."""
    # Of all that Random has, the sequence of random() alone is promised to stay.
    return Drawable(
        st.integers(least, most), lambda random: least + int(random.random() * (most - least + 1))
    )


@cache
def one_of_these(*choices: Drawable) -> Drawable:
    """Draw one of some choices, and that."""
    return Drawable(
        st.one_of(*(one.strategy for one in choices)),
        lambda random: choices[int(random.random() * len(choices))].drawn(random),
    )


@cache
def several(one: Drawable, count: int) -> Drawable:
    """Draw so many of one thing."""
    return Drawable(
        st.lists(one.strategy, min_size=count, max_size=count),
        lambda random: [one.drawn(random) for _ in range(count)],
    )


@cache
def any_of(*choices: Any) -> Drawable:
    """Draw one of some values, towards the first when it shrinks."""
    return Drawable(
        st.sampled_from(choices), lambda random: choices[int(random.random() * len(choices))]
    )


@cache
def always(value: Any) -> Drawable:
    """Draw a value."""
    return Drawable(st.just(value), lambda random: value)


def sizes(most: int) -> Drawable:
    """Draw a size: small ones often, up to ``most`` now and then."""
    return between(1, most)


def between(least: int, most: int) -> Drawable:
    """Draw a size from ``least`` to ``most``: small ones often."""
    return one_of_these(whole(least, min(least + 4, most)), whole(least, most))


def distributions() -> Drawable:
    """Draw a distribution of values."""
    return any_of(*DISTRIBUTIONS)


def fills(draw: Draw, distribution: str) -> Fill:
    """Draw a way to fill arrays of any shape with numbers of a distribution."""
    random = np.random.default_rng(draw(whole(0, 2**32 - 1)))

    def fill(_name: str, shape: tuple[int, ...]) -> Array:
        count = int(np.prod(shape))
        if distribution == "integers" and count <= FEW:
            drawn = draw(several(whole(-3, 3), count))
            return np.array(drawn, dtype=np.float64).reshape(shape)
        return numbers_of(distribution, random, shape)

    return fill


def targets_of(draw: Draw, fill: Fill, targets: str, B: int, p: int) -> Array:
    """Draw targets (B, p): classes, distributions, or any numbers."""
    if targets == "any":
        return fill("y", (B, p))
    if targets == "class":
        return np.eye(p)[draw(several(whole(0, p - 1), B))]
    # Multiples of 2⁻¹⁰ that sum to one exactly, so that no rounding breaks the assumption.
    parts = several(whole(0, 1024), p - 1)
    edges = np.array([[0, *sorted(draw(parts)), 1024] for _ in range(B)])
    return np.diff(edges) / 1024.0


def check_options(strategy: Callable[..., Any], options: Iterable[str]) -> None:
    """Check that a strategy takes options of these names.

    Raises:
        ValueError: it does not.
    """
    for option in options:
        words("options", option, signature(strategy).parameters)
