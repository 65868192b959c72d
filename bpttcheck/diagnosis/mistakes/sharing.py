"""Mistaken passes of gates that do two things: share out, or let another gate read through them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward.flow import At, Base, Flow
from bpttcheck.diagnosis.mistakes.edges import (
    PARTNER,
    WRONGS,
    Connection,
    changed,
    minus,
    named,
    right,
    times,
    with_other,
)
from bpttcheck.diagnosis.mistakes.mistake import Pass, hearing, switched
from bpttcheck.diagnosis.mistakes.operands import WRONG, operands
from bpttcheck.diagnosis.recognition.shape import Edge, Shape


def sharing(shape: Shape) -> Iterator[Pass]:
    """Yield the mistakes of gates that meet, and of what several things hear of."""
    if shape.path == "h":
        for k in shape.gates:
            yield from _nowhere(shape, k)
    for gate, edge in shape.sharing.items():
        yield from _sharing(shape, gate, edge)
        yield from _slope_in_part(shape, gate, edge)
    for gate in shape.gates:
        for edge in shape.uses(gate):
            yield from _uses(shape, edge)
    yield from _exchanged(shape)
    yield from _cell_for_candidate(shape)


def _nowhere(shape: Shape, gate: str) -> Iterator[Pass]:
    """Yield the pass in which no gradient reaches a gate, where there is a word for it."""
    word = {"update gate": "update", "reset gate": "reset", "candidate": "candidate"}
    name = shape.cell.gates[gate].name
    if name in word:
        edges = [(over, gate) for over in shape.into[gate]]
        told = f"no gradient reaches the {name}"
        make = changed(edges, partial(times, 0.0))
        yield Pass(f"{word[name]}-path-missing", told, make, gate)


def _sharing(shape: Shape, gate: str, own: Edge) -> Iterator[Pass]:
    """Yield the mistakes of a gate that shares out between old and new."""
    at, (old, new) = Connection(shape, own), _old_and_new(shape, own)
    for left, said in ((new, "what is kept alone"), (old, "the candidate alone")):
        part = partial(with_other, left, lambda b: np.zeros(()))
        cause = named(shape, "coupling-forgotten", gate)
        yield from at.mistaken(cause, said, part)
        yield from at.mistaken(cause, f"{said}, its sign wrong", partial(minus, part))
    yield from at.mistaken(named(shape, "coupling-sign", gate), "", partial(minus, right))
    told = "the sum of old and new for their difference"
    added = partial(with_other, new, lambda b: -b.values[new])
    for change in (added, partial(minus, added)):
        yield from at.mistaken(WRONGS[PARTNER], told, change)
    complement = partial(with_other, gate, lambda b: 1 - b.values[gate])

    def everywhere(base: Base, edge: Edge) -> Array:
        return -right(base, edge) if edge == own else complement(base, edge)

    both = (shape.carrying(own[0]), (own[0], new))
    swapped = named(shape, "coupling-swapped", gate)
    yield Pass(swapped, "in what is kept and in what is new", changed(both, complement), new)
    yield Pass(swapped, "everywhere", changed((own, *both), everywhere), new)


def _old_and_new(shape: Shape, own: Edge) -> tuple[str, str]:
    old = f"{own[0]}-"
    return old, Connection(shape, own).gates[0]


def _slope_in_part(shape: Shape, gate: str, own: Edge) -> Iterator[Pass]:
    """Yield the passes with a slope at one term of a gate's gradient alone: a bracket too few."""
    old, new = _old_and_new(shape, own)
    uses = shape.uses(gate)

    def made(zeroed: tuple[str, ...], of_uses: bool, base: Base) -> Flow:
        slope = base.slopes[gate]
        bare = base.made_of(own, {k: np.zeros(()) for k in zeroed})
        changed = {own: bare + (base.factors[own] - bare) * slope}
        changed |= {edge: base.factors[edge] * (slope if of_uses else 1.0) for edge in uses}
        return base.propagate(factors=changed, slopes={gate: np.ones_like(slope)})

    cases: dict[str, tuple[tuple[str, ...], bool]] = {"the old": ((new,), False)}
    cases["the new"] = (old,), False
    if uses:
        cases = {"h_t": ((), True), "what reads through it": ((new, old), False)}
    for left, (zeroed, of_uses) in cases.items():
        told = f"of a_{gate}, on the path from {left} alone"
        yield Pass("gate-slope-missing", told, partial(made, zeroed, of_uses), f"a_{gate}")


