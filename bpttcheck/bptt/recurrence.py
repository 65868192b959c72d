"""Every network by one signature, unchecked: what truncation, layers and training are made of.

Whether written at length (rnn, lstm, gru) or declared by its shape, a network is forward, back,
the letters of its states and the names of its output layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any, Protocol

import numpy as np

from bpttcheck.activations import activation
from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt import gru, lstm, rnn
from bpttcheck.bptt.cell import Network
from bpttcheck.bptt.cell import recursion as cell_recursion
from bpttcheck.bptt.coupled_lstm import coupled_lstm
from bpttcheck.bptt.mgu import mgu
from bpttcheck.cells import cell as cell_forward
from bpttcheck.cells import gru as gru_cell
from bpttcheck.cells import lstm as lstm_cell
from bpttcheck.cells import rnn as rnn_cell
from bpttcheck.shapes import one_of

Weights = Mapping[str, Array]


@dataclass(frozen=True)
class Pulled:
    """What a backward pass returns: gradients of the weights, of every state, of the inputs."""

    weights: Weights
    states: Mapping[str, Array]
    dx: Array


class Recurrence(Protocol):
    """A network, unchecked, over any number system."""

    @property
    def name(self) -> str:
        """The cell's."""

    @property
    def states(self) -> tuple[str, ...]:
        """The letters of its states."""

    @property
    def output(self) -> str:
        """The letter of what the output layer gives."""

    @property
    def output_bias(self) -> str:
        """The name of the output layer's bias."""

    @property
    def axes(self) -> Mapping[str, tuple[str, ...]]:
        """The symbols of the axes of every weight, by name."""

    def forward(self, weights: Weights, x: Array, initial: Weights, mask: Array | None) -> Any:
        """Return the run; ``initial`` has a state for each letter."""

    def backward(self, weights: Weights, run: Any, doutputs: Array) -> Pulled:
        """Return every gradient."""


@dataclass(frozen=True)
class VanillaRNN:
    """The vanilla RNN with an activation."""

    phi: Any = "tanh"
    name = "rnn"
    states: tuple[str, ...] = ("h",)
    output = "o"
    output_bias = "c"
    axes = rnn_cell.AXES

    def forward(self, weights: Weights, x: Array, initial: Weights, mask: Array | None) -> Any:
        """Run the equations."""
        given = rnn_cell.Weights(**weights)
        return rnn_cell.equations(given, x, initial["h"], activation("phi", self.phi), mask=mask)

    def backward(self, weights: Weights, run: Any, doutputs: Array) -> Pulled:
        """Run the recursion."""
        g = rnn.recursion(rnn_cell.Weights(**weights), run, doutputs)
        return Pulled({k: getattr(g, f"d{k}") for k in self.axes}, {"h": g.dh}, g.dx)


@dataclass(frozen=True)
class LSTM:
    """The LSTM, with or without its forget gate."""

    forget: bool = True
    name = "lstm"
    states: tuple[str, ...] = ("h", "c")
    output = "s"
    output_bias = "b_s"

    @property
    def axes(self) -> Mapping[str, tuple[str, ...]]:
        """The symbols of the axes of every weight, by name."""
        every = lstm_cell.AXES
        return {k: a for k, a in every.items() if self.forget or not k.endswith("_f")}

    def forward(self, weights: Weights, x: Array, initial: Weights, mask: Array | None) -> Any:
        """Run the equations."""
        return lstm_cell.equations(
            self._full(weights), x, initial["h"], initial["c"], mask=mask, forget=self.forget
        )

    def backward(self, weights: Weights, run: Any, doutputs: Array) -> Pulled:
        """Run the recursion."""
        g = lstm.recursion(self._full(weights), run, doutputs)
        return Pulled({k: g.weights[k] for k in self.axes}, {"h": g.dh, "c": g.dc}, g.dx)

    def _full(self, weights: Weights) -> Weights:
        if self.forget:
            return weights
        return {**{f"{k}_f": 0 * weights[f"{k}_i"] for k in "UWb"}, **weights}


