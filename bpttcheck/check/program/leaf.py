"""A leaf among somebody's parameters: an array of floats, or something to be passed on."""

from __future__ import annotations

import copy
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.check.program.libraries import (
    copied,
    is_float,
    is_key,
    library,
    numpy_of,
    parameter_like,
)

NARROW = ("float8_", "float6_", "float4_")
"""Float types, added to NumPy by ml_dtypes, of too few digits for a derivative to be seen."""

PLAIN = (np.ndarray, np.memmap)
"""Subclasses of arrays other than these have operations of their own."""


@dataclass(frozen=True)
class Leaf:
    """A number or an array, its name in reports, and its path after the name of the argument.

    ``array`` holds its floats, the two parts of a complex number along a last axis; it is None for
    what is passed on unchanged.
    """

    name: str
    path: str
    given: Any
    array: Array | None
    complex: bool = False

    @property
    def library(self) -> str | None:
        """The library that it is an array of, torch or jax, if it is of one."""
        return library(self.given)

    def value(self, array: Any) -> Any:
        """Return the value that an array of floats stands for: itself, a number, a complex array.

        Raises:
            TypeError: a complex array of elements that are no floats.
        """
        if self.complex:
            if type(array) is not np.ndarray or array.dtype.kind != "f":
                raise TypeError(f"{self.name}: complex numbers have floats as parts, no others")
            array = np.ascontiguousarray(array).view(f"c{2 * array.itemsize}")[..., 0]
        return array.item() if isinstance(self.given, float | complex) else array

    def own(self, value: Any) -> Any:
        """Return a value as the user's function has it: a tensor where one was given.

        Raises:
            TypeError: elements that a tensor does not hold.
        """
        return parameter_like(self.given, value)

    def kept(self) -> Any:
        """Return what is passed on, a copy where it can be changed."""
        if isinstance(self.given, np.ndarray):
            return self.given.copy()
        if self.library is not None:
            return copied(self.given)
        if isinstance(self.given, list):
            return _copied_numbers(self.given)
        if callable(self.given):  # a compiled function would be compiled again
            return self.given
        try:
            return copy.deepcopy(self.given)
        except Exception:  # a lock, a file: whatever cannot be copied is shared
            return self.given


def _copied_numbers(listed: list[Any]) -> list[Any]:
    """Return a copy of a list of numbers, or of lists of them; ``deepcopy`` is a hundred times."""
    return [_copied_numbers(one) if isinstance(one, list) else one for one in listed]


def leaf(path: str, given: Any, what: str) -> Leaf:
    """Return a leaf, named by its path for the time being.

    Raises:
        TypeError: an array of something that is neither floats nor whole numbers, or of a library
            whose arrays are not known here.
        ValueError: floats that are not finite, or none.
    """
    label = what + path
    array = _read(label, given)
    if array is not None and array.itemsize == 1 and array.dtype.name.startswith(NARROW):
        raise TypeError(f"{label}: expected floats of 16 bits at least, got {array.dtype}")
    if array is None or not is_float(array.dtype):
        return Leaf(path, path, given, None)
    if array.size == 0:
        raise ValueError(f"{label}: expected at least one entry, got shape {array.shape}")
    wrong = ~np.isfinite(array)
    if wrong.any():
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(f"{label}: expected finite numbers, got {array[index]} at index {index}")
    parts = array.dtype.kind == "c"
    if parts:
        array = np.stack([array.real, array.imag], axis=-1)
    if array.dtype == np.longdouble:  # a point is judged as float64 has it
        array = array.astype(np.float64).astype(np.longdouble)
    return Leaf(path, path, given, array, parts)


def is_number(value: Any) -> bool:
    """Tell whether something is a single number of Python or NumPy."""
    return isinstance(value, int | float | complex | np.number | np.bool_)


def is_array(value: Any) -> bool:
    """Tell whether something is an array of a library that is known here."""
    return isinstance(value, np.ndarray | np.generic) or library(value) is not None


def described(value: Any) -> str:
    """Say what something is that is no array of floats."""
    if library(value) is not None:
        return f"dtype {str(value.dtype).removeprefix('torch.')}"
    array = np.asarray(value)
    if array.dtype == object:
        inside = array.reshape(-1)
        return f"objects of type {type(inside[0]).__name__}" if array.size else "no numbers"
    return f"dtype {array.dtype}"


def refused(given: Any) -> str:
    """Return what kind of array this is, if it is one whose operations are its own; else ""."""
    if isinstance(given, np.ma.MaskedArray):
        return "numpy.ma.MaskedArray"
    if isinstance(given, np.ndarray):
        return "" if type(given) in PLAIN else f"numpy.{type(given).__name__}"
    strange = hasattr(given, "dtype") or hasattr(given, "__array__")
    if isinstance(given, type | np.generic) or library(given) is not None or not strange:
        return ""
    return f"{type(given).__module__.partition('.')[0]}.{type(given).__name__}"


def _read(label: str, given: Any) -> Array | None:
    """Return an array, None where there is none to be read."""
    if kind := refused(given):
        raise TypeError(
            f"{label}: expected a plain array, got a {kind}, whose operations are not those of "
            "an array: np.asarray(…) makes one of it"
        )
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(given, torch.nn.Module):
        kind = type(given).__name__
        raise TypeError(
            f"{label}: expected arrays, got the torch module {kind}: adaptors.from_module takes it"
        )
    if library(given) is not None:
        return _of_library(label, given)
    numbers = is_number(given) or isinstance(given, list | tuple)
    if not numbers and not isinstance(given, np.ndarray | np.generic):
        return None
    try:
        array = np.array(given)
    except ValueError as ragged:
        text = f"{label}: expected a rectangular array of numbers, got {ragged}"
        raise ValueError(text) from None
    known = array.dtype.kind in "iub" or is_float(array.dtype)
    nothing = array.dtype.names == ("float0",)  # as JAX writes the gradient of whole numbers
    if not known and not nothing and not array.dtype.name.startswith(NARROW):
        raise TypeError(f"{label}: expected an array of floats, got {described(array)}")
    return array


def _of_library(label: str, given: Any) -> Array | None:
    if is_key(given):
        return None
    try:
        return numpy_of(given)
    except Exception as error:
        first = (str(error).splitlines() or [""])[0]
        raise TypeError(f"{label}: expected an array with numbers, got {first}") from None
