"""What somebody's code raised, and at which of its lines."""

from __future__ import annotations

import sysconfig
import traceback
from collections.abc import Sequence
from functools import cache
from pathlib import Path

LIBRARIES = ("numpy", "torch", "jax", "jaxlib", "flax", "equinox", "scipy")
"""An error raised in these is the doing of whoever called them."""

CONTROL = ("_pytest", "asyncio", "bpttcheck", "concurrent", "hypothesis")
"""What these raise beyond exceptions ends a test or a task, and is not for us to keep."""


def ours_to_report(error: BaseException) -> bool:
    """Tell whether an error is the doing of somebody's code, rather than a signal to whoever runs.

    Some libraries' errors are no exceptions, such as the panics of extensions in Rust.
    """
    if isinstance(error, Exception):
        return True
    modules = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
    return not isinstance(error, KeyboardInterrupt) and modules.isdisjoint(CONTROL)


def where(error: BaseException) -> str:
    """Return the innermost line of somebody's own code that an error came through: ``model.py:88``.

    Empty where it came through none.
    """
    frames = [
        (frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((error.filename, error.lineno or 0))
    return innermost(frames)


def innermost(frames: Sequence[tuple[str, int]]) -> str:
    """Return the last of some files and lines that is somebody's own code, or empty.

    Installed packages are their own code where nothing else is.
    """
    for mine in (_own, _installed):
        here = [place for place in frames if mine(place[0])]
        if here:
            return f"{_short(here[-1][0])}:{here[-1][1]}"
    return ""


def said(error: BaseException) -> str:
    """Return the type of an error, where it was raised, and the first line of what it says."""
    place = where(error)
    return f"{type(error).__name__}{f' at {place}' if place else ''}: {message(error)}"


def message(error: BaseException) -> str:
    """Return the first line of what an error says."""
    try:
        return (str(error).splitlines() or [""])[0]
    except Exception:
        return "(what it says cannot be read)"


@cache
def _folders() -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Return the folders of installed packages, those of the standard library, and ours."""
    paths = sysconfig.get_paths()
    installed = tuple({str(Path(paths[key])) for key in ("purelib", "platlib")})
    standard = tuple({str(Path(paths[key])) for key in ("stdlib", "platstdlib")})
    return installed, standard, str(Path(__file__).parents[2])


def _within(file: str, folder: str) -> bool:
    return file.startswith((f"{folder}/", f"{folder}\\"))


def _own(file: str) -> bool:
    installed, standard, ours = _folders()
    if file.startswith("<frozen ") or "site-packages" in file or "dist-packages" in file:
        return False
    return not any(_within(file, folder) for folder in (*installed, *standard, ours))


def _installed(file: str) -> bool:
    installed, _, ours = _folders()
    parts = Path(file).parts
    packages = [i for i, part in enumerate(parts) if part in ("site-packages", "dist-packages")]
    if _within(file, ours) or not (packages or any(_within(file, one) for one in installed)):
        return False
    return not packages or parts[packages[-1] + 1] not in LIBRARIES


def _short(file: str) -> str:
    """Return the name of a file; that of a notebook's cell is a number that says nothing."""
    if "ipykernel_" in file:
        return "a cell of the notebook"
    return file if file.startswith("<") else Path(file).name
