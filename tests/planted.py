"""A module with one planted change: what a check has to see."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any


def replaced(source: str, old: str, new: str, place: str) -> str:
    """Return a text in which one piece, found once, is another."""
    assert source.count(old) == 1, f"{old!r} stands {source.count(old)} times in {place}"
    return source.replace(old, new)


def planted(module: Any, old: str, new: str) -> ModuleType:
    """Return a copy of a module in which one piece of source, found once, is another."""
    source = replaced(inspect.getsource(module), old, new, module.__name__)
    copy = ModuleType(module.__name__)
    exec(compile(source, module.__name__, "exec"), vars(copy))
    return copy
