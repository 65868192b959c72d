"""A vanilla RNN recognised in the user's parameters and data, in the axes of our equations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from bpttcheck.activations import BY_NAME, Activation, tanh
from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.layouts import Layout
from bpttcheck.diagnosis.objectives import Objective
from bpttcheck.diagnosis.vanilla import Run, Weights, equations

Arrays = Mapping[str, Array]

HALVED = Activation(
    "tanh(a/2)", lambda a: np.tanh(a / 2), lambda a: np.asarray(tanh.derivative(a / 2)) / 2
)
"""What some write σ with, and some take for an activation."""

ACTIVATIONS = {**BY_NAME, HALVED.name: HALVED}

Suffix = tuple[str, int]
"""Which steps count: ("last", k) of them, or all but the first ("skip", k)."""


LOSS_ROLES = ("y", "yh", "yc", "mask")
"""The roles that the loss plays with, not the forward pass."""


@dataclass(frozen=True)
class Slot:
    """Where a role is played: by a parameter (``of`` = "params") or by data, in some layout."""

    of: str
    name: str
    layout: Layout

    def read(self, params: Arrays, data: Arrays) -> Array:
        """Return the array in the axes of our equations."""
        return self.layout.read((params if self.of == "params" else data)[self.name])

    def __str__(self) -> str:
        return f"{self.name} {self.layout.name}".strip()


@dataclass(frozen=True)
class Network:
    """The arrays of one point: x (T, B, m), h0 (B, n), y (T, B, p), and the forward run.

    The loss is ``scale`` times the objective's total over all steps, over the last one, or over
    those that ``mask`` (T, B, 1) counts. Where states or cells are outputs too, it has a sum of
    them, weighted by ``others`` (T, B, n).
    """

    weights: Weights
    x: Array
    h0: Array
    y: Array
    run: Run
    objective: Objective
    last: bool
    scale: float = 1.0
    mask: Array | None = None
    others: Mapping[str, Array] = field(default_factory=dict)
    tokens: Array | None = None
    """Which rows of an embedding the inputs are (T, B, k), where they are."""

    @property
    def phi(self) -> Activation:
        """The activation of the state."""
        return self.run.phi

    @property
    def total(self) -> float:
        """The objective's total, before scaling."""
        o, y = (self.run.o[-1:], self.y[-1:]) if self.last else (self.run.o, self.y)
        also = sum(float((w * getattr(self.run, k)[1:]).sum()) for k, w in self.others.items())
        return self.objective.total(o, y, self.mask) + also

    def on(self, state: str) -> Array | float:
        """Return what a state or cell, "h" or "c", gets as an output of its own."""
        return self.scale * self.others[state] if state in self.others else 0.0

    @property
    def factors(self) -> dict[str, float]:
        """The factors that a mean over too many steps makes, or over too few; S of TB count."""
        count = 0.0 if self.mask is None else float(self.mask.sum())
        if count <= 0:
            return {}
        every = float(np.prod(self.run.o.shape[:2]))
        return {"S": count, "1/S": 1 / count, "S/TB": count / every, "TB/S": every / count}

    def moved(self, share: float, rng: np.random.Generator) -> Network:
        """Return the network with every number moved by at most a share of it."""

        def near(a: Array) -> Array:
            return np.asarray(a * (1 + share * rng.uniform(-1, 1, a.shape)))

        given = vars(self.weights).items()
        weights = Weights(**{name: None if a is None else near(a) for name, a in given})  # type: ignore[arg-type]
        x, h0 = near(self.x), near(self.h0)
        with np.errstate(all="ignore"):
            run = equations(weights, x, h0, self.phi)
        return replace(self, weights=weights, x=x, h0=h0, run=run)

    def output_gradient(self) -> Array:
        """Return ∂L/∂o (T, B, p)."""
        return self.on_outputs(self.objective.gradient(self.run.o, self.y))

    def on_outputs(self, steps: Array) -> Array:
        """Return a gradient of the objective scaled, and zero at steps that do not count."""
        return self.counted(self.scale * np.asarray(steps))

    def counted(self, steps: Array) -> Array:
        """Return what belongs to steps, zero at those that do not count."""
        if self.last:
            return np.concatenate([0 * steps[:-1], steps[-1:]])
        return steps if self.mask is None else steps * self.mask

    def unmasked(self) -> Array | None:
        """Return ∂L/∂o as it would be if all steps counted; None if they do."""
        if self.mask is None:
            return None
        return self.scale * np.asarray(self.objective.gradient(self.run.o, self.y))


