"""JAX without its compiler: what is edited has to run, and what is tried must not be compiled.

A function that JAX has compiled does not see that its code is another by now: it is run step by
step, which costs three times as much where there is none. And an expression that is evaluated once
costs JAX some hundred times what it costs NumPy, most where it compiles an operation for sizes that
it has not met: which edits are worth a run is asked of NumPy.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from types import CodeType
from typing import Any

import numpy as np

from bpttcheck.mend.ran import codes_of
from bpttcheck.mend.schemata import Expression
from bpttcheck.mend.values import untraced

DEPTH = 3
"""Arrays are looked for so deep in lists, tuples and mappings."""

UNLIKE = (AttributeError, TypeError)
"""What an expression raises that asks for what NumPy's arrays do not have, such as ``at``."""

Names = Mapping[str, Any]


def step_by_step() -> AbstractContextManager[Any]:
    """Return the context in which JAX compiles nothing."""
    context: AbstractContextManager[Any] = sys.modules["jax"].disable_jit()
    return context


def compiled(call: Callable[[], Any], codes: Collection[CodeType]) -> bool:
    """Tell whether JAX compiles functions of somebody's.

    Arguments:
        call: runs them.
        codes: those that it is seen to run; it runs others where they were compiled before.
    """
    if "jax" not in sys.modules:
        return False
    traced: list[bool] = []
    codes_of(call, lambda local: traced.append(any(map(_is_traced, local.values()))))
    if any(traced):
        return True
    with step_by_step():
        return not set(codes_of(call)) <= set(codes)


def _is_traced(value: Any) -> bool:
    """Tell whether a value stands for numbers that are not there: those of a gradient are."""
    return isinstance(untraced(value), sys.modules["jax"].core.Tracer)


class Twin:
    """The names of a frame, and the same with NumPy's arrays and functions for JAX's."""

    def __init__(self, names: Names, local: Names) -> None:
        self._own = names, local
        self._twin: tuple[Names, Names] | None = None
        jax = sys.modules.get("jax")
        if jax is not None and any(_holds(value, jax.Array) for value in local.values()):
            self._twin = _numpys(jax, names), _numpys(jax, local)

    def value(self, expression: Expression) -> Any:
        """Return the value of an expression, of NumPy's numbers if it has one."""
        if self._twin is not None:
            try:
                return expression.value(*self._twin)
            except UNLIKE:
                pass
        return expression.value(*self._own)


def _numpys(jax: Any, names: Names) -> Names:
    return {name: _numpy_of(jax, value) for name, value in names.items()}


def _numpy_of(jax: Any, value: Any, depth: int = DEPTH) -> Any:
    """Return a value with NumPy's arrays for JAX's; tracers without numbers stay."""
    if isinstance(value, jax.Array):
        number = untraced(value)
        return value if isinstance(number, jax.core.Tracer) else np.asarray(number)
    if depth and type(value) in (list, tuple):
        return type(value)(_numpy_of(jax, one, depth - 1) for one in value)
    if depth and type(value) is dict:
        return {key: _numpy_of(jax, one, depth - 1) for key, one in value.items()}
    return np if value is jax.numpy else value


def _holds(value: Any, array: type, depth: int = DEPTH) -> bool:
    if depth and type(value) in (list, tuple):
        return any(_holds(one, array, depth - 1) for one in value)
    if depth and type(value) is dict:
        return any(_holds(one, array, depth - 1) for one in value.values())
    return isinstance(value, array)
