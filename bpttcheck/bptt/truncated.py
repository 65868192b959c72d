"""Truncated BPTT: every k1 steps, back through k2 steps at most; the states are never cut.

The losses of each k1 steps go back together, as far as k2 − k1 steps before the first of them.
What this leaves of the gradient is exact; what it leaves out are the messages that are older.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpttcheck.arguments import count, did_you_mean, jointly, shown, takes
from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.kinds import CELL, INPUTS, LOSS, MASK, PARAMS, REDUCTION, STATES, TARGETS
from bpttcheck.bptt.layer import run_of
from bpttcheck.bptt.networks import cell_of
from bpttcheck.bptt.passes import Gradients, loss_and_gradient
from bpttcheck.bptt.recursion import recursion
from bpttcheck.cells.checked import check_arguments
from bpttcheck.cells.run import Run
from bpttcheck.shapes import finite_result, numbers, read

LONGEST = 10_000_000
"""Steps of a sequence whose blocks are listed."""


@dataclass(frozen=True)
class Window:
    """The losses of steps first, …, last, which go back to step oldest."""

    oldest: int
    first: int
    last: int


@takes(T=count(most=LONGEST), k1=count(), k2=count())
def blocks(T: int, k1: int, k2: int) -> list[Window]:
    """Return the blocks of a sequence of T steps; the last may be shorter than k1.

    Raises:
        ValueError: not whole numbers, or not 1 ≤ k1 ≤ k2: with k2 < k1 the first
            losses of a block would count for nothing.
    """
    if not k1 <= k2:
        raise ValueError(f"k1, k2: expected 1 ≤ k1 ≤ k2, got {shown(k1)} and {shown(k2)}")
    ends = [*range(k1, T, k1), T]
    return [
        Window(max(1, first - (k2 - k1)), first, last)
        for first, last in zip([1, *(end + 1 for end in ends)], ends, strict=False)
    ]


def pulled(weights: Mapping[str, Array], run: Run, ds: Array, k1: int, k2: int) -> Gradients:
    """Add up what the blocks give, unchecked, over any number system."""
    found = [
        (block, recursion(weights, run.steps(block.oldest, block.last), _own(ds, block)))
        for block in blocks(len(run.x), k1, k2)
    ]
    sums = {k: np.asarray(sum(g.weights[k] for _, g in found)) for k in found[0][1].weights}

    def spread(length: int, values: list[Array]) -> Array:
        total = np.zeros((length, *values[0].shape[1:]), dtype=values[0].dtype)
        total = total + 0 * values[0][0]  # numbers of the system
        for (block, _), steps in zip(found, values, strict=True):
            total[block.oldest - 1 : block.oldest - 1 + len(steps)] += steps
        return np.asarray(total)

    T, states = len(run.x), run.cell.states
    steps = {
        k: spread(T + (k in states), [g.steps[k] for _, g in found]) for k in found[0][1].steps
    }
    return Gradients(steps, spread(T, [g.dx for _, g in found]), sums)


def _own(ds: Array, block: Window) -> Array:
    """Return the gradients of a block's own outputs, zero at the steps before them."""
    steps = ds[block.oldest - 1 : block.last]
    earlier = block.first - block.oldest
    return np.concatenate([0 * steps[:earlier], steps[earlier:]])


@takes(
    cell=CELL,
    params=PARAMS,
    x=INPUTS,
    targets=TARGETS,
    k1=count(),
    k2=count(),
    loss=LOSS,
    reduction=REDUCTION,
    mask=MASK,
    states=STATES,
)
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
            :class:`~bpttcheck.bptt.network.Network`.
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
        OverflowError, ArithmeticError: the loss or a gradient is out of range, or NaN.

    Source: Williams and Peng 1990, BPTT(h; h′) with h = k2, h′ = k1.
    Checked by: truncation.W, truncation.U, truncation.b, truncation.V, truncation.c,
        truncation.bias-W, truncation.initial.
    """
    chosen = cell_of("cell", cell, **options)
    given = states or {}
    for name in given:
        if name not in chosen.initial:
            hint = did_you_mean(name, chosen.initial)
            some = ", ".join(chosen.initial)
            raise ValueError(f"states: expected {some}, got {shown(name)}{hint}")
    for name, start in given.items():
        numbers(f"states[{name!r}]", start)  # refused by what it is called here
    starts = {name: given.get(name, 0.0) for name in chosen.initial}
    arguments = check_arguments(chosen, params, x, starts, mask)
    run = run_of(chosen, arguments)
    value, ds = loss_and_gradient(run.s, targets, loss, reduction, run.mask)
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        g = pulled(arguments.weights, run, ds, k1, k2)
    grads = {k: np.asarray(g.weights[k]) for k in params}
    grads |= {f"{k}0": g.steps[k][0] for k in chosen.states} | {"x": g.dx}
    finite_result("value_and_grad", *grads.values())
    return value, grads


@dataclass(frozen=True)
class Chunk:
    """Some consecutive steps of a sequence: ``x`` (k, B, m) and ``targets`` (k, B, …)."""

    first: int
    x: Array
    targets: Array


@takes(x=jointly("(T, …)"), targets=jointly("(T, …)"), k=count())
def chunks(x: Any, targets: Any, k: int) -> Iterator[Chunk]:
    """Cut a sequence into chunks of k steps, the last one shorter if need be.

    Stateful training gives each chunk the final states of the one before as initial states, as
    they are: their gradient is not asked for. With weights that stay the same, the gradients of
    the chunks add up to those of :func:`value_and_grad` with k1 = k2 = k.

    Raises:
        TypeError, ValueError: not arrays of one length, or no whole number k ≥ 1.
    """
    inputs, y = numbers("x", x), read("targets", targets)
    y = y if y.dtype.kind in "iu" else numbers("targets", targets)
    if inputs.ndim == 0 or y.ndim == 0 or len(inputs) != len(y):
        raise ValueError(
            f"targets: expected T steps as x, shape {inputs.shape}, got shape {y.shape}"
        )
    for block in blocks(len(inputs), k, k):
        steps = slice(block.first - 1, block.last)
        yield Chunk(block.first, inputs[steps], y[steps])
