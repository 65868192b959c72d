"""How finely the code computes: what it is given, what it returns, and what its noise shows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.check.calls import Calls
from bpttcheck.check.contract import Broken
from bpttcheck.check.quotient import TABLE, table_noise

UNIT = {"float64": 2.0**-53, "float32": 2.0**-24, "float16": 2.0**-11, "bfloat16": 2.0**-8}
"""Unit roundoff: the largest relative error of one rounding."""

STAIRS = 2.0**-25
"""Half a rounding of float32, relative to the parameters: at such steps its stairs show."""

FLAT = 2.0**-40
"""At such steps one stands on a stair, nearly always; the noise of float64 is as it was."""

SEEN = 2.0**-44
"""Noise of float64 is below this share of the loss, unless the loss is very steep."""

STEEP = 8.0
"""Noise that is so many times larger from stair to stair than on one stair is not float64's."""


@dataclass(frozen=True)
class Precision:
    """The float type that a loss is computed in, its unit roundoff, and noise found beyond it."""

    name: str
    unit: float
    noise: float = 0.0
    promoted: bool = False
    remark: str = ""


def narrowest(arrays: Mapping[str, Array]) -> str:
    """Return the narrowest float type among some arrays."""
    names = [a.dtype.name if a.dtype.name in UNIT else "float64" for a in arrays.values()]
    return max(names, key=lambda name: UNIT[name])


def promoted(calls: Calls, params: Mapping[str, Array], value: float) -> dict[str, Array] | None:
    """Return the parameters in float64, if the code then computes in float64; else None.

    It does if the loss says more than the narrow type holds, at the point and beside it, and is
    the same up to that type's rounding of half the digits.
    """
    wide = {name: a.astype(np.float64) for name, a in params.items()}
    try:
        loss, _, returned = calls.value_and_grad(wide)
        type_of_loss = getattr(returned[0], "dtype", np.dtype(np.float64))
        narrow = [str(np.asarray(returned[1][name]).dtype) for name in wide]
        if np.dtype(str(type_of_loss).rsplit(".", 1)[-1]) != np.float64:
            return None
        if any(name.rsplit(".", 1)[-1] != "float64" for name in narrow):
            return None
        unit = UNIT[narrowest(params)]
        if abs(loss - value) > math.sqrt(unit) * max(abs(loss), abs(value)):
            return None
        return wide if detected(calls, wide, loss).unit == UNIT["float64"] else None
    except (Broken, TypeError):
        return None


def detected(calls: Calls, params: Mapping[str, Array], value: float) -> Precision:
    """Return the precision that the loss shows: of its parameters, of its values, of its noise."""
    given = narrowest(params)
    if given != "float64":
        return Precision(given, UNIT[given])
    rng = np.random.default_rng(0)
    beside = [calls.value(_moved(params, _direction(params, rng), 2.0**-10)) for _ in range(3)]
    values = [v for v in (value, *beside) if v != 0 and math.isfinite(v)]
    for name, kind in (("float16", np.float16), ("float32", np.float32)):
        if len(set(values)) > 1 and all(_fits(v, kind) for v in values):
            return Precision(name, UNIT[name], remark=f"the loss is rounded to {name} inside")
    stairs = _noise(calls, params, rng, STAIRS)
    if SEEN * abs(value) < stairs < 2.0**-12 * abs(value) and (
        stairs > STEEP * _noise(calls, params, rng, FLAT)
    ):
        remark = "part of the loss is computed in float32"
        return Precision("float32 inside", UNIT["float32"], stairs, remark=remark)
    return Precision("float64", UNIT["float64"])


def _fits(value: float, kind: Any) -> bool:
    with np.errstate(over="ignore", under="ignore"):
        return float(kind(value)) == value


def _direction(params: Mapping[str, Array], rng: np.random.Generator) -> dict[str, Array]:
    """Return a random direction through all arrays, in units of their largest entries."""
    units = {name: np.abs(a).max(initial=0.0) or 1.0 for name, a in params.items()}
    return {name: units[name] * rng.uniform(-1, 1, a.shape) for name, a in params.items()}


def _moved(
    params: Mapping[str, Array], direction: Mapping[str, Array], step: float
) -> dict[str, Array]:
    return {name: a + step * direction[name] for name, a in params.items()}


def _noise(
    calls: Calls, params: Mapping[str, Array], rng: np.random.Generator, size: float
) -> float:
    """Return the standard deviation of one loss that two tables of differences show.

    They start one step away from the point, at which there may be a kink.
    """
    seen = []
    for _ in range(2):
        v = _direction(params, rng)
        values = [calls.value(_moved(params, v, k * size)) for k in range(1, len(TABLE) + 1)]
        seen.append(table_noise(values))
    return math.hypot(*seen) / math.sqrt(len(seen))
