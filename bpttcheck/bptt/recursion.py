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
from bpttcheck.bptt.local_derivatives import local_derivatives
from bpttcheck.bptt.passes import Gradients
from bpttcheck.bptt.schedule import Act, Gather, Multiply, apart, schedule
from bpttcheck.cells.arrays import outer, product, stacked, total
from bpttcheck.cells.cell import of
from bpttcheck.cells.run import Run

Done = Callable[[int], None]
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
    """Every step back: a cell's schedule, and the arrays that it is done to.

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
        self.U = stacked(weights, self.cell.names["U"])
        self.W = [stacked(weights, names) for names in self.cell.names["W"]]
        self.n, self.lead = len(self.U) // len(self.graph.order), run.made["h"].shape[1:-1]
        self.dtype = self._dtype(ds)
        plan = schedule(self.cell, run.mask is not None)
        self.d: dict[str, Array] = {"a": self._room(len(self.U))}
        for k in self.cell.states:
            self.d[k] = np.empty(run.made[k].shape, dtype=self.dtype)
            self.d[k][-1 if k in plan.kept else slice(None)] = 0 * run.made[k][0]
        self.d["h"][0] = 0 * run.made["h"][0]
        product(ds, weights["V"], out=self.d["h"][1:])
        for name, made in self.graph.linear:
            self.d[made] = self._room(len(weights[name]))
            self.d[f"read_{name}"] = self._room(weights[name].shape[-1])
        self.met = []
        for p, W in zip(self.graph.products, self.W, strict=True):
            if p.read != "h-":
                self.d[p.read] = self._room(W.shape[-1])
            if apart(self.graph, p):
                self.met.append(self._room(len(p.gates) * self.n))
            else:
                self.met.append(self.d["a"][..., self._own(p.gates)])
        for k in plan.idle:
            self.d["a"][..., self._own((k,))] = 0 * run.made[of("a", k)]
        self._known: dict[str, Rows] = {}
        self.acts = [self._bound(act) for act in plan.acts]

    def _dtype(self, ds: Array) -> Any:
        factors = (*self.local.slopes.values(), *self.local.factors.values())
        numbers = [self.weights["V"], self.run.made["h"], *self.W]
        numbers += [f for f in factors if isinstance(f, np.ndarray)]
        dtypes = {a.dtype for a in numbers} | {ds.dtype}
        return ds.dtype if len(dtypes) == 1 else np.result_type(ds, *numbers)

    def _room(self, size: int) -> Array:
        return np.empty((self.T, *self.lead, size), dtype=self.dtype)

    def _own(self, gates: Sequence[str]) -> slice:
        """Return where gates side by side lie in the stack."""
        first = self.graph.order.index(gates[0]) * self.n
        return slice(first, first + len(gates) * self.n)

    def _rows(self, name: str) -> Rows:
        """Return ∂L/∂ of a thing of step t at t; of the state before where it is called ``h-``."""
        if name not in self._known:
            self._known[name] = self._rows_of(name)
        return self._known[name]

    def _rows_of(self, name: str) -> Rows:
        if name in self.cell.states:
            return list(self.d[name])
        if name[-1:] == "-":
            return [None, *self._rows(name[:-1])]  # one too many: that of T itself is never met
        if name in self.cell.names["a"]:
            first = self.cell.names["a"].index(name) * self.n
            return [None, *self.d["a"][..., first : first + self.n]]
        if name in self.d:
            return [None, *self.d[name]]
        for p, met in zip(self.graph.products, self.met, strict=True):
            if name[2:] in p.gates:  # q_k, which the product of W_k meets itself
                j = p.gates.index(name[2:]) * self.n
                return [None, *met[..., j : j + self.n]]
        raise KeyError(name)

    def _bound(self, act: Act) -> Done:
        """Return what an act does at a step, on the arrays at hand."""
        if isinstance(act, Gather):
            met = self.met[act.product][..., act.place * self.n : (act.place + 1) * self.n]
            return _copied(self._rows(of("a", act.gate)), [None, *met])
        if isinstance(act, Multiply) and act.linear:
            made = dict(self.graph.linear)[act.linear]
            into = self._rows(f"read_{act.linear}")
            return _matmul(self._rows(made), self.weights[act.linear], into, act.add)
        if isinstance(act, Multiply):
            source, W = [None, *self.met[act.product]], self.W[act.product]
            return _matmul(source, W, self._rows(self.graph.products[act.product].read), act.add)
        source, under = self._rows(act.over), act.unders[0]
        if under not in self.cell.gates:
            factor = self.local.factors[act.over, under]
            return _times(source, factor, self._rows(under), act.add)
        if len(act.unders) == 1:
            factor = self.local.into_gate((act.over, under))
            return _times(source, factor, self._rows(of("a", under)), act.add)
        factor = np.empty((self.T, *self.lead, len(act.unders), self.n), dtype=self.dtype)
        for j, k in enumerate(act.unders):
            self.local.into_gate((act.over, k), out=factor[..., j, :])
        da = self.d["a"][..., self._own(act.unders)]
        into = [None, *da.reshape(*da.shape[:-1], len(act.unders), self.n)]
        wide = [None if row is None else row[..., None, :] for row in source]
        return _times(wide, factor, into, act.add)

    def _without_effect(self) -> list[str]:
        """Return the weights that nothing depends on: W_k of a gate that reads no state."""
        reading = {k for p in self.graph.products for k in p.gates}
        acting = {under for _, under in self.local.factors} | dict(self.graph.linear).keys()
        acting |= {f"b_W{k}" for k in self.graph.apart}
        silent = [of("W", k) for k in self.graph.order if k not in reading]
        return silent + [k for k in self.cell.weights if k not in acting]

    def gradients(self, ds: Array) -> Gradients:
        """Return every gradient, the weights' as sums over all steps."""
        run, d, da, n = self.run, self.d, self.d["a"], self.n
        steps = {of("a", k): da[..., self._own((k,))] for k in self.graph.order}
        steps |= {k: d[k] for k in self.cell.states}
        dU, db = outer(da, run.x), total(da)
        whole = [dU, db]
        sums = {k: 0 * self.weights[k] for k in self._without_effect()}
        for k in self.graph.order:
            sums |= {of("U", k): dU[self._own((k,))], of("b", k): db[self._own((k,))]}
        for p, met in zip(self.graph.products, self.met, strict=True):
            dW = outer(met, run.made["h"][:-1] if p.read == "h-" else run.made[p.read])
            whole.append(dW)
            for j, k in enumerate(p.gates):
                own = slice(j * n, (j + 1) * n)
                sums[of("W", k)] = dW[own]
                if k in self.graph.apart:
                    sums[f"b_W{k}"] = total(met[..., own])
        for name, made in self.graph.linear:
            sums[name] = outer(d[made], run.made[f"read_{name}"])
        for (over, under), factor in self.local.factors.items():
            if under in self.cell.weights:
                effect = total(np.stack(self._rows(over)[1:]) * factor)
                sums[under] = sums[under] + effect if under in sums else effect
        sums |= {"V": outer(ds, run.made["h"][1:]), "b_s": total(ds)}
        dx = product(da, self.U)
        further = [sums[k] for k in (*self.cell.weights, "V", "b_s")]
        states = [d[k] for k in self.cell.states]
        return Gradients(steps, dx, sums, (*whole, *further, da, dx, *states))


def _times(source: Rows, factor: Array, into: Rows, add: bool) -> Done:
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


def _matmul(source: Rows, W: Array, into: Rows, add: bool) -> Done:
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


def _copied(source: Rows, into: Rows) -> Done:
    """Copy, at a step."""

    def copy(t: int) -> None:
        into[t][...] = source[t]

    return copy
