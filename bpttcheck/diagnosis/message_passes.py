"""Mistaken passes, from step to step: the message dropped, truncated, clipped, of other weights."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward import Base, Flow, propagate
from bpttcheck.diagnosis.passes import Make, Pass
from bpttcheck.diagnosis.steps import without

LONGEST = 12
"""Truncation is looked for up to so many steps."""

LEVELS = (0.01, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 20.0)
"""Thresholds of clipping that people use."""


def _message(message: Callable[[int, Flow], Array]) -> Make:
    return lambda base: base.propagate(message=message)


def _send(flow: Flow, t: int) -> Array:
    return flow.send(t)


def messages() -> Iterator[Pass]:
    """Yield the passes whose message from step to step is another."""
    yield from _weighted()
    yield from sent()


def _weighted() -> Iterator[Pass]:
    yield Pass("recurrent-transpose", "", _message(lambda t, f: f.da[t - 1] @ f.base.W.T))
    for joined, first in (("[h, x]", True), ("[x, h]", False)):
        yield Pass("wrong-slice", f"the other end of {joined}",
                   partial(_sliced, first))  # fmt: skip
    yield Pass("recurrent-weight-missing", "∂L/∂a_{t+1} itself", _message(lambda t, f: f.da[t - 1]))
    yield Pass("recurrent-weight-missing", "the diagonal of W alone",
               _message(lambda t, f: f.da[t - 1] * np.diag(f.base.W)))  # fmt: skip
    yield Pass("wrong-weight", "U in the message", _u_for_w)


def sent() -> Iterator[Pass]:
    """Yield the passes whose message is made of the right one, whatever the cell is."""
    yield Pass("recurrent-message-dropped", "", _message(lambda t, f: 0 * f.dh[0]))
    yield Pass("recurrent-message-dropped", "except from the first step to h_0",
               _message(lambda t, f: _send(f, t) if t == 1 else 0 * f.dh[0]))  # fmt: skip
    yield Pass("recurrent-message-sign", "", _message(lambda t, f: -_send(f, t)))
    for name in ("½", "2", "1/T", "1/B", "1/TB", "1/n", "B", "T"):
        yield Pass("recurrent-message-scaled", f"times {name}",
                   _message(partial(_times, name)))  # fmt: skip
        yield Pass("recurrent-message-scaled", f"times {name}, but for h_0",
                   _message(partial(_times_but_last, name)))  # fmt: skip
    yield Pass("recurrent-weight-missing", "∂L/∂h_{t+1} itself", _message(lambda t, f: f.dh[t]))
    yield Pass("message-not-reset", "∂L/∂h_{t+1} is added to ∂L/∂h_t",
               _message(lambda t, f: _send(f, t) + f.dh[t]))  # fmt: skip
    yield Pass("message-not-reset", "all messages are added up", _accumulated)
    yield Pass("message-mixes-sequences", "the mean over B",
               _message(lambda t, f: _send(f, t).mean(0, keepdims=True) + 0 * f.dh[0]))  # fmt: skip
    yield Pass("message-mixes-sequences", "the sum over B",
               _message(lambda t, f: _send(f, t).sum(0, keepdims=True) + 0 * f.dh[0]))  # fmt: skip
    yield Pass("message-mixes-sequences", "that of the first sequence",
               _message(lambda t, f: _send(f, t)[:1] + 0 * f.dh[0]))  # fmt: skip
    for first in (0, -1):
        order = "before" if first == 0 else "after"
        yield Pass("message-not-reset", f"what the sequence {order} it in the batch left is kept",
                   partial(_kept_between, first))  # fmt: skip
    yield Pass("message-stale", "the one from two steps later", _message(_two_later))
    yield Pass("message-stale", "the one that left the last step", _message(_from_the_last))


def _times(name: str, t: int, flow: Flow) -> Array:
    return flow.base.factors[name] * _send(flow, t)


def _times_but_last(name: str, t: int, flow: Flow) -> Array:
    return _send(flow, t) if t == 1 else _times(name, t, flow)


def other_end(W: Array, U: Array, state_first: bool) -> Array:
    """Return as many columns from the wrong end of the weights of [h, x], or of [x, h]."""
    (n, m) = U.shape
    return np.hstack([W, U])[:, m:] if state_first else np.hstack([U, W])[:, :n]


def _sliced(state_first: bool, base: Base) -> Flow:
    """Pass on the wrong part of the gradient of h and x, joined."""
    weights = other_end(base.W, base.U, state_first)
    return propagate(base, message=lambda t, f: f.da[t - 1] @ weights)


def _u_for_w(base: Base) -> Flow | None:
    if base.m != base.n:
        return None
    return propagate(base, message=lambda t, f: f.da[t - 1] @ base.U)


def _accumulated(base: Base) -> Flow:
    total = np.zeros_like(base.run.h[0])

    def message(t: int, flow: Flow) -> Array:
        total[...] += _send(flow, t)
        return np.array(total)

    return base.propagate(message=message)


def _kept_between(first: int, base: Base) -> Flow | None:
    """Begin each sequence of the batch with the gradient that the one before it left at h_0."""
    if base.B == 1:
        return None
    inject = base.inject.copy()
    order = list(range(base.B))[:: 1 if first == 0 else -1]
    flow = base.propagate(inject=inject)
    for one, other in itertools.pairwise(order):
        inject[-1, other] += flow.dh[0, one]
        flow = base.propagate(inject=inject)
    return flow


def _two_later(t: int, flow: Flow) -> Array:
    return _send(flow, t + 1) if t < flow.base.T else 0 * flow.dh[0]


def _from_the_last(t: int, flow: Flow) -> Array:
    return _send(flow, flow.base.T)


def truncations() -> Iterator[Pass]:
    """Yield the passes that cut the message off."""
    for k in range(1, LONGEST + 1):
        yield Pass("recurrent-truncated", f"each loss goes back {k} steps",
                   partial(_window, k))  # fmt: skip
    yield from late_steps()
    for k in range(2, LONGEST + 1):
        for r in range(k):
            for end in (False, True):
                side = "the last step" if end else "the first step"
                yield Pass("recurrent-truncated", f"every {k} steps, {r} from {side}",
                           partial(_chunks, k, r, end, True))  # fmt: skip
        yield Pass("recurrent-truncated", f"every {k} steps, but for h_0",
                   partial(_chunks, k, 0, False, False))  # fmt: skip


def late_steps() -> Iterator[Pass]:
    """Yield the passes whose loop visits the last steps alone."""
    for k in range(1, LONGEST + 1):
        for outputs in (False, True):
            for cut in (False, True):
                also = ", in V and c too" if outputs else ""
                yield Pass("recurrent-truncated", f"the loop visits the last {k} steps alone{also}",
                           partial(_late_steps, k, outputs, cut))  # fmt: skip


def _window(k: int, base: Base) -> Flow:
    """Let the gradient of each step's output pass k messages."""
    level = base.inject * base.slope
    da, dh0 = level.copy(), np.zeros_like(base.run.h[0])
    dh = np.zeros_like(base.run.h)
    dh[1:] = base.inject
    for _ in range(k):
        sent = level @ base.W
        dh0 = dh0 + sent[0]
        dh[1:-1] += sent[1:]
        level = np.concatenate([sent[1:] * base.slope[:-1], 0 * sent[:1]])
        da = da + level
    dh[0] = dh0
    return Flow(base, base.do, base.inject, base.slope, da, dh)


