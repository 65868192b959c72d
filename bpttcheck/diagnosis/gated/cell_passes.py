"""Mistaken passes of what is the cell's own: LSTM's cell, GRU's direct path and reset gate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from bpttcheck.activations import sigmoid, tanh
from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.gated.backward import GatedBase, GatedFlow, Message, Parts
from bpttcheck.diagnosis.gated.candidate_passes import cell_for_candidate
from bpttcheck.diagnosis.message_passes import LEVELS
from bpttcheck.diagnosis.passes import Make, Pass
from bpttcheck.diagnosis.steps import moved

Change = Callable[[GatedBase], Array]


def changed(**fields: Any) -> Make:
    """Replace parts, each made from the base."""

    def make(base: GatedBase) -> GatedFlow:
        with np.errstate(all="ignore"):
            made = {name: change(base) for name, change in fields.items()}
        return base.propagate(parts=replace(base.parts, **made))

    return make


def _carried(message: Message) -> Make:
    return lambda base: base.propagate(carried=message)


def _but_first(message: Message) -> Message:
    """Return a message that is lost or changed where it arrives: what c_0 gets is right."""
    return lambda t, flow: flow.direct(t) if t == 1 else message(t, flow)


def _partner(gate: str, change: Callable[[GatedBase], Array], alone: bool) -> Make:
    def make(base: GatedBase) -> GatedFlow | None:
        parts: Parts = base.parts
        with np.errstate(all="ignore"):
            other = np.asarray(change(base)) + 0 * parts.partners[gate]
        if alone:
            return base.propagate(parts=replace(parts, partners_of_weights={gate: other}))
        return base.propagate(parts=replace(parts, partners=parts.partners | {gate: other}))

    return make


def partners(table: dict[tuple[str, str, str], Change]) -> Iterator[Pass]:
    """Yield the passes with another partner of a gate, everywhere or in the sums alone."""
    for (gate, cause, detail), change in table.items():
        for alone in (False, True):
            where = " in the sums over time alone" if alone else ""
            yield Pass(cause, f"{detail} in ∂L/∂a_{gate}{where}", _partner(gate, change, alone))


def _shift(steps: Array, by: int, edge: str = "repeated") -> Array:
    return moved(steps, by, edge)


def _first(c: Array, value: Array | float) -> Array:
    out = c.copy()
    out[0] = value
    return out


OF_LSTM: dict[tuple[str, str, str], Change] = {
    ("f", "cell-shifted", "c_t for c_{t−1}"): lambda b: b.run.c[1:],
    ("f", "cell-shifted", "c_{t−2} for c_{t−1}"):
        lambda b: np.concatenate([b.run.c[:1], b.run.c[:-2]]),
    ("f", "cell-shifted", "c_T for c_0 at the first step"):
        lambda b: _first(b.run.c[:-1], b.run.c[-1]),
    ("f", "cell-shifted", "tanh c_t for c_{t−1}"): lambda b: b.run.tanh_c,
    ("f", "initial-cell-forgotten", ""): lambda b: _first(b.run.c[:-1], 0.0),
    ("f", "stale-cache", "c_T at every step"): lambda b: b.run.c[-1:],
    ("f", "stale-cache", "c_{T−1} at every step"): lambda b: b.run.c[-2:-1],
    ("f", "stale-cache", "c_0 at every step"): lambda b: b.run.c[:1],
    ("f", "gate-partner-wrong", "h_{t−1} for c_{t−1}"): lambda b: b.run.h[:-1],
    ("f", "gate-partner-wrong", "h_t for c_{t−1}"): lambda b: b.run.h[1:],
    ("f", "gate-partner-wrong", "tanh c_{t−1} for c_{t−1}"): lambda b: np.tanh(b.run.c[:-1]),
    ("f", "gate-partner-wrong", "g for c_{t−1}"): lambda b: b.run.gates["g"],
    ("f", "gate-partner-missing", "c_{t−1}"): lambda b: np.ones(()),
    ("i", "gate-partner-missing", "g"): lambda b: np.ones(()),
    ("i", "gate-partner-wrong", "c_{t−1} for g"): lambda b: b.run.c[:-1],
    ("i", "gate-partner-wrong", "c_t for g"): lambda b: b.run.c[1:],
    ("i", "gate-partner-wrong", "i for g"): lambda b: b.run.gates["i"],
    ("i", "gate-partner-wrong", "tanh g for g"): lambda b: np.tanh(b.run.gates["g"]),
    ("i", "gate-partner-wrong", "a_g for g"): lambda b: b.run.a["g"],
    ("i", "gate-partner-wrong", "f for g"): lambda b: b.run.gates["f"],
    ("i", "gate-partner-wrong", "o for g"): lambda b: b.run.gates["o"],
    ("i", "gate-of-another-step", "g_{t−1}"): lambda b: _shift(b.run.gates["g"], -1),
    ("i", "gate-of-another-step", "g_{t+1}"): lambda b: _shift(b.run.gates["g"], 1),
    ("i", "stale-cache", "g_T at every step"): lambda b: b.run.gates["g"][-1:],
    ("g", "stale-cache", "i_T at every step"): lambda b: b.run.gates["i"][-1:],
    ("g", "gate-partner-missing", "i"): lambda b: np.ones(()),
    ("g", "gate-partner-wrong", "f for i"): lambda b: b.run.gates["f"],
    ("g", "gate-partner-wrong", "o for i"): lambda b: b.run.gates["o"],
    ("g", "gate-partner-wrong", "g for i"): lambda b: b.run.gates["g"],
    ("g", "gate-partner-wrong", "1 − i for i"): lambda b: 1 - b.run.gates["i"],
    ("g", "gate-partner-wrong", "a_i for i"): lambda b: b.run.a["i"],
    ("g", "gate-of-another-step", "i_{t−1}"): lambda b: _shift(b.run.gates["i"], -1),
    ("g", "gate-of-another-step", "i_{t+1}"): lambda b: _shift(b.run.gates["i"], 1),
    ("o", "squash-missing", "c_t for tanh c_t"): lambda b: b.run.c[1:],
    ("o", "gate-partner-missing", "tanh c_t"): lambda b: np.ones(()),
    ("o", "gate-partner-wrong", "h_t for tanh c_t"): lambda b: b.run.h[1:],
    ("o", "gate-partner-wrong", "tanh(tanh c_t) for tanh c_t"): lambda b: np.tanh(b.run.tanh_c),
    ("o", "gate-partner-wrong", "1 − tanh² c_t for tanh c_t"): lambda b: 1 - b.run.tanh_c**2,
    ("o", "gate-partner-wrong", "σ(c_t) for tanh c_t"): lambda b: sigmoid.value(b.run.c[1:]),
    ("o", "cell-shifted", "tanh c_{t−1} for tanh c_t"): lambda b: np.tanh(b.run.c[:-1]),
    ("o", "cell-shifted", "c_{t−1} for tanh c_t"): lambda b: b.run.c[:-1],
    ("o", "stale-cache", "tanh c_T at every step"): lambda b: b.run.tanh_c[-1:],
}  # fmt: skip


def _squash(slope: Callable[[GatedBase], Array]) -> Make:
    return changed(squash=lambda b: b.run.gates["o"] * slope(b))


def of_lstm() -> Iterator[Pass]:
    """Yield the mistakes of the cell's path."""
    yield from partners(OF_LSTM)
    yield from cell_for_candidate()
    yield from squashes("ifgo")
    yield from _forgetting()
    yield from carried_cells("ifg")


