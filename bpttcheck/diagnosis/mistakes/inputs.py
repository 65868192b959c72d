"""The mistaken gradients of the inputs and of the initial states."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward.along_time import EDGES, kept, moved, over_batch, stale, without
from bpttcheck.diagnosis.backward.flow import Flow
from bpttcheck.diagnosis.mistakes.contributions import LEFTS, Change, of_gate
from bpttcheck.diagnosis.mistakes.mistake import Sum
from bpttcheck.diagnosis.mistakes.weights import other_end
from bpttcheck.diagnosis.recognition.shape import Shape


def of_inputs(shape: Shape) -> Iterator[Sum]:
    """Yield the mistaken gradients of x."""
    for (cause, detail), change in LEFTS.items():
        named = of_gate(shape, cause)
        if cause == "recurrent-terms-missing":
            named = "input-gradient-without-recurrence"
        yield Sum(named, detail, partial(_through_U, change))
    gates = shape.gates
    yield Sum("transposed-weight", "U for Uᵀ", partial(_through, gates, _transposed))
    yield Sum("wrong-weight", "Wᵀ for Uᵀ", partial(_through, gates, _recurrent))
    yield from _of_steps()
    if not shape.plain:
        for first, joined in ((True, "[h, x]"), (False, "[x, h]")):
            told = f"the other end of {joined}"
            yield Sum("wrong-slice", told, partial(_through, gates, partial(_sliced, first)))
        for k in gates:
            rest, sent = tuple(j for j in gates if j != k), f"U_{k}ᵀ ∂L/∂a_{k}"
            yield Sum("gate-message-missing", sent, partial(_through, rest, _input))
            alone = partial(_through, (k,), _input)
            yield Sum("gate-message-missing", f"all but {sent}", alone)


def _of_steps() -> Iterator[Sum]:
    """Yield the gradients of x that are the right one's steps, rearranged."""
    for shift, name in ((1, "one step early"), (-1, "one step late")):
        for edge in EDGES:
            told = f"{name}, {edge} at the edge"
            yield Sum("step-shifted", told, partial(_moved, shift, edge))
    yield Sum("time-reversed", "", lambda f: f.gradient("x")[::-1])
    for k, name in ((0, "first"), (-1, "last")):
        told = f"the {name} step alone, zero elsewhere"
        yield Sum("time-sum-missing", told, partial(_steps, kept, k))
        yield Sum(f"{name}-step-skipped", "zero there", partial(_steps, without, k))
        told = f"that of the {name} step at every step"
        yield Sum("stale-cache", told, partial(_steps, stale, k))


def _moved(shift: int, edge: str, flow: Flow) -> Array:
    return moved(flow.gradient("x"), shift, edge)


def _steps(change: Callable[[Array, int], Array], k: int, flow: Flow) -> Array:
    return change(flow.gradient("x"), k)


def _through_U(change: Change, flow: Flow) -> Array:
    U = flow.base.U
    return np.asarray(
        sum(np.asarray(change(flow, U[k])) @ flow.base.net.weights[U[k]] for k in flow.da)
    )


Weight = Callable[[Flow, str], Array]


def _through(scope: Sequence[str], weight: Weight, flow: Flow) -> Array:
    return np.asarray(sum(flow.da[k] @ weight(flow, k) for k in scope))


def _input(flow: Flow, gate: str) -> Array:
    return flow.base.net.weights[flow.base.U[gate]]


def _transposed(flow: Flow, gate: str) -> Array:
    return _input(flow, gate).T


def _recurrent(flow: Flow, gate: str) -> Array:
    return flow.base.net.weights[flow.base.W[gate]]


def _sliced(state_first: bool, flow: Flow, gate: str) -> Array:
    """Return as many columns from the wrong end as x has."""
    W, U = _recurrent(flow, gate), _input(flow, gate)
    return other_end(U, W, not state_first)


def _over_batch(state: str, mean: bool, flow: Flow) -> Array:
    return over_batch(flow.states[state][0], mean)


def _first_of(state: str, flow: Flow) -> Array:
    return np.asarray(flow.states[state][0])


def of_initial_state(shape: Shape, s: str) -> Iterator[Sum]:
    """Yield the mistaken gradients of an initial state."""
    short = "initial-gradient-short"
    yield Sum(short, f"∂L/∂{s}_1, one step short", lambda f: f.d[s][0])
    for name, mean in (("sum", False), ("mean", True)):
        told = f"the {name} over B in every row"
        yield Sum("batch-sum-missing", told, partial(_over_batch, s, mean))
    for other in shape.cell.states:
        if other != s:
            yield Sum("names-swapped", f"that of {other}0", partial(_first_of, other))
    yield Sum("stale-cache", "the message that left the last step", partial(_sent_at, -1, s))
    if s != "h":
        return
    if shape.plain:
        yield Sum(short, "∂L/∂a_1, without Wᵀ", lambda f: f.da[""][0])
        added = "∂L/∂h_1 + Wᵀ ∂L/∂a_1"
        yield Sum(short, added, lambda f: f.d["h"][0] + f.states["h"][0])
    if shape.path == "h":
        yield Sum("direct-path-missing", "at the first step", _first_through)
        told = "all of them at the first step"
        yield Sum("gate-message-missing", told, lambda f: np.asarray(f.direct("h", 0)))
    if not shape.further:
        yield from _last_message(shape)


def _sent_at(k: int, state: str, flow: Flow) -> Array:
    return np.asarray(flow.sent(state, k))


def _first_through(flow: Flow) -> Array:
    return np.asarray(flow.through("h", 0))


def _last_message(shape: Shape) -> Iterator[Sum]:
    """Yield the gradients that the last message alone is wrong in."""
    slope = "slope" if shape.plain else "gate-slope"
    weights, gates = "in the last message alone", tuple(shape.gates)
    yield Sum(f"{slope}-missing", "Wᵀ ∂L/∂h_1, without φ′", partial(_resent, gates, "missing"))
    yield Sum(f"{slope}-twice", weights, partial(_resent, gates, "twice"))
    yield Sum("recurrent-transpose", weights, _turned)
    first = "the first step's output alone"
    yield Sum("recurrent-terms-missing", first, lambda f: np.asarray(f.alone.sent("h", 0)))


def _resent(gates: Sequence[str], what: str, flow: Flow) -> Array:
    """Send the last message with another slope."""
    da = {k: flow.d[k] if what == "missing" else flow.da[k] * flow.slopes[k] for k in gates}
    return np.asarray(replace(flow, da=da).sent("h", 0))


def _turned(flow: Flow) -> Array:
    base = flow.base
    turned = {name: base.net.weights[name].T for name in base.W.values()}
    switches = replace(flow.switches, weights=turned, reach={})
    return np.asarray(replace(flow, switches=switches).sent("h", 0))
