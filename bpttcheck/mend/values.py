"""Values that code made: what kind they are of, and what tells two of them apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array

Kind = tuple[Any, ...]
"""Such as ``("array", (3, 4))``, ``("array", ())`` for a float, ``("int",)``; else the type.

Arrays of complex numbers are ``("complex", (3, 4))``.
"""


def array_of(value: Any) -> Array | None:
    """Return numbers as an array of NumPy's; None where it is none, or made of other objects."""
    if isinstance(value, np.ndarray | np.generic | float):
        array = np.asarray(value)
    elif hasattr(value, "detach") and hasattr(value, "numpy"):
        array = value.detach().numpy()
    elif hasattr(value, "__array__") and hasattr(value, "dtype"):
        try:
            array = np.asarray(value)
        except Exception:  # a tracer
            within = untraced(value)
            return None if within is value else array_of(within)
    else:
        return None
    return array if array.dtype.kind in "fiub" else None


def untraced(value: Any) -> Any:
    """Return the numbers that a tracer of JAX's has within, as one of a gradient does; else it."""
    while hasattr(value, "primal"):
        value = value.primal
    return value


def kind(value: Any) -> Kind:
    """Return what kind a value is of."""
    if isinstance(value, bool | np.bool_):
        return ("bool",)
    if isinstance(value, int | np.integer):
        return ("int",)
    array = array_of(value)
    if array is None:
        if hasattr(value, "shape") and "complex" in str(getattr(value, "dtype", "")):
            return ("complex", tuple(value.shape))
        return (type(value).__name__,)
    return ("array" if array.dtype.kind == "f" else "whole", array.shape)


def is_array(found: Kind | None) -> bool:
    """Tell whether a kind is that of real numbers."""
    return found is not None and found[0] == "array"


def fits(one: Kind, other: Kind) -> bool:
    """Tell whether a value of one kind can stand for one of another, broadcast perhaps."""
    if one == other:
        return True
    if {one[0], other[0]} <= {"array", "int", "whole"}:
        first, second = (k[1] if len(k) > 1 else () for k in (one, other))
        try:
            return np.broadcast_shapes(first, second) in (first, second)
        except ValueError:
            return False
    return False


def digest(value: Any, depth: int = 3) -> Any:
    """Return what tells a value from others, but for rounding; None where nothing does."""
    array = array_of(value)
    if array is not None:
        if array.dtype.kind == "f":
            with np.errstate(all="ignore"):
                array = array.astype(np.float32) + np.float32(0)  # no sign of zero
        return array.shape, array.tobytes()
    if isinstance(value, bool | int | str | slice | range | None):
        return repr(value)
    if depth and isinstance(value, list | tuple):
        parts = [digest(one, depth - 1) for one in value]
        return None if None in parts else (type(value).__name__, *parts)
    if depth and isinstance(value, Mapping):
        items = {str(key): digest(one, depth - 1) for key, one in value.items()}
        return None if None in items.values() else ("mapping", *items.items())
    return None
