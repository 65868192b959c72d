"""An LSTM or GRU recognised in the user's parameters and data, in the axes of our equations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.cells import gru, lstm
from bpttcheck.cells.cell import Cell as Declared
from bpttcheck.cells.forward import equations
from bpttcheck.diagnosis.network import LOSS_ROLES, Arrays, Network, Reading, Slot, embedded
from bpttcheck.diagnosis.objectives import Objective


@dataclass(frozen=True)
class Cell:
    """Which cell: "LSTM", "GRU" or a declared one's name.

    For the GRU also where its reset acts, and whether z_t keeps: where it does not,
    h_t = (1 − z_t) ∘ h_{t−1} + z_t ∘ g_t. A declared cell is told by its ``words``.
    """

    name: str
    reset: str = "before"
    keeps: bool = True
    declared: Declared | None = field(default=None, compare=False)
    words: str = "an LSTM"

    @property
    def gates(self) -> str:
        """Our letters of the gates."""
        if self.declared is not None:
            return "".join(self.declared.gates)
        return "ifgo" if self.name == "LSTM" else "zrg"

    @property
    def two(self) -> bool:
        """Whether there is a cell c beside the state."""
        return self.name == "LSTM" if self.declared is None else "c" in self.declared.states

    def __str__(self) -> str:
        if self.name != "GRU":
            return self.words
        kept = "z" if self.keeps else "1 − z"
        return f"a GRU, reset {self.reset} the product, {kept} keeps the state"


GRUS = tuple(Cell("GRU", reset, keeps) for keeps in (True, False) for reset in gru.RESETS)


@dataclass(frozen=True)
class GatedRun:
    """The forward run: ``a`` and ``gates`` (T, B, n) by letter, h (T + 1, B, n), o (T, B, p).

    For the LSTM ``c`` (T + 1, B, n) and ``tanh_c`` (T, B, n); for the GRU ``q``, what the reset
    gate makes or meets (T, B, n). What a cell lacks is empty. ``reads`` is what W_k multiplies
    where that is not h_{t−1}.
    """

    a: Mapping[str, Array]
    gates: Mapping[str, Array]
    h: Array
    o: Array
    c: Array
    tanh_c: Array
    q: Array
    reads: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class GatedNetwork(Network):
    """The arrays of one point: those of a :class:`Network`, with weights by name and c0 (B, n)."""

    weights: Mapping[str, Array]  # type: ignore[assignment]
    run: GatedRun  # type: ignore[assignment]
    cell: Cell = Cell("LSTM")
    c0: Array | None = None
    idle: Mapping[str, Array] = field(default_factory=dict)
    """Weights of gates that the forward pass makes with another gate's."""

    def moved(self, share: float, rng: np.random.Generator) -> GatedNetwork:
        """Return the network with every number moved by at most a share of it."""

        def near(a: Array) -> Array:
            return np.asarray(a * (1 + share * rng.uniform(-1, 1, a.shape)))

        weights = {name: near(a) for name, a in self.weights.items()}
        x, h0, c0 = near(self.x), near(self.h0), None if self.c0 is None else near(self.c0)
        run = run_of(self.cell, weights, x, h0, c0)
        return replace(self, weights=weights, x=x, h0=h0, c0=c0, run=run)


def run_of(
    cell: Cell, weights: Mapping[str, Array], x: Array, h0: Array, c0: Array | None
) -> GatedRun:
    """Run a cell forward."""
    none = np.zeros(0)
    with np.errstate(all="ignore"):
        if cell.declared is not None:
            return _declared(cell.declared, weights, x, h0, h0 if c0 is None else c0)
        if cell.name == "LSTM":
            given = {k: a for k, a in weights.items() if k != "c"} | {"b_s": weights["c"]}
            start = {"h": h0, "c": h0 if c0 is None else c0}
            l = equations(lstm.lstm(), given, x, start)  # noqa: E741
            return GatedRun(
                {"i": l.a_i, "f": l.a_f, "g": l.a_g, "o": l.a_o},
                {"i": l.i, "f": l.f, "g": l.g, "o": l.o}, l.h, l.s, l.c, l.tanh_c, none,
            )  # fmt: skip
        sign = 1.0 if cell.keeps else -1.0  # σ(−a) = 1 − σ(a): z that replaces, as z that keeps
        given = dict(weights) | {f"{k}_z": sign * weights[f"{k}_z"] for k in "UWb"}
        given = {k: a for k, a in given.items() if k != "c"} | {"b_s": given["c"]}
        r = equations(gru.gru(cell.reset), given, x, {"h": h0})
        q = r.read_g if cell.reset == "before" else r.q_g
        z = r.z if cell.keeps else 1 - r.z
        return GatedRun(
            {"z": sign * r.a_z, "r": r.a_r, "g": r.a_g}, {"z": z, "r": r.r, "g": r.g},
            r.h, r.s, none, none, q, {"g": q} if cell.reset == "before" else {},
        )  # fmt: skip


