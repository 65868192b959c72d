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
    PAST,
    READ,
    WRONGS,
    about,
    changed,
    in_places,
    kind_of,
    named,
    ones,
    times,
    told_at,
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
        kind = kind_of(shape, edge)
        if kind and shape.needs[edge]:
            yield from _forgotten(shape, edge, kind)
            yield from _another(shape, edge, kind)
            if kind == LET_OUT:
                yield from _let_out(shape, edge)
            if kind == LOOK:
                yield from _looked_at(shape, edge)


def _forgotten(shape: Shape, edge: Edge, kind: str) -> Iterator[Pass]:
    if kind in MISSING:
        gates = [name for name in shape.needs[edge] if name in shape.gates]
        cause = named(shape, MISSING[kind], gates[0] if gates and kind == READ else "")
        yield from in_places(shape, cause, _left_out(shape, edge, kind), edge, ones, kind)


def _left_out(shape: Shape, edge: Edge, kind: str) -> str:
    """Return what a partner is, where it is one thing."""
    needs = shape.needs[edge]
    if kind != PARTNER or len(needs) > 1:
        return ""
    let_out = f"{shape.cell.squash.name} " if needs[0] in shape.further else ""
    return f"{let_out}{'1 − ' if edge in shape.complements else ''}{symbol(needs[0])}"


def _another(shape: Shape, edge: Edge, kind: str) -> Iterator[Pass]:
    """Yield the passes whose factor is made of something else."""
    needs = shape.needs[edge]
    past = PAST[edge[0] in shape.further]
    for operand in needs:
        if operand in shape.further:
            whole = kind == PARTNER and len(needs) == 1
            for cause, detail, other in let_out(shape.cell.squash, operand) if whole else ():
                named_so = WRONGS[kind] if cause == WRONG else cause
                change = partial(_instead, other)
                yield from in_places(shape, named_so, detail, edge, change, kind)
            continue
        for cause, detail, other in _operands(shape, operand, edge):
            wrong = WRONGS.get(kind, past)
            if cause == COMPLEMENT:
                swapped = operand in shape.sharing and kind in (PARTNER, KEEP)
                cause = "coupling-swapped" if swapped else wrong
            named_so = named(shape, wrong if cause == WRONG else cause, operand)
            yield from in_places(
                shape, named_so, detail, edge, partial(with_other, operand, other), kind
            )
        if edge in shape.complements:
            for detail, other in _whole(shape, operand):
                change = partial(_instead, other)
                yield from in_places(shape, WRONGS.get(kind, past), detail, edge, change, kind)


def _whole(shape: Shape, gate: str) -> Iterator[tuple[str, Other]]:
    """Yield what may stand for 1 − z_t, say, as a whole."""
    for other in shape.gates:
        if other != gate:
            yield symbol(other), value(other)
    yield f"a_{gate}", lambda b: b.a[gate]
    yield f"the slope at a_{gate}", lambda b: b.slopes[gate]


def _operands(shape: Shape, operand: str, edge: Edge) -> Iterator[Operand]:
    if operand.startswith("q_"):
        yield from through_product(shape, operand[2:])
    yield from operands(shape, operand, shape.needs[edge])
    own = edge[1]
    if own in shape.gates and not operand.startswith(tuple(shape.gates)):
        if own not in shape.candidates:
            told = f"{symbol(own)} ∘ {symbol(operand)} for {symbol(operand)}"
            yield WRONG, told, lambda b: b.values[own] * b.values[operand]
        if operand.startswith("q_"):
            for k in shape.candidates:
                yield WRONG, symbol(k), value(k)


def _instead(other: Other, base: Base, edge: Edge) -> Array:
    return other(base)


def _let_out(shape: Shape, edge: Edge) -> Iterator[Pass]:
    """Yield the mistakes on the way from what lets a state out to the state."""
    under = edge[1]
    for cause, detail, slope in let_out_slopes(shape, under):
        yield Pass(cause, detail, changed((edge,), partial(_sloped, slope)), under)
    gates = [name for name in shape.needs[edge] if name in shape.gates]
    for gate in gates:
        one = partial(with_other, gate, lambda b: np.ones(()))
        yield Pass("output-gate-missing", "", changed((edge,), one), under)
        told = f"∂L/∂{gate}_t for ∂L/∂h_t, tanh {under}_t applied on the way to {under}_t too"
        yield Pass("output-gate-wrong", told, changed((edge,), _squashed_too), under)
    neither = f"and no tanh′({under}_t) either"
    yield Pass("output-gate-missing", neither, changed((edge,), ones), under)
    told = f"no gradient flows from h_t to {under}_t"
    yield Pass("state-not-through-cell", told, changed((edge,), partial(times, 0.0)), under)


def _sloped(slope: Callable[[Base], Array], base: Base, edge: Edge) -> Array:
    return base.made_of(edge, bare=True) * slope(base)


def _squashed_too(base: Base, edge: Edge) -> Array:
    return base.factors[edge] * base.cell.squash.value(base.values[edge[1]])


def _looked_at(shape: Shape, edge: Edge) -> Iterator[Pass]:
    """Yield the mistakes of what a pre-activation tells a state that it looks at."""
    told = told_at(shape, "", "", edge, LOOK)
    for cause, factor in (("missing", 0.0), ("twice", 2.0), ("sign", -1.0)):
        make = changed((edge,), partial(times, factor))
        yield Pass(f"gate-message-{cause}", told, make, about(edge))
    yield Pass("recurrent-weight-missing", told, changed((edge,), ones), about(edge))
