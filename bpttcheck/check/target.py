"""What ``bpttcheck check TARGET`` names: ``module:object`` or ``path/file.py:object``."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any


class TargetError(ValueError):
    """No object to check: the message names what was asked for and why it cannot be had."""


def load(target: str) -> Callable[..., Any]:
    """Import what a target names, with the current folder on the path.

    Raises:
        TargetError: the text names nothing, the module cannot be imported, the object is missing
            or no function.
    """
    place, colon, name = target.rpartition(":")
    if not colon or not place or not name:
        raise TargetError(
            f"TARGET: expected module:object or path/file.py:object, got {target!r}"
        )  # fmt: skip
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    with redirect_stdout(sys.stderr):  # what it prints is not our result
        module = _file(place) if place.endswith(".py") else _module(place)
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            raise TargetError(f"TARGET: {place} has no {name!r}")
        found = getattr(found, part)
    if not callable(found):
        raise TargetError(f"TARGET: expected a function, got {name} of type {type(found).__name__}")
    return found  # type: ignore[no-any-return]


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise TargetError(_why(name, error)) from error


def _file(place: str) -> ModuleType:
    path = Path(place)
    if not path.is_file():
        raise TargetError(f"TARGET: no file {place}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise TargetError(f"TARGET: {place} is no Python file")
    module = importlib.util.module_from_spec(spec)
    folder = str(path.resolve().parent)
    if folder not in sys.path:  # so that the file finds its neighbours
        sys.path.insert(0, folder)
    sys.modules.setdefault(path.stem, module)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise TargetError(_why(place, error)) from error
    return module


def _why(place: str, error: BaseException) -> str:
    first = (str(error).splitlines() or [""])[0]
    return f"TARGET: importing {place} raised {type(error).__name__}: {first}"
