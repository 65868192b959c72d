"""The mistaken sums: mistakes in one parameter's gradient, made from a pass that may be right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.cell import Cell
from bpttcheck.diagnosis.backward.along_time import outer, shifts, stale
from bpttcheck.diagnosis.backward.flow import Flow
from bpttcheck.diagnosis.mistakes.contributions import (
    LEFTS,
    OF_U,
    OF_V,
    OF_W,
    let_out,
    of_gate,
    of_left,
    value,
    with_left,
    with_right,
)
from bpttcheck.diagnosis.mistakes.edges import Connection, named
from bpttcheck.diagnosis.mistakes.embeddings import EMBEDDED, embedded, overwritten
from bpttcheck.diagnosis.mistakes.inputs import of_initial_state, of_inputs
from bpttcheck.diagnosis.mistakes.mistake import Sum
from bpttcheck.diagnosis.mistakes.operands import COMPLEMENT, WRONG, Other, operands
from bpttcheck.diagnosis.mistakes.outputs import CONFUSED, confused
from bpttcheck.diagnosis.recognition.shape import Edge, Role, Shape, shape_of

OUTPUT_BIAS = {"c": "b_s"}


@cache
def sums(role: str, cell: Cell) -> tuple[Sum, ...]:
    """Return the mistaken gradients of a role of a cell."""
    about = OUTPUT_BIAS.get(role, role)
    return tuple(replace(one, about=about, role=role) for one in _of_role(shape_of(cell), role))


def _of_role(shape: Shape, role: str) -> Iterable[Sum]:
    if role in EMBEDDED:
        return embedded(role)
    if role == "x":
        return of_inputs(shape)
    if role in shape.cell.initial:
        return of_initial_state(shape, role[:-1])
    return _of_parameter(shape, role) if role in shape.kinds else ()  # "W_f+W_o", "idle W_o"


def _of_parameter(shape: Shape, role: str) -> Iterator[Sum]:
    one, kind = shape.roles.get(role), shape.kinds[role]
    if one is None:
        yield from _of_output()
    elif kind in "WUbH":
        for (cause, detail), change in LEFTS.items():
            yield Sum(of_gate(shape, cause), detail, with_left(change))
    for (cause, detail), change in {"W": OF_W, "U": OF_U, "V": OF_V}.get(kind, {}).items():
        yield Sum(cause, detail, with_right(change))
    yield from _counted()
    if kind not in "bHP":
        yield from _products()
    if kind in "WV":
        yield from _of_further(shape, kind)
    if one is not None:
        yield from _of_weight(shape, role, one)


def _of_output() -> Iterator[Sum]:
    for name in CONFUSED:
        yield Sum("another-loss", f"∂L/∂o is {name}", with_left(partial(_confused, name)))
    names = ("∂L/∂o_{t+1}", 1), ("∂L/∂o_{t−1}", -1)
    for told, moved in shifts(names, "{} at step t, {} at the edge"):
        yield Sum("step-shifted", told, with_left(of_left(moved)))
    yield Sum("stale-cache", "∂L/∂o_T at every step", with_left(of_left(stale)))
    yield Sum("time-reversed", "∂L/∂o", with_left(of_left(lambda do: do[::-1])))


def _of_weight(shape: Shape, role: str, one: Role) -> Iterator[Sum]:
    if one.kind in "WUb":
        for other in shape.gates:
            if other != one.gate:
                that = role.replace(f"_{one.gate}", f"_{other}")
                yield Sum("gates-swapped", f"that of {that}", partial(_that_of, that))
    if one.kind == "U" and shape.plain:
        yield from overwritten()
    if one.kind == "P":
        for over in shape.into.get(role, ()):
            yield from _entry_by_entry(shape, (over, role))
    elif one.kind == "R":
        yield from _projected(shape, role)
    else:
        yield from _reading(shape, one)


def _confused(name: str, flow: Flow, role: str) -> Array | None:
    return confused(name, flow.base)


def _that_of(other: str, flow: Flow, role: str) -> Array:
    return flow.gradient(other)


Count = Callable[[Array], Array]
"""From the numbers of the terms, 1 … T or 1 … B, to how often each counts."""

COUNTS: tuple[tuple[str, str, int, Count], ...] = (
    ("time-sum-missing", "the term of the first step alone", 0, lambda t: t == 1),
    ("batch-sum-missing", "the first sequence alone", 1, lambda b: b == 1),
    ("time-sum-missing", "the term of the last step alone", 0, lambda t: t == len(t)),
    ("batch-sum-missing", "the last sequence alone", 1, lambda b: b == len(b)),
    ("first-step-skipped", "in the sum", 0, lambda t: t != 1),
    ("last-step-skipped", "in the sum", 0, lambda t: t != len(t)),
    ("batch-sum-missing", "all but the last sequence", 1, lambda b: b != len(b)),
    ("batch-sum-missing", "all but the first sequence", 1, lambda b: b != 1),
    ("counted-again", "the term of step t counted t times", 0, lambda t: t),
    ("counted-again", "the term of step t counted T − t + 1 times", 0, lambda t: t[::-1]),
    ("counted-again", "each step twice, but for the last visited", 0, lambda t: 1 + (t > 1)),
)
"""Terms left out of, or counted again in, the sum over steps (axis 0) or sequences (axis 1)."""


def _counted() -> Iterator[Sum]:
    for cause, detail, axis, count in COUNTS:
        yield Sum(cause, detail, with_left(partial(_counting, axis, count)))


def _counting(axis: int, count: Count, flow: Flow, role: str) -> Array:
    terms = flow.left(role)
    often = np.asarray(count(np.arange(1, terms.shape[axis] + 1)))
    return np.asarray(terms * often.reshape(-1, *[1] * (2 - axis)))


def _products() -> Iterator[Sum]:
    cause = "sums-multiplied"
    yield Sum(cause, "each factor summed over time first", partial(_product, np.sum, 0))
    yield Sum(cause, "each factor summed over the batch first", partial(_product, np.sum, 1))
    yield Sum(cause, "each factor averaged over the batch first", partial(_product, np.mean, 1))


def _product(reduce: Callable[..., Any], axis: int, flow: Flow, role: str) -> Array:
    return outer(reduce(flow.left(role), axis=axis), reduce(flow.right(role), axis=axis))


def _of_further(shape: Shape, kind: str) -> Iterator[Sum]:
    """Yield the sums in which a further state stands for h, of the same step or a neighbour."""
    for s in shape.further:
        for detail, name in ((f"{s}_t", s), (f"{s}_{{t−1}}", f"{s}-"))[:: -1 if kind == "W" else 1]:
            yield Sum("cell-for-state", detail, with_right(value(name)))
        yield Sum("cell-for-state", f"tanh {s}_t", with_right(let_out(s)))


def _projected(shape: Shape, role: str) -> Iterator[Sum]:
    """Yield the sums in which something else stands for what a further matrix reads."""
    if any(over == f"read_{role}" for over, _ in shape.edges):
        for name in ("h", *shape.further, *shape.gates):
            yield Sum("state-shifted", f"{name}_t for what {role} reads", with_right(value(name)))


def _entry_by_entry(shape: Shape, edge: Edge) -> Iterator[Sum]:
    """Yield the sums in which something else stands for what a weight multiplies."""
    for operand in shape.needs[edge]:
        for cause, detail, other in operands(shape, operand):
            told = "gate-partner-wrong" if cause in (WRONG, COMPLEMENT) else cause
            yield Sum(told, detail, with_right(partial(_made_of, edge, operand, other)))
        if operand in shape.further:
            was, shifted = f"{operand}_t", "cell-shifted"
            before = with_right(value(f"{operand}-"))
            yield Sum(shifted, f"{operand}_{{t−1}} for {was}", before)
            yield Sum(shifted, f"tanh {was} for {was}", with_right(let_out(operand)))


def _made_of(edge: Edge, operand: str, other: Other, flow: Flow, role: str) -> Array:
    return flow.base.made_of(edge, {operand: other(flow.base)})


def _reading(shape: Shape, one: Role) -> Iterator[Sum]:
    """Yield the sums that take something else for what a gate reads through another one."""
    for reader in shape.gates:
        read = shape.read.get(reader, "h-")
        if reader in shape.graph.apart:
            yield from _met(shape, one, reader, (f"a_{reader}", f"q_{reader}"))
        elif read != "h-" and (read, "h-") in shape.edges:
            yield from _read(shape, one, reader, (read, "h-"))


def _gate_of(shape: Shape, edge: Edge) -> str:
    return next(iter(Connection(shape, edge).gates), "")


def _met(shape: Shape, one: Role, reader: str, edge: Edge) -> Iterator[Sum]:
    """Yield the sums with, or without, the gate that a product meets."""
    gate = _gate_of(shape, edge)
    if (one.kind, one.gate) in (("W", reader), ("H", reader)):
        cause = named(shape, "reading-forgotten", gate)
        told = f"h_{{t−1}} for {gate}_t ∘ h_{{t−1}}, or no {gate}_t in what W_{reader} meets"
        yield Sum(cause, told, with_left(lambda f, r: f.da[reader]))
    elif one.gate == reader:
        cause, told = named(shape, "reading-wrong", gate), f"{gate}_t where there is none"
        yield Sum(cause, told, with_left(lambda f, r: f.product(reader)))


def _read(shape: Shape, one: Role, reader: str, edge: Edge) -> Iterator[Sum]:
    gate = _gate_of(shape, edge)
    forgotten = named(shape, "reading-forgotten", gate)
    wrong = named(shape, "reading-wrong", gate)
    alone = "in the sum over time"
    if (one.kind, one.gate) == ("W", reader):
        yield Sum(forgotten, alone, with_right(value("h-")))
        for operand in shape.needs[edge]:
            for cause, detail, other in operands(shape, operand):
                told = wrong if cause in (WRONG, COMPLEMENT) else cause
                change = partial(_read_through, edge, operand, other)
                yield Sum(told, f"{detail}, {alone}", with_right(change))
        new = with_right(lambda f, r: f.base.factors[edge] * f.base.values["h"])
        yield Sum(wrong, f"h_t for h_{{t−1}}, {alone}", new)
    elif one.kind == "W":
        read = with_right(lambda f, r: f.base.run.made[edge[0]])
        yield Sum(wrong, "what the candidate reads, for h_{t−1}", read)
    elif one.gate == reader:
        met = with_left(lambda f, r: f.left(r) * f.base.factors[edge])
        yield Sum(wrong, "the gate where there is none", met)


def _read_through(edge: Edge, operand: str, other: Other, flow: Flow, role: str) -> Array:
    return _made_of(edge, operand, other, flow, role) * flow.base.values["h-"]
