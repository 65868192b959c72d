"""What every adaptor returns, and the three kinds of function in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import Any, NamedTuple

import numpy as np

from bpttcheck.adaptors.cotangents import Cotangents
from bpttcheck.arguments import jointly
from bpttcheck.check.program.tree import Tree, looked_into

Params = Mapping[str, Any]
Pullback = Callable[[Any], Mapping[str, Any]]
ValueAndGrad = Callable[[dict[str, Any]], tuple[Any, Mapping[str, Any]]]


class Adapted(NamedTuple):
    """The two things that a check takes: a function of the parameters, and the parameters."""

    value_and_grad: ValueAndGrad
    params: dict[str, Any]


TREE = jointly("a structure of arrays of floats, of any shape")

REAL = "complex outputs are weighted with real cotangents: their imaginary parts are not looked at"


class Given:
    """Parameters of any structure, as an adaptor takes them: one flat mapping, and the way back.

    Arguments:
        params: the structure.
        what: the name of the argument.
        needs_floats: whether there have to be some.

    Raises:
        TypeError, ValueError: no floats in it, or some that are not finite.
    """

    __slots__ = ("names", "remarks", "tree")  # and no place where a diagnosis looks for data

    def __init__(self, params: Any, what: str = "params", needs_floats: bool = True) -> None:
        with looked_into(params, what):
            self.tree = Tree(params, what, needs_floats)
        self.names = tuple(self.tree.leaves)
        self.remarks = {what: self.tree.note()} if self.tree.note() else {}

    @property
    def others(self) -> dict[str, Any]:
        """What is passed on as it is, by name."""
        return {one.name: one.given for one in self.tree.all if one.array is None}

    def point(self) -> dict[str, Any]:
        """Return the values by name: copies of arrays, and numbers where numbers were given."""
        return self.tree.values()

    def wide(self) -> dict[str, Any]:
        """Return the values by name, in float64 or complex128; narrower floats convert exactly."""
        return {name: widened(value) for name, value in self.point().items()}

    def context(self, values: Params) -> AbstractContextManager[Any]:
        """Return the context in which the arrays keep their types."""
        return self.tree.context({name: np.asarray(values[name]) for name in self.names})

    def structure(self, values: Params) -> Any:
        """Return a structure like that given, its arrays of the same library, of these values."""
        leaves = self.tree.leaves
        return self.tree.built({name: leaves[name].own(values[name]) for name in leaves})


class AdaptedFunction:
    """A function of parameters by name, with what is to be said of those that it passes on."""

    def __init__(self, function: ValueAndGrad, given: Given) -> None:
        self._function = function
        self._given = given
        self.remarks = given.remarks
        self.others = given.others

    def __call__(self, params: dict[str, Any]) -> tuple[Any, Mapping[str, Any]]:
        """Return the loss and the gradients."""
        with self._given.context(params):
            return self._function(params)


class WeightedOutputs:
    """⟨ȳ, y⟩ as a loss: the cotangent ȳ is drawn once, and a VJP is its gradient.

    ``pull(params)`` returns the outputs y and the pullback, which takes ȳ to the gradients.
    ``outputs(params)``, where it is given, is the cheaper forward pass alone. ``given`` is what is
    passed on with the parameters, not differentiated; ``complex_ones`` as for the cotangents.
    ``constant`` are names of weights that the program holds and nobody asks about.
    """

    constant: tuple[str, ...] = ()

    def __init__(
        self,
        pull: Callable[[Params], tuple[Any, Pullback]],
        seed: int,
        outputs: Callable[[Params], Any] | None = None,
        *given: Given,
        complex_ones: bool = False,
    ) -> None:
        self.pull = pull
        self.remarks = {k: text for g in given for k, text in g.remarks.items()}
        self.others = {name: value for g in given for name, value in g.others.items()}
        self._given = given
        self._cotangents = Cotangents(seed, complex_ones)
        self._complex_ones = complex_ones
        if outputs is not None:
            self._outputs = outputs
            self.loss = self._loss

    def __call__(self, params: Params) -> tuple[Any, Mapping[str, Any]]:
        """Return the loss and the VJP."""
        with self._contexts(params):
            outputs, pullback = self.pull(params)
            value = self._cotangents.inner(outputs)
            if any(self._cotangents.are_complex) and not self._complex_ones:
                self.remarks["cotangents"] = REAL
            return value, pullback(self._cotangents.like(outputs))

    def _loss(self, params: Params) -> Any:
        with self._contexts(params):
            return self._cotangents.inner(self._outputs(params))

    def _contexts(self, params: Params) -> AbstractContextManager[Any]:
        with ExitStack() as stack:
            for given in self._given:
                stack.enter_context(given.context(params))
            return stack.pop_all()


def widened(value: Any) -> Any:
    """Return an array in float64 or complex128; a number as it is."""
    if isinstance(value, float | complex):
        return value
    return value.astype(np.complex128 if value.dtype.kind == "c" else np.float64)
