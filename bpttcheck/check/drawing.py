"""What a problem returns at a case: drawn the same whenever it is asked, as far as that goes."""

from __future__ import annotations

import inspect
import math
import random
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bpttcheck.cases import Case
from bpttcheck.check import contract, raised
from bpttcheck.check.calls import Calls
from bpttcheck.check.clock import Spent, current
from bpttcheck.check.contract import Broken
from bpttcheck.check.limits import OutOfTime, time_limit
from bpttcheck.check.report import Report

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
def seeded(case: Case | None) -> Iterator[Callable[[], bool]]:
    """Seed the global generators by the case, and leave them as they were.

    Yields:
        What tells whether somebody has drawn from them since.
    """
    seed = 0 if case is None else case.seed
    with _ONE_AT_A_TIME:
        before = _states()
        random.seed(seed)
        np.random.seed(seed % 2**32)
        if "torch" in before:
            _torch().manual_seed(seed)
        start = _states()
        try:
            yield lambda: any(_differ(start[name], state) for name, state in _states(start).items())
        finally:
            random.setstate(before["random"])
            np.random.set_state(before["numpy"])
            if "torch" in before:
                _torch().set_rng_state(before["torch"])


def _torch() -> Any:
    return sys.modules["torch"]


def _states(only: Mapping[str, Any] | None = None) -> dict[str, Any]:
    states: dict[str, Any] = {"random": random.getstate(), "numpy": np.random.get_state()}
    if hasattr(sys.modules.get("torch"), "get_rng_state"):
        states["torch"] = _torch().get_rng_state()
    return states if only is None else {n: s for n, s in states.items() if n in only}


def _differ(one: Any, other: Any) -> bool:
    if isinstance(one, tuple):
        return any(_differ(a, b) for a, b in zip(one, other, strict=True))
    return not np.array_equal(np.asarray(one), np.asarray(other))


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
    arguments = () if case is None else (replace(case),)  # a case of its own: a fresh generator
    clock = current()
    clock.strike()
    limit = min(np.inf if seconds is None else seconds, max(clock.left, 1e-3))
    try:
        with seeded(case) as moved, time_limit(None if limit == np.inf else limit):
            returned = problem(*arguments)
            globally = moved()
    except OutOfTime as late:
        if clock.left <= 1e-3:
            raise Spent from late
        return _none("time", f"no answer within {limit:g} s", case)
    except SystemExit as left:
        return _none("exit", f"called sys.exit({left.code!r})", case)
    except BaseException as error:
        if isinstance(error, Spent) or not raised.ours_to_report(error):
            raise
        return _none("raised", f"raised {raised.said(error)}", case)
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        what = type(returned).__name__
        raise TypeError(f"problem: expected the pair (value_and_grad, params), got {what}")
    value_and_grad, params = returned
    if case is not None and isinstance(params, Mapping):
        params = case.applied(params)
    return Drawn(value_and_grad, params, globally)


def _none(kind: str, reason: str, case: Case | None) -> Report:
    return Report("undecided", f"problem: {reason}", kind=kind, case=case)


def unlike(one: Drawn, other: Drawn | Report, **options: Any) -> str:
    """Return how a second draw of a case differs from the first; empty if it does not.

    The parameters are compared bit for bit, and the loss at them.
    """
    if isinstance(other, Report):
        return f"it {other.reason.removeprefix('problem: ')}"
    ours, theirs = (contract.parameters(drawn.params) for drawn in (one, other))
    if ours.keys() != theirs.keys():
        return "it returns other parameters"
    changed = [n for n, a in ours.items() if not _bitwise(a, theirs[n])]
    if changed:
        return f"it returns another {', '.join(map(str, changed))}"
    first, second = (_value(drawn, one.params, ours, options) for drawn in (one, other))
    if first == second or (first and second and abs(first - second) <= IN_STEP * abs(first)):
        return ""
    return f"the loss at its parameters is {second!r}, where it was {first!r}"


def _value(drawn: Drawn, given: Any, params: Any, options: Mapping[str, Any]) -> float | None:
    """Return a loss; None where there is none that could be compared."""
    loss = options.get("loss") or getattr(drawn.value_and_grad, "loss", None)
    with seeded(None):
        try:
            value = Calls(drawn.value_and_grad, loss, given, options.get("seconds")).value(params)
        except Broken:
            return None
    return value if math.isfinite(value) else None


def _bitwise(one: Any, other: Any) -> bool:
    same = one.dtype == other.dtype and one.shape == other.shape
    return bool(same and one.tobytes() == other.tobytes())
