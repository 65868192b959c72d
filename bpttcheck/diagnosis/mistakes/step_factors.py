"""Mistaken passes at the edges of a cell's graph: a factor forgotten, or made of something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward.flow import Base
from bpttcheck.diagnosis.mistakes.edges import (
    KEEP,
    LET_OUT,
    LOOK,
    MISSING,
    PARTNER,
    READ,
    Change,
    Connection,
    changed,
    named,
    ones,
    times,
    with_other,
)
from bpttcheck.diagnosis.mistakes.mistake import Pass
from bpttcheck.diagnosis.mistakes.operands import (
    COMPLEMENT,
    WRONG,
    Operand,
    Other,
    let_out,
    let_out_slopes,
    operands,
    symbol,
    through_product,
    value,
)
from bpttcheck.diagnosis.recognition.shape import Edge, Shape


def factors(shape: Shape) -> Iterator[Pass]:
    """Yield the mistakes that the edges of a cell make possible."""
    for edge in shape.edges:
        at = Connection(shape, edge)
        if at.kind and at.needs:
            yield from _forgotten(at)
            yield from _another(at)
            if at.kind == LET_OUT:
                yield from _let_out(at)
            if at.kind == LOOK:
                yield from _looked_at(at)


def _forgotten(at: Connection) -> Iterator[Pass]:
    if at.kind in MISSING:
        gate = at.gates[0] if at.gates and at.kind == READ else ""
        yield from at.mistaken(named(at.shape, MISSING[at.kind], gate), _left_out(at), ones)


def _left_out(at: Connection) -> str:
    """Return what a partner is, where it is one thing."""
    if at.kind != PARTNER or len(at.needs) > 1:
        return ""
    let_out = f"{at.shape.cell.squash.name} " if at.needs[0] in at.shape.further else ""
    return f"{let_out}{'1 − ' if at.edge in at.shape.complements else ''}{symbol(at.needs[0])}"


def _another(at: Connection) -> Iterator[Pass]:
    """Yield the passes whose factor is made of something else."""
    shape = at.shape
    for operand in at.needs:
        if operand in shape.further:
            whole = at.kind == PARTNER and len(at.needs) == 1
            for cause, detail, other in let_out(shape.cell.squash, operand) if whole else ():
                named_so = at.wrong if cause == WRONG else cause
                yield from at.mistaken(named_so, detail, partial(_instead, other))
            continue
        for cause, detail, other in _operands(at, operand):
            if cause == COMPLEMENT:
                swapped = operand in shape.sharing and at.kind in (PARTNER, KEEP)
                cause = "coupling-swapped" if swapped else WRONG
            named_so = named(shape, at.wrong if cause == WRONG else cause, operand)
            yield from at.mistaken(named_so, detail, partial(with_other, operand, other))
        if at.edge in shape.complements:
            for detail, other in _whole(shape, operand):
                yield from at.mistaken(at.wrong, detail, partial(_instead, other))


def _whole(shape: Shape, gate: str) -> Iterator[tuple[str, Other]]:
    """Yield what may stand for 1 − z_t, say, as a whole."""
    for other in shape.gates:
        if other != gate:
            yield symbol(other), value(other)
    yield f"a_{gate}", lambda b: b.a[gate]
    yield f"the slope at a_{gate}", lambda b: b.slopes[gate]


def _operands(at: Connection, operand: str) -> Iterator[Operand]:
    shape, own = at.shape, at.edge[1]
    if operand.startswith("q_"):
        yield from through_product(shape, operand[2:])
    yield from operands(shape, operand, at.needs)
    if own in shape.gates and not operand.startswith(tuple(shape.gates)):
        if own not in shape.candidates:
            told = f"{symbol(own)} ∘ {symbol(operand)} for {symbol(operand)}"
            yield WRONG, told, lambda b: b.values[own] * b.values[operand]
        if operand.startswith("q_"):
            for k in shape.candidates:
                yield WRONG, symbol(k), value(k)


def _instead(other: Other, base: Base, edge: Edge) -> Array:
    return other(base)


def _let_out(at: Connection) -> Iterator[Pass]:
    """Yield the mistakes on the way from what lets a state out to the state."""
    under = at.edge[1]

    def mistaken(cause: str, detail: str, change: Change) -> Pass:
        return Pass(cause, detail, changed((at.edge,), change), under)

    for cause, detail, slope in let_out_slopes(at.shape, under):
        yield mistaken(cause, detail, partial(_sloped, slope))
    for gate in at.gates:
        one = partial(with_other, gate, lambda b: np.ones(()))
        yield mistaken("output-gate-missing", "", one)
        told = f"∂L/∂{gate}_t for ∂L/∂h_t, tanh {under}_t applied on the way to {under}_t too"
        yield mistaken("output-gate-wrong", told, _squashed_too)
    yield mistaken("output-gate-missing", f"and no tanh′({under}_t) either", ones)
    told = f"no gradient flows from h_t to {under}_t"
    yield mistaken("state-not-through-cell", told, partial(times, 0.0))


def _sloped(slope: Callable[[Base], Array], base: Base, edge: Edge) -> Array:
    return base.made_of(edge, bare=True) * slope(base)


def _squashed_too(base: Base, edge: Edge) -> Array:
    return base.factors[edge] * base.cell.squash.value(base.values[edge[1]])


def _looked_at(at: Connection) -> Iterator[Pass]:
    """Yield the mistakes of what a pre-activation tells a state that it looks at."""
    for cause, change in (
        ("gate-message-missing", partial(times, 0.0)),
        ("gate-message-twice", partial(times, 2.0)),
        ("gate-message-sign", partial(times, -1.0)),
        ("recurrent-weight-missing", ones),
    ):
        yield Pass(cause, at.told("", ""), changed((at.edge,), change), at.about())
