"""The user's functions, called so that they can do no harm and that what they do is seen."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array, Arrays
from bpttcheck.check.program import contract
from bpttcheck.check.program.clock import WHY_NOT, available, current
from bpttcheck.check.program.contract import Broken
from bpttcheck.check.program.convention import Convention
from bpttcheck.check.program.libraries import library, numpy_of
from bpttcheck.check.program.process_state import Randomness
from bpttcheck.check.program.shared_memory import overlaps
from bpttcheck.check.program.side_effects import call
from bpttcheck.check.program.tree import Mismatch, Tree

WATCHED = 4
"""Of so many calls it is asked whether they change their arguments, or return shared memory."""

REMEMBERED = 4
"""The losses of so many points are not computed again where no other function computes them."""


class Calls:
    """``value_and_grad`` and, if it was given, ``loss``: each call gets arrays of its own.

    ``given`` are the parameters as somebody has them; points are flat mappings of names to arrays.
    """

    def __init__(
        self,
        value_and_grad: Callable[..., Any],
        loss: Callable[..., Any] | None,
        given: Any,
        seconds: float | None,
    ) -> None:
        self._value_and_grad = value_and_grad
        self._loss = loss
        self._tree = Tree(given)
        self._seconds = seconds
        self._frozen: Randomness | None = None
        self._convention = Convention(self._tree)
        self._known: deque[tuple[float, Arrays, float]] = deque(maxlen=REMEMBERED)
        self._last: Mapping[str, Any] = {}
        self._calls: Counter[str] = Counter()
        self.losses = 0
        self.gradients = 0
        self.behaviour: dict[str, str] = {}
        if note := self._tree.note():
            self.behaviour["passed on"] = note

    @property
    def separate_loss(self) -> bool:
        """Whether the loss is computed by a function of its own, which no adaptor made."""
        if self._loss is None:
            return False
        return self._loss is not getattr(self._value_and_grad, "loss", None)

    @property
    def has_loss(self) -> bool:
        """Whether there is a function for the loss alone, an adaptor's perhaps."""
        return self._loss is not None

    @property
    def function(self) -> Callable[..., Any]:
        """The user's ``value_and_grad``, to be looked at."""
        return self._value_and_grad

    @property
    def passed_on(self) -> dict[str, Array]:
        """The whole numbers and flags among the parameters, by name: targets, tokens, a mask."""
        return self._tree.whole_numbers()

    def point(self) -> dict[str, Array]:
        """Return copies of the parameters as they were given, by name."""
        return self._tree.arrays()

    def given(self, params: Arrays) -> Any:
        """Return a point as the user's functions take it."""
        return self._arguments(params)[1]

    def value(self, params: Arrays) -> float:
        """Return the loss."""
        if not self.separate_loss:
            first = _first(params)
            for number, known, value in self._known:
                if number == first and _is_same(known, params):
                    return value
        current().count(losses=1)
        self.losses += 1
        if self._loss is None:
            returned, _ = contract.pair(self._call(self._value_and_grad, params)[0])
        else:
            returned, _ = self._call(self._loss, params, "loss")
        return self._loss_value(returned, params)

    def value_and_grad(self, params: Arrays) -> tuple[float, dict[str, Array], Any]:
        """Return the loss, the gradients as float64, and both in the types that they came in."""
        current().count(gradients=1)
        self.gradients += 1
        # Of two calls: to compare the generators' states costs as much as many a small loss.
        unseen = self._frozen is None and self.gradients <= 2
        before = Randomness() if unseen else None
        pair, own = self._call(self._value_and_grad, params)
        loss, returned = contract.pair(pair)
        if before is not None and before.moved():
            self._frozen = before
            self.behaviour["random"] = "the loss draws global random numbers; they were held fixed"
        # Before the gradients: where the loss is NaN they are nothing that could be wrong.
        value = contract.finite(self._loss_value(loss, params))
        gradients, odd, came = contract.gradients_of(returned, self._tree)
        for remark in odd:
            self.behaviour.setdefault(remark, remark)
        if self.gradients <= WATCHED:
            self._shared(came, own)
        remarks = getattr(self._value_and_grad, "remarks", None)  # of an adaptor
        if type(remarks) is dict:
            self.behaviour |= {f"adaptor: {key}": text for key, text in remarks.items()}
        if self._convention.open:
            self._convention.find(self.value, params, gradients)
            self.behaviour |= self._convention.note()
        gradients = self._convention.applied(gradients)
        plain = {name: g.astype(np.float64) for name, g in gradients.items()}
        return value, plain, (_plain(loss), gradients)

    def _loss_value(self, loss: Any, params: Arrays) -> float:
        value = contract.loss_value(loss)
        if getattr(loss, "requires_grad", False) is True:
            self.behaviour["detached"] = "the loss requires grad: detached"
        self._known.append((_first(params), params, value))
        return value

    def _shared(self, gradients: Mapping[str, Any], own: Mapping[str, Any]) -> None:
        """Remark on gradients that share memory: with a parameter, another, or the last call's."""
        said = {
            ("gradients", "own"): ("alias", "the gradient of {} shares memory with a parameter"),
            ("gradients", "last"): (
                "buffer",
                (
                    "the gradient of {} is returned in the same memory at every call: "
                    "a call overwrites what the one before returned"
                ),
            ),
            ("gradients", "gradients"): ("shared", "gradients of {} and {} share memory"),
        }
        groups = {"gradients": gradients, "own": own, "last": self._last}
        for pairs in overlaps(groups):
            (group, name), (other, also) = sorted(
                [pairs[:2], pairs[2:]],
                key=lambda g: (list(groups).index(g[0]), list(gradients).index(g[1])),
            )
            if (group, other) in said:
                kind, text = said[group, other]
                self.behaviour.setdefault(kind, text.format(name, also))
        self._last = gradients

    def raw(self, params: Mapping[str, Any]) -> Any:
        """Return the loss as NumPy has it, for parameters of any dtype."""
        current().count(losses=1)
        self.losses += 1
        if self._loss is not None:
            return _plain(self._call(self._loss, params, "loss")[0])
        return _plain(contract.pair(self._call(self._value_and_grad, params)[0])[0])

    def raw_pair(self, params: Mapping[str, Any], seconds: float) -> tuple[Any, Any]:
        """Return loss and gradients by name as they came, for parameters of any number type.

        Within a time of its own. The loss is that of ``value_and_grad`` itself: a separate
        ``loss`` may be written otherwise.
        """
        kept, self._seconds = self._seconds, min(seconds, self._seconds or seconds)
        current().count(gradients=1)
        self.gradients += 1
        try:
            loss, returned = contract.pair(self._call(self._value_and_grad, params)[0])
            return loss, self._tree.read(returned)[0]
        except Mismatch as other:
            raise Broken(other.kind, str(other)) from None
        finally:
            self._seconds = kept

    def told_by(
        self, function: Callable[..., Any], params: Arrays, wanted: float | None = None
    ) -> tuple[float, dict[str, Array], list[str]]:
        """Return the loss, the gradients and what is odd of them that a function like this returns.

        The call is neither contained, nor limited in time, nor counted: that is the caller's.
        Where the loss is not the one that is ``wanted``, no gradients are read.

        Raises:
            Broken: something other than a loss and gradients came.
        """
        _, structure, context = self._arguments(params)
        with context:
            loss, returned = contract.pair(function(structure))
            value = contract.loss_value(loss)
            if wanted not in (None, value):
                return value, {}, []
            gradients, odd, _ = contract.gradients_of(returned, self._tree)
        gradients = self._convention.applied(gradients)
        return value, {n: np.asarray(g, np.float64) for n, g in gradients.items()}, odd

    def conjugated(self, gradients: dict[str, Array]) -> dict[str, Array]:
        """Return gradients in the other convention of complex ones; themselves if none is."""
        return self._convention.other(gradients)

    def freeze(self) -> None:
        """Give every later call the same state of the global random generators."""
        self._frozen = Randomness()
        self._known.clear()

    def _call(
        self, function: Callable[..., Any], params: Arrays, what: str = "value_and_grad"
    ) -> tuple[Any, dict[str, Any]]:
        """Return what comes back, and the arrays that the function was given."""
        own, structure, context = self._arguments(params)
        if self._frozen is not None:
            self._frozen.restore()
        if not self._calls and self._seconds is not None and not available():
            self.behaviour["unlimited"] = f"calls were not limited in time: {WHY_NOT}"
        returned, seen = call(function, (structure,), what, self._seconds, context)
        if seen.printed:
            self.behaviour["prints"] = f"{what} prints; its output was kept off the screen"
        for kind, done in seen.changed.items():
            self.behaviour[kind] = f"{what} {done}"
        self._calls[what] += 1
        if self._calls[what] <= WATCHED and (changed := self._tree.changed(structure, params)):
            self.behaviour["mutates"] = f"{what} changes its argument {changed}"
        return returned, own

    def _arguments(self, params: Arrays) -> tuple[dict[str, Any], Any, Any]:
        """Return arrays as the function has them, the structure of them, and their context.

        Raises:
            Broken: numbers of a kind that these arrays do not hold.
        """
        try:
            own = self._tree.own(params)
        except TypeError as unfit:
            raise Broken("numbers", str(unfit)) from None
        return own, self._tree.built(own), self._tree.context(params)


def _first(point: Arrays) -> float:
    """Return the first number of a point: two points differ in it already, nearly always."""
    return float(next(iter(point.values())).item(0))


def _is_same(point: Arrays, other: Arrays) -> bool:
    return all(point[n] is array or np.array_equal(point[n], array) for n, array in other.items())


def _plain(loss: Any) -> Any:
    return numpy_of(loss)[()] if library(loss) else loss
