"""The vanilla RNN, forward: a_t = b + W h_{t−1} + U x_t, h_t = φ(a_t), o_t = c + V h_t."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from bpttcheck.activations import Activation, activation
from bpttcheck.arithmetic.base import Array
from bpttcheck.shapes import Sizes, alike, entries_with, finite_result

REQUIRED = ("U", "W", "V")
OPTIONAL = ("b", "c")
AXES = {"U": ("n", "m"), "W": ("n", "n"), "V": ("p", "n"), "b": ("n",), "c": ("p",)}


@dataclass(frozen=True)
class Weights:
    """U (n, m), W (n, n), V (p, n), b (n,), c (p,); a bias that was not given is None."""

    U: Array
    W: Array
    V: Array
    b: Array | None = None
    c: Array | None = None


@dataclass(frozen=True)
class Run:
    """Every intermediate of a forward pass, named as in the text.

    Shapes: ``x`` (T, B, m), ``a`` (T, B, n), ``o`` (T, B, p), step t at index t − 1; ``h``
    (T + 1, B, n), h_t at index t, so that ``h[0]`` is the given initial state. B is absent when x
    was a single sequence. ``mask`` is None, or (T, B) with True where a step takes place; where
    none does, ``a`` is that of zeros.
    """

    x: Array
    a: Array
    h: Array
    o: Array
    phi: Activation
    mask: Array | None = None


def forward(
    params: Mapping[str, Any],
    x: Any,
    *,
    h0: Any = 0.0,
    a0: Any = None,
    phi: Activation | str = "tanh",
    mask: Any = None,
) -> Run:
    """Run the network over a sequence, or over a batch of them.

    Arguments:
        params: ``{"U": U, "W": W, "V": V, "b": b, "c": c}``, shapes (n, m), (n, n), (p, n), (n,)
            and (p,); ``b`` and ``c`` may be left out.
        x: inputs, (T, B, m), or (T, m) for one sequence.
        h0: initial state h_0: (B, n), (n,) for one sequence, or a single number for all of it.
        a0: in place of ``h0``, an initial pre-activation, h_0 = φ(a_0): the initial state x_0 of
            Pascanu's convention x_t = W σ(x_{t−1}) + …, in which ``a`` is the state.
        phi: activation of the state, an :class:`~bpttcheck.activations.Activation` or its name.
        mask: for sequences of unequal length, booleans (T, B): where False, the step does not take
            place, h_t = h_{t−1}. (T,) for one sequence.

    Returns:
        A :class:`Run` with a_t, h_t and o_t.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, shape or value; the message says
            which, what was expected and what came.
        OverflowError: a state or output leaves the range of the dtype.

    Source: Goodfellow, Bengio and Courville 2016, eqs. 10.8–10.10; source ``vector``.
    Checked by: rnn.preactivation, rnn.state, rnn.output.
    """
    given, function, _ = started(params, x, h0, a0, mask, phi)
    return forward_checked(*given, function)


def forward_checked(
    weights: Weights, x: Array, h0: Array, mask: Array | None, phi: Activation
) -> Run:
    """Do what :func:`forward` does, with arguments that :func:`check_arguments` returned."""
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        run = equations(weights, x, h0, phi, mask=mask)
    finite_result("forward", run.a, run.h, run.o)
    return run


Checked: TypeAlias = tuple[Weights, Array, Array, Array | None]


def started(
    params: Any, x: Any, h0: Any, a0: Any, mask: Any, phi: Any
) -> tuple[Checked, Activation, Array | None]:
    """Return what :func:`check_arguments` does, the activation, and a_0 if h_0 comes from one."""
    function = activation("phi", phi)
    if a0 is None:
        return check_arguments(params, x, h0, mask), function, None
    if np.ndim(h0) or h0 != 0.0:
        raise ValueError("h0, a0: expected one of them, got both")
    weights, x, a0, mask = check_arguments(params, x, a0, mask, initial="a0")
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        state = function.value(a0)
    finite_result("h0 = φ(a0)", state)
    return (weights, x, state, mask), function, a0


def check_arguments(params: Any, x: Any, h0: Any, mask: Any, *, initial: str = "h0") -> Checked:
    """Return the weights, x, h_0 and the mask checked, of one dtype, h_0 with its full shape."""
    given = entries_with("params", params, REQUIRED, OPTIONAL)
    *arrays, x, h0 = alike(**given, x=x, **{initial: h0})
    sizes = Sizes()
    sizes.match("x", x, *time_axes(x))
    names = [name for name in (*REQUIRED, *OPTIONAL) if f"params[{name!r}]" in given]
    by_name = dict(zip(given, arrays, strict=True))
    weights = {
        name: sizes.match(f"params[{name!r}]", by_name[f"params[{name!r}]"], *AXES[name])
        for name in names
    }
    batch = x.shape[1:-1]
    if h0.ndim:
        sizes.match(initial, h0, *time_axes(x)[1:-1], "n")
    shape = (*batch, sizes.known["n"])
    return Weights(**weights), x, np.broadcast_to(h0, shape), check_mask(mask, x.shape[:-1])


def check_mask(mask: Any, shape: tuple[int, ...]) -> Array | None:
    """Return the mask as booleans, one a step and sequence; ``shape`` is that of the steps."""
    if mask is None:
        return None
    steps = np.asarray(mask)
    if steps.shape != shape:
        symbols = "(T, B)" if len(shape) == 2 else "(T,)"
        raise ValueError(f"mask: expected {symbols} = {shape}, got {steps.shape}")
    if not np.isin(steps, (0, 1)).all():
        raise ValueError(f"mask: expected True or False, got {steps[~np.isin(steps, (0, 1))][0]}")
    if not steps.any(axis=0).all():
        raise ValueError("mask: expected at least one step in every sequence, got none in one")
    return steps.astype(bool)


def where_taken(steps: Array, mask: Array | None) -> Array:
    """Return numbers of steps (T, …, B, n), zero where no step takes place.

    What a step that is left out would read is zero, so that nothing of it can leave the range.
    """
    if mask is None:
        return steps
    between = (1,) * (steps.ndim - mask.ndim - 1)
    return np.where(mask.reshape(len(mask), *between, *mask.shape[1:], 1), steps, 0 * steps)


def read_by(state: Array, taken: Array | None) -> Array:
    """Return the state that a step reads: zero where the step does not take place."""
    return state if taken is None else np.where(taken[..., None], state, 0 * state)


def time_axes(x: Array) -> tuple[str, ...]:
    """Return the symbols of the axes of an input: a single sequence may drop B."""
    return ("T", "m") if x.ndim <= 2 else ("T", "B", "m")


def equations(
    weights: Weights,
    x: Array,
    h0: Array,
    phi: Activation,
    *,
    mask: Array | None = None,
    offsets: Mapping[str, Array] | None = None,
) -> Run:
    """Evaluate the three equations, unchecked, over any number system.

    Axes between time and batch broadcast, as do leading axes of the weights. ``offsets`` adds to
    a (T, …, n), h (T + 1, …, n) or o (T, …, p) where each is made: ∂L/∂a_t *is* the derivative
    of L with respect to such an offset at zero.
    """
    extra = offsets or {}
    z = _plus(product(where_taken(x, mask), weights.U.mT), weights.b, extra.get("a"))
    nudge = extra.get("h")
    shapes = [z.shape[1:], h0.shape, (*weights.W.shape[:-2], 1, 1)[-len(z.shape[1:]) :]]
    shapes += [] if nudge is None else [nudge.shape[1:]]
    shape = np.broadcast_shapes(*shapes)
    dtype = np.result_type(z, weights.W, h0, *([] if nudge is None else [nudge]))
    a = z  # to which the loop adds W h_{t−1}
    if (z.shape[1:], z.dtype) != (shape, dtype):
        a = np.array(np.broadcast_to(z, (len(x), *shape)), dtype=dtype)
    h = np.empty((len(x) + 1, *shape), dtype=dtype)
    h[0] = h0 if nudge is None else h0 + nudge[0]
    recurrent = np.empty_like(h[0])
    transposed = weights.W.mT
    for t in range(len(x)):
        taken = None if mask is None else mask[t]
        np.matmul(read_by(h[t], taken), transposed, out=recurrent)
        a[t] += recurrent
        phi.into(h[t + 1], a[t], "phi")
        if taken is not None:
            np.copyto(h[t + 1], h[t], where=~taken[..., None])
        if nudge is not None:
            h[t + 1] += nudge[t + 1]
    o = _plus(product(h[1:], weights.V.mT), weights.c, extra.get("o"))
    return Run(x, a, h, o, phi, mask)


def _plus(values: Array, bias: Array | None, offset: Array | None) -> Array:
    """Return the sum of those given, in ``values``, which is nobody else's, where that fits."""
    if bias is not None:
        fits = bias.ndim == 1 and bias.dtype == values.dtype
        values = np.add(values, bias, out=values if fits else None)
    return values if offset is None else values + offset


def product(steps: Array, matrix: Array, out: Array | None = None) -> Array:
    """Return row @ matrix for the rows of all steps, as one matrix product if it is one matrix."""
    if matrix.ndim > 2:
        return np.matmul(steps, matrix, out=out)
    if out is not None:  # in one piece, so that its rows are a view
        np.matmul(rows(steps), matrix, out=rows(out))
        return out
    return (rows(steps) @ matrix).reshape(*steps.shape[:-1], matrix.shape[-1])


def rows(steps: Array) -> Array:
    """Return (T·B, n): time and batch as one axis."""
    return steps.reshape(-1, steps.shape[-1])
