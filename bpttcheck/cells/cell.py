"""The shape of a cell: its gates, and one step forward; a sequence of steps comes from that.

    def step(s):                              # the minimal gated unit
        f = s.gate("f", s.before("h"))        # f_t = σ(U_f x_t + W_f h_{t−1} + b_f)
        g = s.gate("g", f * s.before("h"))
        s.state("h", (1 − f) * s.carried("h") + f * g)

Every gate k has weights U_k (n, m), W_k (n, n) and a bias b_k (n,); every cell an output layer,
s_t = V h_t + b_s. Nothing here knows a derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from bpttcheck.activations import Activation, tanh
from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.gated import Axes, carried_over, gate_axes, plus
from bpttcheck.cells.rnn import read_by, where_taken


@dataclass(frozen=True)
class Gate:
    """A gate or candidate: what it is called, in words, and what it is squashed by."""

    name: str
    squash: Activation


@dataclass(frozen=True)
class Cell:
    """A recurrent cell.

    Attributes:
        name: as in ``bpttcheck.mgu``.
        title: as a heading has it.
        gates: by letter; not h, s, x, or y, and not the letter of a state.
        step: makes every gate and every state of a step, once each.
        states: what is given initially and carried on, by letter, with words; always ``"h"``,
            which the output layer reads.
        path: the letter of the state that leads past the gates.
        squash: what a state is squashed by where it is let out, for a cell that does so.
    """

    name: str
    title: str
    gates: Mapping[str, Gate]
    step: Callable[[Step], None]
    states: Mapping[str, str]
    path: str = "h"
    squash: Activation = tanh

    @property
    def axes(self) -> dict[str, tuple[str, ...]]:
        """The symbols of the axes of every weight, by name."""
        axes: Axes = gate_axes("".join(self.gates))
        return {**axes, "V": ("p", "n"), "b_s": ("p",)}


@dataclass(frozen=True)
class Run:
    """Every intermediate of a forward pass, named as in the text: ``run.h``, ``run.a_f``, ….

    Shapes: ``x`` (T, B, m); of each gate k its pre-activation ``a_k``, its value ``k`` and what
    W_k is multiplied by, ``read_k`` (T, B, n), scores ``s`` (T, B, p), step t at index t − 1; each
    state (T + 1, B, n), step t at index t, so that ``h[0]`` is given. B is absent when x was a
    single sequence. ``mask`` is None, or (T, B) with True where a step takes place; where none
    does, gates are those of zeros. ``cell`` is the cell's name.
    """

    cell: str
    x: Array
    made: Mapping[str, Array]
    s: Array
    mask: Array | None = None

    def __getattr__(self, name: str) -> Array:
        if name != "made" and name in self.made:
            return self.made[name]
        raise AttributeError(f"Run: expected x, s, mask or one of {', '.join(self.made)}, "
                             f"got {name!r}")  # fmt: skip


class Step:
    """One step, seen by a cell's ``step``: what came before, and where to put what is made."""

    def __init__(
        self, cell: Cell, products: Mapping[str, Array], weights: Mapping[str, Array],
        before: Mapping[str, Array], held: Array | None, offset: Callable[[str], Array | None],
        taken: Array | None = None,
    ) -> None:  # fmt: skip
        self._cell, self._products, self._weights = cell, products, weights
        self._before, self._held, self._offset, self._taken = before, held, offset, taken
        self.made: dict[str, Array] = {}

    def before(self, state: str) -> Array:
        """Return a state of the step before, for gates to read: h_{t−1}, say."""
        read = self._before[state] if self._held is None or state != "h" else self._held
        return read_by(read, self._taken)

    def carried(self, state: str) -> Array:
        """Return a state of the step before, to be carried on past the gates."""
        return self._before[state]

    def squashed(self, state: Array) -> Array:
        """Return a state as it is let out."""
        return self._cell.squash.value(state)

    def gate(self, letter: str, read: Array) -> Array:
        """Return the gate, squashed: a_k = U_k x_t + W_k read + b_k."""
        a = self._products[letter] + read @ self._weights[f"W_{letter}"].mT
        value = plus(self._cell.gates[letter].squash.value(a), self._offset(letter))
        self.made |= {f"a_{letter}": a, letter: value, f"read_{letter}": read}
        return value

    def state(self, letter: str, value: Array) -> Array:
        """Keep a state of this step, and return it."""
        self.made[letter] = plus(value, self._offset(letter))
        return self.made[letter]


def equations(
    cell: Cell,
    weights: Mapping[str, Array],
    x: Array,
    initial: Mapping[str, Array],
    *,
    mask: Array | None = None,
    offsets: Mapping[str, Array] | None = None,
    held: Array | None = None,
) -> Run:
    """Evaluate a cell's equations, unchecked, over any number system.

    Axes between time and batch broadcast, as do leading axes of the weights. ``offsets`` adds to
    a_k, k or s (T, …) or a state (T + 1, …) where each is made: ∂L/∂a_k at step t *is* the
    derivative of L with respect to such an offset at zero. ``held`` (T + 1, …, n) are states h
    that the gates read instead of those just made: what is left is the path past them.
    """
    extra = offsets or {}
    inputs = where_taken(x, mask)
    products = {
        k: plus(inputs @ weights[f"U_{k}"].mT + weights[f"b_{k}"], extra.get(f"a_{k}"))
        for k in cell.gates
    }  # of all steps at once
    states = {k: plus(initial[k], extra[k][0] if k in extra else None) for k in cell.states}
    made: dict[str, list[Array]] = {k: [states[k]] for k in cell.states}
    for t in range(len(x)):

        def offset(name: str, t: int = t) -> Array | None:
            return extra[name][t + (name in cell.states)] if name in extra else None

        taken = None if mask is None else mask[t]
        step = Step(
            cell, {k: z[t] for k, z in products.items()}, weights, states,
            None if held is None else held[t], offset, taken,
        )  # fmt: skip
        cell.step(step)
        states = {k: carried_over(step.made[k], states[k], taken) for k in cell.states}
        for name, value in (step.made | states).items():
            made.setdefault(name, []).append(value)
    arrays = {name: np.stack(np.broadcast_arrays(*values)) for name, values in made.items()}
    s = plus(arrays["h"][1:] @ weights["V"].mT + weights["b_s"], extra.get("s"))
    return Run(cell.name, x, arrays, s, mask)