def squashes(gates: str) -> Iterator[Pass]:
    """Yield the mistakes on the way from the state to the cell."""
    c = "tanh′(c_t)"
    yield Pass("cell-slope-missing", "", _squash(lambda b: 1.0 + 0 * b.run.tanh_c))
    yield Pass("cell-slope-twice", "", _squash(lambda b: tanh.derivative(b.run.c[1:]) ** 2))
    yield Pass("cell-slope-of-cell", "1 − c_t²", _squash(lambda b: 1 - b.run.c[1:] ** 2))
    yield Pass("cell-slope-of-squashed", "1 − tanh²(tanh c_t)",
               _squash(lambda b: tanh.derivative(b.run.tanh_c)))  # fmt: skip
    yield Pass("cell-slope-of-another-step", "1 − tanh² c_{t−1}",
               _squash(lambda b: tanh.derivative(b.run.c[:-1])))  # fmt: skip
    yield Pass("cell-slope-of-another-step", "1 − tanh² c_{t+1}",
               _squash(lambda b: _shift(tanh.derivative(b.run.c[1:]), 1)))  # fmt: skip
    yield Pass("cell-slope-of-another-step", "1 − c_{t−1}²",
               _squash(lambda b: 1 - b.run.c[:-1] ** 2))  # fmt: skip
    yield Pass("stale-cache", f"{c} of the last step",
               _squash(lambda b: tanh.derivative(b.run.c[-1:])))  # fmt: skip
    for name, slope in {
        "1 − h_t²": lambda b: 1 - b.run.h[1:] ** 2,
        "1 − tanh² h_t": lambda b: tanh.derivative(b.run.h[1:]),
        "1 − tanh c_t": lambda b: 1 - b.run.tanh_c,
        "tanh² c_t": lambda b: b.run.tanh_c**2,
        "tanh c_t": lambda b: b.run.tanh_c,
        "tanh c_t ∘ (1 − tanh c_t)": lambda b: b.run.tanh_c * (1 - b.run.tanh_c),
        "c_t ∘ (1 − c_t)": lambda b: b.run.c[1:] * (1 - b.run.c[1:]),
        "σ′(c_t)": lambda b: sigmoid.derivative(b.run.c[1:]),
        "1 + tanh² c_t": lambda b: 1 + b.run.tanh_c**2,
        "tanh² c_t − 1": lambda b: b.run.tanh_c**2 - 1,
        "1 − o²": lambda b: 1 - b.run.gates["o"] ** 2,
        "1 − g²": lambda b: 1 - b.run.gates["g"] ** 2,
    }.items():
        yield Pass("cell-slope-of-another-function", f"{c} is {name}", _squash(slope))
    for gate in gates.replace("o", ""):
        for path in ("the state", "the next cell"):
            yield Pass("gate-slope-missing", f"of a_{gate}, on the path from {path} alone",
                       partial(_slope_on_one_path, gate, path == "the state"))  # fmt: skip
    yield from _output_gate(gates)


