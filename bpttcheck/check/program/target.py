"""What ``bpttcheck check TARGET`` names: ``module:object``, ``path/file.py:object``, or a file."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from bpttcheck.arguments.wording import in_a_line, shown
from bpttcheck.check.program import raised
from bpttcheck.check.program.clock import OutOfTime

USUAL = "problem"
"""The object that is meant where none is named."""


class TargetError(ValueError):
    """No object to check: the message names what was asked for and why it cannot be had."""


class ImportRaised(Exception):
    """The user's module raised, or exited, while it was imported: the message says where."""


def split(target: str) -> tuple[str, str]:
    """Return the module or file that a target names, and the object in it.

    Raises:
        TargetError: it names nothing.
    """
    place, colon, name = target.rpartition(":")
    if not colon or target.endswith(".py") or os.sep in name:  # the colon may be that of a drive
        place, name = target, USUAL
    named = all(part.isidentifier() for part in name.split("."))
    if not place or not named or (place.startswith(".") and not place.endswith(".py")):
        expected = "module:object, path/file.py:object or path/file.py"
        raise TargetError(f"TARGET: expected {expected}, got {shown(target)}")
    return place, name


def load(target: str) -> Callable[..., Any]:
    """Import what a target names, with the current folder on the path.

    Raises:
        TargetError: the text names nothing; the module or the object is missing; it is no function.
        ImportRaised: the module was found, and raised.
    """
    place, name = split(target)
    here = str(Path.cwd())
    sys.path[:] = [here, *(entry for entry in sys.path if entry != here)]
    module = _file(place) if place.endswith(".py") else _module(place, target)
    found: Any = module
    for part in name.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise TargetError(f"TARGET: {place} has no {name!r}{_hint(module, name)}") from None
        except Exception as error:
            raise _why(f"{name} from {place}", error) from error
    if not callable(found):
        raise TargetError(f"TARGET: expected a function, got {name} of type {type(found).__name__}")
    return found  # type: ignore[no-any-return]


def _hint(module: ModuleType, name: str) -> str:
    """Return which functions of the module may have been meant."""
    mine = [
        known
        for known, value in vars(module).items()
        if callable(value)
        and not known.startswith("_")
        and getattr(value, "__module__", None) == module.__name__
    ]
    near = get_close_matches(name, mine, n=3, cutoff=0.6)
    if near:
        return f"; did you mean {' or '.join(near)}?"
    return f"; did you mean one of {', '.join(mine[:8])}?" if mine else ""


def _module(name: str, target: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            file = f"; for a file, write {name}.py" if os.path.isfile(f"{name}.py") else ""
            what = f"no module {shown(error.name)} for {shown(target)}{file}"
            raise TargetError(f"TARGET: {what}") from error
        raise _why(name, error) from error
    except BaseException as error:
        raise _why(name, error) from error


def _file(place: str) -> ModuleType:
    path = Path(place)
    if not os.path.isfile(place):  # which is false of what no system has
        raise TargetError(f"TARGET: no file {in_a_line(place)}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise TargetError(f"TARGET: {place} is no Python file")
    module = importlib.util.module_from_spec(spec)
    folder = str(path.resolve().parent)
    if folder not in sys.path:  # so that the file finds its neighbours
        sys.path.insert(0, folder)
    # As an import does, for pickles and dataclasses; a module that is there already stays.
    sys.modules.setdefault(path.stem, module)
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        raise _why(place, error) from error
    return module


def _why(place: str, error: BaseException) -> BaseException:
    """Return what is to be raised for an error of an import: itself, if it is for us."""
    if isinstance(error, KeyboardInterrupt | OutOfTime | MemoryError):
        return error
    if isinstance(error, SystemExit):
        at = raised.where(error)
        return ImportRaised(
            f"importing {place}: called sys.exit({error.code!r}){f' at {at}' if at else ''}"
        )
    hint = ""
    if isinstance(error, ImportError) and "relative import" in str(error):
        hint = "; a module of a package is named like package.module:object"
    return ImportRaised(f"importing {place}: raised {raised.said(error)}{hint}")