def embedded(one: Arrays) -> Array:
    """Return the inputs: as they are, or the embedding's rows."""
    return np.asarray(one["x"] @ one["E"]) if "E" in one else one["x"]


@dataclass(frozen=True)
class Reading:
    """Which arrays play which role, and the functions: what makes a point a :class:`Network`.

    ``slots`` has the role of each; b may be played twice. A role without a slot is an identity
    matrix (U, V), absent (b, c) or zero (h0).
    """

    slots: tuple[tuple[str, Slot], ...]
    phi: str
    objective: Objective | None = None
    last: bool = False
    suffix: Suffix | None = None

    def of(self, role: str) -> list[Slot]:
        """Return who plays a role."""
        return [slot for name, slot in self.slots if name == role]

    def run(self, params: Arrays, data: Arrays) -> tuple[Weights, Array, Array, Run]:
        """Return the weights, x, h0 and the forward run."""
        one: dict[str, Array] = {}
        for role, slot in self.slots:
            if role not in LOSS_ROLES:
                array = slot.read(params, data)
                one[role] = one[role] + array if role in one else array
        W, x = one["W"], embedded(one)
        n = len(W)
        weights = Weights(
            one.get("U", np.eye(n)), W, one.get("V", np.eye(n)), one.get("b"), one.get("c")
        )
        h0 = np.broadcast_to(one.get("h0", np.zeros((1, n))), (x.shape[1], n))
        with np.errstate(all="ignore"):
            run = equations(weights, x, h0, ACTIVATIONS[self.phi])
        return weights, x, h0, run

    def network(self, params: Arrays, data: Arrays, value: float) -> Network:
        """Return the network at a point, scaled so that its loss is the user's."""
        assert self.objective is not None
        weights, x, h0, run = self.run(params, data)
        y = self.targets(params, data, run.o)
        mask = self.mask(params, data, run.o)
        bare = Network(
            weights, x, h0, y, run, self.objective, self.last, mask=mask,
            others=self.others(params, data, len(run.o)), tokens=self.tokens(params, data),
        )  # fmt: skip
        total = bare.total
        return replace(bare, scale=value / total if total else 1.0)

    def targets(self, params: Arrays, data: Arrays, o: Array) -> Array:
        """Return y (T, B, p)."""
        (slot,) = self.of("y")
        return np.broadcast_to(slot.read(params, data), o.shape)

    def tokens(self, params: Arrays, data: Arrays) -> Array | None:
        """Return the tokens (T, B, k), one-hot, if the inputs are an embedding's rows."""
        return self.of("x")[0].read(params, data) if self.of("E") else None

    def others(self, params: Arrays, data: Arrays, T: int) -> dict[str, Array]:
        """Return the weights of states "h" and cells "c" (T, B, n) that are outputs too."""
        found = {}
        for role, slot in self.slots:
            if role in ("yh", "yc"):
                w = slot.read(params, data)
                found[role[1]] = np.concatenate([np.zeros((T - len(w), *w.shape[1:])), w])
        return found

    def mask(self, params: Arrays, data: Arrays, o: Array) -> Array | None:
        """Return which steps count (T, B, 1), if not all do."""
        if self.suffix is not None:
            T, B, _ = o.shape
            kind, k = self.suffix
            first = min(k, T) if kind == "skip" else max(T - k, 0)
            return np.broadcast_to((np.arange(T) >= first)[:, None, None] * 1.0, (T, B, 1))
        return next((slot.read(params, data) for slot in self.of("mask")), None)

    def suffixes(self, T: int) -> list[Reading]:
        """Return the reading, and where some last steps of T count that but for the first ones."""
        if self.suffix is None or self.suffix[0] == "skip":
            return [self]
        return [self, replace(self, suffix=("skip", T - self.suffix[1]))]

    def told(self, network: str) -> str:
        """Return the network's name with its loss and who plays which role."""
        roles = ", ".join(f"{role} = {slot}" for role, slot in self.slots if slot.of == "params")
        loss = "" if self.objective is None else f", {self.objective.name}"
        steps = " of the last step" if self.last else ""
        if self.suffix is not None:
            kind, k = self.suffix
            steps = f" of the last {k} steps" if kind == "last" else f" of all but {k} steps"
        counted = "".join(f", of the steps in {slot.name}" for slot in self.of("mask"))
        also = {"yh": ", and of states", "yc": ", and of cells"}
        more = "".join(also.get(role, "") for role, _ in self.slots)
        return f"{network}{loss}{steps}{counted}{more}: {roles}"

    def __str__(self) -> str:
        return self.told(f"a vanilla RNN, {self.phi}")