def _slope_on_one_path(gate: str, missing_from_state: bool, base: GatedBase) -> GatedFlow:
    """∂L/∂c_t is a sum of what the state and what the next cell send: a bracket too few."""
    p = base.parts

    def message(t: int, flow: GatedFlow) -> Array:
        from_state = flow.dh[t] * p.squash[t - 1]
        from_cell = flow.dc[t] - from_state
        bare, sloped = (from_state, from_cell) if missing_from_state else (from_cell, from_state)
        whole = bare + sloped * p.slopes[gate][t - 1]
        flow.da[gate][t - 1] = whole * p.partners[gate][t - 1]
        return flow.send(t)

    return base.propagate(message=message)


def _output_gate(gates: str) -> Iterator[Pass]:
    def with_gate(gate: Change) -> Make:
        return changed(squash=lambda b: gate(b) * tanh.derivative(b.run.c[1:]))

    yield Pass("output-gate-missing", "", with_gate(lambda b: np.ones(())))
    yield Pass("output-gate-missing", "and no tanh′(c_t) either",
               changed(squash=lambda b: 1.0 + 0 * b.parts.squash))  # fmt: skip
    for k in gates.replace("o", ""):
        yield Pass("output-gate-wrong", f"{k}_t for o_t", with_gate(partial(_gate, k)))
    yield Pass("output-gate-wrong", "1 − o_t", with_gate(lambda b: 1 - b.run.gates["o"]))
    yield Pass("output-gate-wrong", "a_o for o_t", with_gate(lambda b: b.run.a["o"]))
    yield Pass("output-gate-wrong", "σ′(a_o) for o_t", with_gate(lambda b: b.parts.slopes["o"]))
    yield Pass("stale-cache", "o_T at every step, on the way to c_t",
               with_gate(lambda b: b.run.gates["o"][-1:]))  # fmt: skip
    for shift, name in ((-1, "o_{t−1}"), (1, "o_{t+1}")):
        yield Pass("gate-of-another-step", f"{name} on the way to c_t",
                   with_gate(partial(_moved_gate, "o", shift)))  # fmt: skip
    yield Pass("output-gate-wrong", "∂L/∂o_t for ∂L/∂h_t, tanh c_t applied on the way to c_t too",
               changed(squash=lambda b: b.parts.squash * b.run.tanh_c))  # fmt: skip
    yield Pass("state-not-through-cell", "no gradient flows from h_t to c_t",
               changed(squash=lambda b: 0 * b.parts.squash))  # fmt: skip


def _gate(name: str, base: GatedBase) -> Array:
    return base.run.gates[name]


def _moved_gate(name: str, shift: int, base: GatedBase) -> Array:
    return moved(base.run.gates[name], shift, "repeated")


def carried_cells(gates: str) -> Iterator[Pass]:
    """Yield the mistakes of the message along the cell, which ``gates`` hear of."""
    yield Pass("output-ignored", "∂L/∂c_T, or all ∂L/∂c_t that are outputs", _without_cells)
    yield Pass("cell-message-dropped", "", _carried(lambda t, f: 0 * f.dc[t]))
    yield Pass(
        "cell-message-dropped", "but for c_0", _carried(_but_first(lambda t, f: 0 * f.dc[t]))
    )
    yield Pass("recurrent-message-dropped", "of the state and of the cell",
               lambda b: b.propagate(message=lambda t, f: 0 * f.dh[t],
                                     carried=lambda t, f: 0 * f.dc[t]))  # fmt: skip
    yield Pass("recurrent-message-dropped", "of the state and of the cell, but for h_0 and c_0",
               lambda b: b.propagate(
                   message=lambda t, f: f.send(t) if t == 1 else 0 * f.dh[t],
                   carried=_but_first(lambda t, f: 0 * f.dc[t])))  # fmt: skip
    yield from _around_cell(gates)


