"""A block of steps on the way back: a cell's schedule, bound to the arrays that it is done to."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.each_row import Calls
from bpttcheck.bptt.acts import Rows, by_matrix, copied, times
from bpttcheck.bptt.local_derivatives import local_derivatives
from bpttcheck.bptt.schedule import Act, Gather, Multiply, schedule
from bpttcheck.cells.arrays import outer, product, rows, stacked, total
from bpttcheck.cells.cell import Cell, of
from bpttcheck.cells.run import Run

Room: TypeAlias = Callable[[str, tuple[int, ...], Any], Array]
"""From a name, a shape and a dtype, an array to put ∂L/∂ of that thing in."""


class Stacks:
    """The weights of gates side by side, as products take them: made once for all blocks."""

    def __init__(self, weights: Mapping[str, Array], cell: Cell) -> None:
        self.weights, self.cell = weights, cell
        self.U = stacked(weights, cell.names["U"])
        self.W = [stacked(weights, names) for names in cell.names["W"]]
        self.n = self.U.shape[-2] // len(cell.graph.order)

    def own(self, gates: Sequence[str]) -> slice:
        """Return where gates side by side lie in the stack."""
        first = self.cell.graph.order.index(gates[0]) * self.n
        return slice(first, first + len(gates) * self.n)

    def named(self, sums: Sequence[Array], unders: Sequence[str]) -> dict[str, Array]:
        """Return ∂L/∂ of every weight by its name, from the sums of all blocks.

        ``unders`` is what the cell's factors are derivatives by, in their order.
        """
        left, n, graph = iter(sums), self.n, self.cell.graph
        dU, db = next(left), next(left)
        found = {k: 0 * self.weights[k] for k in self._without_effect(unders)}
        for k in graph.order:
            own = self.own((k,))
            found |= {of("U", k): dU[own], of("b", k): db[own]}
        for p in graph.products:
            dW = next(left)
            for j, k in enumerate(p.gates):
                found[of("W", k)] = dW[j * n : (j + 1) * n]
                if k in graph.apart:
                    found[f"b_W{k}"] = next(left)
        for name, _ in graph.linear:
            found[name] = next(left)
        for under in unders:
            if under in self.cell.weights:
                effect = next(left)
                found[under] = found[under] + effect if under in found else effect
        return found | {"V": next(left), "b_s": next(left)}

    def _without_effect(self, unders: Sequence[str]) -> list[str]:
        """Return the weights that nothing depends on: W_k of a gate that reads no state."""
        graph = self.cell.graph
        reading = {k for p in graph.products for k in p.gates}
        acting = {*unders} | dict(graph.linear).keys()
        acting |= {f"b_W{k}" for k in graph.apart}
        silent = [of("W", k) for k in graph.order if k not in reading]
        return silent + [k for k in self.cell.weights if k not in acting]


class StepsBack:
    """Every step back of a block.

    Attributes:
        d: ∂L/∂ of each state (T + 1, …, n); of the pre-activations, side by side, as ``a``; of
            what is read, and of what a matrix makes, by name.
        met: of each product what W_k meets on the way back, gate beside gate.
        calls: what is done at each step, in order, the last step first.
    """

    def __init__(
        self,
        stacks: Stacks,
        run: Run,
        ds: Array,
        after: Mapping[str, Array],
        room: Room,
    ) -> None:
        """Prepare; ``after`` is ∂L/∂ of the last states from the steps after the block, if any."""
        weights = stacks.weights
        self.stacks, self.run, self.cell, self.ds = stacks, run, run.cell, ds
        self.graph, self.T, self.n = run.cell.graph, len(run.x), stacks.n
        self.local = local_derivatives(weights, run)
        self.lead = run.made["h"].shape[1:-1]
        self.dtype = self._dtype(ds)
        plan = schedule(self.cell, run.mask is not None)
        self.d = {"a": room("a", (self.T, *self.lead, stacks.U.shape[-2]), self.dtype)}
        for k in self.cell.states:
            self.d[k] = state = room(k, run.made[k].shape, self.dtype)
            zero = 0 * run.made[k][0]
            if k == "h":
                product(ds, weights["V"], out=state[1:])
                state[0] = zero
            else:  # what is put there, not added to, needs no zero
                state[-1 if k in plan.kept else slice(None)] = zero
            if k in after:
                state[-1] += after[k]
        for name, made in self.graph.linear:
            self.d[made] = self._room(len(weights[name]))
            self.d[f"read_{name}"] = self._room(weights[name].shape[-1])
        self.met = []
        for p, W, own in zip(self.graph.products, stacks.W, plan.apart, strict=True):
            if p.read != "h-":
                self.d[p.read] = self._room(W.shape[-1])
            if own:
                self.met.append(self._room(len(p.gates) * self.n))
            else:
                self.met.append(self.d["a"][..., stacks.own(p.gates)])
        for k in plan.idle:
            self.d["a"][..., stacks.own((k,))] = 0 * run.made[of("a", k)]
        self._known: dict[str, Rows] = {}
        self.calls = [call for act in plan.acts for call in self._bound(act)]

    def _dtype(self, ds: Array) -> Any:
        factors = (*self.local.slopes.values(), *self.local.factors.values())
        numbers = [self.stacks.weights["V"], self.run.made["h"], *self.stacks.W]
        numbers += [f for f in factors if isinstance(f, np.ndarray)]
        for a in numbers:
            if a.dtype != ds.dtype:
                return np.result_type(ds, *numbers)
        return ds.dtype

    def _room(self, size: int) -> Array:
        return np.empty((self.T, *self.lead, size), dtype=self.dtype)

    def _of(self, name: str) -> Array:
        """Return ∂L/∂ of a thing at all steps of the block, the first one first."""
        if name in self.cell.states:
            return self.d[name][1:]
        if name[-1:] == "-":
            return self.d[name[:-1]][:-1]
        if name in self.cell.names["a"]:
            first = self.cell.names["a"].index(name) * self.n
            return self.d["a"][..., first : first + self.n]
        if name in self.d:
            return self.d[name]
        for p, met in zip(self.graph.products, self.met, strict=True):
            if name[2:] in p.gates:  # q_k, which the product of W_k meets itself
                j = p.gates.index(name[2:]) * self.n
                return met[..., j : j + self.n]
        raise KeyError(name)

    def _rows(self, name: str) -> Rows:
        """Return ∂L/∂ of a thing at each step, the last one first."""
        if name not in self._known:
            self._known[name] = list(self._of(name)[::-1])
        return self._known[name]

    def _bound(self, act: Act) -> Calls:
        """Return the calls of an act on the arrays at hand."""
        weights, W = self.stacks.weights, self.stacks.W
        if isinstance(act, Gather):
            first, last = act.place * self.n, (act.place + len(act.gates)) * self.n
            met, da = self.met[act.product][..., first:last], self.d["a"]
            return copied(list(da[::-1, ..., self.stacks.own(act.gates)]), list(met[::-1]))
        if isinstance(act, Multiply) and act.linear:
            made = dict(self.graph.linear)[act.linear]
            into = self._rows(f"read_{act.linear}")
            return by_matrix(self._rows(made), weights[act.linear], into, act.add)
        if isinstance(act, Multiply):
            met, p = self.met[act.product], self.graph.products[act.product]
            whole = "" in p.gates and not self.graph.apart
            source = self._rows("a") if whole else list(met[::-1])
            return by_matrix(source, W[act.product], self._rows(p.read), act.add)
        source, under = self._rows(act.over), act.unders[0]
        if under not in self.cell.gates:
            factor = self.local.factors[act.over, under]
            return times(source, factor, self._rows(under), act.add)
        if len(act.unders) == 1 or math.prod(self.lead) == 1:  # rows of one piece are faster
            calls: Calls = []
            for k in act.unders:
                factor = self.local.into_gate((act.over, k))
                calls += times(source, factor, self._rows(of("a", k)), act.add)
            return calls
        factor = np.empty((self.T, *self.lead, len(act.unders), self.n), dtype=self.dtype)
        for j, k in enumerate(act.unders):
            self.local.into_gate((act.over, k), out=factor[..., j, :])
        da = self.d["a"][..., self.stacks.own(act.unders)]
        gates = da.reshape(*da.shape[:-1], len(act.unders), self.n)
        return times([row[..., None, :] for row in source], factor, list(gates[::-1]), act.add)

    def sums(self) -> list[Array]:
        """Return what the block adds to ∂L/∂ of the weights, in the order of ``named``."""
        run, d, da = self.run, self.d, self.d["a"]
        found = [outer(da, run.x), total(da)]
        for p, met in zip(self.graph.products, self.met, strict=True):
            found.append(outer(met, run.made["h"][:-1] if p.read == "h-" else run.made[p.read]))
            for j, k in enumerate(p.gates):
                if k in self.graph.apart:
                    found.append(total(rows(met)[:, j * self.n : (j + 1) * self.n]))
        for name, made in self.graph.linear:
            found.append(outer(d[made], run.made[f"read_{name}"]))
        for (over, under), factor in self.local.factors.items():
            if under in self.cell.weights:
                found.append(total(self._of(over) * factor))
        return [*found, outer(self.ds, run.made["h"][1:]), total(self.ds)]
