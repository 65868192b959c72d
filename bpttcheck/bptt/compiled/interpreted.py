"""The compiled loops as they are written, done by Python: over any number system, and slowly.

What Numba compiles is the text of ``loops.py``. The same text runs here, on balls and residues too,
with the activations of the number system in the place of those in double: so identities decide the
lists of operations, and the loops that do what the lists say.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from bpttcheck.activations import Activation, sigmoid, tanh
from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.compiled.plan import Plan


class Numbers:
    """A workspace of numbers of any kind: what a loop reads and writes, one at a time.

    Arguments:
        given: what it begins with.
        size: how many numbers there are in all.
        constant: makes numbers of the kind from floats, as the loops have them: zeros and ones.
    """

    def __init__(self, given: Array, size: int, constant: Callable[[Array], Array]) -> None:
        zero, one = made = constant(np.array([0.0, 1.0]))
        self._of, self._dtype = {0.0: zero, 1.0: one}, made.dtype
        self._all = [*given, *[None] * (size - len(given))]

    def __getitem__(self, at: int) -> Any:
        return self._all[at]

    def __setitem__(self, at: int, number: Any) -> None:
        self._all[at] = self._of[number] if type(number) is float else number

    def put(self, first: int, numbers: Array) -> None:
        """Write an array from a place on."""
        self._all[first : first + numbers.size] = [*numbers.reshape(-1)]

    def part(self, first: int, *shape: int) -> Array:
        """Return a part of it as an array."""
        found = np.empty(int(np.prod(shape)), dtype=self._dtype)
        found[:] = self._all[first : first + found.size]
        return found.reshape(shape)


def perform(plan: Plan, w: Numbers, B: int, *, back: bool) -> None:
    """Do all that a plan has for the way there, or for the way back.

    Arguments:
        plan: whose lists of operations are done.
        w: the workspace.
        B: sequences.
        back: which way.
    """
    ops, ends = plan.back if back else plan.there
    text()["sections"](ops, ends, plan.spans, back, w, B)


@cache
def text() -> dict[str, Any]:
    """Return the functions of ``loops.py``, as Python has them: Numba is not imported.

    Their decorators are left out, and what is imported for them.
    """
    file = Path(__file__).with_name("loops.py")
    tree = ast.parse(file.read_text(encoding="utf-8"))
    kept = [one for one in tree.body if not _of_numba(one)]
    for one in kept:
        if isinstance(one, ast.FunctionDef):
            one.decorator_list = []
    scope: dict[str, Any] = {
        "elementary": SimpleNamespace(
            tanh=_of(tanh.value),
            tanh_slope=_of(tanh.derivative),
            sigmoid=_of(sigmoid.value),
            sigmoid_slope=_of(sigmoid.derivative),
            tanh_and_slope=_both(tanh),
            sigmoid_and_slope=_both(sigmoid),
        ),
    }
    exec(compile(ast.Module(kept, []), str(file), "exec"), scope)
    scope["U"] = int  # unsigned ones are for a compiler's sake
    return scope


def _of_numba(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.ImportFrom):
        return False
    return {name.name for name in statement.names} & {"elementary", "compiled", "inlined"} != set()


def _of(function: Callable[[Array], Array]) -> Callable[[Any], Any]:
    """Return a function of arrays as one of single numbers."""

    def of_one(number: Any) -> Any:
        return function(np.array([number]))[0]

    return of_one


def _both(squash: Activation) -> Callable[[Any], tuple[Any, Any]]:
    value, slope = _of(squash.value), _of(squash.derivative)
    return lambda number: (value(number), slope(number))
