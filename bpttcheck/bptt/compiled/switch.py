"""Whether loops are compiled: only where it is asked for, and where Numba is there.

It is asked for, not done by itself, for two reasons. Numba takes a third of a second to import and
the loops some seven to compile where they are not yet on disk, in which NumPy's do thousands of
small networks. And compiled loops add up in another order: the last digits of a reference should
not depend on what else is installed.
"""

from __future__ import annotations

import os
import warnings
from typing import Any

from bpttcheck.arguments import flag, takes

LEAST = (0, 60)
"""The first Numba that takes NumPy 2."""

VARIABLE = "BPTTCHECK_COMPILED"


class _Loops:
    """Whether they are asked for; the modules once they are imported, False if they cannot be."""

    asked: bool | None = None
    found: Any = None


@takes(on=flag)
def compile_loops(on: bool = True) -> None:
    """Let ``forward``, ``backward`` and ``value_and_grad`` of networks use compiled loops, or not.

    For float32 and float64, without a mask and without checkpoints; all else is done by NumPy's
    loops as ever, and so is everything where Numba is not there: a warning says so, once. Numba and
    SciPy come with ``pip install '.[fast]'``. ``BPTTCHECK_COMPILED=1`` in the environment
    does the same. Results differ from NumPy's within the bound of rounding: sums are added up in
    another order. The loops are compiled once for each dtype, in some seven seconds, and kept on
    disk, beside their file, in the user's cache, or in ``NUMBA_CACHE_DIR``.

    Arguments:
        on: False for NumPy's loops, which are used unless this function is called.

    Raises:
        TypeError: ``on`` is neither True nor False.
    """
    _Loops.asked = on
    if on:
        loops()


def loops() -> Any:
    """Return the module of compiled passes, or None: it is not asked for, or cannot be had."""
    if _Loops.asked is None:
        _Loops.asked = os.environ.get(VARIABLE, "0") not in ("", "0")
    if not _Loops.asked:
        return None
    if _Loops.found is None:
        _Loops.found = _imported()
    return _Loops.found or None


def give_up(reason: object) -> None:
    """Say why NumPy's loops have to do, and use them from here on."""
    text = " ".join(str(reason).split()) or type(reason).__name__
    _Loops.found = False
    warnings.warn(
        f"bpttcheck: loops are not compiled, NumPy's are used: {text[:200]}",
        RuntimeWarning,
        stacklevel=3,
    )


def _imported() -> Any:
    try:
        import numba
        import scipy.linalg.cython_blas  # noqa: F401 — which Numba takes matrix products from

        if tuple(map(int, numba.__version__.split(".")[:2])) < LEAST:
            least = ".".join(map(str, LEAST))
            raise ImportError(f"Numba {numba.__version__} is too old, {least} or later is needed")
        from bpttcheck.bptt.compiled import whole_pass
    except Exception as reason:  # whatever a broken installation does on import
        give_up(reason)
        return False
    return whole_pass
