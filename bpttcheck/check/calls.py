"""The user's functions, called so that they can do no harm and that what they do is seen."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.check import contract, raised
from bpttcheck.check.clock import Spent, current
from bpttcheck.check.contract import Broken
from bpttcheck.check.limits import WHY_NOT, OutOfTime, available, time_limit
from bpttcheck.check.side_effects import contained

Point = Mapping[str, Array]

SHORTEST = 1e-3
"""Seconds; no alarm is set for less: one of zero would be none at all."""

MANY = 64
"""Of more gradients it is not asked whether they share memory."""


def _overlap(one: Array, other: Array) -> bool:
    return np.may_share_memory(one, other) and np.shares_memory(one, other)


def _sooner(seconds: float | None, left: float) -> float | None:
    """Return the shorter of the limit on a call and what is left of the budget."""
    soonest = min(math.inf if seconds is None else seconds, max(left, SHORTEST))
    return None if soonest == math.inf else soonest


class Calls:
    """``value_and_grad`` and, if it was given, ``loss``: each call gets arrays of its own."""

    def __init__(
        self,
        value_and_grad: Callable[..., Any],
        loss: Callable[..., Any] | None,
        given: Mapping[str, Any],
        seconds: float | None,
    ) -> None:
        self._value_and_grad = value_and_grad
        self._loss = loss
        self._numbers = {n for n, v in given.items() if isinstance(v, float)}
        self._seconds = seconds
        self._frozen: list[Callable[[], None]] = []
        self._own_arrays: dict[str, Array] = {}
        self._last: dict[str, Array] = {}
        self.losses = 0
        self.gradients = 0
        self.behaviour: dict[str, str] = {}

    @property
    def separate_loss(self) -> bool:
        """Whether the loss is computed by a function of its own, which no adaptor made."""
        own = getattr(self._value_and_grad, "loss", None)
        return self._loss is not None and self._loss is not own

    @property
    def function(self) -> Callable[..., Any]:
        """The user's ``value_and_grad``, to be looked at."""
        return self._value_and_grad

    def value(self, params: Point) -> float:
        """Return the loss."""
        self.losses += 1
        if self._loss is None:
            returned, _ = contract.pair(self._call(self._value_and_grad, params))
        else:
            returned = self._call(self._loss, params, "loss")
        return contract.loss_value(returned)

    def value_and_grad(self, params: Point) -> tuple[float, dict[str, Array], Any]:
        """Return the loss, the gradients as float64, and the pair as it came."""
        self.gradients += 1
        returned = contract.pair(self._call(self._value_and_grad, params))
        value = contract.finite(contract.loss_value(returned[0]))
        gradients, odd = contract.gradients(returned[1], params)
        for remark in odd:
            self.behaviour.setdefault(remark, remark)
        self._shared(returned[1], params)
        return value, gradients, returned

    def _shared(self, gradients: Mapping[str, Any], params: Point) -> None:
        """Remark on gradients that share memory: with a parameter, another, or the last call's."""
        arrays = {n: gradients[n] for n in params if isinstance(gradients[n], np.ndarray)}
        if len(arrays) > MANY:
            return
        for k, (name, g) in enumerate(arrays.items()):
            if any(_overlap(g, a) for a in self._own_arrays.values()):
                self.behaviour["alias"] = f"the gradient of {name} shares memory with a parameter"
            if any(_overlap(g, last) for last in self._last.values()):
                self.behaviour["buffer"] = (
                    f"the gradient of {name} is returned in the same memory at every call: "
                    "a call overwrites what the one before returned"
                )
            for other in list(arrays)[:k]:
                if _overlap(g, arrays[other]):
                    self.behaviour["shared"] = f"gradients of {other} and {name} share memory"
        self._last = arrays

    def raw(self, params: Mapping[str, Any]) -> Any:
        """Return the loss as it came, for parameters of any dtype."""
        self.losses += 1
        if self._loss is not None:
            return self._call(self._loss, params, "loss")
        return contract.pair(self._call(self._value_and_grad, params))[0]

    def raw_pair(self, params: Mapping[str, Any], seconds: float) -> tuple[Any, Any]:
        """Return the pair as it came, for parameters of any number type, within a time of its own.

        The loss is that of ``value_and_grad`` itself: a separate ``loss`` may be written otherwise.
        """
        kept, self._seconds = self._seconds, min(seconds, self._seconds or seconds)
        self.gradients += 1
        try:
            return contract.pair(self._call(self._value_and_grad, params))
        finally:
            self._seconds = kept

    def freeze(self) -> None:
        """Give every later call the same state of the global random generators."""
        state, numbers = random.getstate(), np.random.get_state()
        self._frozen = [lambda: random.setstate(state), lambda: np.random.set_state(numbers)]
        torch = sys.modules.get("torch")
        if torch is not None:
            tensors = torch.get_rng_state()
            self._frozen.append(lambda: torch.set_rng_state(tensors))

    def _call(self, function: Callable[..., Any], params: Point, what: str = "") -> Any:
        what = what or "value_and_grad"
        own = {n: self._own(n, a) for n, a in params.items()}
        self._own_arrays = {n: a for n, a in own.items() if isinstance(a, np.ndarray)}
        for restore in self._frozen:
            restore()
        budget = current()
        budget.strike()
        if self._seconds is not None and not available():
            self.behaviour["unlimited"] = f"calls were not limited in time: {WHY_NOT}"
        try:
            with contained() as seen, time_limit(_sooner(self._seconds, budget.left)):
                returned = function(own)
        except OutOfTime as late:
            if budget.left <= SHORTEST:
                raise Spent from late
            reason = f"{what}: no answer within {self._seconds:g} s"
            raise Broken("time", reason, where=raised.where(late)) from None
        except SystemExit as left:
            reason = f"{what}: called sys.exit({left.code!r})"
            raise Broken("exit", reason, where=raised.where(left)) from None
        except BaseException as error:
            if not raised.ours_to_report(error):
                raise
            reason = f"{what}: raised {raised.said(error)}"
            raise Broken("raised", reason, where=raised.where(error)) from error
        if seen.printed:
            self.behaviour["prints"] = f"{what} prints; its output was kept off the screen"
        self.behaviour.update({kind: f"{what} {done}" for kind, done in seen.changed.items()})
        if not self._untouched(own, params):
            self.behaviour["mutates"] = f"{what} changes its argument {self._changed(own, params)}"
        return returned

    def _own(self, name: str, array: Array) -> Any:
        """Return a copy; a number where a number was given."""
        return array.item() if name in self._numbers else array.copy()

    def _untouched(self, own: Mapping[str, Any], params: Point) -> bool:
        return own.keys() == params.keys() and all(
            own[n] is not None and np.array_equal(own[n], a) for n, a in params.items()
        )

    def _changed(self, own: Mapping[str, Any], params: Point) -> str:
        names = [n for n, a in params.items() if n not in own or not np.array_equal(own[n], a)]
        return ", ".join(f"params[{n!r}]" for n in names) or "params (a name was added)"
