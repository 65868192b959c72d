"""Which functions ran in a call: somebody's own, not those of libraries."""

from __future__ import annotations

import sys
import sysconfig
import threading
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

LIBRARIES = frozenset(
    (
        "numpy",
        "scipy",
        "torch",
        "jax",
        "jaxlib",
        "flax",
        "equinox",
        "autograd",
        "numba",
        "dask",
        "tensorflow",
        "theano",
        "hypothesis",
        "pytest",
        "_pytest",
        "pluggy",
        "IPython",
        "ipykernel",
        "matplotlib",
        "pandas",
        "cupy",
        "sklearn",
    )
)
"""Installed packages that are nobody's hand-written backward pass."""


def codes_of(
    call: Callable[[], Any], left: Callable[[Mapping[str, Any]], object] | None = None
) -> list[CodeType]:
    """Return the code of the functions of somebody's own that a call runs, in order.

    Whatever the call raises is raised; installed packages are somebody's own where nothing else is.
    ``left`` is called with the local names of each of them when it returns.
    """
    seen: dict[int, CodeType] = {}

    def profile(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call":
            seen.setdefault(id(frame.f_code), frame.f_code)
        elif event == "return" and left is not None and _is_own(frame.f_code.co_filename):
            left(frame.f_locals)

    before: Any = sys.getprofile()
    others = threading.getprofile()
    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        call()
    finally:
        sys.setprofile(before if callable(before) else None)
        threading.setprofile(others)
        if hasattr(before, "enable"):  # a profiler in C
            before.enable()
    own = [code for code in seen.values() if _is_own(code.co_filename)]
    return own or [code for code in seen.values() if _is_installed(code.co_filename)]


@cache
def _folders() -> tuple[str, tuple[str, ...]]:
    """Return our own folder, and those of the standard library."""
    paths = sysconfig.get_paths()
    standard = {str(Path(paths[key])) for key in ("stdlib", "platstdlib")}
    return str(Path(__file__).parents[1]), tuple(standard)


def _is_installed(file: str) -> bool:
    """Tell whether a file belongs to an installed package that may be somebody's own."""
    parts = Path(file).parts
    at = [i for i, part in enumerate(parts) if part in ("site-packages", "dist-packages")]
    return bool(at) and parts[at[-1] + 1].removesuffix(".py") not in LIBRARIES and _is_theirs(file)


@cache
def _is_own(file: str) -> bool:
    parts = Path(file).parts
    return "site-packages" not in parts and "dist-packages" not in parts and _is_theirs(file)


def _is_theirs(file: str) -> bool:
    ours, standard = _folders()
    if file.startswith(("<frozen ", "<__array_function__", "<string>")):
        return False
    installed = "site-packages" in file or "dist-packages" in file
    within = any(_within(file, folder) for folder in standard) and not installed
    return not within and not _within(file, ours)


def _within(file: str, folder: str) -> bool:
    return file.startswith((f"{folder}/", f"{folder}\\"))
