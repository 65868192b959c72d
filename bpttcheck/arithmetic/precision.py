"""Single precision, evaluated in double and rounded once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array

_WIDER: dict[Any, Any] = {
    np.dtype(np.float16): np.float64,
    np.dtype(np.float32): np.float64,
    np.dtype(np.complex64): np.complex128,
}


def in_double(function: Callable[..., Array]) -> Callable[..., Array]:
    """Evaluate narrow arguments in double: NumPy's own float32 exp is off by up to 2.5 ulp.

    Underflow and overflow inside are meant: e^(−|a|) that underflows is a saturated unit.
    """

    @wraps(function)
    def evaluated(*arrays: Array) -> Array:
        arrays = tuple(np.asarray(a) for a in arrays)
        narrow = np.result_type(*(a for a in arrays if a.dtype.kind != "i"))  # less class indices
        wide = _WIDER.get(narrow)
        with np.errstate(all="ignore"):
            if wide is None:
                return function(*arrays)
            given = (a if a.dtype.kind == "i" else a.astype(wide) for a in arrays)
            return function(*given).astype(narrow)

    return evaluated
