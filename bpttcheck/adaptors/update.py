"""Code that updates its parameters itself: the gradient is read off the change."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bpttcheck.adaptors.adapted import Adapted, function
from bpttcheck.adaptors.holder import holder
from bpttcheck.adaptors.places import Where, arrays, found


def from_update(
    model: Any,
    run: Callable[[Any], Any],
    *,
    params: Where,
    learning_rate: float,
) -> Adapted:
    """Adapt a step of gradient descent: the gradient is (before − after) / learning rate.

        from_update(net, lambda net: net.step(x, y, 1.0), params=["W", "b"], learning_rate=1.0)

    Reading it off rounds by u·max(|before|, |after|) / learning rate, u being 2⁻⁵³ in float64: give
    a rate near 1 where the code takes one. Momentum and other optimisers are no gradients.

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
    function("run", run)
    usable = isinstance(learning_rate, float | int) and math.isfinite(learning_rate)
    if isinstance(learning_rate, bool) or not usable or not learning_rate > 0:
        raise ValueError(f"learning_rate: expected a finite number > 0, got {learning_rate!r}")
    places = found(model, params, "params")
    point = arrays(model, places)
    held = holder(model, places)

    def value_and_grad(given: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        before = {name: np.array(value) for name, value in given.items()}

        def step(copy: Any) -> tuple[Any, dict[str, Any]]:
            loss = run(copy)
            after = {name: np.array(place.read(copy)) for name, place in places.items()}
            return loss, {n: (before[n] - after[n]) / learning_rate for n in places}

        loss, grads = held.run(step, given)
        return loss, grads

    return Adapted(value_and_grad, point)
