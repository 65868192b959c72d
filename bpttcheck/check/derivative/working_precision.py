"""The working precision: of what the code is given and returns, and what its noise shows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.check.derivative.central_difference import TABLE, table_noise
from bpttcheck.check.derivative.directions import Direction, together
from bpttcheck.check.derivative.line_restriction import LineRestriction
from bpttcheck.check.derivative.step_selection import STATIONARY, tables
from bpttcheck.check.program.contract import Broken
from bpttcheck.check.program.probe_point import ProbePoint, probe

UNIT = {"float64": 2.0**-53, "float32": 2.0**-24, "float16": 2.0**-11, "bfloat16": 2.0**-8}
"""Unit roundoff: the largest relative error of one rounding."""

STAIRS = 2.0**-25
"""Half a rounding of float32, relative to the parameters: at such steps its stairs show."""

FLAT = 2.0**-40
"""At such steps one stands on a stair, nearly always; the noise of float64 is as it was."""

BESIDE = 2.0**-10
"""So far away a loss that is rounded to a narrow type is another one, but still of that type."""

SEEN = 2.0**-44
"""Noise of float64 is below this share of the loss, unless the loss is very steep."""

STEEP = 8.0
"""Noise that is so many times larger from stair to stair than on one stair is not float64's."""

TELLING = 2.0**20
"""A number of more bits than this is no integer, half or sixty-fourth that any type would hold."""


@dataclass(frozen=True)
class Precision:
    """The float type that a loss is computed in, its unit roundoff, and noise found beyond it.

    ``tables`` is what tables of differences at the point show of the noise of one loss.
    """

    name: str
    unit: float
    noise: float = 0.0
    promoted: bool = False
    remark: str = ""
    tables: tuple[float, ...] = ()


def narrowest(arrays: Mapping[str, Array]) -> str:
    """Return the narrowest float type among some arrays."""
    names = {kind.name for kind in {a.dtype for a in arrays.values()}}
    return max((name if name in UNIT else "float64" for name in names), key=UNIT.__getitem__)


def grains(returned: Mapping[str, Any], claim: Mapping[str, Array]) -> dict[str, float]:
    """Return the unit roundoff of each gradient that comes in a type narrower than float64.

    By its dtype, or by its numbers: more than the integers and halves that any type holds.
    """
    found = {}
    for name, g in claim.items():
        if not _fits(g, np.float32):  # as nearly always: then it fits nothing narrower
            continue
        kind = str(getattr(returned[name], "dtype", "float64")).rsplit(".", 1)[-1]
        for narrow in ("float16", "float32"):
            if kind == narrow or (_fits(g, np.dtype(narrow)) and _tells(g)):
                found[name] = UNIT[narrow]
                break
    return found


def _tells(values: Array) -> bool:
    """Tell whether some number has more than twenty bits: it was rounded, then."""
    scaled = np.frexp(values)[0] * TELLING
    return bool((scaled != np.rint(scaled)).any())


def _fits(values: Any, kind: Any) -> bool:
    with np.errstate(over="ignore", under="ignore"):
        return bool((np.asarray(values).astype(kind) == values).all())


def promoted(here: ProbePoint) -> dict[str, Array] | None:
    """Return the parameters in float64, if the code then computes in float64; else None.

    It does if the loss says more than the narrow type holds, at the point and beside it, and is
    the same up to that type's rounding of half the digits.
    """
    wide = {name: a.astype(np.float64) for name, a in here.params.items()}
    try:
        there = probe(here.calls, wide)
        assert there.came is not None
        returned = there.came
        type_of_loss = getattr(returned[0], "dtype", np.dtype(np.float64))
        narrow = [str(np.asarray(returned[1][name]).dtype) for name in wide]
        if np.dtype(str(type_of_loss).rsplit(".", 1)[-1]) != np.float64:
            return None
        if any(name.rsplit(".", 1)[-1] != "float64" for name in narrow):
            return None
        unit = UNIT[narrowest(here.params)]
        largest = max(abs(there.value), abs(here.value))
        if abs(there.value - here.value) > math.sqrt(unit) * largest:
            return None
        return wide if detected(there).unit == UNIT["float64"] else None
    except (Broken, TypeError):
        return None


def detected(here: ProbePoint) -> Precision:
    """Return the precision that the loss shows: of its parameters, of its values, of its noise."""
    given, value = narrowest(here.params), here.value
    rng = np.random.default_rng(0)
    line = _line(here, given, rng)
    if given != "float64":
        return Precision(given, UNIT[given], tables=tables(line, 1.0))
    line.residuals((-BESIDE, BESIDE))
    flat, stairs = _noise(line, FLAT), _noise(line, STAIRS)
    values = [v for v in line.seen if v != 0]
    # The narrowest first: what float16 holds, float32 holds as well.
    for name in ("float16", "float32"):
        if len(set(values)) > 1 and _fits(values, np.dtype(name)):
            return Precision(name, UNIT[name], remark=f"the loss is rounded to {name} inside")
    if _climbs(stairs, flat, value) and _climbs(stairs, _level(line, flat), value):
        again = _line(here, given, rng)
        second, level = _noise(again, STAIRS), _noise(again, FLAT)
        if _climbs(second, _level(again, level), value):
            noise = math.hypot(stairs, second) / math.sqrt(2)
            remark = "part of the loss is computed in float32"
            return Precision(
                "float32 inside", UNIT["float32"], noise, remark=remark, tables=(noise,)
            )
    return Precision("float64", UNIT["float64"], tables=_quiet(flat, stairs, value))


def _noise(line: LineRestriction, step: float) -> float:
    """Return the standard deviation of one loss that a table shows, NaN where one is not finite.

    The table starts one step away from the point, at which there may be a kink.
    """
    return table_noise(line.residuals([k * step for k in range(1, len(TABLE) + 1)]))


def _level(line: LineRestriction, flat: float) -> float:
    """Return the middle of the noise of three tables: one alone may be small by chance.

    The others are at shorter steps, which stand on one stair as well.
    """
    return sorted((flat, _noise(line, FLAT / 2), _noise(line, FLAT / 4)))[1]


def _climbs(stairs: float, flat: float, value: float) -> bool:
    """Tell whether noise is that of stairs: more from stair to stair than on one of them."""
    return SEEN * abs(value) < stairs < 2.0**-12 * abs(value) and stairs > STEEP * flat


def _quiet(flat: float, stairs: float, value: float) -> tuple[float, ...]:
    """Return the jitters that are noise: the same at every step; what grows is a kink or chaos."""
    if not math.isfinite(flat):
        return ()
    if not stairs <= STATIONARY * max(UNIT["float64"] * abs(value), flat):
        return (flat,)
    return (flat, stairs)


def _line(here: ProbePoint, given: str, rng: np.random.Generator) -> LineRestriction:
    v: Direction = together(rng, here.params, tuple(here.params))
    return LineRestriction(here.calls.value, here.params, v, here.claim, here.value, UNIT[given])
