"""Layers and directions: networks composed of single recurrent layers, for every cell.

Layer 1 reads the inputs, every other one the states of the layer below; in two directions, those
of a layer that goes forward beside those of one that goes back. The last states, of every step or
the final ones alone, go to one linear output layer. A layer is a network that gives out its states,
V = I.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpttcheck.arguments import count, did_you_mean, flag, instance, jointly, one_of, shown, takes
from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.kinds import CELL, INPUTS, LOSS, MASK, REDUCTION, STATES
from bpttcheck.bptt.networks import cell_of
from bpttcheck.bptt.passes import every_array, loss_and_gradient
from bpttcheck.bptt.recursion import recursion
from bpttcheck.cells.arrays import outer, total
from bpttcheck.cells.cell import Cell
from bpttcheck.cells.checked import check_mask, refuse_former, time_axes
from bpttcheck.cells.forward import equations
from bpttcheck.shapes import Sizes, alike, entries_with, finite_result

READOUT = one_of(("every step", "final"))


MANY = 10_000
"""More layers than anybody has; the names of their weights are all made at once."""


@takes(cell=instance(Cell, "a Cell"), layers=count(most=MANY), bidirectional=flag, readout=READOUT)
@dataclass(frozen=True)
class Layers:
    """How layers are put together: ``cell``, ``layers``, one direction or two, what is read.

    ``readout`` is ``"every step"`` for an output at each step, or ``"final"`` for one from the
    final states: the last step of what goes forward, the first of what goes back.

    Raises:
        TypeError, ValueError: no cell, no such number of layers, no such readout.
    """

    cell: Cell
    layers: int = 1
    bidirectional: bool = False
    readout: str = "every step"

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the layers' directions: l0, l0.reverse, l1, …."""
        ways = ("", ".reverse") if self.bidirectional else ("",)
        return tuple(f"l{k}{way}" for k in range(self.layers) for way in ways)

    @property
    def own(self) -> dict[str, tuple[str, ...]]:
        """The axes of a layer's own weights: without an output layer."""
        return {k: a for k, a in self.cell.axes.items() if "p" not in a}

    @property
    def wide(self) -> str:
        """The symbol of the size of what a layer gives out: n, or 2n of two directions."""
        return ("2" if self.bidirectional else "") + self.cell.width("h")

    @property
    def axes(self) -> dict[str, tuple[str, ...]]:
        """The symbols of the axes of every weight, by name: ``l0.U_i``, …, ``V``, its bias."""
        wide = self.wide
        found: dict[str, tuple[str, ...]] = {}
        for part in self.parts:
            read = "m" if part.startswith("l0") else wide
            for k, symbols in self.own.items():
                found[f"{part}.{k}"] = tuple(read if s == "m" else s for s in symbols)
        return found | {"V": ("p", wide), "b_s": ("p",)}


@dataclass(frozen=True)
class StackRun:
    """A forward pass: the run of every part by name, what it read, and the outputs.

    ``runs["l0.reverse"]`` goes back in time: its step 1 is the last step that takes place. Outputs
    ``s`` (T, B, p), or (B, p) of the final states; ``top`` is what the output layer read.
    """

    runs: Mapping[str, Any]
    top: Array
    s: Array
    mask: Array | None


def forward(
    shape: Layers,
    weights: Mapping[str, Array],
    x: Array,
    initial: Mapping[str, Array],
    mask: Array | None,
) -> StackRun:
    """Run every layer, unchecked, over any number system.

    ``initial`` has a state for each part and letter, such as ``l0.reverse.h0``.
    """
    runs, below = {}, x
    for k in range(shape.layers):
        found = []
        for part in (p for p in shape.parts if p.partition(".")[0] == f"l{k}"):
            own = {s: initial[f"{part}.{s}0"] for s in shape.cell.states}
            runs[part] = equations(
                shape.cell,
                _layer(shape, weights, part),
                _ordered(part, below),
                own,
                mask=_mask(part, mask),
            )
            found.append(_ordered(part, runs[part].h[1:]))
        below = np.concatenate(found, axis=-1)
    top = below
    if shape.readout == "final":
        last = [runs[p].h[-1] for p in shape.parts if p.partition(".")[0] == f"l{shape.layers - 1}"]
        top = np.concatenate(last, axis=-1)
    return StackRun(runs, top, top @ weights["V"].mT + weights["b_s"], mask)


