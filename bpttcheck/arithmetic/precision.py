"""Single precision, evaluated in double and rounded once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import numpy as np

from bpttcheck.arithmetic.base import Array

Function = TypeVar("Function", bound=Callable[..., Any])

_WIDER: dict[Any, Any] = {
    np.dtype(np.float16): np.float64,
    np.dtype(np.float32): np.float64,
    np.dtype(np.complex64): np.complex128,
}


_AS_THEY_ARE = (np.dtype(np.float64), np.dtype(np.intp))
"""What most arguments are: nothing has to be asked of them."""


def in_double(function: Function) -> Function:
    """Evaluate narrow arguments in double: NumPy's own float32 exp is off by up to 2.5 ulp.

    Class indices, which are integers, stay what they are. Underflow and overflow inside are meant:
    e^(−|a|) that underflows is a saturated unit.
    """

    @wraps(function)
    def evaluated(*given: Array) -> Any:
        for a in given:
            if type(a) is not np.ndarray or a.dtype not in _AS_THEY_ARE:
                break
        else:
            with np.errstate(all="ignore"):
                return function(*given)
        arrays = [np.asarray(a) for a in given]
        narrow = np.result_type(*(a for a in arrays if a.dtype.kind != "i"))
        wide = _WIDER.get(narrow)
        with np.errstate(all="ignore"):
            if wide is None:
                return function(*arrays)
            result = function(*(a if a.dtype.kind == "i" else a.astype(wide) for a in arrays))
            if isinstance(result, tuple):
                return tuple(r.astype(narrow) for r in result)
            return result.astype(narrow)

    return cast(Function, evaluated)