def _uses(shape: Shape, edge: Edge) -> Iterator[Pass]:
    """Yield the mistakes of what a gate hears of, through another one that reads through it."""
    over, gate = edge
    reader = shape.reader(over)
    wrong = named(shape, "gate-use-wrong", gate)
    owns = [(state, gate) for state in shape.into[gate] if state in shape.cell.states]
    zero = partial(times, 0.0)
    if owns:
        missing = "gate-use-missing"
        told = "the candidate's, which reads through it"
        yield Pass(missing, told, changed((edge,), zero), gate)
        yield Pass(missing, "that in h_t", changed(owns, zero), gate)
    told = f"the sign of what a_{reader} tells the gate {gate}"
    yield Pass(wrong, told, changed((edge,), partial(times, -1.0)), gate)
    for told, factor in (("twice", 2.0), ("half", 0.5)):
        yield Pass(wrong, told, changed((edge,), partial(times, factor)), gate)
    for told, driver in _drivers(shape, over, reader):
        yield Pass(wrong, told, hearing([edge], driver), gate)
    if over in shape.readers:
        told = f"W_{reader}ᵀ ∂L/∂a_{reader}, to the gate {gate} too"
        unsent = switched(weights=lambda b: {b.W[reader]: 0 * b.recurrent(reader)})
        yield Pass("gate-message-missing", told, unsent)
        pair = ((over, "h-"), edge)
        told = f"{gate}_t and h_{{t−1}} exchanged on the way back"
        exchanged = partial(_other_of, pair)
        yield Pass(named(shape, "reading-wrong", gate), told, changed(pair, exchanged), gate)
        for cause, detail, other in operands(shape, "h-", shape.needs[owns[0]]) if owns else ():
            told = f"{detail} wherever the gate {gate} meets it"
            named_so = WRONGS[PARTNER] if cause == WRONG else cause
            make = changed((*owns, edge), partial(with_other, "h-", other))
            yield Pass(named_so, told, make, gate)


Driver = Callable[[Flow, At], Array]


def _drivers(shape: Shape, over: str, reader: str) -> Iterator[tuple[str, Driver]]:
    """Yield what may be taken for the gradient that a gate hears of through another one."""
    read = over in shape.readers

    def through(flow: Flow, a: Array, turned: bool = False) -> Array:
        W = flow.base.recurrent(reader)
        return np.asarray(a @ (W.T if turned else W)) if read else a

    if read:
        told = f"∂L/∂a_{reader} itself, not multiplied by W_{reader}ᵀ"
        yield told, lambda f, at: f.da[reader][at]
        told = f"W_{reader} for W_{reader}ᵀ"
        yield told, lambda f, at: through(f, f.da[reader][at], True)
    slope = shape.cell.gates[reader].squash.name
    yield f"∂L/∂{reader}_t, without {slope}′", lambda f, at: through(f, f.d[reader][at])
    yield "∂L/∂h_t", lambda f, at: f.d["h"][at]


def _other_of(pair: tuple[Edge, Edge], base: Base, edge: Edge) -> Array:
    return base.factors[pair[0] if edge == pair[1] else pair[1]]


def _exchanged(shape: Shape) -> Iterator[Pass]:
    """Yield the passes in which two gates that meet are each multiplied by themselves."""
    for one, other in itertools.combinations(shape.gates, 2):
        for state in shape.cell.states:
            pair = (state, one), (state, other)
            if [shape.needs.get(edge) for edge in pair] == [(other,), (one,)]:
                told = f"{one} and {other} exchanged in ∂L/∂a_{one} and ∂L/∂a_{other}"
                make = changed(pair, partial(_other_of, pair))
                yield Pass("gate-partner-wrong", told, make, one)


def _cell_for_candidate(shape: Shape) -> Iterator[Pass]:
    """Yield the passes that take tanh c_t for the candidate."""
    for state, k in itertools.product(shape.further, shape.candidates):
        edges = [edge for edge in shape.edges if edge[0] == state and shape.needs[edge] == (k,)]
        for edge in edges:
            told = f"tanh {state}_t for {k}_t"
            partner = f"in ∂L/∂a_{edge[1]}"
            for where, of_partner, of_slope in (
                (partner, True, False),
                (f"in tanh′(a_{k})", False, True),
                ("everywhere", True, True),
            ):
                make = partial(_candidate_of, state, k, edge if of_partner else None, of_slope)
                about = edge[1] if of_partner else f"a_{k}"
                yield Pass("cell-for-candidate", f"{told} {where}", make, about)


def _candidate_of(state: str, k: str, partner: Edge | None, slope: bool, base: Base) -> Flow:
    taken = base.cell.squash.value(base.values[state])
    return base.propagate(
        factors={} if partner is None else {partner: taken},
        slopes={k: 1 - taken**2} if slope else {},
    )