def backward(
    shape: Layers, weights: Mapping[str, Array], run: StackRun, ds: Array
) -> tuple[dict[str, Array], Array]:
    """Return the gradients of weights and initial states by name, and of x, unchecked."""
    grads = {"V": outer(ds, run.top), "b_s": total(ds)}
    ways = len(shape.parts) // shape.layers
    coming = ds @ weights["V"]
    if shape.readout == "final":
        steps = len(run.runs["l0"].x)
        coming = np.concatenate(
            [np.broadcast_to(0 * coming, (steps - 1, *coming.shape)), coming[None]]
        )
    for k in reversed(range(shape.layers)):
        message: Any = 0
        n = coming.shape[-1] // ways
        final = shape.readout == "final" and k == shape.layers - 1
        for j, part in enumerate(p for p in shape.parts if p.partition(".")[0] == f"l{k}"):
            own = coming[..., j * n : (j + 1) * n]
            own = own if final else _ordered(part, own)  # final states are in the part's own order
            g = recursion(_layer(shape, weights, part), run.runs[part], own)
            grads |= {f"{part}.{name}": g.weights[name] for name in shape.own}
            grads |= {f"{part}.{s}0": g.steps[s][0] for s in shape.cell.states}
            message = message + _ordered(part, g.dx)
        coming = message
    return grads, coming


def _layer(shape: Layers, weights: Mapping[str, Array], part: str) -> dict[str, Array]:
    """Return a layer's weights, with an output layer that gives out its states."""
    own = {name: weights[f"{part}.{name}"] for name in shape.own}
    some = next(iter(own.values()))
    zero, n = 0 * some.reshape(-1)[0], own[next(k for k in own if k[0] == "W")].shape[-1]
    one = np.full((n, n), zero) + np.eye(n, dtype=int)
    return {**own, "V": one.astype(some.dtype), "b_s": np.full(n, zero)}


def _ordered(part: str, steps: Array) -> Array:
    """Return steps in the order of a part, or those of a part in order of time."""
    return steps[::-1] if part.endswith(".reverse") else steps


def _mask(part: str, mask: Array | None) -> Array | None:
    return None if mask is None else _ordered(part, mask)


