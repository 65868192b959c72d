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

UNIT = {"float64": 2.0**-53, "float32": 2.0**-24, "float16": 2.0**-11}
"""Unit roundoff: the largest relative error of one rounding."""

NUDGES = (2.0**-26, 2.0**-30, 2.0**-34)
"""Steps below float32's resolution, relative to the parameters."""


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
    beside = [calls.value(_nudged(params, rng, 2.0**-10)[0]) for _ in range(3)]
    values = [v for v in (value, *beside) if v != 0 and math.isfinite(v)]
    for name, kind in (("float16", np.float16), ("float32", np.float32)):
        if len(set(values)) > 1 and all(_fits(v, kind) for v in values):
            return Precision(name, UNIT[name], remark=f"the loss is rounded to {name} inside")
    uneven = [_even_part(calls, params, value, rng, nudge) for nudge in NUDGES]
    scale = abs(value)
    # Curvature falls by 2⁻⁸ from nudge to nudge and a kink by 2⁻⁴; rounding to float32 stays.
    lasting = min(uneven) > 0 and max(uneven) < 2.0**6 * min(uneven)
    if lasting and 2.0**-44 * scale < min(uneven) and max(uneven) < 2.0**-12 * scale:
        remark = "part of the loss is computed in float32"
        return Precision("float32 inside", UNIT["float32"], max(uneven), remark=remark)
    return Precision("float64", UNIT["float64"])


def _fits(value: float, kind: Any) -> bool:
    with np.errstate(over="ignore", under="ignore"):
        return float(kind(value)) == value


def _nudged(
    params: Mapping[str, Array], rng: np.random.Generator, size: float
) -> tuple[dict[str, Array], dict[str, Array]]:
    steps = {n: size * np.abs(a) * rng.uniform(-1, 1, a.shape) for n, a in params.items()}
    return {n: a + steps[n] for n, a in params.items()}, steps


def _even_part(
    calls: Calls, params: Mapping[str, Array], value: float, rng: np.random.Generator, nudge: float
) -> float:
    ahead, steps = _nudged(params, rng, nudge)
    back = {n: a - steps[n] for n, a in params.items()}
    return abs(calls.value(ahead) + calls.value(back) - 2 * value)
