"""A module with one planted change: what a check has to see."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any


def planted(module: Any, old: str, new: str) -> ModuleType:
    """Return a copy of a module in which one piece of source, found once, is another."""
    source = inspect.getsource(module)
    assert source.count(old) == 1, f"{old!r} stands {source.count(old)} times in {module.__name__}"
    copy = ModuleType(module.__name__)
    exec(compile(source.replace(old, new), module.__name__, "exec"), vars(copy))
    return copy
