"""How a loop is compiled: by Numba, kept on disk where there is room for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit

OPTIONS: dict[str, Any] = {"error_model": "numpy", "nogil": True}  # division by zero gives inf


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function compiled for the types that it is called with.

    What was compiled is kept beside this file, in the user's cache, or in ``NUMBA_CACHE_DIR``.
    """
    try:
        found = njit(cache=True, **OPTIONS)(function)
    except RuntimeError:  # no folder can be written: it is compiled anew in every process
        found = njit(**OPTIONS)(function)
    return found  # type: ignore[no-any-return]


inlined = njit(inline="always", **OPTIONS)
"""Compiled where it is called, not once more by itself."""
