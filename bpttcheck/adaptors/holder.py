"""A copy of somebody's object, or their module for the time of a call, with other parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from bpttcheck.adaptors.deep_copies import deep_copy
from bpttcheck.adaptors.key_paths import KeyPath, array
from bpttcheck.arithmetic.base import Array
from bpttcheck.check.program.libraries import library, like, numpy_of, parameter_like


class Holder(Protocol):
    """Runs a function on an object while its parameters have given values."""

    def run(self, function: Callable[[Any], Any], values: Mapping[str, Any]) -> Any:
        """Return what the function returns, called with the object."""


def holder(root: Any, places: Mapping[str, KeyPath]) -> Holder:
    """Return the holder of an object, or of a module or dictionary of globals."""
    if isinstance(root, ModuleType | dict):
        return Borrowed(root, places)
    return Copy(root, places)


class Copy:
    """A deep copy of an object, kept from call to call, with whatever it remembers.

    A parameter is replaced wherever the object refers to it, lists, layers and views that share it
    included: in place, or by a copy of the object in which the new array has taken its place.
    """

    def __init__(self, root: Any, places: Mapping[str, KeyPath]) -> None:
        self._places = places
        try:
            self._root = deep_copy(root, self._arrays(root))
        except Exception as error:
            first = (str(error).splitlines() or [""])[0]
            raise TypeError(
                f"{type(root).__name__}: expected an object that can be copied; copy.deepcopy "
                f"raised {type(error).__name__}: {first}"
            ) from error

    def _arrays(self, root: Any) -> list[Any]:
        return [place.read(root) for place in self._places.values()]

    def run(self, function: Callable[[Any], Any], values: Mapping[str, Any]) -> Any:
        """Return what the function returns, called with the copy.

        Numbers of another system, such as balls, run on a copy for that once: what remembers them
        cannot be copied again.
        """
        others: list[tuple[Any, Any]] = []
        for name, place in self._places.items():
            old, new = place.read(self._root), np.asarray(values[name])
            if library(old) is not None:
                if not _written(old, new):
                    others.append((old, parameter_like(old, new)))
            elif not isinstance(old, np.ndarray):
                place.write(self._root, values[name] if new.ndim == 0 else np.array(new))
            elif old.dtype == new.dtype and old.shape == new.shape and old.flags.writeable:
                old[...] = new
            else:
                others.append((old, np.array(new)))
        if not others:
            return function(self._root)
        copied = deep_copy(self._root, self._arrays(self._root), others)
        if usual(values):
            self._root = copied
        return function(copied)


def _written(tensor: Any, new: Array) -> bool:
    """Write numbers into a tensor, if it is one, and of their type; tell whether that was done."""
    if library(tensor) != "torch" or numpy_of(tensor).dtype != new.dtype:
        return False
    tensor.data.copy_(like(tensor, new))
    return True


def usual(values: Mapping[str, Any]) -> bool:
    """Tell whether all values are floats, and no complex numbers or elements of another system."""
    return all(np.asarray(v).dtype.kind == "f" for v in values.values())


class Borrowed:
    """A module, or the dictionary of its globals: parameters are written in place, and put back."""

    def __init__(self, root: ModuleType | MutableMapping[str, Any], places: Mapping[str, KeyPath]):
        self._root = root
        self._places = places

    def run(self, function: Callable[[Any], Any], values: Mapping[str, Any]) -> Any:
        """Return what the function returns, called with the module."""
        originals = {name: place.read(self._root) for name, place in self._places.items()}
        contents = {name: array(value, name) for name, value in originals.items()}
        try:
            for name, place in self._places.items():
                old, new = originals[name], values[name]
                if library(old) is not None:
                    if not _written(old, np.asarray(new)):
                        place.write(self._root, parameter_like(old, new))
                elif isinstance(old, np.ndarray) and old.dtype == np.asarray(new).dtype:
                    old[...] = new
                else:
                    place.write(self._root, new if isinstance(new, float) else np.array(new))
            return function(self._root)
        finally:
            for name, place in self._places.items():
                if library(originals[name]) is not None:
                    _written(originals[name], contents[name])
                elif isinstance(originals[name], np.ndarray):
                    originals[name][...] = contents[name]
                place.write(self._root, originals[name])
