"""A step back of a program, enclosed: ∂L/∂ of all in a step from that of the states it made."""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np

from bpttcheck.activations import Activation
from bpttcheck.arithmetic.midrad import MidRad, exact, joined
from bpttcheck.cells.cell import of
from bpttcheck.cells.factors import Values
from bpttcheck.conformance.steps_forward import CellProgram, EnclosedSteps, Made


class Back:
    """One step back of a program, for any steps of a run at once."""

    def __init__(self, program: CellProgram, steps: EnclosedSteps) -> None:
        self.program, self.cell, self.graph = program, program.cell, program.cell.graph
        self.factors = _factors(program, steps)
        made, _ = steps.factors()
        self.slopes = {
            k: program.squashes[k].slope(
                made[of("a", k)], made[k or "h"], not k and "h" in steps.given
            )
            for k in self.graph.order
        }
        self.stacks = [
            _below([program.weights[of("W", k)] for k in p.gates]) for p in self.graph.products
        ]
        self.terms = len(self.graph.order) * len(program.weights[of("b", self.graph.order[0])].mid)

    def at(self, t: Any) -> Back:
        """Return the same of a step, or of some."""
        own = copy(self)
        own.factors = {
            k: f[t] if isinstance(f, MidRad) and f.mid.ndim > 1 else f
            for k, f in self.factors.items()
        }
        own.slopes = {k: slope[t] for k, slope in self.slopes.items()}
        return own

    def steepest(self) -> Back:
        """Return the same with the slope of each gate where it is largest."""
        own = copy(self)
        own.slopes = {
            k: MidRad(np.full(a.shape, self.program.squashes[k].steepest), 0.0, 0.0, a.kind)
            for k, a in self.slopes.items()
        }
        return own

    def __call__(self, messages: Made) -> dict[str, MidRad]:
        """Return ∂L/∂ of all in a step, by name, from that of the states it made.

        Of pre-activations it is ``a_k``, of the states before ``h-``.
        """
        d: dict[str, MidRad] = dict(messages)
        for node in reversed(self.graph.nodes):
            self._products(d, node)
            for name, made in self.graph.linear:
                if made == node and node in d:
                    d[f"read_{name}"] = d[node].weighed(self.program.weights[name], self.terms)
                    self._entrywise(d, f"read_{name}")
            if node in self.cell.gates and node in d:
                d[of("a", node)] = d[node] * self.slopes[node]
                self._entrywise(d, of("a", node))
            elif node in d:
                self._entrywise(d, node)
        self._products(d, "h-")
        return d

    def _products(self, d: dict[str, MidRad], read: str) -> None:
        for p, stack in zip(self.graph.products, self.stacks, strict=True):
            if p.read == read:
                met = [d.get(of("q" if k in self.graph.apart else "a", k)) for k in p.gates]
                some = [a for a in met if a is not None]
                if some:
                    whole = joined([0.0 * some[0] if a is None else a for a in met])
                    _put(d, read, whole.weighed(stack, self.terms))

    def _entrywise(self, d: dict[str, MidRad], over: str) -> None:
        for (above, under), factor in self.factors.items():
            if above == over and under not in self.cell.weights:
                _put(d, under, d[over] if isinstance(factor, int) else d[over] * factor)


def _put(d: dict[str, MidRad], name: str, value: MidRad) -> None:
    """Add to what has come so far, in whatever order: four terms at most, in three additions."""
    d[name] = (d[name] + value).widened(value.kind.operation) if name in d else value


def _below(parts: list[MidRad]) -> MidRad:
    return joined([part.T for part in parts]).T


def _factors(program: CellProgram, steps: EnclosedSteps) -> dict[tuple[str, str], Any]:
    """Return the derivatives of what a step makes, entry by entry: enclosed, or the number 1."""
    cell = program.cell
    assert cell.factors is not None
    made, before = steps.factors()
    values: Any = {**program.weights, **made, **{f"{k}-": a for k, a in before.items()}}
    found = {}
    for over, by in cell.factors(Values(values, _as_activation(program))).items():
        for under, factor in by.items():
            if not isinstance(factor, MidRad) and not (np.ndim(factor) == 0 and factor == 1):
                factor = exact(factor, program.kind)
            found[over, under] = factor if isinstance(factor, MidRad) else 1
    return found


def _as_activation(program: CellProgram) -> Activation:
    """Return what squashes a state where it is let out, as a cell's factors ask for it."""

    def value(a: Any) -> Any:
        return program.squash.value(a, False)

    def slope(a: Any) -> Any:
        return program.squash.slope(a, value(a), False)

    return Activation(program.cell.squash.name, value, slope)
