"""The mistaken gradients of the inputs and of the initial states."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward.along_time import kept, over_batch, shifts, stale, without
from bpttcheck.diagnosis.backward.flow import Flow
from bpttcheck.diagnosis.mistakes.contributions import LEFTS, of_gate
from bpttcheck.diagnosis.mistakes.mistake import Change, Sum
from bpttcheck.diagnosis.mistakes.outputs import SHIFTS
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
    yield Sum("transposed-weight", "U for Uᵀ", _through(gates, lambda f, k: f.base.of_input(k).T))
    yield Sum("wrong-weight", "Wᵀ for Uᵀ", _through(gates, lambda f, k: f.base.recurrent(k)))
    yield from _of_steps()
    if not shape.plain:
        for joined, state_first in (("[h, x]", False), ("[x, h]", True)):
            sliced = _through(gates, partial(_other_end, state_first))
            yield Sum("wrong-slice", f"the other end of {joined}", sliced)
        for k in gates:
            rest, sent = tuple(j for j in gates if j != k), f"U_{k}ᵀ ∂L/∂a_{k}"
            yield Sum("gate-message-missing", sent, _through(rest, _input))
            yield Sum("gate-message-missing", f"all but {sent}", _through((k,), _input))


def _of_steps() -> Iterator[Sum]:
    """Yield the gradients of x that are the right one's steps, rearranged."""
    for told, change in shifts(SHIFTS, "{}, {} at the edge"):
        yield Sum("step-shifted", told, _rearranged(change))
    yield Sum("time-reversed", "", _rearranged(lambda g: g[::-1]))
    for k, name in ((0, "first"), (-1, "last")):
        for cause, told, left in (
            ("time-sum-missing", f"the {name} step alone, zero elsewhere", kept),
            (f"{name}-step-skipped", "zero there", without),
            ("stale-cache", f"that of the {name} step at every step", stale),
        ):
            yield Sum(cause, told, _rearranged(partial(left, index=k)))


def _rearranged(change: Callable[[Array], Array]) -> Change:
    return lambda flow, role: change(flow.gradient(role))


def _through_U(change: Change, flow: Flow, role: str) -> Array:
    U = flow.base.U
    sent = (np.asarray(change(flow, U[k])) @ flow.base.of_input(k) for k in flow.da)
    return np.asarray(sum(sent))


Weight = Callable[[Flow, str], Array]


def _through(scope: Sequence[str], weight: Weight) -> Change:
    return lambda flow, role: np.asarray(sum(flow.da[k] @ weight(flow, k) for k in scope))


def _input(flow: Flow, gate: str) -> Array:
    return flow.base.of_input(gate)


def _other_end(state_first: bool, flow: Flow, gate: str) -> Array:
    """Return as many columns from the wrong end as x has."""
    return other_end(flow.base.of_input(gate), flow.base.recurrent(gate), state_first)


def of_initial_state(shape: Shape, s: str) -> Iterator[Sum]:
    """Yield the mistaken gradients of an initial state."""
    short = "initial-gradient-short"
    yield Sum(short, f"∂L/∂{s}_1, one step short", lambda f, r: f.d[s][0])
    for name, mean in (("sum", False), ("mean", True)):
        every = _rearranged(partial(over_batch, mean=mean))
        yield Sum("batch-sum-missing", f"the {name} over B in every row", every)
    for other in shape.cell.states:
        if other != s:
            yield Sum("names-swapped", f"that of {other}0", partial(_start_of, other))
    last = "the message that left the last step"
    yield Sum("stale-cache", last, lambda f, r: np.asarray(f.sent(s, -1)))
    if s != "h":
        return
    if shape.plain:
        yield Sum(short, "∂L/∂a_1, without Wᵀ", lambda f, r: f.da[""][0])
        added = "∂L/∂h_1 + Wᵀ ∂L/∂a_1"
        yield Sum(short, added, lambda f, r: f.d["h"][0] + f.states["h"][0])
    if shape.path == "h":
        through = "at the first step"
        yield Sum("direct-path-missing", through, lambda f, r: np.asarray(f.through("h", 0)))
        told = f"all of them {through}"
        yield Sum("gate-message-missing", told, lambda f, r: np.asarray(f.direct("h", 0)))
    if not shape.further:
        yield from _last_message(shape)


def _start_of(state: str, flow: Flow, role: str) -> Array:
    return np.asarray(flow.states[state][0])


def _last_message(shape: Shape) -> Iterator[Sum]:
    """Yield the gradients that the last message alone is wrong in."""
    slope = "slope" if shape.plain else "gate-slope"
    last = "in the last message alone"
    bare = partial(_resent, lambda f: f.d)
    yield Sum(f"{slope}-missing", "Wᵀ ∂L/∂h_1, without φ′", bare)
    twice = partial(_resent, lambda f: {k: a * f.slopes[k] for k, a in f.da.items()})
    yield Sum(f"{slope}-twice", last, twice)
    yield Sum("recurrent-transpose", last, _turned)
    first = "the first step's output alone"
    yield Sum("recurrent-terms-missing", first, lambda f, r: np.asarray(f.alone.sent("h", 0)))


def _resent(other: Callable[[Flow], dict[str, Array]], flow: Flow, role: str) -> Array:
    """Send the last message of other ∂L/∂a."""
    return np.asarray(replace(flow, da=other(flow)).sent("h", 0))


def _turned(flow: Flow, role: str) -> Array:
    base = flow.base
    turned = {name: base.net.weights[name].T for name in base.W.values()}
    switches = replace(flow.switches, weights=turned, reach={})
    return np.asarray(replace(flow, switches=switches).sent("h", 0))