def _without_cells(base: GatedBase) -> GatedFlow | None:
    return base.propagate(of_cells=0 * base.of_cells) if base.of_cells.any() else None


def _forgetting() -> Iterator[Pass]:
    for k in "iog":
        yield Pass("forget-gate-wrong", f"{k}_t for f_t", changed(keep=partial(_gate, k)))
    yield Pass("forget-gate-wrong", "1 − f_t", changed(keep=lambda b: 1 - b.run.gates["f"]))
    yield Pass("forget-gate-wrong", "a_f", changed(keep=lambda b: b.run.a["f"]))
    yield Pass("forget-gate-wrong", "σ′(a_f)", changed(keep=lambda b: b.parts.slopes["f"]))
    yield Pass("forget-gate-wrong", "f_t²", changed(keep=lambda b: b.run.gates["f"] ** 2))
    for shift, name in ((-1, "f_{t−1}"), (1, "f_{t+1}")):
        for edge in ("repeated", "wrapped around", "zero"):
            yield Pass("gate-of-another-step", f"{name} for f_t, {edge} at the edge",
                       changed(keep=partial(_moved_keep, shift, edge)))  # fmt: skip
    yield Pass(
        "stale-cache",
        "f_T at every step",
        changed(keep=lambda b: b.parts.keep[-1:] + 0 * b.parts.keep),
    )


def _around_cell(gates: str) -> Iterator[Pass]:
    yield Pass("forget-gate-missing", "", _carried(lambda t, f: f.dc[t]))
    yield Pass("cell-message-sign", "", _carried(lambda t, f: -f.direct(t)))
    yield Pass("cell-message-sign", "but for c_0", _carried(_but_first(lambda t, f: -f.direct(t))))
    yield Pass("cell-message-cut-short", "∂L/∂c_{t−1} = f_t ∘ (what came from h_t)",
               _carried(lambda t, f: f.dh[t] * f.parts.squash[t - 1] * f.parts.keep[t - 1])
               )  # fmt: skip
    yield Pass("message-not-reset", "∂L/∂c_t is added to ∂L/∂c_{t−1}",
               _carried(lambda t, f: f.direct(t) + f.dc[t]))  # fmt: skip
    yield Pass("message-mixes-sequences", "the sum over B, of the cell",
               _carried(lambda t, f: f.direct(t).sum(0, keepdims=True) + 0 * f.dc[t]))  # fmt: skip
    yield Pass("message-mixes-sequences", "the mean over B, of the cell",
               _carried(lambda t, f: f.direct(t).mean(0, keepdims=True) + 0 * f.dc[t]))  # fmt: skip
    for scope in (gates, *gates):
        yield Pass("cell-gradient-for-state", f"∂L/∂h_t for ∂L/∂c_t in the gates {scope}",
                   changed(drivers=partial(_heard, scope, "h")))  # fmt: skip
    yield Pass("cell-gradient-for-state", "∂L/∂c_t for ∂L/∂h_t in the gate o",
               changed(drivers=partial(_heard, "o", "c")))  # fmt: skip
    yield Pass("message-not-reset", "all that is sent to earlier cells is added up",
               _carried(lambda t, f: f.direct(t) + f.dc[t] - f.dh[t] * f.parts.squash[t - 1])
               )  # fmt: skip
    for c in LEVELS:
        yield Pass("clipped", f"∂L/∂c_t to {c:g}", partial(_clipped_cell, c, False))
        yield Pass("clipped", f"what the cell sends to {c:g}", partial(_clipped_cell, c, True))


def _moved_keep(shift: int, edge: str, base: GatedBase) -> Array:
    return moved(base.parts.keep, shift, edge)


def _heard(scope: str, what: str, base: GatedBase) -> dict[str, str]:
    return dict.fromkeys(scope, what)


def _clipped_cell(c: float, sent: bool, base: GatedBase) -> GatedFlow:
    if sent:
        return base.propagate(carried=lambda t, f: np.clip(f.direct(t), -c, c))
    return base.propagate(on_cell=lambda g: np.clip(g, -c, c))
