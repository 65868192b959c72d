"""Mistaken passes of a gate: its slope, and the weights of its message."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from bpttcheck.activations import relu, sigmoid, tanh
from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.gated.backward import GatedBase, GatedFlow
from bpttcheck.diagnosis.message_passes import other_end
from bpttcheck.diagnosis.passes import Pass
from bpttcheck.diagnosis.steps import moved

Slope = Callable[[Array, Array, Array], Array]
"""A slope of the pre-activation a, the activated value s and the right slope d."""

OF_SIGMA: dict[tuple[str, str], Slope] = {
    ("gate-slope-missing", ""): lambda a, s, d: np.ones_like(a),
    ("gate-slope-twice", ""): lambda a, s, d: d**2,
    ("gate-slope-of-preactivation", "a ∘ (1 − a)"): lambda a, s, d: a * (1 - a),
    ("gate-slope-of-activated", "σ′(σ(a))"): lambda a, s, d: sigmoid.derivative(s),
    ("gate-slope-of-another-function", "1 − s², that of tanh"): lambda a, s, d: 1 - s**2,
    ("gate-slope-of-another-function", "tanh′(a)"): lambda a, s, d: tanh.derivative(a),
    ("gate-slope-of-another-function", "tanh′(σ(a))"): lambda a, s, d: tanh.derivative(s),
    ("gate-slope-of-another-function", "1 − a²"): lambda a, s, d: 1 - a**2,
    ("gate-slope-of-another-function", "s"): lambda a, s, d: s,
    ("gate-slope-of-another-function", "1 − s"): lambda a, s, d: 1 - s,
    ("gate-slope-of-another-function", "s²"): lambda a, s, d: s**2,
    ("gate-slope-of-another-function", "s ∘ (1 + s)"): lambda a, s, d: s * (1 + s),
    ("gate-slope-of-another-function", "s ∘ (s − 1)"): lambda a, s, d: s * (s - 1),
    ("gate-slope-of-another-function", "1 − s − s²"): lambda a, s, d: 1 - s - s**2,
    ("gate-slope-of-another-function", "s − 1"): lambda a, s, d: s - 1,
    ("gate-slope-of-another-function", "s ∘ (1 − s²)"): lambda a, s, d: s * (1 - s**2),
    ("gate-slope-of-another-function", "that of ReLU"): lambda a, s, d: relu.derivative(a),
    ("gate-slope-of-another-step", "t − 1"): lambda a, s, d: moved(d, -1, "repeated"),
    ("gate-slope-of-another-step", "t − 1, wrapped around"):
        lambda a, s, d: moved(d, -1, "wrapped around"),
    ("gate-slope-of-another-step", "t + 1"): lambda a, s, d: moved(d, 1, "repeated"),
    ("gate-slope-of-another-step", "t + 1, wrapped around"):
        lambda a, s, d: moved(d, 1, "wrapped around"),
    ("stale-cache", "the slope of the last step"): lambda a, s, d: d[-1:] + 0 * d,
    ("stale-cache", "the slope of the first step"): lambda a, s, d: d[:1] + 0 * d,
    ("gate-slope-scaled", "½ (1 − tanh²(a/2)), twice it"): lambda a, s, d: 2 * d,
    ("gate-slope-scaled", "1 − tanh²(a/2), four times it"): lambda a, s, d: 4 * d,
    ("gate-slope-scaled", "half of it"): lambda a, s, d: d / 2,
}  # fmt: skip
OF_TANH: dict[tuple[str, str], Slope] = {
    **{key: OF_SIGMA[key] for key in OF_SIGMA if key[0] in (
        "gate-slope-missing", "gate-slope-twice", "gate-slope-of-another-step", "stale-cache",
        "gate-slope-scaled")},
    ("gate-slope-of-preactivation", "1 − a²"): lambda a, s, d: 1 - a**2,
    ("gate-slope-of-activated", "tanh′(tanh a)"): lambda a, s, d: tanh.derivative(s),
    ("gate-slope-of-another-function", "s ∘ (1 − s), that of σ"): lambda a, s, d: s * (1 - s),
    ("gate-slope-of-another-function", "σ′(a)"): lambda a, s, d: sigmoid.derivative(a),
    ("gate-slope-of-another-function", "σ′(tanh a)"): lambda a, s, d: sigmoid.derivative(s),
    ("gate-slope-of-another-function", "a ∘ (1 − a)"): lambda a, s, d: a * (1 - a),
    ("gate-slope-of-another-function", "1 − s"): lambda a, s, d: 1 - s,
    ("gate-slope-of-another-function", "1 + s²"): lambda a, s, d: 1 + s**2,
    ("gate-slope-of-another-function", "s² − 1"): lambda a, s, d: s**2 - 1,
    ("gate-slope-of-another-function", "(1 − s)²"): lambda a, s, d: (1 - s) ** 2,
    ("gate-slope-of-another-function", "s²"): lambda a, s, d: s**2,
    ("gate-slope-of-another-function", "s"): lambda a, s, d: s,
    ("gate-slope-of-another-function", "1 − |s|"): lambda a, s, d: 1 - np.abs(s),
    ("gate-slope-of-another-function", "that of ReLU"): lambda a, s, d: relu.derivative(a),
}  # fmt: skip


def gate_slopes(gates: str) -> Iterator[Pass]:
    """Yield the passes with another slope: of one gate, of all sigmoids, or of all gates."""
    sigmas = gates.replace("g", "")
    scopes = [*gates, sigmas] + [sigmas.replace(k, "") for k in sigmas if len(sigmas) > 2]
    scopes = list(dict.fromkeys(scopes))
    for (cause, detail), slope in OF_SIGMA.items():
        for scope in scopes:
            if "g" not in scope:
                yield from _in_scope(cause, detail, scope, {"σ": slope, "tanh": slope})
        other = OF_TANH.get((cause, detail)) or next(
            (f for (c, _), f in OF_TANH.items() if c == cause), slope
        )
        yield from _in_scope(cause, detail, gates, {"σ": slope, "tanh": other})
    for (cause, detail), slope in OF_TANH.items():
        yield from _in_scope(cause, detail, "g", {"tanh": slope})
    for gate, another in itertools.permutations(gates, 2):
        yield Pass("gate-slope-of-another-function", f"of a_{gate}; that of a_{another}",
                   partial(_of_gate, gate, another))  # fmt: skip


def _in_scope(cause: str, detail: str, scope: str, slopes: dict[str, Slope]) -> Iterator[Pass]:
    of = f"of {', '.join(f'a_{k}' for k in scope)}"
    negative = detail in ("s ∘ (s − 1)", "s² − 1")  # in a gate's message, that is gate-message-sign
    for where in ("", "in the message alone", "in the sums over time alone"):
        if negative and len(scope) == 1 and where == "in the message alone":
            continue
        told = "; ".join(part for part in (of, detail, where) if part)
        yield Pass(cause, told, partial(_sloped, scope, slopes, where))


def _of_gate(gate: str, other: str, base: GatedBase) -> GatedFlow:
    """Return the pass in which one gate's slope stands for another's."""
    slopes = base.parts.slopes | {gate: base.parts.slopes[other]}
    return base.propagate(parts=replace(base.parts, slopes=slopes))


def _sloped(scope: str, slopes: dict[str, Slope], where: str, base: GatedBase) -> GatedFlow:
    run, parts = base.run, base.parts
    with np.errstate(all="ignore"):
        changed = {
            k: np.asarray(slopes["tanh" if k == "g" else "σ"](
                run.a[k], run.gates[k], parts.slopes[k]))
            for k in scope
        }  # fmt: skip
    if where.startswith("in the sums"):
        return base.propagate(parts=replace(parts, of_weights=changed))
    kept = {k: parts.slopes[k] for k in scope} if where else {}
    changed_parts = replace(parts, slopes=parts.slopes | changed, of_weights=kept)
    return base.propagate(parts=changed_parts)


def gate_weights(gates: str, heard: str = "") -> Iterator[Pass]:
    """Yield the passes whose message goes through other weights.

    ``heard`` says which gate hears of the candidate through W_g, if one does.
    """
    for scope in dict.fromkeys((gates, *gates, gates.replace("g", ""))):
        of = ", ".join(f"W_{k}" for k in scope)
        yield Pass("recurrent-transpose", of,
                   partial(_weighed, scope, lambda b, k: b.W[k].T))  # fmt: skip
        yield Pass("wrong-weight", f"U for W: {of}", partial(_weighed, scope, _input_weights))
        if heard and "g" in scope:
            yield Pass("recurrent-transpose", f"{of}, on the way to the {heard} gate too",
                       partial(_weighed, scope, lambda b, k: b.W[k].T, message_alone=False)
                       )  # fmt: skip
            for first in (True, False):
                yield Pass("wrong-slice", f"{of}, on the way to the {heard} gate too",
                           partial(_weighed, scope, partial(_slice, first), message_alone=False)
                           )  # fmt: skip
        yield Pass("wrong-slice", f"the other end of [h, x]: {of}",
                   partial(_weighed, scope, partial(_slice, True)))  # fmt: skip
        yield Pass("wrong-slice", f"the other end of [x, h]: {of}",
                   partial(_weighed, scope, partial(_slice, False)))  # fmt: skip
    for scope in gates:
        yield Pass("gate-message-missing", f"W_{scope}ᵀ ∂L/∂a_{scope}",
                   partial(_weighed, scope, lambda b, k: 0 * b.W[k]))  # fmt: skip
        yield Pass("gate-message-missing", f"all but W_{scope}ᵀ ∂L/∂a_{scope}",
                   partial(_weighed, gates.replace(scope, ""), lambda b, k: 0 * b.W[k])
                   )  # fmt: skip
        yield Pass("gate-message-twice", f"W_{scope}ᵀ ∂L/∂a_{scope}",
                   partial(_weighed, scope, lambda b, k: 2 * b.W[k]))  # fmt: skip
        yield Pass("gate-message-sign", f"W_{scope}ᵀ ∂L/∂a_{scope}",
                   partial(_weighed, scope, lambda b, k: -b.W[k]))  # fmt: skip
        for other in gates:
            if other != scope:
                yield Pass("wrong-weight", f"W_{other} for W_{scope}",
                           partial(_weighed, scope, partial(_other, other)))  # fmt: skip
    for order in itertools.permutations(gates):
        if order != tuple(gates):
            yield Pass("gates-swapped", f"∂L/∂a of {', '.join(order)} for {', '.join(gates)}",
                       partial(_permuted, dict(zip(gates, order, strict=True))))  # fmt: skip
    for k, one in enumerate(gates):
        for other in gates[k + 1 :]:
            yield Pass("wrong-weight", f"W_{one} and W_{other} swapped",
                       partial(_weighed, one + other, partial(_swapped, one, other)))  # fmt: skip


def _weighed(
    scope: str,
    change: Callable[[GatedBase, str], Array | None],
    base: GatedBase,
    message_alone: bool = True,
) -> GatedFlow | None:
    W = dict(base.W)
    for gate in scope:
        changed = change(base, gate)
        if changed is None:
            return None
        W[gate] = changed
    reach = base.W["g"] if message_alone else None
    return base.propagate(parts=replace(base.parts, W=W, reach=reach))


def _permuted(order: dict[str, str], base: GatedBase) -> GatedFlow:
    def message(t: int, flow: GatedFlow) -> Array:
        right = {k: a[t - 1].copy() for k, a in flow.da.items()}
        for gate, other in order.items():
            flow.da[gate][t - 1] = right[other]
        return flow.send(t)

    return base.propagate(message=message)


def _input_weights(base: GatedBase, gate: str) -> Array | None:
    return base.U[gate] if base.m == base.n else None


def _other(other: str, base: GatedBase, gate: str) -> Array:
    return base.W[other]


def _swapped(one: str, other: str, base: GatedBase, gate: str) -> Array:
    return base.W[other if gate == one else one]


def _slice(state_first: bool, base: GatedBase, gate: str) -> Array:
    return other_end(base.W[gate], base.U[gate], state_first)
