"""How far a float is from the exact value, in units of its last place, by ball arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb, fmpq

from bpttcheck.arithmetic.balls import exactly


def ulps(got: Any, exact: arb) -> float:
    """Return |got − exact| in ulp of ``got``; below the normal range, in subnormal steps."""
    info = np.finfo(type(got))
    spacing = max(abs(float_spacing(got)), fmpq(*info.smallest_subnormal.as_integer_ratio()))
    error = abs(exactly(got) - exact) / arb(spacing)
    return float(error.upper())


def float_spacing(x: Any) -> fmpq:
    """Return the distance from |x| to the float below it: np.spacing overflows at the largest."""
    below = np.nextafter(abs(x), type(x)(0)) if x else -np.finfo(type(x)).smallest_subnormal
    return fmpq(*(abs(x) - below).as_integer_ratio())


def allowed(exact: arb, dtype: Any) -> float:
    """Return the promised bound: 4 ulp where the result is normal, one subnormal step below."""
    tiny = exactly(np.finfo(dtype).smallest_normal)
    return 4.0 if abs(exact) >= tiny else 1.0
