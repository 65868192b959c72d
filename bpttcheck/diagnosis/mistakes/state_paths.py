"""Mistaken passes past the gates: along a further state, or along the path of h itself."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward.adjoint import Base
from bpttcheck.diagnosis.backward.flow import At, Flow, Message
from bpttcheck.diagnosis.mistakes.messages import but_first, mixes, nothing
from bpttcheck.diagnosis.mistakes.mistake import Make, Pass
from bpttcheck.diagnosis.recognition.shape import Shape


def _message(state: str, message: Message) -> Make:
    return lambda base: base.propagate(messages={state: message})


def paths(shape: Shape) -> Iterator[Pass]:
    """Yield the mistakes of what is sent past the gates."""
    if shape.path == "h":
        yield from _of_h()
    for state in shape.further:
        if shape.carrying(state) in shape.edges:
            yield from _of_further(shape, state)
            yield from _hearing(shape, state)


def _of_h() -> Iterator[Pass]:
    past, all_of_them = "direct-path", "all of them: the direct path alone"
    yield Pass(f"{past}-missing", "", _message("h", lambda f, k: f.through("h", k)))
    direct = _message("h", lambda f, k: f.direct("h", k))
    yield Pass("gate-message-missing", all_of_them, direct)
    bare = _message("h", lambda f, k: f.through("h", k) + f.d["h"][k])
    yield Pass(f"{past}-wrong", "∂L/∂h_t itself", bare)
    twice = _message("h", lambda f, k: f.sent("h", k) + f.direct("h", k))
    yield Pass(f"{past}-twice", "", twice)
    sign = _message("h", lambda f, k: f.through("h", k) - f.direct("h", k))
    yield Pass(f"{past}-sign", "", sign)


def _of_further(shape: Shape, s: str) -> Iterator[Pass]:
    word = shape.cell.states[s]
    if len(shape.into[f"{s}-"]) > 1:
        direct = _message(s, lambda f, k: f.direct(s, k))
        yield Pass("gate-message-missing", f"all that gates send to {s}_{{t−1}}", direct, s)
    dropped, sign, added = "cell-message-dropped", "cell-message-sign", "message-not-reset"
    told = f"∂L/∂{s}_T, or all ∂L/∂{s}_t that are outputs"
    yield Pass("output-ignored", told, partial(_without_outputs, s))
    yield Pass(dropped, "", _message(s, nothing))
    yield Pass(dropped, f"but for {s}_0", _message(s, but_first(nothing, s)))
    both = f"of the {shape.cell.states['h']} and of the {word}"
    no_message = partial(_both, s, nothing, nothing)
    yield Pass("recurrent-message-dropped", both, no_message)
    arriving = partial(_both, s, but_first(nothing), but_first(nothing, s))
    yield Pass("recurrent-message-dropped", f"{both}, but for h_0 and {s}_0", arriving)
    kept = _message(s, lambda f, k: f.d[s][k] + f.through(s, k))
    yield Pass("forget-gate-missing", "", kept)

    def minus(f: Flow, k: int) -> Array:
        return np.asarray(-f.sent(s, k))

    yield Pass(sign, "", _message(s, minus))
    yield Pass(sign, f"but for {s}_0", _message(s, but_first(minus, s)))
    told = f"∂L/∂{s}_{{t−1}} = f_t ∘ (what came from h_t)"
    short = _message(s, lambda f, k: f.local(s, k) * f.factors[shape.carrying(s)][k])
    yield Pass("cell-message-cut-short", told, short)
    told = f"∂L/∂{s}_t is added to ∂L/∂{s}_{{t−1}}"
    yield Pass(added, told, _message(s, lambda f, k: f.sent(s, k) + f.d[s][k]), s)
    told = f"all that is sent to earlier {word}s is added up"
    yield Pass(added, told, _message(s, lambda f, k: f.sent(s, k) + f.coming[s][k]), s)
    for name, mean in (("sum", False), ("mean", True)):
        told = f"the {name} over B, of the {word}"
        yield Pass("message-mixes-sequences", told, _message(s, partial(mixes, s, mean)), s)


def _without_outputs(state: str, base: Base) -> Flow | None:
    if not base.of_states[state].any():
        return None
    return base.propagate(of_states=base.of_states | {state: 0 * base.of_states[state]})


def _both(state: str, of_h: Message, of_state: Message, base: Base) -> Flow:
    return base.propagate(messages={"h": of_h, state: of_state})


def _hearing(shape: Shape, s: str) -> Iterator[Pass]:
    """Yield the passes in which a gate hears of the state where it should of another one."""
    if shape.cell.width(s) != shape.cell.width("h"):
        return
    told, cause = "∂L/∂{}_t for ∂L/∂{}_t in the gate{} {}", "cell-gradient-for-state"
    of_state = [k for k in shape.gates if s in shape.into[k]]
    of_h = [k for k in shape.gates if "h" in shape.into[k]]
    for scope in (of_state, *([k] for k in of_state)):
        detail = told.format("h", s, "s", "".join(scope))
        yield Pass(cause, detail, partial(_heard, s, "h", scope), scope[0])
    for k in of_h:
        yield Pass(cause, told.format(s, "h", "", k), partial(_heard, "h", s, [k]), k)


def _heard(over: str, instead: str, scope: list[str], base: Base) -> Flow:
    def other(flow: Flow, at: At) -> Array:
        return np.asarray(flow.d[instead][at])

    return base.propagate(heard={(over, k): other for k in scope})