def _late_steps(k: int, outputs: bool, cut: bool, base: Base) -> Flow:
    left = max(base.T - k, 0)
    readout = base.do.copy() if outputs else None
    if readout is not None:
        readout[:left] = 0.0
    flow = base.propagate(steps=range(base.T, left, -1), readout=readout)
    if cut and left:
        flow.cut()
    return flow


def _chunks(k: int, r: int, end: bool, to_h0: bool, base: Base) -> Flow:
    """Send no message to the states h_t, t ≡ r (mod k)."""

    def message(t: int, flow: Flow) -> Array:
        place = base.T - (t - 1) if end else t - 1
        stopped = place % k == r and (to_h0 or t > 1)
        return 0 * flow.dh[0] if stopped else _send(flow, t)

    return base.propagate(message=message)


def skips() -> Iterator[Pass]:
    """Yield the passes whose loop misses a step."""
    for which in ("first", "last"):
        for with_outputs in (False, True):
            also = ", in V and c too" if with_outputs else ""
            yield Pass(f"{which}-step-skipped", f"of the loop{also}",
                       partial(_skipped, which, with_outputs, False))  # fmt: skip
            if which == "first":
                yield Pass("first-step-skipped", f"of the loop{also}; h_0 receives nothing",
                           partial(_skipped, which, with_outputs, True))  # fmt: skip


def _skipped(which: str, with_outputs: bool, cut: bool, base: Base) -> Flow | None:
    steps = range(base.T, 1, -1) if which == "first" else range(base.T - 1, 0, -1)
    readout = without(base.do, 0 if which == "first" else -1) if with_outputs else None
    flow = base.propagate(steps=steps, readout=readout)
    if cut:
        flow.cut()
    return flow


def clips() -> Iterator[Pass]:
    """Yield the passes with clipping inside."""
    for c in LEVELS:
        for kind, clip in (("", _by_value), (" by the norm of each sequence", _by_norm),
                           (" by the norm", _by_whole_norm)):  # fmt: skip
            hook = partial(clip, c)
            for place in ("∂L/∂a_t", "∂L/∂h_t", "the message"):
                yield Pass("clipped", f"{place} to {c:g}{kind}", partial(_clipped, place, hook))


def _clipped(place: str, hook: Callable[[Array], Array], base: Base) -> Flow:
    if place == "∂L/∂a_t":
        return base.propagate(on_preactivation=hook)
    if place == "∂L/∂h_t":
        return base.propagate(on_state=hook)
    return base.propagate(message=lambda t, f: hook(_send(f, t)))


def _by_value(c: float, g: Array) -> Array:
    return np.clip(g, -c, c)


def _by_norm(c: float, g: Array) -> Array:
    norm = np.sqrt((g * g).sum(axis=-1, keepdims=True))
    return np.asarray(g * np.minimum(1.0, c / np.maximum(norm, 1e-300)))


def _by_whole_norm(c: float, g: Array) -> Array:
    norm = float(np.sqrt((g * g).sum()))
    return g * min(1.0, c / max(norm, 1e-300))
