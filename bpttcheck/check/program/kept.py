"""What a function reaches and could change, kept: arrays, lists, mappings, attributes; put back."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

REACH = 5_000
"""Of so many things at most."""

PLAIN = (int, float, complex, str, bytes, bool, type, type(None), ModuleType)
"""What cannot change, or belongs to everybody."""


class Kept:
    """The state that a function of somebody's reaches, as it was."""

    def __init__(self, function: Any) -> None:
        self._back: list[Callable[[], None]] = []
        seen: dict[int, Any] = {}
        waiting = [function]
        while waiting and len(seen) < REACH:
            here = waiting.pop()
            if isinstance(here, PLAIN) or id(here) in seen:
                continue
            seen[id(here)] = here
            waiting += self._keep(here)

    def put_back(self) -> None:
        """Let everything be as it was."""
        for back in self._back:
            back()

    def _keep(self, here: Any) -> Iterator[Any]:
        """Keep what a thing holds, and return that."""
        if isinstance(here, np.ndarray):
            if here.flags.writeable and here.dtype != object:
                self._back.append(functools.partial(_restored, here, here.copy()))
        elif isinstance(here, FunctionType):
            yield from _reached(here)
        elif isinstance(here, MethodType):
            yield from (here.__func__, here.__self__)
        elif isinstance(here, functools.partial):
            yield from (here.func, *here.args, *here.keywords.values())
        elif isinstance(here, list):
            self._back.append(functools.partial(here.__setitem__, slice(None), [*here]))
            yield from here
        elif isinstance(here, tuple):
            yield from here
        elif isinstance(here, dict):
            self._back.append(functools.partial(_refilled, here, {**here}))
            yield from here.values()
        elif type(here).__module__.partition(".")[0] not in ("numpy", "torch", "jax", "builtins"):
            held = getattr(here, "__dict__", None)
            if isinstance(held, dict):
                self._back.append(functools.partial(_refilled, held, {**held}))
                yield from held.values()
            if callable(here):
                yield from _reached(type(here).__call__)


def _reached(function: Any) -> Iterator[Any]:
    """Return what the closure of a function holds, and the globals that it names."""
    if not isinstance(function, FunctionType):
        return
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # empty yet
            continue
    for name in _names(function.__code__):
        if name in function.__globals__:
            yield function.__globals__[name]


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _restored(array: Any, before: Any) -> None:
    if array.tobytes() != before.tobytes():
        array[...] = before


def _refilled(held: dict[Any, Any], before: dict[Any, Any]) -> None:
    if held.keys() != before.keys() or any(held[k] is not v for k, v in before.items()):
        held.clear()
        held.update(before)
