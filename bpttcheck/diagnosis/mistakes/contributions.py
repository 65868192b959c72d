"""What a step contributes to a sum, from behind and from the front, and what it is taken for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward.along_time import WRAPPED, ZERO, moved, of_first, shifted, stale
from bpttcheck.diagnosis.backward.flow import Flow
from bpttcheck.diagnosis.mistakes.mistake import Change
from bpttcheck.diagnosis.recognition.shape import Shape

Key: TypeAlias = tuple[str, str]
"""A cause, and what exactly is done."""


def with_left(change: Change) -> Change:
    """Return the gradient of which something else is what comes from behind."""

    def made(flow: Flow, role: str) -> Array | None:
        left = change(flow, role)
        return None if left is None else flow.summed(role, left, flow.right(role))

    return made


def with_right(change: Change) -> Change:
    """Return the gradient of which something else is what comes from the front."""

    def made(flow: Flow, role: str) -> Array | None:
        right = change(flow, role)
        return None if right is None else flow.summed(role, flow.left(role), right)

    return made


def of_left(change: Callable[[Array], Array]) -> Change:
    """Return a change of the steps that come from behind."""
    return lambda flow, role: change(flow.left(role))


def of_right(change: Callable[[Array], Array]) -> Change:
    """Return a change of the steps that come from the front."""
    return lambda flow, role: change(flow.right(role))


def value(name: str) -> Change:
    """Return a value of the steps, whatever the role."""
    return lambda flow, role: flow.base.values[name]


def let_out(state: str) -> Change:
    """Return a state as it is let out: tanh c_t."""
    return lambda flow, role: flow.base.cell.squash.value(flow.base.values[state])


def drive(flow: Flow, role: str) -> Array:
    """Return ∂L/∂k of the gate that a weight belongs to, as its product meets it."""
    return replace(flow, da=flow.d).left(role)


def _twice_sloped(flow: Flow, role: str) -> Array:
    return flow.left(role) * flow.slopes[flow.base.shape.roles[role].gate]


def _before(flow: Flow, role: str) -> Array:
    """Return ∂L/∂k of the step before; of the state itself where it is its own gate."""
    if flow.base.shape.plain:
        return np.concatenate([flow.states["h"][:1], flow.d["h"][:-1]])
    return moved(drive(flow, role), -1, ZERO)


LEFTS: dict[Key, Change] = {
    ("slope-missing-in-weights", "∂L/∂h_t for ∂L/∂a_t"): drive,
    ("slope-twice", "φ′ applied once more in the sum"): _twice_sloped,
    ("recurrent-terms-missing", ""): lambda f, r: f.alone.left(r),
    ("recurrent-terms-missing", "and no φ′"): lambda f, r: drive(f.alone, r),
    ("output-terms-missing", ""): lambda f, r: f.left(r) - f.alone.left(r),
    ("step-shifted", "∂L/∂a_{t+1} at step t"): of_left(shifted(1, ZERO)),
    ("step-shifted", "∂L/∂a_{t−1} at step t"): of_left(shifted(-1, ZERO)),
    ("step-shifted", "∂L/∂a_{t+1} at step t, wrapped around"): of_left(shifted(1, WRAPPED)),
    ("step-shifted", "∂L/∂h_{t−1} for ∂L/∂a_t"): _before,
    ("stale-cache", "∂L/∂a_1 at every step"): of_left(lambda a: stale(a, 0)),
    ("stale-cache", "∂L/∂a_T at every step"): of_left(stale),
    ("time-reversed", "∂L/∂a"): of_left(lambda a: a[::-1]),
}


def _all(flow: Flow, role: str) -> Array:
    """Return what W_k reads at all steps, and the last state after it."""
    return np.concatenate([flow.right(role), flow.base.run.made["h"][-1:]])


def _a(flow: Flow, role: str) -> Array | None:
    """Return the pre-activation of the gate; None where an output has several."""
    if role == "V":
        return flow.base.a[""] if flow.base.shape.plain else None
    return flow.base.a[flow.base.shape.roles[role].gate]


def _before_as_a(flow: Flow, role: str) -> Array | None:
    a, read = _a(flow, role), flow.right(role)
    return None if a is None or a.shape != read.shape else np.concatenate([read[:1], a[:-1]])


def _last_but_first(flow: Flow, role: str) -> Array:
    h = _all(flow, role)
    return np.concatenate([h[:1], 0 * h[1:-1] + h[-1]])


OF_W: dict[Key, Change] = {
    ("state-shifted", "h_t for h_{t−1}"): lambda f, r: _all(f, r)[1:],
    ("state-wraps-around", ""): lambda f, r: of_first(f.right(r), _all(f, r)[-1]),
    ("state-shifted", "h_{t−2} for h_{t−1}"): of_right(shifted(-1)),
    ("initial-state-forgotten", ""): of_right(lambda h: of_first(h, 0.0)),
    ("preactivation-for-state", "a_{t−1} for h_{t−1}"): _before_as_a,
    ("preactivation-for-state", "a_t for h_{t−1}"): _a,
    ("stale-cache", "h_T at every step"): lambda f, r: stale(_all(f, r))[1:],
    ("stale-cache", "h_T at every step but the first"): _last_but_first,
    ("stale-cache", "h_{T−1} at every step"): of_right(stale),
    ("stale-cache", "h_0 at every step"): of_right(lambda h: stale(h, 0)),
    ("time-reversed", "the states"): of_right(lambda h: h[::-1]),
    ("time-reversed", "the states h_1 … h_T"): lambda f, r: _all(f, r)[1:][::-1],
}
OF_U: dict[Key, Change] = {
    ("step-shifted", "x_{t−1} for x_t"): of_right(shifted(-1)),
    ("step-shifted", "x_{t−1} for x_t, zero before the first"): of_right(shifted(-1, ZERO)),
    ("step-shifted", "x_{t−1} for x_t, x_T at the first step"): of_right(shifted(-1, WRAPPED)),
    ("step-shifted", "x_{t+1} for x_t"): of_right(shifted(1)),
    ("step-shifted", "x_{t+1} for x_t, zero after the last"): of_right(shifted(1, ZERO)),
    ("step-shifted", "x_{t+1} for x_t, x_1 at the last step"): of_right(shifted(1, WRAPPED)),
    ("stale-cache", "x_T at every step"): of_right(stale),
    ("stale-cache", "x_1 at every step"): of_right(lambda x: stale(x, 0)),
    ("time-reversed", "the inputs"): of_right(lambda x: x[::-1]),
    ("state-for-input", "h_{t−1} for x_t"): value("h-"),
}
OF_V: dict[Key, Change] = {
    ("state-shifted", "h_{t−1} for h_t"): value("h-"),
    ("state-shifted", "h_{t+1} for h_t"): of_right(shifted(1)),
    ("state-shifted", "h_{t+1} for h_t, h_1 at the last step"): of_right(shifted(1, WRAPPED)),
    ("state-wraps-around", "h_{t−1} for h_t, h_T at the first step"): of_right(
        shifted(-1, WRAPPED)
    ),
    ("preactivation-for-state", "a_t for h_t"): _a,
    ("stale-cache", "h_T at every step"): of_right(stale),
    ("stale-cache", "h_1 at every step"): of_right(lambda h: stale(h, 0)),
    ("time-reversed", "the states"): of_right(lambda h: h[::-1]),
}


def of_gate(shape: Shape, cause: str) -> str:
    """Return a cause as it is called where there are gates."""
    gated = {"slope-missing-in-weights": "gate-slope-missing", "slope-twice": "gate-slope-twice"}
    return cause if shape.plain else gated.get(cause, cause)
