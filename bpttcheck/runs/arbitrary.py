"""Functions of which nothing is known but that they are differentiable.

In the field, an arbitrary φ is a symbol, and so is φ′. What holds for these holds for every
activation and every loss, also for one that couples the time steps.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bpttcheck.activations import Activation, activation
from bpttcheck.arithmetic.base import Array, Inapplicable, objects
from bpttcheck.arithmetic.dual import jointly
from bpttcheck.losses import Loss, loss_function, squared_error
from bpttcheck.output_losses import OutputLoss, output_loss

ARBITRARY = "arbitrary"


def _unknown(name: str) -> Any:
    return lambda a: np.asarray(np.frompyfunc(lambda z: z.unknown(name), 1, 1)(a))


def arbitrary_activation(symbol: str) -> Activation:
    """Return an activation that is a symbol, with its derivative another."""
    return Activation(f"arbitrary {symbol}", _unknown(symbol), _unknown(symbol + "'"))


def _jointly(name: str, y_hat: Array) -> Array:
    columns = y_hat.reshape(len(y_hat), -1)
    losses = (jointly(name, list(column)) for column in columns.T)
    return objects(losses, y_hat.shape[1:])


def _joint_gradient(y_hat: Array, _y: Array) -> Array:
    return np.stack([_jointly(f"L.{t}", y_hat) for t in range(len(y_hat))])


arbitrary_loss = Loss("arbitrary", lambda y_hat, _y: _jointly("L", y_hat), _joint_gradient)

coupled_square = Loss(
    "coupled_square",
    lambda y_hat, y: np.asarray((y_hat - y).sum(axis=0) ** 2),
    lambda y_hat, y: np.broadcast_to(2 * (y_hat - y).sum(axis=0), y_hat.shape),
)
"""(Σ_t (ŷ_t − y_t))²: a loss that is not a sum over the steps."""


def chosen_activation(symbol: str, name: str, arbitrary: bool) -> Activation:
    """Return the activation that a case names for φ or θ.

    Raises:
        Inapplicable: an arbitrary one in a system that has only named ones.
    """
    if name != ARBITRARY:
        return activation(symbol, name)
    if arbitrary:
        return arbitrary_activation(symbol)
    raise Inapplicable(f"{symbol}: arbitrary functions exist in the finite field only")


def chosen_loss(name: str, arbitrary: bool) -> Loss:
    """Return the loss that a case names.

    Raises:
        Inapplicable: an arbitrary one in a system that has only named ones.
    """
    if name == ARBITRARY:
        if arbitrary:
            return arbitrary_loss
        raise Inapplicable("loss: arbitrary functions exist in the finite field only")
    return {loss.name: loss for loss in (squared_error, coupled_square)}.get(name) or loss_function(
        "loss", name
    )


def _by_row(name: str, o: Array) -> Array:
    rows = o.reshape(-1, o.shape[-1])
    return objects((jointly(name, list(row)) for row in rows), o.shape[:-1])


def _row_gradient(o: Array, _y: Array) -> Array:
    return np.stack([_by_row(f"E.{i}", o) for i in range(o.shape[-1])], axis=-1)


arbitrary_output_loss = OutputLoss(
    "arbitrary", lambda _o, y: y, lambda o, _y: _by_row("E", o), _row_gradient
)


def chosen_output_loss(name: str, arbitrary: bool) -> OutputLoss:
    """Return the loss of the outputs that a case names.

    Raises:
        Inapplicable: an arbitrary one in a system that has only named ones.
    """
    if name != ARBITRARY:
        return output_loss("loss", name)
    if arbitrary:
        return arbitrary_output_loss
    raise Inapplicable("loss: arbitrary functions exist in the finite field only")
