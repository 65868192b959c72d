"""Whether a cell is declared well: names, the step, the way back that agrees with it.

What is refused is refused where it is declared, in one line that names the cell.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bpttcheck.arguments import words
from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.declaration import RESERVED, Declaration, of
from bpttcheck.cells.factors import Values
from bpttcheck.cells.graph import Graph
from bpttcheck.cells.probe import Probe, connected, derivatives, some_values, whole_step

WRONG = 2.0**-40
"""Factors that differ by more, of values near one, are not rounded differently: they are wrong."""

MOST = 256
"""Cells that are remembered: somebody may declare one in a loop."""

_KNOWN: dict[object, Graph] = {}
"""By all that a graph depends on: a network of many activations is declared once for each."""


def declared(cell: Declaration) -> Graph:
    """Return what is connected in a cell, or refuse one that is not declared well.

    Raises:
        TypeError, ValueError: one line that names the cell, and the gate, state or factor.
    """
    key = (
        cell.step,
        cell.factors,
        tuple(cell.gates),
        tuple(cell.states),
        cell.squash,
        tuple((name, tuple(symbols)) for name, symbols in cell.weights.items()),
        tuple(cell.widths.items()),
    )
    if key in _KNOWN:
        return _KNOWN[key]
    told = f"cell {cell.name!r}"
    if "h" not in cell.states:
        raise ValueError(
            f"{told}: states: expected 'h', which the output layer reads, got "
            f"{', '.join(cell.states) or 'none'}"
        )
    if cell.path not in cell.states:
        words(f"{told}: path", cell.path, cell.states)
    if not cell.gates:
        raise ValueError(f"{told}: gates: expected one at least, got none")
    _names(cell)
    values = some_values(cell)
    try:
        probe = whole_step(cell, values)
        found = derivatives(cell, values)
    except Exception as wrong:
        if str(wrong).startswith(told):
            raise
        raise _kind(wrong)(f"{told}, its step: {wrong}") from wrong
    graph = connected(probe, found)
    _differentiable(cell, values, found)
    if cell.factors is not None:
        _agreed(cell, graph, values, found)
    if len(_KNOWN) > MOST:
        _KNOWN.clear()
    _KNOWN[key] = graph
    return graph


def _names(cell: Declaration) -> None:
    """Refuse a letter or a name that two things would have, and axes of unknown sizes."""
    told = f"cell {cell.name!r}"
    if "" in cell.gates and len(cell.gates) > 1:
        raise ValueError(f"{told}: gate '': expected a letter where there are others")
    taken = [*RESERVED, "b_s", *cell.gates, *cell.states, *cell.initial]
    taken += [f"{k}-" for k in cell.states]
    taken += [of(prefix, k) for prefix in ("U", "W", "b", "a", "q", "read") for k in cell.gates]
    taken += [f"{prefix}_{name}" for prefix in ("q", "read") for name in cell.weights]
    taken += cell.weights
    for name in (*cell.gates, *cell.states, *cell.weights):
        if taken.count(name) > 1:
            raise ValueError(f"{told}: {name!r}: expected a letter or name that is not taken")
    known = {"n", *cell.widths.values()}
    for name, symbols in cell.weights.items():
        if not 1 <= len(symbols) <= 2 or not {*symbols} <= known:
            sizes = " or ".join(sorted(known))
            raise ValueError(
                f"{told}: a further weight {name!r}: expected one or two axes of {sizes}, "
                f"got {', '.join(symbols) or 'none'}"
            )


def _kind(wrong: Exception) -> type[Exception]:
    """Return what an error is said as: a KeyError, say, would put its message in quotes."""
    return type(wrong) if type(wrong) in (TypeError, AttributeError) else ValueError


def _differentiable(
    cell: Declaration, values: Mapping[str, Array], found: Mapping[tuple[str, str], Array]
) -> None:
    """Refuse a step whose entries have no derivative that the complex step and differences share.

    A central difference of step 2⁻¹⁷ of values below one is off by some 2⁻³⁴ times a third
    derivative, and by 2⁻³⁵ through rounding: 2⁻²⁰ is beyond both for any smooth step.
    """
    eta = 2.0**-17
    for under, value in values.items():
        sides = []
        along = np.linspace(0.5, 1.5, len(value))  # of which one entry must not reach another
        for way in (eta, -eta):
            probe = Probe(cell, {**values, under: value + way * along})
            cell.step(probe)
            sides.append(probe.made)
        for over in sides[0]:
            slope = (sides[0][over] - sides[1][over]) / (2 * eta)
            exact = found[over, under] * (along if len(along) == len(slope) else 1)
            if not np.all(np.abs(slope - exact) <= 2.0**-20 * (1 + np.abs(slope))):
                raise ValueError(
                    f"cell {cell.name!r}, its step: {over} is not a differentiable function of "
                    f"{under}, entry by entry, that complex numbers can follow"
                )


def _agreed(
    cell: Declaration,
    graph: Graph,
    values: Mapping[str, Array],
    found: Mapping[tuple[str, str], Array],
) -> None:
    assert cell.factors is not None
    told = f"cell {cell.name!r}, its factors"
    try:
        given = cell.factors(Values(values, cell.squash))
        pairs = {(over, under): f for over, by in given.items() for under, f in by.items()}
    except KeyError as missing:
        raise ValueError(f"{told}: expected what a step makes, got {missing}") from None
    except Exception as wrong:
        raise _kind(wrong)(f"{told}: {wrong}") from wrong
    for over, under in sorted(graph.edges - set(pairs)):
        raise ValueError(f"{told}: expected ∂{over}/∂{under}, got none")
    for (over, under), factor in pairs.items():
        true = found.get((over, under))
        if true is None or (over, under) not in graph.edges:
            raise ValueError(
                f"{told}: ∂{over}/∂{under}: expected none, since {over} does not depend on {under}"
            )
        if np.shape(factor) not in ((), true.shape):
            raise ValueError(
                f"{told}: ∂{over}/∂{under}: expected a number or shape (n,), got {np.shape(factor)}"
            )
        gap = float(np.max(np.abs(factor - true)))
        if not gap <= WRONG * (1 + float(np.max(np.abs(true)))):
            raise ValueError(
                f"{told}: ∂{over}/∂{under} is not the derivative of the step: expected "
                f"{true[0]:.6g} where the factor is {np.broadcast_to(factor, true.shape)[0]:.6g}"
            )
