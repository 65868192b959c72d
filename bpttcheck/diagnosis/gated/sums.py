"""The mistaken sums of a gated cell: those of the vanilla RNN gate by gate, and its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward import outer
from bpttcheck.diagnosis.factors import Sum
from bpttcheck.diagnosis.gated.backward import GatedFlow
from bpttcheck.diagnosis.input_sums import of_input_steps
from bpttcheck.diagnosis.sums import sums as vanilla


def of_role(role: str, gates: str) -> Iterator[Sum]:
    """Yield the mistaken gradients of a role."""
    if role == "x":
        yield from of_input_steps()
        yield from _of_inputs(gates)
        return
    if role in ("h0", "c0"):
        yield from _of_state(role)
        return
    like = role[0] if role != "c" else "c"
    for one in vanilla(like):
        yield Sum(_named(one.cause), one.detail, partial(_viewed, role, one))
    if role == "V" or role[0] == "W":
        shift = 1 if role == "V" else 0
        yield Sum("cell-for-state", "c_t" if shift else "c_{t−1}", partial(_cell, role, shift))
        yield Sum("cell-for-state", "c_{t−1}" if shift else "c_t", partial(_cell, role, 1 - shift))
        yield Sum("cell-for-state", "tanh c_t", partial(_squashed_cell, role))
    if role in ("V", "c"):
        return
    gate = "g" if role == "b_Wg" else role[2:]
    for other in gates:
        if other != gate and role != "b_Wg":
            yield Sum("gates-swapped", f"that of {role[:2]}{other}",
                      partial(_that_of, role[:2] + other))  # fmt: skip
    if gates == "zrg":
        yield from _of_reset(role)


def _of_reset(role: str) -> Iterator[Sum]:
    if role == "W_g":
        yield Sum("reset-forgotten", "h_{t−1} for r_t ∘ h_{t−1}, or no r_t in what W_g meets",
                  _without_reset)  # fmt: skip
        yield Sum("reset-wrong", "z_t ∘ h_{t−1} for r_t ∘ h_{t−1}", _z_for_r)
        yield Sum("reset-wrong", "r_t ∘ h_t for r_t ∘ h_{t−1}", _r_and_h)
    if role in ("W_z", "W_r"):
        yield Sum("reset-wrong", "r_t ∘ h_{t−1} for h_{t−1}", partial(_met_by_candidate, role))
    if role == "b_Wg":
        yield Sum("reset-forgotten", "", lambda f: np.asarray(f.da["g"].sum((0, 1))))
    if role == "b_g":
        yield Sum("reset-wrong", "r_t where there is none", _with_reset)
    if role == "U_g":
        yield Sum("reset-wrong", "r_t where there is none", _input_with_reset)


def _named(cause: str) -> str:
    return {
        "slope-missing-in-weights": "gate-slope-missing",
        "slope-twice": "gate-slope-twice",
    }.get(cause, cause)


def _viewed(role: str, one: Sum, flow: GatedFlow) -> Array | None:
    return one.make(flow.view(role))


def _cell(role: str, shift: int, flow: GatedFlow) -> Array | None:
    base = flow.base
    if not base.lstm:
        return None
    return outer(flow.left(role), base.run.c[shift : shift + base.T])


def _squashed_cell(role: str, flow: GatedFlow) -> Array | None:
    return outer(flow.left(role), flow.base.run.tanh_c) if flow.base.lstm else None


def _that_of(role: str, flow: GatedFlow) -> Array:
    return flow.gradient(role)


def _without_reset(flow: GatedFlow) -> Array | None:
    return None if flow.base.lstm else outer(flow.da["g"], flow.base.run.h[:-1])


def _met_by_candidate(role: str, flow: GatedFlow) -> Array | None:
    base = flow.base
    return outer(flow.left(role), base.run.q) if base.before else None


def _z_for_r(flow: GatedFlow) -> Array | None:
    base = flow.base
    return outer(flow.da["g"], base.run.gates["z"] * base.run.h[:-1]) if base.before else None


def _r_and_h(flow: GatedFlow) -> Array | None:
    base = flow.base
    return outer(flow.da["g"], base.run.gates["r"] * base.run.h[1:]) if base.before else None


def _with_reset(flow: GatedFlow) -> Array | None:
    return None if flow.base.lstm else np.asarray((flow.da["g"] * flow.parts.reset).sum((0, 1)))


def _input_with_reset(flow: GatedFlow) -> Array | None:
    return None if flow.base.lstm else outer(flow.da["g"] * flow.parts.reset, flow.base.net.x)


def _of_inputs(gates: str) -> Iterator[Sum]:
    for gate in gates:
        yield Sum("gate-message-missing", f"U_{gate}ᵀ ∂L/∂a_{gate}",
                  partial(_through, gates.replace(gate, ""), _pass))  # fmt: skip
        yield Sum("gate-message-missing", f"all but U_{gate}ᵀ ∂L/∂a_{gate}",
                  partial(_through, gate, _pass))  # fmt: skip
    yield Sum("input-gradient-without-recurrence", "",
              partial(_through, gates, lambda f, k: f.own(k) * f.parts.slopes[k]))  # fmt: skip
    yield Sum("gate-slope-missing", "", partial(_through, gates, lambda f, k: f.drive[k]))
    yield Sum("transposed-weight", "U for Uᵀ", partial(_through, gates, _pass, weight="Uᵀ"))
    yield Sum("wrong-weight", "Wᵀ for Uᵀ", partial(_through, gates, _pass, weight="W"))
    for first in (True, False):
        pair = "[h, x]" if first else "[x, h]"
        yield Sum("wrong-slice", f"the other end of {pair}", partial(_sliced, first))


def _pass(flow: GatedFlow, gate: str) -> Array:
    return flow.da[gate]


def _through(
    scope: str, change: Callable[[GatedFlow, str], Array], flow: GatedFlow, weight: str = "U"
) -> Array | None:
    base = flow.base
    if weight != "U" and base.m != base.n:
        return None
    W = {"U": base.U, "Uᵀ": {k: a.T for k, a in base.U.items()}, "W": base.W}[weight]
    return np.asarray(sum(change(flow, k) @ W[k] for k in scope))


def _sliced(state_first: bool, flow: GatedFlow) -> Array:
    base = flow.base
    found: Array = np.zeros_like(base.net.x)
    for k in base.gates:
        W, U = base.W[k], base.U[k]
        both = np.hstack([W, U])[:, : base.m] if state_first else np.hstack([U, W])[:, base.n :]
        found = found + flow.da[k] @ both
    return found


def _of_state(role: str) -> Iterator[Sum]:
    yield Sum(
        "initial-gradient-short", "that of the state after the first step", partial(_next, role)
    )
    yield Sum("batch-sum-missing", "the sum over B in every row",
              lambda f: f.gradient(role).sum(0, keepdims=True) + 0 * f.gradient(role))  # fmt: skip
    yield Sum("batch-sum-missing", "the mean over B in every row",
              lambda f: f.gradient(role).mean(0, keepdims=True) + 0 * f.gradient(role))  # fmt: skip
    other = "c0" if role == "h0" else "h0"
    yield Sum("names-swapped", f"that of {other}", partial(_that_of, other))
    if role == "h0":
        yield Sum("direct-path-missing", "at the first step", _first_through)
        yield Sum("gate-message-missing", "all of them at the first step", _first_direct)


def _next(role: str, flow: GatedFlow) -> Array:
    return np.asarray((flow.dh if role == "h0" else flow.dc)[1])


def _first_through(flow: GatedFlow) -> Array | None:
    return None if flow.base.lstm else flow.through(1)


def _first_direct(flow: GatedFlow) -> Array | None:
    return None if flow.base.lstm else flow.direct(1)
