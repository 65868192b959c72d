"""The loop back, of every cell: factors of all steps at once, then one message a step.

    ∂L/∂under_t = Σ_over ∂over_t/∂under_t ∘ ∂L/∂over_t        entry by entry, within a step
    ∂L/∂read = Σ_k W_kᵀ ∂L/∂a_k                               over the gates that read the same
    ∂L/∂h_t = Vᵀ ∂L/∂s_t + what comes from step t + 1

A gate's slope is in the factors that lead to it, so that what comes to a gate is ∂L/∂a_k. All that
can be done for all steps at once is done before the loop, or after it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.factors import local_derivatives
from bpttcheck.bptt.gradients import Gradients
from bpttcheck.cells.cell import of
from bpttcheck.cells.graph import Product
from bpttcheck.cells.run import Run
from bpttcheck.cells.steps import outer, product, stacked, total

Act = Callable[[int], None]
"""One thing that is done at each step t on the way back."""

Rows = list[Any]
"""An array's rows, that of step t at t: views in a list are read faster than those of an array."""

Rescale = Callable[[int, Array], Array]
"""From a step t and ∂L/∂h_t (B, n), what goes on in its place."""


def recursion(
    weights: Mapping[str, Array], run: Run, ds: Array, *, rescale: Rescale | None = None
) -> Gradients:
    """Solve the recursion, unchecked, over any number system.

    Arguments:
        weights: all of them by name.
        run: a forward pass.
        ds: ∂L/∂s_t, (T, B, p).
        rescale: what replaces ∂L/∂h_t before it goes on, if anything does.
    """
    loop = _Backward(weights, run, ds)
    for t in range(len(run.x), 0, -1):
        if rescale is not None:
            loop.d["h"][t] = rescale(t, loop.d["h"][t])
        for act in loop.acts:
            act(t)
    return loop.gradients(ds)