@takes(
    cell=CELL,
    params=jointly("by the names of layers: (n, m), (n, n), (n,); V (p, n)"),
    x=INPUTS,
    targets=jointly("(T, B) or (T, B, p); without T of final states"),
    layers=count(),
    bidirectional=flag,
    readout=READOUT,
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
    layers: int = 1,
    bidirectional: bool = False,
    readout: str = "every step",
    loss: str = "nll",
    reduction: str = "sum",
    mask: Any = None,
    states: Mapping[str, Any] | None = None,
    **options: Any,
) -> tuple[Array, dict[str, Array]]:
    """Return the loss of stacked recurrent layers and its gradients, by BPTT.

    Arguments:
        cell: ``"rnn"``, ``"lstm"``, ``"gru"``, ``"mgu"``, ``"coupled_lstm"``, or a
            :class:`~bpttcheck.bptt.network.Network`; the same for every layer.
        params: ``"l0.U_i"`` (n, m), ``"l0.W_i"`` (n, n), …, ``"l1.U_i"`` (n, n), …, the cell's own
            names after that of the layer; ``"l0.reverse.U_i"``, … of what goes back in time, and
            then ``"l1.U_i"`` (n, 2n); ``"V"`` (p, n) or (p, 2n) and its bias ``"b_s"``. Each bias
            may be left out. r for n where a cell's state is projected.
        x: inputs, (T, B, m), or (T, m) for one sequence.
        targets: (T, B) classes or (T, B, p) numbers, as for the cell's own ``value_and_grad``;
            without T for ``readout="final"``.
        layers: how many there are.
        bidirectional: whether every layer has a second direction.
        readout: ``"every step"`` (many to many), or ``"final"`` (many to one).
        loss: ``"nll"`` or ``"squared_error"``.
        reduction: ``"sum"`` or ``"mean"`` over the losses that count.
        mask: booleans (T, B): where False no layer takes a step, in neither direction. What goes
            back begins with the last step that takes place.
        states: initial states by name, ``{"l0.h0": …}``; zero unless given.
        options: ``phi`` of an RNN, ``reset`` of a GRU; ``forget=False`` of an LSTM.

    Returns:
        The loss, and a dictionary with the gradient of each given weight, of each initial state
        and of ``"x"``.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, shape or value.
        OverflowError, ArithmeticError: the loss or a gradient is out of range, or NaN.

    Source: Schuster and Paliwal 1997 (two directions); layers as in PyTorch.
    Checked by: stack.message-p, stack.message-q, stack.message-u, stack.message-v, stack.bptt- with
        the name of each weight; for other cells their own identities, and duals in the field.
    """
    if isinstance(params, Mapping) and len(params):
        count(most=len(params))("layers", layers)  # each has weights of its own
    shape = Layers(cell_of("cell", cell, **options), layers, bidirectional, readout)
    weights, inputs, initial, steps = checked(shape, params, x, states or {}, mask)
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        run = forward(shape, weights, inputs, initial, steps)
    finite_result("forward", run.s, *(a for r in run.runs.values() for a in every_array(r)))
    counted = steps if readout == "every step" else None
    value, ds = loss_and_gradient(run.s, targets, loss, reduction, counted)
    with np.errstate(all="ignore"):
        grads, dx = backward(shape, weights, run, ds)
    found = {k: grads[k] for k in (*params, *initial)} | {"x": dx}
    finite_result("value_and_grad", *found.values())
    return value, found


def checked(
    shape: Layers, params: Any, x: Any, states: Mapping[str, Any], mask: Any
) -> tuple[dict[str, Array], Array, dict[str, Array], Array | None]:
    """Return the weights, x, every initial state and the mask, checked and of one dtype."""
    axes, width = shape.axes, shape.cell.width("h")
    required = tuple(k for k, symbols in axes.items() if len(symbols) > 1)
    optional = tuple(k for k, symbols in axes.items() if len(symbols) == 1)
    refuse_former(axes, params)
    given = entries_with("params", params, required, optional)
    names = {f"{part}.{s}0": s for part in shape.parts for s in shape.cell.states}
    for name in states:
        if name not in names:
            hint = did_you_mean(name, names)
            some = ", ".join(names)
            raise ValueError(f"states: expected some of {some}, got {shown(name)}{hint}")
    starts = {f"states[{name!r}]": states.get(name, 0.0) for name in names}
    *arrays, x = alike(**given, **starts, x=x)
    by_name = dict(zip([*given, *starts], arrays, strict=True))
    sizes = Sizes()
    sizes.match("x", x, *time_axes(x))
    zero = 0 * x.reshape(-1)[0]
    weights: dict[str, Array] = {}
    width = shape.cell.width("h")  # what the next layer reads
    for name, symbols in axes.items():
        label = f"params[{name!r}]"
        if label in given:
            weights[name] = sizes.match(label, by_name[label], *symbols)
            if width in sizes.known:
                sizes.known.setdefault(f"2{width}", 2 * sizes.known[width])
        else:
            weights[name] = np.full([sizes.known[s] for s in symbols], zero, dtype=x.dtype)
    initial = {}
    for (name, state), label in zip(names.items(), starts, strict=True):
        symbol = shape.cell.width(state)
        if by_name[label].ndim:
            sizes.match(label, by_name[label], *time_axes(x)[1:-1], symbol)
        initial[name] = np.broadcast_to(by_name[label], (*x.shape[1:-1], sizes.known[symbol]))
    return weights, x, initial, check_mask(mask, x.shape[:-1])
