"""Mistaken passes of any declared cell: each factor of the way back forgotten, or another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.gated.backward import GatedFlow
from bpttcheck.diagnosis.gated.cell_passes import OF_LSTM, carried_cells, partners, squashes
from bpttcheck.diagnosis.gated.declared import DeclaredBase, with_edges
from bpttcheck.diagnosis.gated.gru_passes import direct_paths
from bpttcheck.diagnosis.gated.operands import Substitution, operands
from bpttcheck.diagnosis.gated.probe import Edge, Shape, shape_of
from bpttcheck.diagnosis.passes import Make, Pass

Change = Callable[[DeclaredBase, Edge], Array]

MISSING = {"partner": "gate-partner-missing", "read": "reading-forgotten", "use": "gate-use-wrong"}
WRONG = {"partner": "gate-partner-wrong", "squash": "output-gate-wrong", "read": "reading-wrong",
         "use": "gate-use-wrong"}  # fmt: skip


def of_declared(name: str) -> Iterator[Pass]:
    """Yield the mistakes of a declared cell that its shape makes possible."""
    shape = shape_of(name)
    two = "c" in shape.enters.values()
    if two:
        gates = "".join(k for k in shape.order if shape.enters[k] == "c")
        yield from squashes("".join(shape.order))
        yield from carried_cells(gates)
        yield from partners({key: make for key, make in OF_LSTM.items() if key[0] == "o"})
    else:
        yield from direct_paths()
        yield Pass("candidate-path-missing", "no gradient reaches the candidate",
                   _edges((("partner", "g"),), _nothing))  # fmt: skip
    for edge in shape.places:
        yield from _forgotten(edge)
        yield from _another(shape, edge, two)
    for gate in shape.coupled:
        yield from _coupling(shape, gate)
        yield from _slope_in_part(shape, gate)
    for edge in shape.places:
        if edge[0] == "use":
            yield from _uses(shape, edge[1], edge[2])


def _right(base: DeclaredBase, edge: Edge) -> Array:
    return base.edges(base.values)[edge]


def _edges(edges: tuple[Edge, ...], change: Change, alone: bool = False) -> Make:
    """Replace factors; of partners, in the sums over time ``alone``."""

    def make(base: DeclaredBase) -> GatedFlow:
        with np.errstate(all="ignore"):
            found = {edge: change(base, edge) + 0 * _right(base, edge) for edge in edges}
        if alone:
            changed = replace(
                base.parts, partners_of_weights={e[1]: factor for e, factor in found.items()}
            )
            return base.propagate(parts=changed)
        return base.propagate(parts=with_edges(base.parts, found))

    return make


def _with(substitution: Substitution, base: DeclaredBase, edge: Edge) -> Array:
    return base.edges(base.values | substitution(base))[edge]


def _told(edge: Edge) -> str:
    words = {
        "partner": "in ∂L/∂a_{}", "keep": "on the path past the gates",
        "squash": "on the way to c_t", "read": "in what comes back through W_{}",
        "use": "in what a_{} tells the gate {}",
    }  # fmt: skip
    return words[edge[0]].format(*edge[1:])


def _passes(cause: str, detail: str, edge: Edge, change: Change) -> Iterator[Pass]:
    told = f"{detail} {_told(edge)}".strip()
    yield Pass(cause, told, _edges((edge,), change))
    if edge[0] == "partner":
        yield Pass(cause, f"{told} in the sums over time alone", _edges((edge,), change, True))


def _forgotten(edge: Edge) -> Iterator[Pass]:
    if edge[0] in MISSING:
        yield from _passes(MISSING[edge[0]], "", edge, lambda b, e: np.ones(()))


def _another(shape: Shape, edge: Edge, two: bool) -> Iterator[Pass]:
    """Yield the passes whose factor is made of something else."""
    wrong = WRONG.get(edge[0], "forget-gate-wrong" if two else "direct-path-wrong")
    for operand in shape.needs[edge]:
        if edge[0] == "squash" or (edge[0] == "partner" and operand == "c made"):
            continue  # the LSTM's mistakes there are named better
        cell = two and "c kept" not in shape.needs[edge]
        for kind, detail, substitution in operands(operand, shape.order, two, cell):
            cause = kind or wrong
            if kind == "complement":
                swapped = operand in shape.coupled and edge[0] in ("partner", "keep")
                cause = "coupling-swapped" if swapped else wrong
            yield from _passes(cause, detail, edge, partial(_with, substitution))


def _coupling(shape: Shape, gate: str) -> Iterator[Pass]:
    """Yield the mistakes of a gate that shares out between old and new."""
    own: Edge = ("partner", gate)
    (old,) = (k for k in shape.needs[own] if k.endswith("kept"))

    def without(name: str) -> Substitution:
        return lambda b: {name: 0 * b.values[name]}

    for left, said in ((without("g"), "what is kept alone"), (without(old), "the candidate alone")):
        yield from _passes("coupling-forgotten", said, own, partial(_with, left))
        yield from _passes("coupling-forgotten", f"{said}, its sign wrong", own,
                           partial(_minus, partial(_with, left)))  # fmt: skip
    yield from _passes("coupling-sign", "", own, partial(_minus, _right))
    yield from _passes(
        "gate-partner-wrong", "the sum of old and new for their difference", own,
        partial(_with, lambda b: {"g": -b.values["g"]}),
    )  # fmt: skip

    def complement(base: DeclaredBase) -> dict[str, Array]:
        return {gate: 1 - base.values[gate]}

    def everywhere(base: DeclaredBase, edge: Edge) -> Array:
        return -_right(base, edge) if edge == own else _with(complement, base, edge)

    both: tuple[Edge, ...] = (("keep",), ("partner", "g"))
    yield Pass("coupling-swapped", "in what is kept and in what is new",
               _edges(both, partial(_with, complement)))  # fmt: skip
    yield Pass("coupling-swapped", "everywhere", _edges((own, *both), everywhere))


def _slope_in_part(shape: Shape, gate: str) -> Iterator[Pass]:
    """Yield the passes with σ′ at one term of a gate's gradient alone: a bracket too few."""
    own: Edge = ("partner", gate)
    (old,) = (k for k in shape.needs[own] if k.endswith("kept"))
    uses = [edge for edge in shape.places if edge[0] == "use" and edge[2] == gate]

    def made(zeroed: tuple[str, ...], of_uses: bool, base: DeclaredBase) -> GatedFlow:
        slope = base.parts.slopes[gate]
        bare = _with(lambda b: {k: 0 * b.values[k] for k in zeroed}, base, own)
        parts = {own: bare + (_right(base, own) - bare) * slope}
        parts |= {e: _right(base, e) * (slope if of_uses else 1.0) for e in uses}
        changed = replace(base.parts, slopes=base.parts.slopes | {gate: np.ones_like(slope)})
        return base.propagate(parts=with_edges(changed, parts))

    cases: dict[str, tuple[tuple[str, ...], bool]] = {
        "the old": (("g",), False),
        "the new": ((old,), False),
    }
    if uses:
        cases = {"h_t": ((), True), "what reads through it": (("g", old), False)}
    for left, (zeroed, of_uses) in cases.items():
        yield Pass("gate-slope-missing", f"of a_{gate}, on the path from {left} alone",
                   partial(made, zeroed, of_uses))  # fmt: skip