class _Backward:
    """What is done at every step back, and the arrays that it is done to.

    Attributes:
        d: ∂L/∂ of each state (T + 1, …, n); of the pre-activations, side by side, as ``a``; of
            what is read, and of what a matrix makes, by name.
        met: of each product what W_k meets on the way back, gate beside gate.
        acts: what is done at a step, in order.
    """

    def __init__(self, weights: Mapping[str, Array], run: Run, ds: Array) -> None:
        self.weights, self.run, self.cell = weights, run, run.cell
        self.graph, self.T = run.cell.graph, len(run.x)
        self.local = local_derivatives(weights, run)
        self.factors = self.local.factors
        self.U = stacked(weights, [of("U", k) for k in self.graph.order])
        self.W = [stacked(weights, [of("W", k) for k in p.gates]) for p in self.graph.products]
        self.n, self.lead = len(self.U) // len(self.graph.order), run.made["h"].shape[1:-1]
        factors = [*self.local.slopes.values(), *self.factors.values()]
        numbers = [weights["V"], run.made["h"], *self.W]
        numbers += [f for f in factors if isinstance(f, np.ndarray)]
        alike = all(a.dtype == ds.dtype for a in numbers)
        self.dtype = ds.dtype if alike else np.result_type(ds, *numbers)
        self.d: dict[str, Array] = {"a": self._room(len(self.U))}
        for k in self.cell.states:
            self.d[k] = np.empty(run.made[k].shape, dtype=self.dtype)
            kept = (k, f"{k}-") in self.factors
            self.d[k][-1 if kept else slice(None)] = 0 * run.made[k][0]
        self.d["h"][0] = 0 * run.made["h"][0]
        product(ds, weights["V"], out=self.d["h"][1:])
        for name in self.graph.linear:
            self.d[f"q_{name}"] = self._room(len(weights[name]))
            self.d[f"read_{name}"] = self._room(weights[name].shape[-1])
        self.met = [self._met(p) for p in self.graph.products]
        self.begun = {*self.cell.states, "h-"}  # what has something in it, to be added to
        self.acts: list[Act] = []
        for node in reversed(self.graph.nodes):
            self._pass_on(node)
        for j, p in enumerate(self.graph.products):
            if p.read == "h-":
                self._product(j)
        for k in self.graph.order:
            if of("a", k) not in self.begun:  # nothing depends on this gate
                self.d["a"][..., self._own((k,))] = 0 * run.made[of("a", k)]

    def _room(self, size: int) -> Array:
        return np.empty((self.T, *self.lead, size), dtype=self.dtype)

    def _own(self, gates: Sequence[str]) -> slice:
        """Return where gates side by side lie in the stack."""
        j = self.graph.order.index(gates[0])
        return slice(j * self.n, (j + len(gates)) * self.n)

    def _beside(self, gates: Sequence[str]) -> bool:
        j = self.graph.order.index(gates[0])
        return tuple(gates) == self.graph.order[j : j + len(gates)]

    def _met(self, p: Product) -> Array:
        """Return what a product meets: a part of ∂L/∂a, or room of its own where it cannot be."""
        if self._beside(p.gates) and not self.graph.apart & set(p.gates):
            return self.d["a"][..., self._own(p.gates)]  # a view, whose base is all of it
        return self._room(len(p.gates) * self.n)

    def _rows(self, name: str) -> Rows:
        """Return ∂L/∂ of a thing of step t at t; of the state before where it is called ``h-``."""
        if name in self.cell.states:
            return list(self.d[name])
        if name[-1] == "-":
            return [None, *self.d[name[:-1]][:-1]]
        if name in self.d:
            return [None, *self.d[name]]
        for k in self.graph.order:
            if name == of("a", k):
                return [None, *self.d["a"][..., self._own((k,))]]
        p = next(p for p in self.graph.products if name in [of("q", k) for k in p.gates])
        j = [of("q", k) for k in p.gates].index(name) * self.n
        return [None, *self.met[self.graph.products.index(p)][..., j : j + self.n]]

    def _pass_on(self, node: str) -> None:
        """Do what a node asks for, once all that depends on it has been done."""
        for j, p in enumerate(self.graph.products):
            if p.read == node:
                self.d[node] = self._room(self.W[j].shape[-1])
                self._product(j)
        for name, made in self.graph.linear.items():
            if made == node:
                read = f"read_{name}"
                self.acts.append(_matmul(self._rows(node), self.weights[name], self._rows(read)))
                self._entrywise(read)
        self._entrywise(of("a", node) if node in self.cell.gates else node)

    def _product(self, j: int) -> None:
        """Multiply what comes to gates that read the same by their weights, at once."""
        p, met, n = self.graph.products[j], self.met[j], self.n
        if met.base is not self.d["a"]:
            for i, k in enumerate(p.gates):
                if k not in self.graph.apart:
                    into = [None, *met[..., i * n : (i + 1) * n]]
                    self.acts.append(_copied(self._rows(of("a", k)), into))
        add = p.read in self.begun
        self.acts.append(_matmul([None, *met], self.W[j], self._rows(p.read), add=add))
        self.begun.add(p.read)

    def _entrywise(self, over: str) -> None:
        """Pass on to what a thing depends on, entry by entry; to gates side by side at once."""
        unders = [
            under
            for o, under in self.factors
            if o == over and under not in self.cell.weights
        ]
        first = [k for k in self.graph.order if k in unders]
        while first and not (self._beside(first) and len(first) > 1):
            first.pop()
        if first and not self.begun & {of("a", k) for k in first}:
            factor = self._factor_room(len(first))
            for j, k in enumerate(first):
                self.local.into_gate((over, k), out=factor[..., j, :])
            da = self.d["a"][..., self._own(first)]
            into = [None, *da.reshape(*da.shape[:-1], len(first), self.n)]
            source = [None if d is None else d[..., None, :] for d in self._rows(over)]
            self.acts.append(_times(source, factor, into))
            self.begun |= {of("a", k) for k in first}
            unders = [k for k in unders if k not in first]
        for under in unders:
            gate = under in self.cell.gates
            edge, name = (over, under), of("a", under) if gate else under
            factor = self.local.into_gate(edge) if gate else self.factors[edge]
            self.acts.append(
                _times(self._rows(over), factor, self._rows(name), add=name in self.begun)
            )
            self.begun.add(name)

    def _factor_room(self, gates: int) -> Array:
        return np.empty((self.T, *self.lead, gates, self.n), dtype=self.dtype)

    def gradients(self, ds: Array) -> Gradients:
        """Return every gradient, the weights' as sums over all steps."""
        run, d, da, n = self.run, self.d, self.d["a"], self.n
        steps = {of("a", k): da[..., self._own((k,))] for k in self.graph.order}
        steps |= {k: d[k] for k in self.cell.states}
        sums: dict[str, Array] = {}
        for letter, stack in (("U", outer(da, run.x)), ("b", total(da))):
            sums |= {of(letter, k): stack[self._own((k,))] for k in self.graph.order}
        for p, met in zip(self.graph.products, self.met, strict=True):
            read = run.made["h"][:-1] if p.read == "h-" else run.made[p.read]
            stack = outer(met, read)
            for j, k in enumerate(p.gates):
                own = slice(j * n, (j + 1) * n)
                sums[of("W", k)] = stack[own]
                if k in self.graph.apart:
                    sums[f"b_W{k}"] = total(met[..., own])
        for name in self.graph.linear:
            sums[name] = outer(d[f"q_{name}"], run.made[f"read_{name}"])
        for (over, under), factor in self.factors.items():
            if under in self.cell.weights:
                sums[under] = total(np.stack(self._rows(over)[1:]) * factor)
        sums |= {"V": outer(ds, run.made["h"][1:]), "b_s": total(ds)}
        return Gradients(steps, product(da, self.U), sums)


def _times(source: Rows, factor: Array, into: Rows, *, add: bool = False) -> Act:
    """Multiply entry by entry, at a step."""
    f: Rows = [None, *factor]
    if not add:

        def put(t: int) -> None:
            np.multiply(source[t], f[t], out=into[t])

        return put
    room = np.empty_like(source[-1])

    def more(t: int) -> None:
        row = into[t]
        row += np.multiply(source[t], f[t], out=room)

    return more


def _matmul(source: Rows, W: Array, into: Rows, *, add: bool = False) -> Act:
    """Multiply by a matrix, at a step."""
    if not add:

        def put(t: int) -> None:
            np.matmul(source[t], W, out=into[t])

        return put
    room = np.empty_like(into[-1])

    def more(t: int) -> None:
        row = into[t]
        row += np.matmul(source[t], W, out=room)

    return more


def _copied(source: Rows, into: Rows) -> Act:
    """Copy, at a step."""

    def copy(t: int) -> None:
        into[t][...] = source[t]

    return copy
