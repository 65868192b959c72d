"""What is asked of ``params`` and of what ``value_and_grad`` returns."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from bpttcheck.arguments import (
    Kind,
    flag,
    function,
    got,
    jointly,
    mapping,
    names,
    optional,
    seconds,
    seed,
    shown,
)
from bpttcheck.arithmetic.base import Array
from bpttcheck.check.program import raised
from bpttcheck.check.program.leaf import Leaf, described, is_number, refused
from bpttcheck.check.program.libraries import is_float, numpy_of
from bpttcheck.check.program.tree import Mismatch, Tree, looked_into

if TYPE_CHECKING:
    from bpttcheck.cells.cell import Cell


OPTIONS: dict[str, Kind] = {
    "loss": optional(function),
    "thorough": flag,
    "seed": seed,
    "seconds": seconds,
    "budget": seconds,
    "locate": flag,
    "mend": flag,
    "only": optional(names),
    "data": jointly("names and arrays, of any shape"),
    "cell": jointly("a Cell, or several"),
    "on_verdict": optional(function),
}
"""What every check takes."""


class Broken(Exception):
    """The user's function did not do what was asked; ``verdict`` is what that makes of it.

    ``where`` is the line of the user's code that raised, such as ``model.py:88``, if one did.
    """

    def __init__(self, kind: str, reason: str, verdict: str = "undecided", where: str = "") -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.verdict = verdict
        self.where = where


def parameters(params: Any, what: str = "params") -> dict[str, Array]:
    """Return copies of the floats in a structure, by readable names, as a flat mapping.

    Raises:
        TypeError: no floats in it, or arrays that are none of NumPy's, PyTorch's or JAX's.
        ValueError: nothing in it, an empty array, or a number that is not finite.
    """
    return Tree(params, what).arrays()


def structure(name: str, given: Any) -> Any:
    """Return parameters as they were given.

    Raises:
        TypeError, ValueError: what cannot be looked into.
    """
    if type(given) is not dict or not all(type(one) is np.ndarray for one in given.values()):
        with looked_into(given, name):
            Tree(given, name)
    return given


def data(given: Any) -> dict[str, Array]:
    """Return copies of the data as arrays.

    Raises:
        TypeError: no mapping of names to arrays of numbers.
    """
    if given is None:
        return {}
    return {str(k): _data(f"data[{shown(k)}]", one) for k, one in mapping()("data", given).items()}


def cells(given: Any) -> tuple[Cell, ...]:
    """Return the cells that were passed: one, several, or none.

    Raises:
        TypeError: something else was.
    """
    if given is None:
        return ()
    from bpttcheck.cells.cell import Cell  # a check without one does without

    found = tuple(given) if isinstance(given, list | tuple) else (given,)
    for one in found:
        if not isinstance(one, Cell):
            raise TypeError(f"cell: expected a bpttcheck.Cell, got {got(one)}")
    return found


def cells_of(problem: Any) -> tuple[Cell, ...]:
    """Return the cells of a problem: its attribute ``cell``, or a Cell of that name in its file.

    Raises:
        TypeError: the attribute is something else.
    """
    given = getattr(problem, "cell", None)
    if given is None:
        beside = getattr(problem, "__globals__", {}).get("cell")
        declared = sys.modules.get("bpttcheck.cells.cell")  # without it nobody has declared one
        if declared is not None and isinstance(beside, declared.Cell):
            given = beside
    return cells(given)


def _data(label: str, given: Any) -> Array:
    try:
        array = numpy_of(given)
    except Exception as error:
        text = f"{label}: expected an array of numbers, got {raised.message(error)}"
        raise TypeError(text) from None
    if refused(given) or array.dtype.kind not in "fiub":
        got = f"a {refused(given)}" if refused(given) else described(array)
        raise TypeError(f"{label}: expected an array of numbers, got {got}")
    return array


def pair(returned: Any) -> tuple[Any, Any]:
    """Return the loss and the gradients, as they came.

    Raises:
        Broken: something other than two things came.
    """
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        what = type(returned).__name__
        size = f" of {len(returned)}" if isinstance(returned, tuple | list) else ""
        raise Broken(
            "contract", f"value_and_grad: expected the pair (loss, gradients), got {what}{size}"
        )
    return returned[0], returned[1]


def loss_value(returned: Any, what: str = "loss") -> float:
    """Return a loss as a float.

    Raises:
        Broken: no single real floating-point number; NaN and infinity pass, for a caller to test.
    """
    if type(returned) is float:
        return returned
    array = _read(returned, what, "a single real number", "undecided")
    if array.dtype.kind == "c" and array.size == 1 and not array.imag.any():
        array = array.real
    numbers = array.dtype.kind in "fiubc" or is_float(array.dtype)
    if array.size != 1 or array.dtype.kind == "c" or not numbers:
        got = f"shape {array.shape}" if numbers else described(array)
        if array.dtype.kind == "c" and array.size == 1:
            got = "a complex one"
        raise Broken("contract", f"{what}: expected a single real number, got {got}")
    if not is_float(array.dtype):
        raise Broken(
            "contract", f"{what}: expected a float, got dtype {array.dtype}, which has no slope"
        )
    return float(array.reshape(()))


def gradients(returned: Any, params: Mapping[str, Any]) -> tuple[dict[str, Array], list[str]]:
    """Return a float64 copy of the gradient of each parameter, and what is odd about them.

    Raises:
        Broken: as for :func:`gradients_of`.
    """
    found, odd, _ = gradients_of(returned, Tree(params))
    return {name: g.astype(np.float64) for name, g in found.items()}, odd


def gradients_of(returned: Any, tree: Tree) -> tuple[dict[str, Array], list[str], dict[str, Any]]:
    """Return the gradient of each array as NumPy has it, what is odd, and each as it came.

    Raises:
        Broken: no structure of gradients; a name is missing, a shape is another, a number is not
            finite: that is wrong whatever the loss is.
    """
    plain = tree.plain(returned)
    if plain is not None:
        return plain, [], returned
    try:
        came, extra = tree.read(returned)
    except Mismatch as other:
        verdict = "wrong" if other.kind == "names" else "undecided"
        raise Broken(other.kind, str(other), verdict) from None
    except Exception as error:  # of a mapping of their own
        where = raised.where(error)
        raise Broken("raised", f"gradients: raised {raised.said(error)}", where=where) from error
    odd = []
    found = {}
    for name, one in tree.leaves.items():
        found[name], remark = _gradient(f"gradients{one.path}", came[name], one)
        odd += [remark] if remark else []
    if extra:
        odd.append(f"not checked, since not among params: {', '.join(extra)}")
    return found, odd, came


def _gradient(name: str, returned: Any, leaf: Leaf) -> tuple[Array, str]:
    """Return the gradient of one array, the parts of a complex one last."""
    array = _read(returned, name, "an array", "wrong")
    if array.dtype == object and all(is_number(one) for one in array.reshape(-1)):
        array = np.array(array.tolist())
    numbers = "complex or real" if leaf.complex else "real"
    if array.dtype.kind not in ("fiubc" if leaf.complex else "fiub") and not is_float(array.dtype):
        raise Broken(
            "dtype", f"{name}: expected {numbers} numbers, got {described(array)}", "wrong"
        )
    if array.dtype.kind == "c" and not leaf.complex:
        raise Broken("dtype", f"{name}: expected real numbers, got dtype {array.dtype}", "wrong")
    assert leaf.array is not None
    shape = leaf.array.shape[:-1] if leaf.complex else leaf.array.shape
    if array.shape != shape:
        raise Broken("shape", f"{name}: expected shape {shape}, got {array.shape}", "wrong")
    if not np.isfinite(array).all():
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        text = f"{name}: expected finite numbers, got {array[index]} at index {index}"
        raise Broken("nan", text, "wrong")
    fractions = is_float(array.dtype)
    remark = "" if fractions else f"{name} has dtype {array.dtype}: no fractions"
    if leaf.complex:
        array = np.stack([array.real, array.imag], axis=-1)
    return array if fractions else array.astype(np.float64), remark


def _read(returned: Any, what: str, expected: str, verdict: str) -> Array:
    if isinstance(returned, np.ma.MaskedArray):
        raise Broken("contract", f"{what}: expected {expected}, got a {refused(returned)}")
    try:
        return numpy_of(returned)
    except Exception as error:
        text = f"{what}: expected {expected}, got {raised.message(error)}"
        raise Broken("shape", text, verdict) from None


def finite(value: float, what: str = "loss") -> float:
    """Return the loss at the point of the check, which has to be finite.

    Raises:
        Broken: it is not.
    """
    if not math.isfinite(value):
        raise Broken("nan", f"{what}: expected a finite number, got {value}")
    return value
