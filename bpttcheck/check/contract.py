"""What is asked of ``params`` and of what ``value_and_grad`` returns."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.check.arguments import mapping


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
    """Return copies of the parameters as arrays.

    Raises:
        TypeError: no mapping of names to real floating-point arrays.
        ValueError: nothing in it, an empty array, or a number that is not finite.
    """
    if not mapping(what, params):
        raise ValueError(f"{what}: expected at least one array, got none")
    return {name: _parameter(f"{what}[{name!r}]", params[name]) for name in params}


def data(given: Any) -> dict[str, Array]:
    """Return copies of the data as arrays.

    Raises:
        TypeError: no mapping of names to arrays of numbers.
    """
    if given is None:
        return {}
    found = {str(name): np.array(array) for name, array in mapping("data", given).items()}
    for name, array in found.items():
        if array.dtype.kind not in "fiu":
            raise TypeError(f"data[{name!r}]: expected an array of numbers, got {_kind(array)}")
    return found


def _parameter(name: str, given: Any) -> Array:
    try:
        array = np.array(given)
    except ValueError as ragged:
        raise ValueError(f"{name}: expected a rectangular array of numbers, got {ragged}") from None
    if array.dtype.kind != "f":
        raise TypeError(f"{name}: expected an array of floats, got {_kind(array)}")
    if array.size == 0:
        raise ValueError(f"{name}: expected at least one entry, got shape {array.shape}")
    if not np.isfinite(array).all():
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name}: expected finite numbers, got {array[index]} at index {index}")
    return array


def _kind(array: Array) -> str:
    if array.dtype == object:
        inside = array.reshape(-1)
        return f"objects of type {type(inside[0]).__name__}" if array.size else "no numbers"
    return f"dtype {array.dtype}"


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
        Broken: no single real floating-point number; NaN and infinity pass, for a caller to judge.
    """
    array = np.asarray(returned)
    if array.dtype.kind == "c" and array.size == 1 and not array.imag.any():
        array = array.real
    if array.size != 1 or array.dtype.kind not in "fiub":
        got = f"shape {array.shape}" if array.dtype.kind in "fiubc" else _kind(array)
        if array.dtype.kind == "c" and array.size == 1:
            got = "a complex one"
        raise Broken("contract", f"{what}: expected a single real number, got {got}")
    if array.dtype.kind != "f":
        raise Broken(
            "contract", f"{what}: expected a float, got dtype {array.dtype}, which has no slope"
        )
    return float(array.reshape(()))


def gradients(returned: Any, params: Mapping[str, Array]) -> tuple[dict[str, Array], list[str]]:
    """Return a float64 copy of the gradient of each parameter, and what is odd about them.

    Raises:
        Broken: no mapping; a name is missing, a shape is another, a number is not finite: that is
            wrong whatever the loss is.
    """
    if not isinstance(returned, Mapping):
        what = type(returned).__name__
        raise Broken("contract", f"gradients: expected a mapping of names to arrays, got {what}")
    missing = [str(name) for name in params if name not in returned]
    if missing:
        got = ", ".join(map(str, returned)) or "nothing"
        text = f"gradients: expected the names {', '.join(map(str, params))}, got {got}"
        raise Broken("names", text, "wrong")
    odd = []
    found = {}
    for name, theta in params.items():
        found[name], remark = _gradient(f"gradients[{name!r}]", returned[name], theta)
        odd += [remark] if remark else []
    extra = [str(name) for name in returned if name not in params]
    if extra:
        odd.append(f"not checked, since not among params: {', '.join(extra)}")
    return found, odd


def _gradient(name: str, returned: Any, theta: Array) -> tuple[Array, str]:
    try:
        array = np.array(returned)
    except ValueError as ragged:
        raise Broken("shape", f"{name}: expected an array, got {ragged}", "wrong") from None
    if array.dtype.kind not in "fiub":
        raise Broken("dtype", f"{name}: expected real numbers, got {_kind(array)}", "wrong")
    if array.shape != theta.shape:
        raise Broken("shape", f"{name}: expected shape {theta.shape}, got {array.shape}", "wrong")
    if not np.isfinite(array).all():
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        text = f"{name}: expected finite numbers, got {array[index]} at index {index}"
        raise Broken("nan", text, "wrong")
    remark = "" if array.dtype.kind == "f" else f"{name} has dtype {array.dtype}: no fractions"
    return array.astype(np.float64), remark


def finite(value: float, what: str = "loss") -> float:
    """Return the loss at the point of the check, which has to be finite.

    Raises:
        Broken: it is not.
    """
    if not math.isfinite(value):
        raise Broken("nan", f"{what}: expected a finite number, got {value}")
    return value
