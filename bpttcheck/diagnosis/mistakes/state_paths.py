"""Mistaken passes past the gates: along a further state, or along the path of h itself."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward.flow import At, Base, Flow
from bpttcheck.diagnosis.mistakes.messages import but_first, mixes, negative, nothing
from bpttcheck.diagnosis.mistakes.mistake import Pass, hearing, sending, switched
from bpttcheck.diagnosis.recognition.shape import Shape


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
    yield Pass(f"{past}-missing", "", sending(lambda f, k: f.through("h", k)))
    yield Pass("gate-message-missing", all_of_them, sending(lambda f, k: f.direct("h", k)))
    bare = sending(lambda f, k: f.through("h", k) + f.d["h"][k])
    yield Pass(f"{past}-wrong", "∂L/∂h_t itself", bare)
    yield Pass(f"{past}-twice", "", sending(lambda f, k: f.sent("h", k) + f.direct("h", k)))
    yield Pass(f"{past}-sign", "", sending(lambda f, k: f.through("h", k) - f.direct("h", k)))


def _of_further(shape: Shape, s: str) -> Iterator[Pass]:
    word = shape.cell.states[s]
    if len(shape.into[f"{s}-"]) > 1:
        direct = sending(lambda f, k: f.direct(s, k), s)
        yield Pass("gate-message-missing", f"all that gates send to {s}_{{t−1}}", direct, s)
    dropped, sign, added = "cell-message-dropped", "cell-message-sign", "message-not-reset"
    told = f"∂L/∂{s}_T, or all ∂L/∂{s}_t that are outputs"
    yield Pass("output-ignored", told, switched(of_states=partial(_without_outputs, s)))
    yield Pass(dropped, "", sending(nothing, s))
    yield Pass(dropped, f"but for {s}_0", sending(but_first(nothing, s), s))
    both = f"of the {shape.cell.states['h']} and of the {word}"
    none = switched(messages=lambda b: {"h": nothing, s: nothing})
    yield Pass("recurrent-message-dropped", both, none)
    arriving = switched(messages=lambda b: {k: but_first(nothing, k) for k in ("h", s)})
    yield Pass("recurrent-message-dropped", f"{both}, but for h_0 and {s}_0", arriving)
    kept = sending(lambda f, k: f.d[s][k] + f.through(s, k), s)
    yield Pass("forget-gate-missing", "", kept)
    minus = partial(negative, s)
    yield Pass(sign, "", sending(minus, s))
    yield Pass(sign, f"but for {s}_0", sending(but_first(minus, s), s))
    told = f"∂L/∂{s}_{{t−1}} = f_t ∘ (what came from h_t)"
    short = sending(lambda f, k: f.local(s, k) * f.factors[shape.carrying(s)][k], s)
    yield Pass("cell-message-cut-short", told, short)
    told = f"∂L/∂{s}_t is added to ∂L/∂{s}_{{t−1}}"
    yield Pass(added, told, sending(lambda f, k: f.sent(s, k) + f.d[s][k], s), s)
    told = f"all that is sent to earlier {word}s is added up"
    yield Pass(added, told, sending(lambda f, k: f.sent(s, k) + f.coming[s][k], s), s)
    for name, mean in (("sum", False), ("mean", True)):
        told = f"the {name} over B, of the {word}"
        yield Pass("message-mixes-sequences", told, sending(partial(mixes, s, mean), s), s)


def _without_outputs(state: str, base: Base) -> dict[str, Array] | None:
    outputs = base.of_states
    return outputs | {state: 0 * outputs[state]} if outputs[state].any() else None


def _hearing(shape: Shape, s: str) -> Iterator[Pass]:
    """Yield the passes in which a gate hears of the state where it should of another one."""
    if shape.cell.width(s) != shape.cell.width("h"):
        return
    told, cause = "∂L/∂{}_t for ∂L/∂{}_t in the gate{} {}", "cell-gradient-for-state"
    of_state = [k for k in shape.gates if s in shape.into[k]]
    of_h = [k for k in shape.gates if "h" in shape.into[k]]
    for scope in (of_state, *([k] for k in of_state)):
        detail = told.format("h", s, "s", "".join(scope))
        make = hearing([(s, k) for k in scope], partial(_gradient, "h"))
        yield Pass(cause, detail, make, scope[0])
    for k in of_h:
        make = hearing([("h", k)], partial(_gradient, s))
        yield Pass(cause, told.format(s, "h", "", k), make, k)


def _gradient(state: str, flow: Flow, at: At) -> Array:
    return flow.d[state][at]
