"""The (T, B, n) vocabulary: arguments checked once, with errors that name symbols and sizes.

T time steps, B sequences in a batch, m inputs, n states, p outputs or classes. Arrays are
time-major: x (T, B, m), h (T, B, n), o (T, B, p).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bpttcheck.arguments import did_you_mean, first_line, held, listed, told_of, words
from bpttcheck.arithmetic.base import Array, Number
from bpttcheck.arithmetic.finite import all_finite, together_finite

MEANING = {
    "T": "time steps",
    "B": "sequences",
    "m": "inputs",
    "n": "states",
    "r": "projected states",
    "2n": "states of two directions",
    "p": "classes",
}


def read(name: str, value: Any) -> Array:
    """Return what NumPy reads of an argument, in the byte order of the machine; of any dtype.

    Raises:
        TypeError: ``name``: nothing that can be read.
        ValueError: ``name``: ragged, or masked.
    """
    if type(value) is np.ndarray and value.dtype.isnative:
        return value
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        count = int(np.ma.getmaskarray(value).sum())
        raise ValueError(f"{name}: expected an array without a mask, got {count} masked entries")
    try:
        array = np.asarray(value.detach() if _is_tensor(value) else value)
    except ValueError as ragged:
        why = first_line(ragged)
        raise ValueError(f"{name}: expected a rectangular array of numbers, got {why}") from None
    except Exception as unreadable:  # of somebody's class, or another library
        what = f"{told_of(value)}: {first_line(unreadable)}"
        raise TypeError(f"{name}: expected an array of numbers, got {what}") from None
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def _is_tensor(value: Any) -> bool:
    """Tell whether NumPy reads something only without its gradient."""
    return type(value).__module__.partition(".")[0] == "torch" and hasattr(value, "detach")


def numbers(name: str, value: Any) -> Array:
    """Return ``value`` as an array of finite numbers; integers become float64.

    Raises:
        TypeError: ``name``: not an array of numbers.
        ValueError: ``name``: ragged, NaN or infinite.
    """
    array = read(name, value)
    if array.dtype.kind in "biu":
        return array.astype(np.float64)
    if array.dtype.kind in "fc":
        if not all_finite(array):
            where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
            raise ValueError(
                f"{name}: expected finite numbers, got {array[where]} at index {where}"
            )
        return array
    if array.dtype == object and array.size:
        elements = array.reshape(-1)
        if all(map(_is_number, elements)):
            if not all(z.is_finite() for z in elements):
                raise ValueError(f"{name}: expected finite numbers, got one that is not")
            return array
    raise TypeError(f"{name}: expected an array of numbers, got {_kind(array)}")


def _is_number(z: Any) -> bool:
    """Tell whether something is of a number system; its class has to say so, not a mock's."""
    return hasattr(type(z), "is_finite") and isinstance(z, Number)


def _kind(array: Array) -> str:
    if array.dtype == object and array.size:
        return f"an object of type {type(array.reshape(-1)[0]).__name__}"
    return f"dtype {array.dtype}"


def alike(**named: Any) -> list[Array]:
    """Return the arguments as arrays of one dtype, each checked by :func:`numbers`.

    Python numbers, lists and integers take the dtype of the floating-point arrays among them
    (float64 if there is none), so that ``h0=0.0`` does not turn a float32 network into float64.
    """
    if (arrays_alike := plain(list(named.values()))) is not None:
        return arrays_alike
    arrays = {name: numbers(name, value) for name, value in named.items()}
    strong = [a.dtype for name, a in arrays.items() if _is_strong(a, named[name])]
    dtype = np.result_type(*strong) if strong else np.dtype(np.float64)
    if dtype.kind == "O":
        return _in_one_system(list(arrays.values()))
    with np.errstate(all="ignore"):
        return [_cast(name, a, dtype) for name, a in arrays.items()]


_USUAL = (np.dtype(np.float64), np.dtype(np.float32))


def plain(values: list[Any]) -> list[Array] | None:
    """Return arrays of one float dtype and Python's floats among them as arrays of it, or None.

    As most are, and each check on its own costs more than a step of a small network.
    """
    dtype, numbers_among = None, False
    for a in values:
        if type(a) is np.ndarray:
            if dtype is not None and a.dtype != dtype:
                return None
            dtype = a.dtype
        elif type(a) is float:
            numbers_among = True
        else:
            return None
    if dtype not in _USUAL:
        return None
    arrays = values
    if numbers_among and dtype == np.float32:
        with np.errstate(all="ignore"):  # what leaves the range is refused below
            arrays = [np.asarray(a, dtype) for a in values]
    elif numbers_among:
        arrays = [a if type(a) is np.ndarray else np.asarray(a, dtype) for a in values]
    return arrays if together_finite(arrays) else None  # the slow way says which is not


def _in_one_system(arrays: list[Array]) -> list[Array]:
    """Turn floats beside elements of a number system into elements of it."""
    zero = 0 * next(a.reshape(-1)[0] for a in arrays if a.dtype.kind == "O")
    return [a if a.dtype.kind == "O" else np.asarray(zero + a) for a in arrays]