def _declared(
    cell: Declared, weights: Mapping[str, Array], x: Array, h0: Array, c0: Array
) -> GatedRun:
    given = {k: a for k, a in weights.items() if k != "c"} | {"b_s": weights["c"]}
    run = equations(cell, given, x, {k: c0 if k == "c" else h0 for k in cell.states})
    c, none = run.made.get("c", np.zeros(0)), np.zeros(0)
    a, gates = ({k: run.made[prefix + k] for k in cell.gates} for prefix in ("a_", ""))
    reads = {k: run.read(k) for k in cell.gates}
    return GatedRun(a, gates, run.h, run.s, c, cell.squash.value(c[1:]), none, reads)


@dataclass(frozen=True)
class GatedReading(Reading):
    """Which arrays play which role: ``W_i``, ``U_i``, ``b_i``, … , V, c, x, h0, c0 and y."""

    cell: Cell = Cell("LSTM")
    idle: tuple[tuple[str, Slot], ...] = ()
    """Who would play the roles that another gate's weights play."""

    def arrays(
        self, params: Arrays, data: Arrays
    ) -> tuple[dict[str, Array], Array, Array, Array | None, GatedRun]:
        """Return the weights, x, h0, c0 and the forward run."""
        one: dict[str, Array] = {}
        for role, slot in self.slots:
            if role not in LOSS_ROLES:
                array = slot.read(params, data)
                one[role] = one[role] + array if role in one else array
        gates = self.cell.gates
        x, n = embedded(one), len(one[f"W_{gates[0]}"])
        V = one.get("V", np.eye(n))
        weights = {f"{k}_{gate}": one[f"{k}_{gate}"] for k in "UW" for gate in gates}
        weights |= {f"b_{gate}": one.get(f"b_{gate}", np.zeros(n)) for gate in gates}
        weights |= {"V": V, "c": one.get("c", np.zeros(len(V)))}
        if self.cell.reset == "after":
            weights["b_Wg"] = one.get("b_Wg", np.zeros(n))
        h0, c0 = (np.broadcast_to(one.get(k, np.zeros((1, n))), (x.shape[1], n))
                  for k in ("h0", "c0"))  # fmt: skip
        start = c0 if self.cell.two else None
        return weights, x, h0, start, run_of(self.cell, weights, x, h0, start)

    def run(self, params: Arrays, data: Arrays) -> tuple[object, Array, Array, GatedRun]:  # type: ignore[override]
        """Return the weights, x, h0 and the forward run."""
        weights, x, h0, _, run = self.arrays(params, data)
        return weights, x, h0, run

    def network(self, params: Arrays, data: Arrays, value: float) -> GatedNetwork:
        """Return the network at a point, scaled so that its loss is the user's."""
        assert isinstance(self.objective, Objective)
        weights, x, h0, c0, run = self.arrays(params, data)
        y = self.targets(params, data, run.o)
        bare = GatedNetwork(
            weights, x, h0, y, run, self.objective, self.last,
            mask=self.mask(params, data, run.o), others=self.others(params, data, len(run.o)),
            tokens=self.tokens(params, data), cell=self.cell, c0=c0,
            idle={role: slot.read(params, data) for role, slot in self.idle},
        )  # fmt: skip
        total = bare.total
        return replace(bare, scale=value / total if total else 1.0)

    def __str__(self) -> str:
        return self.told(str(self.cell))
