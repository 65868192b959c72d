"""One step of a cell and its backward step, driven over time by the tool."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from bpttcheck import shapes
from bpttcheck.adaptors.adapted import TREE, Adapted, Given, Params, Pullback, WeightedOutputs
from bpttcheck.adaptors.returned_gradients import Names, Returned, order
from bpttcheck.arguments import function, jointly, seed, takes
from bpttcheck.arithmetic.base import Array
from bpttcheck.check.program.container import level
from bpttcheck.check.program.leaf import is_array
from bpttcheck.check.program.libraries import library, like, numpy_of


@takes(
    forward=function,
    backward=function,
    params=TREE,
    x=jointly("(T, …)"),
    state=TREE,
    returns=order,
    seed=seed,
)
def from_cell(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    params: Any,
    x: Any,
    state: Any,
    *,
    returns: Names | None = None,
    seed: int = 0,
) -> Adapted:
    """Adapt one step of a cell, run over a sequence and back; every h_t gets its own cotangent.

        from_cell(lambda p, x, h: step_forward(x, h, **p), step_backward,
                  {"Wx": Wx, "Wh": Wh, "b": b}, x, h0)

    Arguments:
        forward: called with ``(params, x_t, states…)``; returns ``(next states…, cache)``.
        backward: called with ``(cotangents of the next states…, cache)``; returns
            ``(dx_t, dstates…, dW, db, …)``, or a mapping or sequence of the parameters' gradients
            in the last place. The message back is added to each step's own cotangent.
        params: a mapping of names to arrays of floats, or another structure of arrays, without
            input and state.
        x: inputs, time first: (T, B, m), or whatever ``forward`` takes a step. Checked as ``"x"``
            if they are floats.
        state: the initial state, checked as ``"h0"``; or a mapping of names to several,
            ``{"h0": h0, "c0": c0}``.
        returns: names in the order of the parameters' gradients, None for what is no gradient.
        seed: of the cotangents.

    Returns:
        :class:`Adapted`: ``value_and_grad`` and copies of parameters, ``x`` and states.

    Raises:
        TypeError, ValueError: an argument of the wrong kind.
    """
    weights = Given(params)
    states = Given(state if isinstance(state, Mapping) else {"h0": state}, "state")
    shape = shapes.read("x", x).shape
    if len(shape) == 0 or shape[0] == 0:
        raise ValueError(f"x: expected T ≥ 1 time steps, time first, got shape {shape}")
    inputs = Given(x if is_array(x) else np.array(x), "x", needs_floats=False)
    taken = inputs.point()
    twice = sorted({"x", *states.names} & set(weights.names) | {"x"} & set(states.names))
    if twice:
        raise ValueError(f"params: expected names other than {', '.join(twice)}, which are given")
    point = weights.point() | taken | states.point()
    read = Returned(weights.names, returns, "backward", weights.tree)
    k = len(states.names)

    def pull(given: Params) -> tuple[Any, Pullback]:
        own = weights.structure(given)
        sequence = inputs.structure(given)
        now = tuple(states.tree.leaves[name].own(given[name]) for name in states.names)
        steps, caches = [], []
        for x_t in sequence:
            *following, cache = _checked("forward", forward(own, x_t, *now), k, "cache")
            now = tuple(following)
            steps.append(now)
            caches.append(cache)
        outputs = tuple(stacked(each) for each in zip(*steps, strict=True))

        def pullback(cotangents: Any) -> dict[str, Any]:
            each = (cotangents,) if k == 1 else cotangents
            message: list[Any] = [0.0] * k
            dx: list[Array] = []
            total: dict[str, Any] = {}
            for t in reversed(range(len(caches))):
                arrived = [v[t] + m for v, m in zip(each, message, strict=True)]
                returned = _checked("backward", backward(*arrived, caches[t]), k, "gradients")
                dx.append(returned[0])
                message = list(returned[1 : k + 1])
                rest = returned[k + 1 :]
                step = read.named(rest[0] if _container(rest) else rest)
                total = {n: numpy_of(g) + total.get(n, 0.0) for n, g in step.items()}
            whole = dict(zip(states.names, message, strict=True)) | total
            return whole | ({"x": stacked(dx[::-1])} if taken else {})

        return (outputs[0] if k == 1 else outputs), pullback

    run = WeightedOutputs(pull, seed, lambda given: pull(given)[0], weights, states, inputs)
    return Adapted(run, point)


def stacked(steps: Sequence[Any]) -> Any:
    """Return arrays of any library as one, along a new first axis."""
    if library(steps[0]) is None:
        return np.stack(steps)
    return like(steps[0], np.stack([numpy_of(step) for step in steps]))


def _container(rest: tuple[Any, ...]) -> bool:
    return len(rest) == 1 and level(rest[0]) is not None


def _checked(what: str, returned: Any, k: int, last: str) -> tuple[Any, ...]:
    """Return a step's results as a tuple of at least those that were asked for."""
    states = "state" if k == 1 else f"{k} states"
    if what == "forward":
        fits = isinstance(returned, tuple | list) and len(returned) == k + 1
        expected = f"({states}, cache)"
    else:
        fits = isinstance(returned, tuple | list) and len(returned) >= k + 1
        expected = f"(dx, d{states}, {last}…)" if k == 1 else f"(dx, {states}, {last}…)"
    if not fits:
        got = type(returned).__name__
        got += f" of {len(returned)}" if isinstance(returned, tuple | list) else ""
        raise ValueError(f"{what}: expected {expected}, got {got}")
    return tuple(returned)
