"""The arrays that a function reads besides its parameters: inputs, targets, an initial state.

They are looked for where Python keeps them: closures, defaults, ``functools.partial``, the object
of a bound method, and the module's globals that the function mentions. Nothing is called.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.check.program import inert
from bpttcheck.check.program.inert import is_a

DEPTH = 6
"""So many steps from the function: a closure, a model in it, a layer of the model, its cache …"""

MOST = 4000
"""At most so many objects are visited."""

WIDEST = 64
"""Of a container at most so many elements are visited."""

LARGEST = 10**6
"""Arrays of more entries are no inputs of a point that can be diagnosed."""


def reachable(function: Any) -> dict[str, Array]:
    """Return copies of the arrays of numbers that a function can reach, by the path to each.

    Of arrays with the same dtype and entries the one with the shortest path is kept.
    """
    found: dict[str, Array] = {}
    known: set[tuple[str, tuple[int, ...], bytes]] = set()
    seen: dict[int, Any] = {}  # kept, lest another object gets the number of one that is gone
    level: list[tuple[str, Any]] = [("", function)]
    for _ in range(DEPTH):
        below: list[tuple[str, Any]] = []
        for path, thing in level:
            if id(thing) in seen or len(seen) > MOST:
                continue
            seen[id(thing)] = thing
            array = _as_array(thing)
            if array is None:
                below += _inside(path, thing)
                below += _columns(path, thing)
                continue
            key = (array.dtype.str, array.shape, array.tobytes())
            if key not in known:
                known.add(key)
                found.setdefault(path, array)
            if array.ndim > 1:  # a list of steps of a sequence, or of several arrays
                below += _inside(path, thing) if is_a(thing, list, tuple) else ()
        level = below
    for path, array in list(found.items()):  # a text: each symbol's target is the next one
        if array.dtype.kind in "iu":
            for axis in range(array.ndim if array.ndim < 3 else 0):
                if array.shape[axis] > 1:
                    before = ":, " * axis
                    steps = range(array.shape[axis])
                    found.setdefault(f"{path}[{before}:-1]", array.take(steps[:-1], axis))
                    found.setdefault(f"{path}[{before}1:]", array.take(steps[1:], axis))
    return found


def _as_array(thing: Any) -> Array | None:
    """Return a copy of an array, a tensor, a number, or a list of numbers or of arrays alike."""
    array = inert.array(thing)
    if array is None:
        array = inert.table(thing, LARGEST)
    if array is None or not 0 < array.size <= LARGEST:
        return None
    if array.dtype.kind == "b" and array.ndim:
        array = array.astype(np.float64)  # a mask: which steps count
    if array.dtype.kind not in "fiu":
        return None
    while array.ndim > 3 and 1 in array.shape:  # sequences of columns, or of rows
        array = array[..., 0] if array.shape[-1] == 1 else array.squeeze(array.shape.index(1))
    return np.array(array)


def _columns(path: str, thing: Any) -> list[tuple[str, Any]]:
    """Return the inputs of all sequences and the targets of all, where they are kept in pairs."""
    kept = inert.elements(thing)
    rows = [inert.elements(row) if is_a(row, list, tuple) else None for row in kept]
    if not rows or None in rows or len({len(row or ()) for row in rows}) > 1:
        return []
    columns = (list(column) for column in zip(*(row or () for row in rows), strict=True))
    return [(f"{path}[:][{k}]", column) for k, column in enumerate(columns)]


def _inside(path: str, thing: Any) -> Iterator[tuple[str, Any]]:
    if is_a(thing, types.FunctionType):
        yield from _of_function(path, thing)
    elif is_a(thing, types.MethodType):
        yield f"{path}.self", thing.__self__
        yield f"{path}.function ", thing.__func__
    elif type(thing) is functools.partial:
        yield f"{path}.function ", thing.func
        for k, value in enumerate(thing.args):
            yield f"{path}argument {k}", value
        yield f"{path}.keywords", thing.keywords
    elif is_a(thing, dict, list, tuple):
        for name, value in inert.items(thing)[:WIDEST]:
            told = repr(name) if type(name) is str else inert.named(name)
            yield f"{path}[{told}]", value
        if type(thing) not in (dict, list, tuple):
            yield from _of_object(path, thing)
    elif not is_a(thing, type, types.ModuleType, types.BuiltinFunctionType):
        call = inert.called(thing)
        if call is not None:
            yield f"{path}.call ", call
        yield from _of_object(path, thing)


def _of_object(path: str, thing: Any) -> Iterator[tuple[str, Any]]:
    for name, value in list(inert.attributes(thing))[:WIDEST]:
        yield f"{path}.{inert.named(name)}", value


def _of_function(path: str, function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    names = function.__code__.co_freevars
    for name, cell in zip(names, function.__closure__ or (), strict=True):
        try:
            yield f"{path}{name}", cell.cell_contents
        except ValueError:  # not yet assigned
            continue
    for k, value in enumerate(function.__defaults__ or ()):
        yield f"{path}default {k}.", value
    for name, value in (function.__kwdefaults__ or {}).items():
        yield f"{path}{name}", value
    for name in _mentioned(function.__code__):
        value = dict.get(function.__globals__, name)
        if not is_a(value, types.ModuleType, type):
            yield f"{path}global {name}", value


def _mentioned(code: types.CodeType) -> dict[str, None]:
    """Return the names that a function's code mentions, and that of functions within it."""
    found = dict.fromkeys(code.co_names)
    for constant in code.co_consts:
        if type(constant) is types.CodeType:
            found |= _mentioned(constant)
    return found
