"""What a problem returns at a case: drawn the same whenever it is asked, as far as that goes."""

from __future__ import annotations

import inspect
import math
import random
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.cases import Case
from bpttcheck.check.program.calls import Calls
from bpttcheck.check.program.contract import Broken
from bpttcheck.check.program.process_state import Randomness
from bpttcheck.check.program.side_effects import call
from bpttcheck.check.program.tree import Tree
from bpttcheck.check.verdict.report import Report

Problem = Callable[..., Any]

IN_STEP = 2.0**-44
"""Threads that add up in another order change a loss by no more than this share."""

_ONE_AT_A_TIME = threading.RLock()  # the generators are the whole process's


def takes_a_case(problem: Problem) -> bool:
    """Tell whether a problem wants a case: it has a parameter without a default."""
    try:
        parameters = inspect.signature(problem).parameters.values()
    except (TypeError, ValueError):
        return True
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return any(p.kind in kinds and p.default is p.empty for p in parameters)


@contextmanager
def seeded(case: Case | None) -> Iterator[Randomness]:
    """Seed the global generators by the case, and leave them as they were.

    Yields:
        Their state, which tells whether somebody has drawn from them since.
    """
    with _ONE_AT_A_TIME:
        before = Randomness()
        seed_by(case)
        try:
            yield Randomness()
        finally:
            before.restore()


def anew(case: Case) -> Case:
    """Return the case with a fresh generator, in a tenth of the time in which one is made."""
    one = copy(case)
    vars(one).pop("rng", None)
    return one


def seed_by(case: Case | None) -> None:
    """Seed the global generators by the case."""
    seed = 0 if case is None else case.seed
    random.seed(seed)
    np.random.seed(seed % 2**32)  # which takes no larger one
    torch = sys.modules.get("torch")
    if hasattr(torch, "manual_seed"):
        _torch_seeded(torch)(seed)


@cache
def _torch_seeded(torch: Any) -> Callable[[int], Any]:
    """Return what seeds PyTorch: where there are no other devices, their seeds are not queued.

    Each is kept with a traceback until the device is there, which takes longer than small programs.
    """
    devices = [getattr(torch, name, None) for name in ("cuda", "mps", "xpu")]
    others = any(getattr(one, "is_available", bool)() for one in devices)
    own = getattr(torch, "default_generator", torch)
    found: Callable[[int], Any] = torch.manual_seed if others else own.manual_seed
    return found


@dataclass(frozen=True)
class Drawn:
    """What a problem returned: its function and parameters, and whether it drew from globals."""

    value_and_grad: Any
    params: Any
    globally: bool = False


def draw(problem: Problem, case: Case | None, seconds: float | None = None) -> Drawn | Report:
    """Return a problem's function and its parameters in the case's regime, or why there are none.

    Raises:
        TypeError: the problem returns no pair.
        Spent: the budget is over.
    """
    known = "torch" in sys.modules
    found = _once(problem, case, seconds)
    if not known and "torch" in sys.modules:  # imported by the problem: it was not seeded yet
        found = _once(problem, case, seconds)
    return found


def _once(problem: Problem, case: Case | None, seconds: float | None) -> Drawn | Report:
    arguments = () if case is None else (anew(case),)
    with seeded(case) as state:
        try:
            returned, _ = call(problem, arguments, "problem", seconds)
        except Broken as none:
            return Report("undecided", none.reason, kind=none.kind, case=case)
        globally = state.moved()
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        what = type(returned).__name__
        raise TypeError(f"problem: expected the pair (value_and_grad, params), got {what}")
    value_and_grad, params = returned
    return Drawn(value_and_grad, _in_regime(params, case), globally)


def _in_regime(params: Any, case: Case | None) -> Any:
    if case is None or case.regime == "given":
        return params
    try:
        return rebuilt(params, case.applied)
    except (TypeError, ValueError):  # told by whoever asks them
        return params


def rebuilt(params: Any, change: Callable[[dict[str, Array]], Mapping[str, Array]]) -> Any:
    """Return parameters like those given, of arrays as a function of the flat mapping has them."""
    tree = Tree(params)
    return tree.built(tree.own(change(tree.arrays())))


def unlike(one: Drawn, other: Drawn | Report, **options: Any) -> str:
    """Return how a second draw of a case differs from the first; empty if it does not.

    The parameters are compared bit for bit, and the loss at them.
    """
    if isinstance(other, Report):
        return f"it {other.reason.removeprefix('problem: ')}"
    ours, theirs = (Tree(drawn.params).arrays() for drawn in (one, other))
    if ours.keys() != theirs.keys():
        return "it returns other parameters"
    changed = [n for n, a in ours.items() if not _bitwise(a, theirs[n])]
    if changed:
        return f"it returns another {', '.join(map(str, changed))}"
    first, second = (_value(drawn, one.params, ours, options) for drawn in (one, other))
    if first == second or (first and second and abs(first - second) <= IN_STEP * abs(first)):
        return ""
    was, now = ("no finite number" if one is None else repr(one) for one in (first, second))
    return f"the loss at its parameters is {now}, where it was {was}"


def _value(drawn: Drawn, given: Any, params: Any, options: Mapping[str, Any]) -> float | None:
    """Return a loss; None where there is none that could be compared."""
    loss = options.get("loss") or getattr(drawn.value_and_grad, "loss", None)
    with seeded(None):
        try:
            value = Calls(drawn.value_and_grad, loss, given, options.get("seconds")).value(params)
        except Broken:
            return None
    return value if math.isfinite(value) else None


def _bitwise(one: Array, other: Array) -> bool:
    """Tell whether all digits are the same, and the signs of zeros; padding may be anything."""
    if one.dtype != other.dtype or not np.array_equal(one, other):
        return False
    return bool((np.signbit(one) == np.signbit(other)).all())