def _is_strong(array: Array, value: Any) -> bool:
    """Tell whether an argument decides the dtype: all but Python's numbers, and integers, do."""
    given = getattr(value, "dtype", None)  # of another library, perhaps, without a ``kind``
    return array.dtype != np.float64 or "float" in str(given)


def _cast(name: str, array: Array, dtype: Any) -> Array:
    cast = array.astype(dtype, copy=False)
    if cast is not array and not np.isfinite(cast).all():
        raise ValueError(f"{name}: expected numbers within the range of {dtype}, got {array.max()}")
    return cast


def entries(name: str, mapping: Any, keys: tuple[str, ...]) -> dict[str, Any]:
    """Return what ``mapping`` holds, each value under the name that an error should show.

    Raises:
        TypeError: ``mapping`` is no mapping.
        ValueError: a key is missing, or one is unknown.
    """
    expected = ", ".join(keys)
    if not isinstance(mapping, Mapping):
        raise TypeError(f"{name}: expected a mapping with {expected}, got {told_of(mapping)}")
    found = held(name, mapping)
    if set(found) != set(keys):
        given = listed(found) or "nothing"
        unknown = next((key for key in found if key not in keys), None)
        hint = did_you_mean(unknown, [key for key in keys if key not in found])
        raise ValueError(f"{name}: expected exactly the keys {expected}, got {given}{hint}")
    return {f"{name}[{key!r}]": found[key] for key in keys}


def entries_with(
    name: str, mapping: Any, keys: tuple[str, ...], optional: tuple[str, ...]
) -> dict[str, Any]:
    """Return what :func:`entries` does, for a mapping in which some keys may be missing."""
    given = tuple(k for k in optional if isinstance(mapping, Mapping) and k in mapping)
    return entries(name, mapping, (*keys, *given))


class Sizes:
    """Sizes bound to symbols as arguments are checked, so that later errors can show both."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def bind(self, shape: tuple[int, ...], symbols: tuple[str, ...]) -> bool:
        """Return whether a shape fits, binding the symbols not yet known if it does."""
        known, before = self.known, len(self.known)
        if len(shape) == len(symbols) and 0 not in shape:
            for symbol, size in zip(symbols, shape, strict=True):
                if known.setdefault(symbol, size) != size:
                    break
            else:
                return True
        while len(known) > before:
            known.popitem()
        return False

    def match(self, name: str, array: Array, *symbols: str) -> Array:
        """Check the shape of ``array`` against ``symbols``, binding those not yet known.

        Raises:
            ValueError: another number of axes, another size, or an empty axis.
        """
        shape = array.shape
        fits = len(shape) == len(symbols)
        for symbol, size in zip(symbols, shape, strict=False):
            if self.known.get(symbol, size) != size:
                fits = False
        if not fits:
            raise ValueError(f"{name}: expected {self._expected(symbols)}, got {shape}")
        for symbol, size in zip(symbols, shape, strict=True):
            if size == 0:
                words = MEANING.get(symbol, "entries")
                raise ValueError(f"{name}: expected {symbol} ≥ 1 {words}, got 0")
            self.known[symbol] = size
        return array

    def _expected(self, symbols: tuple[str, ...]) -> str:
        comma = "," if len(symbols) == 1 else ""
        pattern = f"({', '.join(symbols)}{comma})"
        if not any(s in self.known for s in symbols):
            return f"shape {pattern}" if symbols else "a single number, shape ()"
        sizes = ", ".join(str(self.known.get(s, s)) for s in symbols)
        return f"{pattern} = ({sizes}{comma})"


def finite_result(name: str, *results: Array) -> None:
    """Refuse to hand out a number that overflowed.

    Raises:
        OverflowError: a result is infinite although every input was finite.
        ArithmeticError: a result is NaN, as a function of the user's can be.
    """
    if together_finite(results):
        return
    for array in results:
        if array.dtype.kind not in "fc" or all_finite(array):
            continue
        if np.isnan(array).any() and not np.isinf(array).any():
            raise ArithmeticError(f"{name}: expected a number from finite input, got NaN")
        raise OverflowError(
            f"{name}: overflows {array.dtype}; expected inputs whose result is representable"
        )


def same_shape(name: str, result: Array, given: Array) -> None:
    """Check that a function of the user's works entry by entry.

    Raises:
        ValueError: it returned another shape than it was given.
    """
    if np.shape(result) != given.shape:
        expected = f"the shape of its argument, {given.shape}"
        raise ValueError(f"{name}: expected {expected}, got {np.shape(result)}")


REDUCTIONS = ("sum", "mean")


def divisor(reduction: object, count: int) -> int:
    """Return what a sum of ``count`` terms is divided by under ``"sum"`` or ``"mean"``.

    A whole number, so that the division is as exact as the number system.

    Raises:
        ValueError: another word.
    """
    words("reduction", reduction, REDUCTIONS)
    return count if reduction == "mean" else 1
