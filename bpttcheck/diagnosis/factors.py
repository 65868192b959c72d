"""What a step contributes to a sum, from behind and from the front, and what it is taken for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward import Flow
from bpttcheck.diagnosis.steps import moved

Make = Callable[[Any], Array | None]
"""From a flow, of whichever network, to a gradient."""


@dataclass(frozen=True)
class Sum:
    """A mistaken gradient of one role: the cause, what exactly is done, and the doing."""

    cause: str
    detail: str
    make: Make


LEFTS: dict[tuple[str, str], Callable[[Flow], Array]] = {
    ("slope-missing-in-weights", "∂L/∂h_t for ∂L/∂a_t"): lambda f: f.dh[1:],
    ("slope-twice", "φ′ applied once more in the sum"): lambda f: f.da * f.slope,
    ("recurrent-terms-missing", ""): lambda f: f.inject * f.slope,
    ("recurrent-terms-missing", "and no φ′"): lambda f: f.inject,
    ("output-terms-missing", ""): lambda f: (f.dh[1:] - f.inject) * f.slope,
    ("step-shifted", "∂L/∂a_{t+1} at step t"): lambda f: moved(f.da, 1, "zero"),
    ("step-shifted", "∂L/∂a_{t−1} at step t"): lambda f: moved(f.da, -1, "zero"),
    ("step-shifted", "∂L/∂a_{t+1} at step t, wrapped around"): lambda f: moved(
        f.da, 1, "wrapped around"
    ),
    ("step-shifted", "∂L/∂h_{t−1} for ∂L/∂a_t"): lambda f: f.dh[:-1],
    ("stale-cache", "∂L/∂a_1 at every step"): lambda f: f.da[:1] + 0 * f.da,
    ("stale-cache", "∂L/∂a_T at every step"): lambda f: f.da[-1:] + 0 * f.da,
    ("time-reversed", "∂L/∂a"): lambda f: f.da[::-1],
}


def _repeated(states: Array, index: int) -> Array:
    return np.asarray(states[index][None] + 0 * states)


def _wrapped(flow: Flow) -> Array:
    h = flow.base.run.h
    return np.concatenate([h[-1:], h[1:-1]])


def _last_but_first(flow: Flow) -> Array:
    h = flow.base.run.h
    return np.concatenate([h[:1], 0 * h[1:-1] + h[-1]])


def _two_before(flow: Flow) -> Array:
    h = flow.base.run.h
    return np.concatenate([h[:1], h[:-2]])


def _before_as_a(flow: Flow) -> Array:
    run = flow.base.run
    return np.concatenate([run.h[:1], run.a[:-1]])


RIGHTS: dict[str, dict[tuple[str, str], Callable[[Flow], Array]]] = {
    "W": {
        ("state-shifted", "h_t for h_{t−1}"): lambda f: f.base.run.h[1:],
        ("state-wraps-around", ""): _wrapped,
        ("state-shifted", "h_{t−2} for h_{t−1}"): _two_before,
        ("initial-state-forgotten", ""): lambda f: _forgotten(f.base.run.h[:-1]),
        ("preactivation-for-state", "a_{t−1} for h_{t−1}"): _before_as_a,
        ("preactivation-for-state", "a_t for h_{t−1}"): lambda f: f.base.run.a,
        ("stale-cache", "h_T at every step"): lambda f: _repeated(f.base.run.h[:-1], 0) * 0
        + f.base.run.h[-1],
        ("stale-cache", "h_T at every step but the first"): _last_but_first,
        ("stale-cache", "h_{T−1} at every step"): lambda f: _repeated(f.base.run.h[:-1], -1),
        ("stale-cache", "h_0 at every step"): lambda f: _repeated(f.base.run.h[:-1], 0),
        ("time-reversed", "the states"): lambda f: f.base.run.h[:-1][::-1],
        ("time-reversed", "the states h_1 … h_T"): lambda f: f.base.run.h[1:][::-1],
    },
    "U": {
        ("step-shifted", "x_{t−1} for x_t"): lambda f: moved(f.base.net.x, -1, "repeated"),
        ("step-shifted", "x_{t−1} for x_t, zero before the first"): lambda f: moved(
            f.base.net.x, -1, "zero"
        ),
        ("step-shifted", "x_{t−1} for x_t, x_T at the first step"): lambda f: moved(
            f.base.net.x, -1, "wrapped around"
        ),
        ("step-shifted", "x_{t+1} for x_t"): lambda f: moved(f.base.net.x, 1, "repeated"),
        ("step-shifted", "x_{t+1} for x_t, zero after the last"): lambda f: moved(
            f.base.net.x, 1, "zero"
        ),
        ("step-shifted", "x_{t+1} for x_t, x_1 at the last step"): lambda f: moved(
            f.base.net.x, 1, "wrapped around"
        ),
        ("stale-cache", "x_T at every step"): lambda f: _repeated(f.base.net.x, -1),
        ("stale-cache", "x_1 at every step"): lambda f: _repeated(f.base.net.x, 0),
        ("time-reversed", "the inputs"): lambda f: f.base.net.x[::-1],
        ("state-for-input", "h_{t−1} for x_t"): lambda f: f.base.run.h[:-1],
    },
    "V": {
        ("state-shifted", "h_{t−1} for h_t"): lambda f: f.base.run.h[:-1],
        ("state-shifted", "h_{t+1} for h_t"): lambda f: moved(f.base.run.h[1:], 1, "repeated"),
        ("state-shifted", "h_{t+1} for h_t, h_1 at the last step"): lambda f: moved(
            f.base.run.h[1:], 1, "wrapped around"
        ),
        ("state-wraps-around", "h_{t−1} for h_t, h_T at the first step"): _wrapped,
        ("preactivation-for-state", "a_t for h_t"): lambda f: f.base.run.a,
        ("stale-cache", "h_T at every step"): lambda f: _repeated(f.base.run.h[1:], -1),
        ("stale-cache", "h_1 at every step"): lambda f: _repeated(f.base.run.h[1:], 0),
        ("time-reversed", "the states"): lambda f: f.base.run.h[1:][::-1],
    },
    "b": {
        ("state-for-one", "h_{t−1} for 1"): lambda f: f.base.run.h[:-1],
    },
    "c": {},
}  # fmt: skip


def _forgotten(states: Array) -> Array:
    out = states.copy()
    out[0] = 0.0
    return out


def only(axis: int, k: int, flow: Flow) -> Array:
    """Return how often terms (T, B) count: those of one step or sequence alone."""
    count = np.zeros((flow.base.T, flow.base.B))
    count[(slice(None),) * axis + (k,)] = 1.0
    return count


def all_but(axis: int, k: int, flow: Flow) -> Array:
    """Return how often terms (T, B) count: all but those of one step or sequence."""
    return 1.0 - only(axis, k, flow)
