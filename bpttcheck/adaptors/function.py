"""A plain function that returns its loss and its gradients, in whatever order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bpttcheck.adaptors.adapted import TREE, Adapted, AdaptedFunction, Given, Params
from bpttcheck.adaptors.returned_gradients import Names, Returned, order
from bpttcheck.arguments import function, takes


@takes(loss_and_gradients=function, params=TREE, returns=order)
def from_function(
    loss_and_gradients: Callable[[Any], Any],
    params: Any,
    *,
    returns: Names | str | None = None,
) -> Adapted:
    """Adapt a function that returns a loss and gradients, one after the other or in a container.

        from_function(lambda p: rnn_loss(x, y, **p), {"W": W, "U": U}, returns=["U", "W", None])

    Arguments:
        loss_and_gradients: called with a structure like ``params``; returns ``(loss, gradients)``,
            a mapping or sequence, or ``(loss, dW, dU, …)``.
        params: a mapping of names to arrays of floats, or another structure of arrays; the point
            of the check.
        returns: names in the order of the gradients, None for what is no gradient; or the pattern
            of a mapping's keys, such as ``"d{}"``. By default names and order of ``params``.

    Returns:
        :class:`Adapted`: ``value_and_grad`` and a copy of ``params``, by name.

    Raises:
        TypeError, ValueError: an argument of the wrong kind.
    """
    given = Given(params)
    read = Returned(given.names, returns, "loss_and_gradients", given.tree)

    def run(values: Params) -> Any:
        return read.loss_and(loss_and_gradients(given.structure(values)))

    return Adapted(AdaptedFunction(run, given), given.point())
