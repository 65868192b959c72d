"""The mistaken sums: mistakes in one parameter's gradient, made from a pass that may be right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.cell import Cell
from bpttcheck.diagnosis.backward.along_time import EDGES, moved, stale
from bpttcheck.diagnosis.backward.flow import Flow, outer
from bpttcheck.diagnosis.mistakes.contributions import LEFTS, OF_U, OF_V, OF_W, Change, of_gate
from bpttcheck.diagnosis.mistakes.edges import named
from bpttcheck.diagnosis.mistakes.embeddings import EMBEDDED, embedded, overwritten
from bpttcheck.diagnosis.mistakes.inputs import of_initial_state, of_inputs
from bpttcheck.diagnosis.mistakes.mistake import Sum
from bpttcheck.diagnosis.mistakes.operands import COMPLEMENT, WRONG, operands
from bpttcheck.diagnosis.mistakes.outputs import CONFUSED, confused
from bpttcheck.diagnosis.recognition.shape import Edge, Role, Shape, shape_of

OUTPUT_BIAS = {"c": "b_s"}


@cache
def sums(role: str, cell: Cell) -> tuple[Sum, ...]:
    """Return the mistaken gradients of a role of a cell."""
    about = OUTPUT_BIAS.get(role, role)
    return tuple(replace(one, about=about) for one in _of_role(shape_of(cell), role))


def _of_role(shape: Shape, role: str) -> Iterable[Sum]:
    if role in EMBEDDED:
        return embedded(role)
    if role == "x":
        return of_inputs(shape)
    if role in shape.cell.initial:
        return of_initial_state(shape, role[:-1])
    if role in shape.roles:
        return _of_weight(shape, role)
    return _of_output(shape, role) if role in ("V", "c") else ()  # "W_f+W_o", "idle W_o"


def _of_weight(shape: Shape, role: str) -> Iterator[Sum]:
    one = shape.roles[role]
    if one.kind in "WUbH":
        for (cause, detail), change in LEFTS.items():
            yield Sum(of_gate(shape, cause), detail, partial(_with_left, role, change))
    rights = {"W": OF_W, "U": OF_U}.get(one.kind, {})
    yield from _rights(role, rights)
    yield from _counted(role)
    if one.kind not in "bHP":
        yield from _products(role)
    if one.kind == "W":
        yield from _of_further(shape, role, 1)
    if one.kind in "WUb":
        for other in shape.gates:
            if other != one.gate:
                that = role.replace(f"_{one.gate}", f"_{other}")
                yield Sum("gates-swapped", f"that of {that}", partial(_that_of, that))
    if one.kind == "U" and shape.plain:
        yield from overwritten(role)
    if one.kind in "PR":
        yield from _of_further_weight(shape, role)
    else:
        yield from _reading(shape, role, one)


def _of_output(shape: Shape, role: str) -> Iterator[Sum]:
    for name in CONFUSED:
        yield Sum("another-loss", f"∂L/∂o is {name}", partial(_confused, role, name))
    for shift, name in ((1, "∂L/∂o_{t+1}"), (-1, "∂L/∂o_{t−1}")):
        for edge in EDGES:
            told = f"{name} at step t, {edge} at the edge"
            yield Sum("step-shifted", told, partial(_with_left, role, partial(_moved, shift, edge)))
    last = partial(_with_left, role, lambda f, r: stale(f.do))
    yield Sum("stale-cache", "∂L/∂o_T at every step", last)
    yield Sum("time-reversed", "∂L/∂o", partial(_with_left, role, lambda f, r: f.do[::-1]))
    if role == "V":
        yield from _rights(role, OF_V)
    yield from _counted(role)
    if role == "V":
        yield from _products(role)
        yield from _of_further(shape, role, 0)


def _summed(flow: Flow, role: str, left: Array | None, right: Array | None) -> Array | None:
    return None if left is None or right is None else flow.summed(role, left, right)


def _with_left(role: str, change: Change, flow: Flow) -> Array | None:
    return _summed(flow, role, change(flow, role), flow.right(role))


def _with_right(role: str, change: Change, flow: Flow) -> Array | None:
    return _summed(flow, role, flow.left(role), change(flow, role))


def _rights(role: str, table: dict[tuple[str, str], Change]) -> Iterator[Sum]:
    for (cause, detail), change in table.items():
        yield Sum(cause, detail, partial(_with_right, role, change))


def _confused(role: str, name: str, flow: Flow) -> Array | None:
    return _summed(flow, role, confused(name, flow.base), flow.right(role))


def _moved(shift: int, edge: str, flow: Flow, role: str) -> Array:
    return moved(flow.do, shift, edge)


def _that_of(role: str, flow: Flow) -> Array:
    return flow.gradient(role)


Count = Callable[[Flow], Array]


def only(axis: int, k: int, flow: Flow) -> Array:
    """Return how often terms (T, B) count: those of one step or sequence alone."""
    count = np.zeros((flow.base.T, flow.base.B))
    count[(slice(None),) * axis + (k,)] = 1.0
    return count


def all_but(axis: int, k: int, flow: Flow) -> Array:
    """Return how often terms (T, B) count: all but those of one step or sequence."""
    return 1.0 - only(axis, k, flow)


def _rising(flow: Flow) -> Array:
    return np.arange(1.0, flow.base.T + 1)[:, None]


COUNTS: tuple[tuple[str, str, Count], ...] = (
    ("time-sum-missing", "the term of the first step alone", partial(only, 0, 0)),
    ("batch-sum-missing", "the first sequence alone", partial(only, 1, 0)),
    ("time-sum-missing", "the term of the last step alone", partial(only, 0, -1)),
    ("batch-sum-missing", "the last sequence alone", partial(only, 1, -1)),
    ("first-step-skipped", "in the sum", partial(all_but, 0, 0)),
    ("last-step-skipped", "in the sum", partial(all_but, 0, -1)),
    ("batch-sum-missing", "all but the last sequence", partial(all_but, 1, -1)),
    ("batch-sum-missing", "all but the first sequence", partial(all_but, 1, 0)),
    ("counted-again", "the term of step t counted t times", _rising),
    ("counted-again", "the term of step t counted T − t + 1 times", lambda f: _rising(f)[::-1]),
    (
        "counted-again",
        "each step twice, but for the last visited",
        lambda f: 1.0 + (_rising(f) > 1),
    ),
)
"""Terms left out of, or counted again in, the sum over steps and sequences."""


def _counted(role: str) -> Iterator[Sum]:
    for cause, detail, count in COUNTS:
        yield Sum(cause, detail, partial(_counting, role, count))


def _counting(role: str, count: Count, flow: Flow) -> Array:
    return flow.summed(role, flow.left(role) * count(flow)[..., None], flow.right(role))


def _products(role: str) -> Iterator[Sum]:
    cause = "sums-multiplied"
    for axis, over in enumerate(("time", "the batch")):
        told = f"each factor summed over {over} first"
        yield Sum(cause, told, partial(_product, role, np.sum, axis))
    told = "each factor averaged over the batch first"
    yield Sum(cause, told, partial(_product, role, np.mean, 1))


def _product(role: str, reduce: Callable[..., Any], axis: int, flow: Flow) -> Array:
    return outer(reduce(flow.left(role), axis=axis), reduce(flow.right(role), axis=axis))


def _of_further(shape: Shape, role: str, before: int) -> Iterator[Sum]:
    """Yield the sums in which a further state stands for h, of the same step or a neighbour."""
    for s in shape.further:
        for detail, name in ((f"{s}_t", s), (f"{s}_{{t−1}}", f"{s}-"))[:: -1 if before else 1]:
            yield Sum("cell-for-state", detail, partial(_with_right, role, partial(_value, name)))
        let_out = partial(_with_right, role, partial(_let_out, s))
        yield Sum("cell-for-state", f"tanh {s}_t", let_out)


def _value(name: str, flow: Flow, role: str) -> Array:
    return flow.base.values[name]


def _let_out(state: str, flow: Flow, role: str) -> Array:
    return flow.base.cell.squash.value(flow.base.values[state])


def _of_further_weight(shape: Shape, role: str) -> Iterator[Sum]:
    """Yield the sums of a weight that acts entry by entry, or of a projection."""
    edges = [(over, role) for over in shape.into.get(role, ())]
    if shape.roles[role].kind == "R":
        edges = [edge for edge in shape.edges if edge[0] == f"read_{role}"]
        states = [f"read_{role}"] if edges else []
        for name in ("h", *shape.further, *shape.gates) if states else ():
            told = f"{name}_t for what {role} reads"
            yield Sum("state-shifted", told, partial(_with_right, role, partial(_value, name)))
        return
    for edge in edges:
        for operand in shape.needs[edge]:
            for cause, detail, other in operands(shape, operand):
                told = "gate-partner-wrong" if cause in (WRONG, COMPLEMENT) else cause
                change = partial(_made_of, edge, operand, other)
                yield Sum(told, detail, partial(_with_right, role, change))
            if operand in shape.further:
                before = partial(_with_right, role, partial(_value, f"{operand}-"))
                told = f"{operand}_{{t−1}} for {operand}_t"
                yield Sum("cell-shifted", told, before)
                squashed = partial(_with_right, role, partial(_let_out, operand))
                yield Sum("cell-shifted", f"tanh {operand}_t for {operand}_t", squashed)


Other = Callable[..., Array]


def _made_of(edge: Edge, operand: str, other: Other, flow: Flow, role: str) -> Array:
    return flow.base.made_of(edge, {operand: other(flow.base)})


def _reading(shape: Shape, role: str, one: Role) -> Iterator[Sum]:
    """Yield the sums that take something else for what a gate reads through another one."""
    for reader in shape.gates:
        read = shape.read.get(reader, "h-")
        if reader in shape.graph.apart:
            yield from _met(shape, role, one, reader, (f"a_{reader}", f"q_{reader}"))
        elif read != "h-" and (read, "h-") in shape.edges:
            yield from _read(shape, role, one, reader, (read, "h-"))


def _gate_of(shape: Shape, edge: Edge) -> str:
    return next((name for name in shape.needs[edge] if name in shape.gates), "")


def _met(shape: Shape, role: str, one: Role, reader: str, edge: Edge) -> Iterator[Sum]:
    """Yield the sums with, or without, the gate that a product meets."""
    gate = _gate_of(shape, edge)
    if (one.kind, one.gate) in (("W", reader), ("H", reader)):
        cause = named(shape, "reading-forgotten", gate)
        told = f"h_{{t−1}} for {gate}_t ∘ h_{{t−1}}, or no {gate}_t in what W_{reader} meets"
        yield Sum(cause, told, partial(_with_left, role, lambda f, r: f.da[reader]))
    elif one.gate == reader:
        cause, told = named(shape, "reading-wrong", gate), f"{gate}_t where there is none"
        yield Sum(cause, told, partial(_with_left, role, lambda f, r: f.product(reader)))


def _read(shape: Shape, role: str, one: Role, reader: str, edge: Edge) -> Iterator[Sum]:
    gate = _gate_of(shape, edge)
    forgotten = named(shape, "reading-forgotten", gate)
    wrong = named(shape, "reading-wrong", gate)
    if (one.kind, one.gate) == ("W", reader):
        bare = partial(_with_right, role, partial(_value, "h-"))
        yield Sum(forgotten, "in the sum over time", bare)
        for operand in shape.needs[edge]:
            for cause, detail, other in operands(shape, operand):
                told = wrong if cause in (WRONG, COMPLEMENT) else cause
                change = partial(_read_through, edge, "h-", operand, other)
                make = partial(_with_right, role, change)
                yield Sum(told, f"{detail}, in the sum over time", make)
        new = partial(_with_right, role, partial(_read_through, edge, "h", "", None))
        yield Sum(wrong, "h_t for h_{t−1}, in the sum over time", new)
    elif one.kind == "W":
        read = partial(_with_right, role, lambda f, r: f.base.run.made[edge[0]])
        yield Sum(wrong, "what the candidate reads, for h_{t−1}", read)
    elif one.gate == reader:
        met = partial(_with_left, role, lambda f, r: f.left(r) * f.base.factors[edge])
        yield Sum(wrong, "the gate where there is none", met)


def _read_through(
    edge: Edge, state: str, operand: str, other: Other | None, flow: Flow, role: str
) -> Array:
    base = flow.base
    factor = base.factors[edge]
    if other is not None:
        factor = _made_of(edge, operand, other, flow, role)
    return factor * base.values[state]
