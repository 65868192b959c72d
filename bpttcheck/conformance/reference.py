"""A layer of a reference cell, enclosed: what rounding can make of its states and gradients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.floating import OWN, FloatType
from bpttcheck.arithmetic.midrad import MidRad, exact, joined
from bpttcheck.cells.cell import Cell, of
from bpttcheck.conformance.back import Back
from bpttcheck.conformance.enclosed_steps_back import Messages
from bpttcheck.conformance.padding import Padding
from bpttcheck.conformance.steps_forward import CellProgram, EnclosedSteps, Made
from bpttcheck.conformance.unsaturated import unsaturated


@dataclass(frozen=True)
class Enclosure:
    """What programs can make of all states and of each gradient.

    Attributes:
        states: by letter; h_1, …, h_T each from the one before it where that is known.
        gradients: of the weights, x and the initial states, by name.
        unsaturated: how large each would be if no gate were saturated.
        largest: the largest modulus met on the way, in sums too; NaN where there was none.
    """

    states: Made
    gradients: Mapping[str, MidRad]
    unsaturated: Mapping[str, float]
    largest: float


def program(
    cell: Cell,
    phi: str,
    weights: Mapping[str, list[Array]],
    kind: FloatType,
    turned: frozenset[str] = frozenset(),
    clip: float | None = None,
) -> CellProgram:
    """Return a cell as a program in a float type may compute it.

    Arguments:
        cell: the reference cell.
        phi: activation of a vanilla RNN.
        weights: by the names of the reference, what each is the sum of: two biases, say.
        kind: the float type.
        turned: gates of which the program may have 1 − σ(−a) for σ(a).
        clip: what pre-activations are clipped to, if they are.
    """
    n, m = weights[of("U", next(iter(cell.gates)))][0].shape
    read = max(a[0].shape[-1] for k, a in weights.items() if len(cell.axes[k]) == 2)
    biases = max(len(parts) for k, parts in weights.items() if len(cell.axes[k]) == 1)
    terms = m + max(read, n) + biases + len(cell.weights) + 1
    enclosed = {k: _sum(parts, kind, terms) for k, parts in weights.items()}
    return CellProgram(cell, phi, enclosed, terms, turned, clip)


def _sum(parts: list[Array], kind: FloatType, terms: int) -> MidRad:
    """Return the sum of what a weight is made of; a bias is a term of the sum it is added to."""
    whole = exact(sum(parts), kind)
    size = sum(np.abs(part) for part in parts)
    count = terms if whole.mid.ndim == 1 else len(parts)
    alone = whole.mid.ndim > 1 and len(parts) == 1
    lost = 0.0 if alone else (kind.sum(count) + count * OWN) * size
    return MidRad(whole.mid, 0.0, whole.rest + lost, kind)


def enclosed(
    made: CellProgram,
    run: EnclosedSteps,
    x: MidRad,
    dh: MidRad,
    last: Mapping[str, Array],
    padding: Padding,
    ways: int = 1,
) -> Enclosure:
    """Return what programs can make of the gradients of a layer.

    Arguments:
        made: the cell, as a program may compute it.
        run: all its steps.
        x: what it reads, (T, B, m).
        dh: cotangents of all states, (T, B, n).
        last: cotangents of the last states beside those, (B, n) by letter.
        padding: which steps count, in the order in which they are taken.
        ways: layers that read the same x, whose gradients are added up in any order.

    Raises:
        Inapplicable: the cell has a function that is not enclosed.
    """
    sizes = {k: a.shape[-1] for k, a in run.before.items()}
    back = Back(made, run)
    found = Messages(back, sizes, dh, last, padding)
    gradients = _gradients(made, run, back, found, x, ways)
    gradients |= {f"{k}0": a for k, a in found.first.items()}
    met = [*run.states.values(), *found.steps.values(), *gradients.values()]
    largest = float(np.max([np.max(np.abs(a.mid) + a.radius / made.kind.unit) for a in met]))
    scales = unsaturated(made, run, back, found.steps, found.first, x.mid)
    return Enclosure(run.states, gradients, scales, largest)


def _gradients(
    made: CellProgram, run: EnclosedSteps, back: Back, found: Messages, x: MidRad, ways: int
) -> dict[str, MidRad]:
    """Return the gradients of the weights, sums over all steps, and of the inputs."""
    cell, d = made.cell, found.steps
    values, before = run.factors()
    sums = {k: exact(np.zeros(w.shape), made.kind) for k, w in made.weights.items()}
    below = []
    for k in cell.graph.order:
        da = d[of("a", k)]
        sums |= {of("U", k): _outer(da, x), of("b", k): _total(da)}
        below.append(da)
    for p in cell.graph.products:
        read = before["h"] if p.read == "h-" else values[p.read]
        for k in p.gates:
            apart = k in cell.graph.apart
            met = d[of("q" if apart else "a", k)]
            sums[of("W", k)] = _outer(met, read)
            if apart:
                sums[f"b_W{k}"] = _total(met)
    for name, node in cell.graph.linear:
        sums[name] = _outer(d[node], values[f"read_{name}"])
    for (over, under), factor in back.factors.items():
        if under in cell.weights:
            sums[under] = sums[under] + _total(d[over] * factor)
    U = joined([made.weights[of("U", k)].T for k in cell.graph.order]).T
    sums["x"] = joined(below).weighed(U, ways * back.terms)
    return sums


def _rows(steps: MidRad) -> MidRad:
    return steps.reshape(-1, steps.shape[-1])


def _outer(left: MidRad, right: MidRad) -> MidRad:
    """Return Σ_t Σ_b left_t right_tᵀ."""
    rows = _rows(right)
    return _rows(left).T.weighed(rows, len(rows.mid))


def _total(steps: MidRad) -> MidRad:
    """Return Σ_t Σ_b of columns."""
    rows = _rows(steps)
    ones = exact(np.ones((len(rows.mid), 1)), steps.kind)
    return rows.T.weighed(ones, len(rows.mid)).reshape(-1)
