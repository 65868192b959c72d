"""Code that updates its parameters itself: the gradient is read off the change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bpttcheck.adaptors.adapted import Adapted
from bpttcheck.adaptors.holder import holder, usual
from bpttcheck.adaptors.key_paths import Where, arrays, found, where
from bpttcheck.arguments import anything, function, positive, takes
from bpttcheck.arithmetic.base import Array
from bpttcheck.check.program.libraries import numpy_of


@takes(model=anything, run=function, params=where, learning_rate=positive)
def from_update(
    model: Any,
    run: Callable[[Any], Any],
    *,
    params: Where,
    learning_rate: float,
) -> Adapted:
    """Adapt a step of gradient descent: the gradient is (before − after) / learning rate.

        from_update(net, lambda net: net.step(x, y, 2.0**20), params=["W", "b"],
                    learning_rate=2.0**20)

    Reading it off rounds by u·max(|before|, |after|) / learning rate, u being 2⁻⁵³ in float64.
    Where the code takes a rate, give it a large power of two: the change then outweighs the
    parameter, and what is read off is as exact as the gradient. Momentum and other optimisers are
    no gradients.

    Arguments:
        model: an object, which is copied for each call; or a module or the dictionary of its
            globals, in which the parameters are put back.
        run: called with the copy; one step of training. Returns the loss before the update.
        params: where the parameters are, as for :func:`from_object`.
        learning_rate: the rate that the step uses, > 0.

    Returns:
        :class:`Adapted`: ``value_and_grad`` and a copy of the parameters.

    Raises:
        TypeError, ValueError: a path that leads nowhere, an argument of the wrong kind.
    """
    places = found(model, params, "params")
    point = arrays(model, places)
    held = holder(model, places)

    def value_and_grad(given: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        before = {name: np.array(value) for name, value in given.items()}

        def step(copy: Any) -> tuple[Any, dict[str, Any]]:
            loss = run(copy)
            after = {name: numpy_of(place.read(copy)) for name, place in places.items()}
            change = {name: before[name] - after[name] for name in places}
            if usual(before):
                _outweighs_rounding(before, change)
            return loss, {name: c / learning_rate for name, c in change.items()}

        loss, grads = held.run(step, given)
        return loss, grads

    return Adapted(value_and_grad, point)


MOST = 2.0**13
"""A parameter so many times the largest change leaves that change 40 of its 53 bits."""


def _outweighs_rounding(before: Mapping[str, Array], change: Mapping[str, Array]) -> None:
    """Refuse a change that is lost in the rounding of the parameter that it was added to.

    Raises:
        ValueError: it is; a larger rate helps.
    """
    moved = max(float(np.abs(c).max()) for c in change.values())
    for name, array in before.items():
        largest = float(np.abs(array).max())
        if moved and name in change and largest > MOST * moved:
            raise ValueError(
                f"learning_rate: expected one at which parameters change by more than "
                f"{MOST:.0f}ths of themselves, got changes of {moved:.1e} beside {name} of "
                f"{largest:.1e}"
            )
