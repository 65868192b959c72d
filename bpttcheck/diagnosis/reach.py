"""The arrays that a function reads besides its parameters: inputs, targets, an initial state.

They are looked for where Python keeps them: closures, defaults, ``functools.partial``, the object
of a bound method, and the module's globals that the function mentions. Nothing is called.
"""

from __future__ import annotations

import functools
import numbers
import types
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array

DEPTH = 6
"""So many steps from the function: a closure, a model in it, a layer of the model, its cache …"""

MOST = 4000
"""At most so many objects are visited."""

LARGEST = 10**6
"""Arrays of more entries are no inputs of a point that can be diagnosed."""


def reachable(function: Any) -> dict[str, Array]:
    """Return copies of the arrays of numbers that a function can reach, by the path to each.

    Of arrays with the same dtype and entries the one with the shortest path is kept.
    """
    found: dict[str, Array] = {}
    known: set[tuple[str, tuple[int, ...], bytes]] = set()
    seen: set[int] = set()
    level: list[tuple[str, Any]] = [("", function)]
    for _ in range(DEPTH):
        below: list[tuple[str, Any]] = []
        for path, thing in level:
            if id(thing) in seen or len(seen) > MOST:
                continue
            seen.add(id(thing))
            array = _as_array(thing)
            if array is None:
                below += _inside(path, thing)
                below += _columns(path, thing)
                continue
            key = (array.dtype.str, array.shape, array.tobytes())
            if key not in known:
                known.add(key)
                found[path] = array
            if isinstance(thing, list | tuple):  # steps of a sequence, or several arrays
                below += _inside(path, thing)
        level = below
    for path, array in list(found.items()):  # a text: each symbol's target is the next one
        if array.ndim == 1 and array.dtype.kind in "iu" and len(array) > 1:
            found.setdefault(f"{path}[:-1]", array[:-1])
            found.setdefault(f"{path}[1:]", array[1:])
    return found


def _as_array(thing: Any) -> Array | None:
    """Return a copy of an array, a tensor, a number, or a list of numbers or of arrays alike."""
    if isinstance(thing, np.ndarray):
        array = thing
    elif hasattr(thing, "detach") and hasattr(thing, "numpy"):
        try:
            array = thing.detach().cpu().numpy()
        except (RuntimeError, TypeError, AttributeError):
            return None
    elif isinstance(thing, list | tuple) and thing and all(map(_is_entry, thing)):
        try:
            array = np.array(thing)
        except ValueError:
            return None
    elif isinstance(thing, numbers.Real) and not isinstance(thing, bool):
        array = np.array(thing)  # the class of a whole sequence, say
    else:
        return None
    if array.dtype.kind == "b" and array.ndim:
        array = array.astype(np.float64)  # a mask: which steps count
    fits = array.dtype.kind in "fiu" and 0 < array.size <= LARGEST
    if fits and array.ndim > 3 and array.shape[-1] == 1:
        array = array[..., 0]  # sequences of columns
    return np.array(array) if fits else None


def _columns(path: str, thing: Any) -> list[tuple[str, Any]]:
    """Return the inputs of all sequences and the targets of all, where they are kept in pairs."""
    pairs = isinstance(thing, list | tuple) and all(isinstance(p, list | tuple) for p in thing)
    if not pairs or not thing or len({len(pair) for pair in thing}) > 1:
        return []
    columns = ([pair[k] for pair in thing] for k in range(len(thing[0])))
    return [(f"{path}[:][{k}]", column) for k, column in enumerate(columns)]


def _is_entry(thing: Any) -> bool:
    return isinstance(thing, np.ndarray | list | numbers.Real) and not isinstance(thing, bool)


def _inside(path: str, thing: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(thing, types.FunctionType):
        names = thing.__code__.co_freevars
        for name, cell in zip(names, thing.__closure__ or (), strict=True):
            try:
                yield f"{path}{name}", cell.cell_contents
            except ValueError:  # not yet assigned
                continue
        for k, value in enumerate(thing.__defaults__ or ()):
            yield f"{path}default {k}.", value
        for name, value in (thing.__kwdefaults__ or {}).items():
            yield f"{path}{name}", value
        for name in thing.__code__.co_names:
            value = thing.__globals__.get(name)
            if not isinstance(value, types.ModuleType | type):
                yield f"{path}global {name}", value
    elif isinstance(thing, types.MethodType):
        yield f"{path}.self", thing.__self__
        yield f"{path}.function ", thing.__func__
    elif isinstance(thing, functools.partial):
        yield f"{path}.function ", thing.func
        for k, value in enumerate(thing.args):
            yield f"{path}argument {k}", value
        yield f"{path}.keywords", thing.keywords
    elif isinstance(thing, Mapping):
        for name, value in list(thing.items())[:64]:
            yield f"{path}[{name!r}]", value
    elif isinstance(thing, list | tuple):
        for k, value in enumerate(thing[:64]):
            yield f"{path}[{k}]", value
    elif not isinstance(thing, type | types.ModuleType | types.BuiltinFunctionType):
        call = vars(type(thing)).get("__call__")
        if isinstance(call, types.FunctionType):
            yield f"{path}.call ", call
        for name, value in list(getattr(thing, "__dict__", {}).items())[:64]:
            yield f"{path}.{name}", value
