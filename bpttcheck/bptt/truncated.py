"""Truncated BPTT: every k1 steps, back through k2 steps at most; the states are never cut.

The losses of each k1 steps go back together, as far as k2 − k1 steps before the first of them.
What this leaves of the gradient is exact; what it leaves out are the messages that are older.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.passes import every_array, loss_and_gradient
from bpttcheck.bptt.recurrence import Pulled, Recurrence, part, recurrence
from bpttcheck.cells.gated import check_arguments
from bpttcheck.shapes import finite_result


@dataclass(frozen=True)
class Block:
    """The losses of steps first, …, last, which go back to step oldest."""

    oldest: int
    first: int
    last: int


def blocks(T: int, k1: int, k2: int) -> list[Block]:
    """Return the blocks of a sequence of T steps; the last may be shorter than k1.

    Raises:
        TypeError, ValueError: not whole numbers, or not 1 ≤ k1 ≤ k2: with k2 < k1 the first
            losses of a block would count for nothing.
    """
    for name, k in (("k1", k1), ("k2", k2)):
        if isinstance(k, bool) or not isinstance(k, int | np.integer):
            raise TypeError(f"{name}: expected a whole number, got {type(k).__name__}")
    if not 1 <= k1 <= k2:
        raise ValueError(f"k1, k2: expected 1 ≤ k1 ≤ k2, got {k1} and {k2}")
    ends = [*range(k1, T, k1), T]
    return [
        Block(max(1, first - (k2 - k1)), first, last)
        for first, last in zip([1, *(end + 1 for end in ends)], ends, strict=False)
    ]


def pulled(
    network: Recurrence, weights: Mapping[str, Array], run: Any, do: Array, k1: int, k2: int
) -> Pulled:
    """Add up what the blocks give, unchecked, over any number system."""
    found = [
        (block, network.backward(
            weights, part(run, block.oldest, block.last), _own(do, block)
        ))
        for block in blocks(len(run.x), k1, k2)
    ]  # fmt: skip
    sums = {k: np.asarray(sum(g.weights[k] for _, g in found)) for k in network.axes}
    length = {"x": len(run.x)} | {k: len(run.x) + 1 for k in network.states}

    def spread(name: str, values: list[Array]) -> Array:
        total = np.zeros((length[name], *values[0].shape[1:]), dtype=values[0].dtype)
        total = total + 0 * values[0][0]  # numbers of the system
        for (block, _), steps in zip(found, values, strict=True):
            total[block.oldest - 1 : block.oldest - 1 + len(steps)] += steps
        return np.asarray(total)

    states = {k: spread(k, [g.states[k] for _, g in found]) for k in network.states}
    return Pulled(sums, states, spread("x", [g.dx for _, g in found]))


def _own(do: Array, block: Block) -> Array:
    """Return the gradients of a block's own outputs, zero at the steps before them."""
    steps = do[block.oldest - 1 : block.last]
    earlier = block.first - block.oldest
    return np.concatenate([0 * steps[:earlier], steps[earlier:]])


def value_and_grad(
    cell: Any,
    params: Mapping[str, Any],
    x: Any,
    targets: Any,
    *,
    k1: int,
    k2: int,
    loss: str = "nll",
    reduction: str = "sum",
    mask: Any = None,
    states: Mapping[str, Any] | None = None,
    **options: Any,
) -> tuple[Array, dict[str, Array]]:
    """Return the loss of the whole sequence and its truncated gradients.

    A loss of step t acts on the weights of step k, through ∂a_t/∂a_k, if k is at least
    oldest(t) = max(1, s − (k2 − k1)), s the first step of the block of k1 steps that t belongs to.
    With k1 = 1 every loss goes through k2 steps; with k1 = k2 the sequence falls into chunks.

    Arguments:
        cell: ``"rnn"``, ``"lstm"``, ``"gru"``, ``"mgu"``, ``"coupled_lstm"``, or a
            :class:`~bpttcheck.bptt.cell.Network`.
        params: its weights; each bias may be left out.
        x: inputs, (T, B, m), or (T, m) for one sequence.
        targets: as for the cell's own ``value_and_grad``.
        k1: how many steps' losses go back together.
        k2: through how many steps, the last one's own included; at least k1.
        loss: ``"nll"`` or ``"squared_error"``.
        reduction: ``"sum"`` or ``"mean"``.
        mask: booleans (T, B), or None.
        states: initial states by name, ``{"h0": …}``; zero unless given.
        options: ``phi`` of an RNN, ``reset`` of a GRU; ``forget=False`` of an LSTM.

    Returns:
        The loss, and a dictionary with the gradient of each given weight, of each initial state
        and of ``"x"``, each without the messages that are older.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, shape or value.
        OverflowError: the loss or a gradient leaves the range of the dtype.

    Source: Williams and Peng 1990, BPTT(h; h′) with h = k2, h′ = k1.
    Checked by: truncation.W, truncation.U, truncation.b, truncation.V, truncation.c,
        truncation.bias-W, truncation.initial.
    """
    network = recurrence("cell", cell, **options)
    weights, inputs, initial, steps = checked(network, params, x, states or {}, mask)
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        run = network.forward(weights, inputs, initial, steps)
        outputs = getattr(run, network.output)
    finite_result("forward", *every_array(run))
    value, do = loss_and_gradient(outputs, targets, loss, reduction, steps)
    with np.errstate(all="ignore"):
        g = pulled(network, weights, run, do, k1, k2)
    grads = {k: np.asarray(g.weights[k]) for k in params}
    grads |= {f"{k}0": g.states[k][0] for k in network.states} | {"x": g.dx}
    finite_result("value_and_grad", *grads.values())
    return value, grads


def checked(
    network: Recurrence, params: Any, x: Any, states: Mapping[str, Any], mask: Any
) -> tuple[dict[str, Array], Array, dict[str, Array], Array | None]:
    """Return the weights, x, the initial states by letter and the mask, checked, of one dtype."""
    names = tuple(f"{k}0" for k in network.states)
    for name in states:
        if name not in names:
            raise ValueError(f"states: expected {', '.join(names)}, got {name!r}")
    given = {name: states.get(name, 0.0) for name in names}
    weights, x, full, steps = check_arguments(params, network.axes, x, given, mask)
    return weights, x, dict(zip(network.states, full, strict=True)), steps


@dataclass(frozen=True)
class Chunk:
    """Some consecutive steps of a sequence: ``x`` (k, B, m) and ``targets`` (k, B, …)."""

    first: int
    x: Array
    targets: Array


def chunks(x: Any, targets: Any, k: int) -> Iterator[Chunk]:
    """Cut a sequence into chunks of k steps, the last one shorter if need be.

    Stateful training gives each chunk the final states of the one before as initial states, as
    they are: their gradient is not asked for. With weights that stay the same, the gradients of
    the chunks add up to those of :func:`value_and_grad` with k1 = k2 = k.

    Raises:
        TypeError, ValueError: not arrays of one length, or no whole number k ≥ 1.
    """
    inputs, y = np.asarray(x), np.asarray(targets)
    if inputs.ndim == 0 or y.ndim == 0 or len(inputs) != len(y):
        raise ValueError(
            f"targets: expected T steps as x, shape {inputs.shape}, got shape {y.shape}"
        )
    for block in blocks(len(inputs), k, k):
        steps = slice(block.first - 1, block.last)
        yield Chunk(block.first, inputs[steps], y[steps])
