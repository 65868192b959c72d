"""Mistaken passes from step to step: the message dropped, scaled, mixed, cut off, clipped."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward.along_time import kept, over_batch, stale
from bpttcheck.diagnosis.backward.flow import Base, Flow, Hook, Message
from bpttcheck.diagnosis.mistakes.mistake import Make, Pass, sending
from bpttcheck.diagnosis.mistakes.whole_result import clipped, to_norm
from bpttcheck.diagnosis.recognition.shape import Shape

LONGEST = 12
"""Truncation is looked for up to so many steps."""

LEVELS = (0.01, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 20.0)
"""Thresholds of clipping that people use."""


def nothing(flow: Flow, k: int) -> float:
    """Send nothing."""
    return 0.0


def negative(state: str, flow: Flow, k: int) -> Array:
    """Send what is right with the other sign."""
    return np.asarray(-flow.sent(state, k))


def but_first(message: Message, state: str = "h") -> Message:
    """Return a message that is lost or changed where it arrives: the initial state's is right."""
    return lambda flow, k: message(flow, k) if k else flow.sent(state, k)


def messages() -> Iterator[Pass]:
    """Yield the passes whose message to the state before is made of the right one."""
    dropped, scaled = "recurrent-message-dropped", "recurrent-message-scaled"
    added = "message-not-reset"
    yield Pass(dropped, "", sending(nothing))
    yield Pass(dropped, "except from the first step to h_0", sending(but_first(nothing)))
    yield Pass("recurrent-message-sign", "", sending(partial(negative, "h")))
    for name in ("½", "2", "1/T", "1/B", "1/TB", "1/n", "B", "T"):
        times: Message = partial(_times, name)
        yield Pass(scaled, f"times {name}", sending(times))
        yield Pass(scaled, f"times {name}, but for h_0", sending(but_first(times)))
    itself = "∂L/∂h_{t+1} itself"
    yield Pass("recurrent-weight-missing", itself, sending(lambda f, k: f.d["h"][k]))
    told = "∂L/∂h_{t+1} is added to ∂L/∂h_t"
    yield Pass(added, told, sending(lambda f, k: f.sent("h", k) + f.d["h"][k]))
    yield Pass(added, "all messages are added up", _accumulated)
    for first, order in ((0, "before"), (-1, "after")):
        told = f"what the sequence {order} it in the batch left is kept"
        yield Pass(added, told, partial(_kept_between, first))
    mixed = "message-mixes-sequences"
    yield Pass(mixed, "the mean over B", sending(partial(mixes, "h", True)))
    yield Pass(mixed, "the sum over B", sending(partial(mixes, "h", False)))
    yield Pass(mixed, "that of the first sequence", sending(_of_first_sequence))
    two_later = sending(lambda f, k: f.sent("h", k + 1) if k + 1 < f.base.T else 0.0)
    yield Pass("message-stale", "the one from two steps later", two_later)
    from_last = sending(lambda f, k: f.sent("h", f.base.T - 1))
    yield Pass("message-stale", "the one that left the last step", from_last)


def _times(name: str, flow: Flow, k: int) -> Array | float:
    return flow.base.sizes[name] * flow.sent("h", k)


def mixes(state: str, mean: bool, flow: Flow, k: int) -> Array:
    """Send the sum or mean over all sequences."""
    return over_batch(np.asarray(flow.sent(state, k)), mean)


def _of_first_sequence(flow: Flow, k: int) -> Array:
    sent = np.asarray(flow.sent("h", k))
    return np.asarray(sent[:1] + 0 * sent)


def _accumulated(base: Base) -> Flow:
    total = np.zeros_like(base.run.made["h"][0])

    def message(flow: Flow, k: int) -> Array:
        total[...] += flow.sent("h", k)
        return np.array(total)

    return base.propagate(messages={"h": message})


def _kept_between(first: int, base: Base) -> Flow | None:
    """Begin each sequence of the batch with the gradient that the one before it left at h_0."""
    if base.B == 1:
        return None
    inject = base.inject.copy()
    order = list(range(base.B))[:: 1 if first == 0 else -1]
    flow = base.propagate(inject=inject)
    for one, other in itertools.pairwise(order):
        inject[-1, other] += flow.states["h"][0, one]
        flow = base.propagate(inject=inject)
    return flow


