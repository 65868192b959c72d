"""Mistaken passes whose messages go through other weights than the forward pass uses."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward.flow import Base, Flow
from bpttcheck.diagnosis.mistakes.mistake import Make, Pass, sending
from bpttcheck.diagnosis.recognition.shape import Shape

Other = Callable[[Base, str], Array]
"""From a gate to what stands for its W_k."""


def other_end(W: Array, U: Array, state_first: bool) -> Array:
    """Return as many columns from the wrong end of the weights of [h, x], or of [x, h]."""
    both = np.hstack([W, U] if state_first else [U, W])
    return both[:, U.shape[1] :] if state_first else both[:, : W.shape[1]]


OTHERS: tuple[tuple[str, str, Other], ...] = (
    ("recurrent-transpose", "", lambda b, k: b.recurrent(k).T),
    ("wrong-weight", "U for W", lambda b, k: b.of_input(k)),
    (
        "wrong-slice",
        "the other end of [h, x]",
        lambda b, k: other_end(b.recurrent(k), b.of_input(k), True),
    ),
    (
        "wrong-slice",
        "the other end of [x, h]",
        lambda b, k: other_end(b.recurrent(k), b.of_input(k), False),
    ),
)


def weights(shape: Shape) -> Iterator[Pass]:
    """Yield the passes whose message goes through other weights, of some gates or of all."""
    gates = shape.gates
    gating = tuple(k for k in gates if k not in shape.candidates)
    for scope in dict.fromkeys((gates, *((k,) for k in gates), gating)):
        of = "" if shape.plain else ", ".join(f"W_{k}" for k in scope)
        for cause, said, other in OTHERS:
            told = ": ".join(part for part in (said, of) if part)
            yield Pass(cause, told, _weighed(scope, other))
            for hears in _hearing(shape, scope):
                also = f"{told}, on the way to the {hears} too"
                yield Pass(cause, also, _weighed(scope, other, message_alone=False))
    missing = "recurrent-weight-missing"
    yield Pass(missing, "∂L/∂a_{t+1} itself", _weighed(gates, lambda b, k: np.eye(b.n)))
    diagonal = _weighed(gates, lambda b, k: np.diag(np.diag(b.recurrent(k))))
    yield Pass(missing, "the diagonal of W alone", diagonal)
    if not shape.plain:
        yield from _gate_by_gate(gates)


def _hearing(shape: Shape, scope: Sequence[str]) -> list[str]:
    """Return what the gates are called that hear of one of some through its weights."""
    found = []
    for read, readers in shape.readers.items():
        if set(readers) & set(scope):
            heard = [k for k in shape.gates if read in shape.into.get(k, ())]
            found += [shape.cell.gates[k].name for k in heard]
    return found


def _gate_by_gate(gates: tuple[str, ...]) -> Iterator[Pass]:
    for k in gates:
        sent, rest = f"W_{k}ᵀ ∂L/∂a_{k}", tuple(j for j in gates if j != k)
        yield Pass("gate-message-missing", sent, _weighed((k,), partial(_times, 0.0)))
        yield Pass("gate-message-missing", f"all but {sent}", _weighed(rest, partial(_times, 0.0)))
        yield Pass("gate-message-twice", sent, _weighed((k,), partial(_times, 2.0)))
        yield Pass("gate-message-sign", sent, _weighed((k,), partial(_times, -1.0)))
        for other in rest:
            instead = partial(_of_gate, {k: other})
            yield Pass("wrong-weight", f"W_{other} for W_{k}", _weighed((k,), instead))
    for order in itertools.permutations(gates):
        if order != gates:
            told = f"∂L/∂a of {', '.join(order)} for {', '.join(gates)}"
            permuted = partial(_permuted, dict(zip(gates, order, strict=True)))
            yield Pass("gates-swapped", told, sending(permuted))
    for one, other in itertools.combinations(gates, 2):
        exchanged = partial(_of_gate, {one: other, other: one})
        told = f"W_{one} and W_{other} swapped"
        yield Pass("wrong-weight", told, _weighed((one, other), exchanged))


def _weighed(scope: Sequence[str], other: Other, message_alone: bool = True) -> Make:
    def make(base: Base) -> Flow:
        changed = {base.W[gate]: other(base, gate) for gate in scope}
        return base.propagate(weights=changed, reach={} if message_alone else None)

    return make


def _times(factor: float, base: Base, gate: str) -> Array:
    return factor * base.recurrent(gate)


def _of_gate(others: dict[str, str], base: Base, gate: str) -> Array:
    return base.recurrent(others[gate])


def _permuted(order: dict[str, str], flow: Flow, k: int) -> Array | float:
    right = {gate: a[k].copy() for gate, a in flow.da.items()}
    for gate, other in order.items():
        flow.da[gate][k] = right[other]
    return flow.sent("h", k)


def credits() -> Iterator[Pass]:
    """Yield the passes that credit each gate's own weights, though another's were used."""
    told = "its own weights get the gradient"
    yield Pass("gate-from-another", told, partial(_credited, True))
    told += ", what comes back goes through those that were used"
    yield Pass("gate-from-another", told, partial(_credited, False))


def _credited(own: bool, base: Base) -> Flow | None:
    idle = base.net.idle
    if not idle:
        return None
    changed = {role: a for role, a in idle.items() if role[0] == "W"} if own else {}
    return replace(base.propagate(weights=changed), credited=True)