def _nothing(base: DeclaredBase, edge: Edge) -> Array:
    return 0 * _right(base, edge)


def _minus(change: Change, base: DeclaredBase, edge: Edge) -> Array:
    return -change(base, edge)


def _uses(shape: Shape, reader: str, gate: str) -> Iterator[Pass]:
    """Yield the mistakes of a gate that another one reads through."""
    edge, own = ("use", reader, gate), ("partner", gate)
    yield Pass(
        "gate-use-missing", "the candidate's, which reads through it", _edges((edge,), _nothing)
    )
    yield Pass("gate-use-missing", "that in h_t", _edges((own,), _nothing))
    yield Pass("gate-use-wrong", f"the sign of what a_{reader} tells the gate {gate}",
               _edges((edge,), partial(_minus, _right)))  # fmt: skip
    yield Pass("gate-use-wrong", "W_g for W_gᵀ",
               lambda b: b.propagate(parts=replace(b.parts, reach=b.W[reader].T)))  # fmt: skip
    for detail, scale in (("twice", 2.0), ("half", 0.5)):
        yield Pass("gate-use-wrong", detail,
                   _edges((edge,), partial(lambda s, b, e: s * _right(b, e), scale)))  # fmt: skip
    yield Pass("gate-use-wrong", f"∂L/∂a_{reader} itself, not multiplied by W_{reader}ᵀ",
               lambda b: b.propagate(parts=replace(b.parts, reach=np.eye(b.n))))  # fmt: skip
    yield Pass("gate-message-missing", f"W_{reader}ᵀ ∂L/∂a_{reader}, to the gate {gate} too",
               lambda b: b.propagate(parts=replace(
                   b.parts, reach=0 * b.W[reader],
                   W=b.W | {reader: 0 * b.W[reader]})))  # fmt: skip
    yield Pass("reading-wrong", f"{gate}_t and h_{{t−1}} exchanged on the way back",
               _edges((("read", reader), edge), partial(_exchanged, reader)))  # fmt: skip
    for cause, detail, substitution in operands("h read", shape.order, False):
        yield Pass(cause or "gate-partner-wrong", f"{detail} wherever the gate {gate} meets it",
                   _edges((own, edge), partial(_with, partial(_kept_too, substitution)))
                   )  # fmt: skip


def _kept_too(substitution: Substitution, base: DeclaredBase) -> dict[str, Array]:
    found = substitution(base)
    return found | {"h kept": found["h read"]}


def _exchanged(reader: str, base: DeclaredBase, edge: Edge) -> Array:
    other = [e for e in base.shape.places if e[0] in ("use", "read") and e[1] == reader]
    return _right(base, next(e for e in other if e[0] != edge[0]))
