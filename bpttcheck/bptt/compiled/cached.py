"""How a loop is compiled: by Numba, kept on disk where there is room for it."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import njit

OPTIONS: dict[str, Any] = {"error_model": "numpy", "nogil": True}  # division by zero gives inf

COMPILED = ("cached", "elementary", "loops", "whole_pass")
"""The files of what is compiled."""

compiled = njit(**OPTIONS)
"""Compiled for the types that it is called with, as a part of what calls it."""

inlined = njit(inline="always", **OPTIONS)
"""Compiled where it is called, not once more by itself."""


def kept(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function compiled with all that it calls, which is kept on disk.

    That is beside its file, in the user's cache, or in ``NUMBA_CACHE_DIR``.
    """
    try:
        found = njit(cache=True, **OPTIONS)(function)
    except RuntimeError as reason:  # no folder can be written
        text = " ".join(str(reason).split())[:200]
        warnings.warn(
            f"bpttcheck: loops are compiled anew in every process: {text}",
            RuntimeWarning,
            stacklevel=2,
        )
        found = compiled(function)
    return found  # type: ignore[no-any-return]


def sources() -> int:
    """Return a number of what is compiled.

    Numba looks at the file of the function that it keeps, not at those of functions that it calls;
    but at what the function encloses. So this number is enclosed.
    """
    files = (Path(__file__).with_name(f"{name}.py") for name in COMPILED)
    return zlib.crc32(b"".join(file.read_bytes() for file in files))
