"""Central differences with an error estimate: a witness that sees nothing but f(params).

For every entry, central differences over halved steps are extrapolated to step zero (Richardson;
Ridders 1982). What is returned has the least sum of three errors: what the extrapolation still
changed; the rounding noise of f, amplified by the weights over the step; and by how much smaller
steps contradict it, which unmasks wide steps that agree by accident. The noise of f is measured,
as in Moré and Wild 2011: in high differences over tiny steps a smooth function vanishes, and the
noise remains.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.shapes import numbers

STEPS, FIRST = 12, 0.25
"""Steps tried, each half of the one before; the first, relative to max(|entry|, 1)."""

ORDERS = 5
"""Extrapolations of a row at most: errors of order h², …, h¹⁰ are removed in turn."""

POINTS, SPACINGS = 12, (2.0**-46, 2.0**-36, 2.0**-26, 2.0**-16)
"""The lines on which noise is measured. A float32 inside f moves on the wider of them alone."""


@dataclass(frozen=True)
class Estimate:
    """Derivatives, and for each how far from the truth it may be."""

    value: Array
    error: Array


Function = Callable[[Mapping[str, Array]], Any]


def central_differences(f: Function, params: Mapping[str, Any]) -> dict[str, Estimate]:
    """Return ∂f/∂θ for every entry θ of the parameters, with an error estimate each.

        D_0(h) = (f(θ + h) − f(θ − h)) / 2h
        D_i(h) = D_{i−1}(h) + (D_{i−1}(h) − D_{i−1}(2h)) / (4^i − 1)

    Arguments:
        f: a loss of named float64 arrays, one number; it gets copies.
        params: where to differentiate.

    Returns:
        An :class:`Estimate` for each parameter, in its shape; the error is infinite where f is
        finite at no two steps. A kink within a few smallest steps (2⁻¹³) is not noticed, nor are
        stairs wider than 2⁻¹².

    Raises:
        TypeError, ValueError: parameters that are not finite real numbers.
        ArithmeticError: f is not one finite number at the parameters.

    Source: Ridders 1982; Moré and Wild 2011, section 3, for the noise.
    """
    point = _checked(params)
    if not np.isfinite(_call(f, point)):
        raise ArithmeticError("f: expected a finite number at the parameters")
    noise = _noise(f, point)
    result = {}
    for name, array in point.items():
        pairs = [_entry(f, point, name, place, noise) for place in np.ndindex(array.shape)]
        value, error = np.array(pairs).reshape(*array.shape, 2).transpose(-1, *range(array.ndim))
        result[name] = Estimate(value, error)
    return result


def _checked(params: Any) -> dict[str, Array]:
    if not isinstance(params, Mapping):
        raise TypeError(f"params: expected a mapping of arrays, got {type(params).__name__}")
    arrays = {name: numbers(f"params[{name!r}]", value) for name, value in params.items()}
    for name, array in arrays.items():
        if array.dtype.kind != "f":
            raise TypeError(f"params[{name!r}]: expected real numbers, got dtype {array.dtype}")
    return {name: array.astype(np.float64) for name, array in arrays.items()}


def _call(f: Function, point: Mapping[str, Array]) -> float:
    result = np.asarray(f({name: array.copy() for name, array in point.items()}))
    if result.size != 1:
        raise ArithmeticError(f"f: expected one number, got shape {result.shape}")
    return float(result.reshape(-1)[0])


def _noise(f: Function, point: Mapping[str, Array]) -> float:
    """Return four standard deviations of the rounding noise of f, near the point and around it."""
    random = np.random.default_rng(0)  # a line in no special direction
    tilt = {k: random.uniform(0.5, 1.0, a.shape) * np.maximum(abs(a), 1) for k, a in point.items()}

    def at(distance: float) -> float:
        return _call(f, {k: a + distance * tilt[k] for k, a in point.items()})

    deviations = [0.0]
    with np.errstate(all="ignore"):
        for centre in (0.0, FIRST, -FIRST):
            for spacing in SPACINGS:
                line = np.array([at(centre + i * spacing) for i in range(POINTS)])
                deviations += [
                    np.sqrt(np.mean(np.diff(line, k) ** 2) / comb(2 * k, k)) for k in (5, 6, 7)
                ]
    return float(4 * np.max(deviations))  # NaN, if there is one


def _entry(
    f: Function, point: Mapping[str, Array], name: str, place: tuple[int, ...], noise: float
) -> tuple[float, float]:
    """Return the derivative by one entry, and its error."""
    centre = float(point[name][place])

    def at(value: float) -> float:
        moved = {**point, name: point[name].copy()}
        moved[name][place] = value
        return _call(f, moved)

    row: list[float] = []
    spread: list[float] = []
    found: list[tuple[float, float]] = []  # the best of each row, with its error
    for j in range(STEPS):
        h = FIRST * max(abs(centre), 1.0) / 2**j
        beyond, before = centre + h, centre - h  # the step is what the floats make of it
        ends = at(beyond), at(before)
        last, amplified = row, spread
        with np.errstate(all="ignore"):
            rounding = noise + 4 * float(np.spacing(np.abs(ends).max()))
        row, spread = [(ends[0] - ends[1]) / (beyond - before)], [2 * rounding / (beyond - before)]
        best = row[0], float("inf")
        for i in range(1, min(j, ORDERS) + 1):
            gain = 4.0**i - 1
            row.append(row[-1] + (row[-1] - last[i - 1]) / gain)
            spread.append(spread[-1] + (spread[-1] + amplified[i - 1]) / gain)
            changed = max(abs(row[i] - row[i - 1]), abs(row[i] - last[i - 1]))
            if changed + spread[i] < best[1]:
                best = row[i], changed + spread[i]
        found.append(best)
    return min((_contradicted(found[j:]) for j in range(STEPS)), key=lambda pair: pair[1])


def _contradicted(rows: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the first row, its error larger by what it and a smaller step cannot both be right."""
    value, error = rows[0]
    gaps = [abs(value - other) - own for other, own in rows[1:] if np.isfinite(own)]
    return value, error + max(0.0, *gaps) if gaps else error
