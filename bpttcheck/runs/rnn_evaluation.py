"""One example of the vanilla RNN, evaluated in a number system: forward, BPTT, derivatives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, ClassVar

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.rnn import Gradients, recursion
from bpttcheck.cells.rnn import Run, Weights, equations
from bpttcheck.output_losses import OutputLoss
from bpttcheck.runs.arbitrary import chosen_activation, chosen_output_loss
from bpttcheck.runs.model import as_arrays, check_targets, named, position
from bpttcheck.runs.systems import System
from bpttcheck.softmax_nll import softmax_of
from bpttcheck.statements.terms import IllTyped, Term
from bpttcheck.witnesses.duals import derivatives, unit_vectors

WEIGHTS = ("U", "W", "V", "b", "c")


@dataclass(frozen=True, eq=False)
class Case:
    """One example: T + 1 steps of input, of which the loss reads the first T.

    ``U`` (n, m), ``W`` (n, n), ``V`` (p, n), ``b`` (n,), ``c`` (p,), ``x`` (T + 1, B, m), ``h0``
    (B, n), ``y`` (T, B, p); ``targets`` says whether the rows of y are one-hot (``"class"``),
    sum to one (``"distribution"``) or are any numbers (``"any"``).
    """

    U: Array
    W: Array
    V: Array
    b: Array
    c: Array
    x: Array
    h0: Array
    y: Array
    phi: str = "tanh"
    loss: str = "nll"
    targets: str = "class"

    model: ClassVar[str] = "rnn"

    def __post_init__(self) -> None:
        as_arrays(self, y="TBp", U="nm", W="nn", V="pn", b="n", c="p", h0="Bn", x="+TBm")
        check_targets(self.y, self.targets)

    @property
    def sizes(self) -> dict[str, int]:
        """T, B, m, n and p."""
        (T, B, p), (n, m) = self.y.shape, self.U.shape
        return {"T": T, "B": B, "m": m, "n": n, "p": p}


class Evaluation:
    """A case in a number system, evaluated as far as it is asked."""

    def __init__(self, case: Case, system: System, y: Array) -> None:
        self.system = system
        self.modulus = system.modulus
        self.sizes = case.sizes
        m, n, p = (self.sizes[s] for s in "mnp")
        self.shapes = {
            "U": (n, m), "W": (n, n), "V": (p, n), "b": (n, 1), "c": (p, 1),
            "x": (m, 1), "a": (n, 1), "h": (n, 1), "o": (p, 1), "E": (1, 1), "y_hat": (p, 1),
        }  # fmt: skip
        self.T = case.sizes["T"]
        drawn = {name: system.drawn(name, getattr(case, name)) for name in WEIGHTS}
        self.weights = Weights(**drawn)
        self.x, self.h0 = system.drawn("x", case.x), system.drawn("h0", case.h0)
        self.y = y
        self.phi = chosen_activation("phi", case.phi, system.arbitrary())
        self.loss: OutputLoss = chosen_output_loss(case.loss, system.arbitrary())
        self._tangents: dict[tuple[str, bool], dict[str, Array]] = {}

    @cached_property
    def run(self) -> Run:
        """The forward pass over T + 1 steps."""
        return equations(self.weights, self.x, self.h0, self.phi)

    @cached_property
    def scored(self) -> Run:
        """The part of the forward pass that the loss reads: the first T steps."""
        r, T = self.run, self.T
        return replace(r, x=r.x[:T], a=r.a[:T], h=r.h[: T + 1], o=r.o[:T])

    @cached_property
    def losses(self) -> Array:
        """The loss of every step and sequence, (T, B)."""
        return self.loss.value(self.scored.o, self.y)

    @cached_property
    def do(self) -> Array:
        """∂L/∂o_t, from the loss's own gradient."""
        return self.loss.gradient(self.scored.o, self.y)

    @cached_property
    def gradients(self) -> Gradients:
        """The output of BPTT."""
        return recursion(self.weights, self.scored, self.do)

    def outputs(self, **changed: Any) -> dict[str, Array]:
        """Run forward with an axis of directions between time and batch."""
        weights = replace(self.weights, **{k: v for k, v in changed.items() if k in WEIGHTS})
        x, offsets = changed.get("x", self.x[:, None]), changed.get("offsets", {})
        run = equations(weights, x, self.h0, self.phi, offsets=offsets)
        losses = self.loss.value(run.o[: self.T], self.y[:, None])
        named = {"a": run.a, "h": run.h, "o": run.o}
        if changed.get("predict") or "y_hat" in offsets:
            named["y_hat"] = softmax_of(run.o)
        if "y_hat" in offsets:  # L as a function of the probabilities: NLL alone has one
            named["y_hat"] = named["y_hat"] + offsets["y_hat"]
            losses = (-self.y[:, None] * np.log(named["y_hat"][: self.T])).sum(axis=-1)
        if "E" in offsets:
            losses = losses + offsets["E"]
        return {"E": losses, "L": losses.sum(axis=0), **named}

    def tangents(self, name: str, predict: bool) -> dict[str, Array]:
        """Return derivatives along K directions, one an entry of the variable, in order.

        L is (K, B); E (T, K, B); a, h, o and, where it is asked for, ŷ are (steps, K, B, size).
        """
        key = (name, predict)
        if key not in self._tangents:
            self._tangents[key] = self._derive(name, predict)
        return self._tangents[key]

    def _derive(self, name: str, predict: bool) -> dict[str, Array]:
        run = partial(self.outputs, predict=predict)
        along = partial(derivatives, self.system)
        if name in WEIGHTS:
            values = getattr(self.weights, name)
            flat = np.eye(values.size).reshape(-1, *values.shape)  # one direction an entry
            if name in ("b", "c"):
                flat, values = flat[:, None], values[None]
            return along(values, flat, lambda z: run(**{name: z}))
        steps = self.T + {"h": 2, "E": 0}.get(name, 1)
        size, _ = self.shapes[name]
        entry = unit_vectors(steps * size, 0).reshape(steps, size, steps * size)
        directions = np.moveaxis(entry, 1, -1)[:, :, None]  # (steps, K, 1, size)
        if name == "x":
            return along(self.x[:, None], directions, lambda z: run(x=z))
        if name == "E":  # one number a step
            directions = directions[..., 0]
        zeros = self.system.constant(np.zeros(directions.shape))
        return along(zeros, directions, lambda z: run(offsets={name: z}))

    def d(self, over: Any, under: Any) -> Term:
        """Return the derivative ∂over/∂under, one a sequence, by duals on the forward.

        A scalar by a column or matrix has the shape of what it is taken by (a gradient); a column
        by a column is a matrix in numerator layout: a row for each entry of ``over``.
        """
        named(over, under, ("L", "E", "a", "h", "o", "y_hat"), self.shapes)
        tangents = self.tangents(under.name, over.name == "y_hat")[over.name]
        if over.index is not None:
            tangents = tangents[position(over)]
        by_sequence = np.moveaxis(tangents, 0, -1)  # (B, entries) or (B, size, entries)
        if over.entry is not None:
            by_sequence = by_sequence[:, over.entry[0] - 1]
        rows, columns = self.shapes[under.name]
        if under.index is not None:
            start = position(under) * rows
            by_sequence = by_sequence[..., start : start + rows]
        if by_sequence.ndim == 2:  # of a scalar: in the shape of what it is taken by
            gradient = by_sequence.reshape(-1, rows, columns)
            if under.entry is not None:
                gradient = gradient[:, under.entry[0] - 1, under.entry[1] - 1]
            return Term(gradient if under.core or under.entry else gradient[:, 0, 0], self.modulus)
        if under.entry is not None:
            place = (under.entry[0] - 1) * columns + under.entry[1] - 1
            return Term(by_sequence[..., place : place + 1], self.modulus)
        if columns != 1:
            raise IllTyped("a column by a matrix is no matrix")
        return Term(by_sequence, self.modulus)
