"""What every adaptor returns, and the three kinds of function in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from bpttcheck.adaptors.cotangents import Cotangents, inner
from bpttcheck.arithmetic.base import Array
from bpttcheck.check import contract

Params = Mapping[str, Any]
Pullback = Callable[[Any], Mapping[str, Any]]
ValueAndGrad = Callable[[dict[str, Any]], tuple[Any, Mapping[str, Any]]]


class Adapted(NamedTuple):
    """The two things that a check takes: a function of the parameters, and the parameters."""

    value_and_grad: ValueAndGrad
    params: dict[str, Any]


class WeightedOutputs:
    """⟨ȳ, y⟩ as a loss: the cotangent ȳ is drawn once, and a VJP is its gradient.

    ``pull(params)`` returns the outputs y and the pullback, which takes ȳ to the gradients.
    ``outputs(params)``, where it is given, is the cheaper forward pass alone.
    """

    def __init__(
        self,
        pull: Callable[[Params], tuple[Any, Pullback]],
        seed: int,
        outputs: Callable[[Params], Any] | None = None,
    ) -> None:
        self.pull = pull
        self._cotangents = Cotangents(seed)
        if outputs is not None:
            self.loss = lambda params: self._value(outputs(params))

    def __call__(self, params: Params) -> tuple[Any, Mapping[str, Any]]:
        """Return the loss and the VJP."""
        outputs, pullback = self.pull(params)
        value = self._value(outputs)
        return value, pullback(self._cotangents.like(outputs))

    def _value(self, outputs: Any) -> Any:
        return inner(self._cotangents.like(outputs), outputs)


def copied(params: Any, name: str = "params") -> dict[str, Any]:
    """Return copies of the parameters; a number stays a number.

    Raises:
        TypeError, ValueError: no mapping of names to arrays of finite floats.
    """
    arrays: dict[str, Array] = contract.parameters(params, name)
    return {k: params[k] if isinstance(params[k], float) else a for k, a in arrays.items()}