def truncations(shape: Shape) -> Iterator[Pass]:
    """Yield the passes that cut messages off: those of all states, or of one of several."""
    cut = "recurrent-truncated"
    for k in range(1, LONGEST + 1):
        plural = "s" if k > 1 else ""
        yield Pass(cut, f"each loss goes back {k} step{plural}", partial(_window, k))
        for outputs, short in itertools.product((False, True), repeat=2):
            also = ", in V and c too" if outputs else ""
            also += "; h_0 receives nothing" if short else ""
            told = f"the loop visits the last {f'{k} steps' if k > 1 else 'step'} alone{also}"
            yield Pass(cut, told, partial(_visiting, slice(-k, None), outputs, short))
    states = tuple(shape.cell.states)
    kinds = [("", states)]
    if shape.further:
        kinds += [(f", of the {shape.cell.states[s]} alone", (s,)) for s in states]
    for also, some in kinds:
        for k in range(2, LONGEST + 1):
            for r in range(k if some == states else 1):
                for end in (False, True):
                    side = "the last step" if end else "the first step"
                    told = f"every {k} steps, {r} from {side}{also}"
                    yield Pass(cut, told, partial(_chunks, k, r, end, some, True))
            told = f"every {k} steps, but for h_0{also}"
            yield Pass(cut, told, partial(_chunks, k, 0, False, some, False))


def _window(k: int, base: Base) -> Flow:
    """Let the gradient of each step's output pass k messages."""
    if k >= base.T:
        return base.right
    flows = []
    for t in range(1, base.T + 1):
        of_states = {state: kept(a, t - 1) for state, a in base.of_states.items()}
        steps = range(t, max(t - k - 1, 0), -1)
        flow = base.propagate(inject=kept(base.inject, t - 1), of_states=of_states, steps=steps)
        if t > k:
            flow.cut()
        flows.append(flow)
    sums: dict[str, Any] = {
        name: {key: sum(getattr(f, name)[key] for f in flows) for key in getattr(flows[0], name)}
        for name in ("d", "da", "states", "coming")
    }
    return replace(base.right, **sums)


def _visiting(some: slice, outputs: bool, cut: bool, base: Base) -> Flow:
    """Visit some steps alone, or have terms of V and c of them alone too; ``cut`` at the first."""
    steps = range(1, base.T + 1)[some][::-1]
    readout = None
    if outputs:
        readout = np.zeros_like(base.do)
        readout[some] = base.do[some]
    flow = base.propagate(steps=steps, readout=readout)
    if cut and 1 not in steps:
        flow.cut()
    return flow


def _chunks(
    every: int, r: int, end: bool, states: tuple[str, ...], to_initial: bool, base: Base
) -> Flow:
    """Send no message to the states of t ≡ r (mod k)."""

    def message(state: str, flow: Flow, k: int) -> Array | float:
        place = base.T - k if end else k
        stopped = place % every == r and (to_initial or k > 0)
        return 0.0 if stopped else flow.sent(state, k)

    return base.propagate(messages={state: partial(message, state) for state in states})


def skips() -> Iterator[Pass]:
    """Yield the passes whose loop misses a step."""
    kinds = ("first", slice(1, None)), ("last", slice(None, -1))
    for (which, some), outputs in itertools.product(kinds, (False, True)):
        told = f"of the loop{', in V and c too' if outputs else ''}"
        yield Pass(f"{which}-step-skipped", told, partial(_visiting, some, outputs, False))
        if which == "first":
            told += "; h_0 receives nothing"
            yield Pass("first-step-skipped", told, partial(_visiting, some, outputs, True))


def clips(shape: Shape) -> Iterator[Pass]:
    """Yield the passes with clipping inside: of a gradient, or of what is sent."""
    kinds = (("", clipped), (" by the norm of each sequence", _by_norm), (" by the norm", to_norm))
    for level, (kind, clip) in itertools.product(LEVELS, kinds):
        hook = partial(clip, level)
        places = [("∂L/∂a_t", _hooked("a", hook)), ("∂L/∂h_t", _hooked("h", hook))]
        places.append(("the message", sending(partial(_clipped, "h", hook))))
        for s in shape.further if not kind else ():
            places.append((f"∂L/∂{s}_t", _hooked(s, hook)))
            sent = sending(partial(_clipped, s, hook), s)
            places.append((f"what the {shape.cell.states[s]} sends", sent))
        for place, make in places:
            yield Pass("clipped", f"{place} to {level:g}{kind}", make)


def _hooked(name: str, hook: Hook) -> Make:
    return lambda base: base.propagate(hooks={name: hook})


def _clipped(state: str, hook: Hook, flow: Flow, k: int) -> Array:
    return hook(np.asarray(flow.sent(state, k)))


def _by_norm(c: float, g: Array) -> Array:
    norm = np.sqrt((g * g).sum(axis=-1, keepdims=True))
    return np.asarray(g * np.minimum(1.0, c / np.maximum(norm, 1e-300)))


def caches() -> Iterator[Pass]:
    """Yield the passes whose steps all read one step's cache."""
    for name, k in (("last", -1), ("first", 0)):
        yield Pass("cache-reused", f"that of the {name} step", partial(_reused, k))


def _reused(k: int, base: Base) -> Flow:
    factors = {edge: stale(a, k) for edge, a in base.factors.items()}
    slopes = {gate: stale(a, k) for gate, a in base.slopes.items()}
    return replace(base.propagate(factors=factors, slopes=slopes), cached=k)
