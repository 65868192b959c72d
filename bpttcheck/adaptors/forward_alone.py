"""A forward pass alone: a cell of a library that has no gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from bpttcheck.adaptors.adapted import TREE, Adapted, Given, Params, Pullback, WeightedOutputs
from bpttcheck.arguments import function, takes


class OutputsAlone(WeightedOutputs):
    """A forward pass whose pullback returns no gradient; it can be compared, not checked."""

    def __call__(self, params: Params) -> NoReturn:
        """Refuse: there is no gradient to be checked."""
        raise TypeError(
            "value_and_grad: expected one that returns gradients, got that of from_outputs, "
            "which check_conformance alone takes"
        )


@takes(forward=function, params=TREE)
def from_outputs(forward: Callable[[Any], Any], params: Any) -> Adapted:
    """Adapt a forward pass without gradients, for :func:`bpttcheck.check_conformance`.

        from_outputs(lambda p: session.run(None, p), {"X": x, "W": W, "R": R})

    Arguments:
        forward: called with a structure like ``params``; returns outputs, arrays or a structure of
            them.
        params: a mapping of names to arrays of floats, or another structure of arrays.

    Returns:
        :class:`Adapted`: what ``check_conformance`` takes, and a copy of ``params``, by name.

    Raises:
        TypeError, ValueError: an argument of the wrong kind.
    """
    given = Given(params)

    def pull(values: Params) -> tuple[Any, Pullback]:
        return forward(given.structure(values)), _nothing

    return Adapted(OutputsAlone(pull, 0, None, given), given.point())


def _nothing(cotangents: Any) -> Mapping[str, Any]:
    return {}