@dataclass(frozen=True)
class GRU:
    """The GRU, its reset before or after the product."""

    reset: str = "before"
    name = "gru"
    states: tuple[str, ...] = ("h",)
    output = "o"
    output_bias = "c"

    @property
    def axes(self) -> Mapping[str, tuple[str, ...]]:
        """The symbols of the axes of every weight, by name."""
        return gru_cell.AXES_AFTER if self.reset == "after" else gru_cell.AXES

    def forward(self, weights: Weights, x: Array, initial: Weights, mask: Array | None) -> Any:
        """Run the equations."""
        return gru_cell.equations(weights, x, initial["h"], reset=self.reset, mask=mask)

    def backward(self, weights: Weights, run: Any, doutputs: Array) -> Pulled:
        """Run the recursion."""
        g = gru.recursion(weights, run, doutputs)
        return Pulled({k: g.weights[k] for k in self.axes}, {"h": g.dh}, g.dx)


@dataclass(frozen=True)
class Declared:
    """A cell that is declared by its shape."""

    network: Network
    output = "s"
    output_bias = "b_s"

    @property
    def name(self) -> str:
        """The cell's."""
        return self.network.cell.name

    @property
    def states(self) -> tuple[str, ...]:
        """The letters of its states."""
        return tuple(self.network.cell.states)

    @property
    def axes(self) -> Mapping[str, tuple[str, ...]]:
        """The symbols of the axes of every weight, by name."""
        return self.network.cell.axes

    def forward(self, weights: Weights, x: Array, initial: Weights, mask: Array | None) -> Any:
        """Run the equations."""
        return cell_forward.equations(self.network.cell, weights, x, initial, mask=mask)

    def backward(self, weights: Weights, run: Any, doutputs: Array) -> Pulled:
        """Run the recursion."""
        g = cell_recursion(self.network.cell, self.network.back, weights, run, doutputs)
        return Pulled(g.weights, {k: g.steps[k] for k in self.states}, g.dx)


KINDS: Mapping[str, Any] = {"rnn": VanillaRNN, "lstm": LSTM, "gru": GRU}
DECLARED = {network.cell.name: network for network in (mgu, coupled_lstm)}


def recurrence(name: str, given: Any, **options: Any) -> Any:
    """Return the network that the argument ``name`` was given as.

    Arguments:
        name: of the argument, for errors.
        given: ``"rnn"``, ``"lstm"``, ``"gru"``, ``"mgu"``, ``"coupled_lstm"``, or a
            :class:`~bpttcheck.bptt.cell.Network`.
        options: ``phi`` of an RNN, ``forget`` of an LSTM, ``reset`` of a GRU.

    Raises:
        ValueError, TypeError: an unknown name or option, or something else altogether.
    """
    network = DECLARED.get(given) if isinstance(given, str) else given
    kind: Any = KINDS.get(given) if isinstance(given, str) else None
    known: tuple[str, ...] = ()
    if kind is not None:
        known = tuple(f.name for f in fields(kind) if f.name != "states")
    elif isinstance(network, Network):
        kind = partial(Declared, network)
    else:
        words = ", ".join([*KINDS, *DECLARED])
        if isinstance(given, str):
            raise ValueError(f"{name}: expected one of {words}, got {given!r}")
        raise TypeError(f"{name}: expected a Network or one of {words}, got {type(given).__name__}")
    for option, value in options.items():
        if option not in known:
            raise TypeError(f"{option}: expected no such option of {given!r}, got {value!r}")
    if "reset" in options:
        one_of("reset", options["reset"], gru_cell.RESETS)
    return kind(**options)


def part(run: Any, first: int, last: int) -> Any:
    """Return the steps first, …, last of a run, its initial states those of step first − 1."""
    T = len(run.x)

    def cut(values: Any) -> Any:
        if isinstance(values, Mapping):
            return {name: cut(array) for name, array in values.items()}
        if not isinstance(values, np.ndarray):
            return values
        return values[first - 1 : last + (len(values) == T + 1)]

    return replace(run, **{f.name: cut(getattr(run, f.name)) for f in fields(run)})
