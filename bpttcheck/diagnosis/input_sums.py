"""The mistaken gradients of the inputs and of the initial state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward import Flow
from bpttcheck.diagnosis.factors import LEFTS, Sum, all_but, only
from bpttcheck.diagnosis.steps import moved


def of_inputs() -> Iterator[Sum]:
    """Yield the mistaken gradients of x."""
    for (cause, detail), change in LEFTS.items():
        named = "input-gradient-without-recurrence" if cause == "recurrent-terms-missing" else cause
        yield Sum(named, detail, partial(_through_U, change))
    yield Sum("transposed-weight", "U for Uᵀ", _u_for_ut)
    yield Sum("wrong-weight", "Wᵀ for Uᵀ", _w_for_u)
    yield from of_input_steps()


def of_input_steps() -> Iterator[Sum]:
    """Yield the gradients of x that are the right one's steps, rearranged."""
    for shift, name in ((1, "one step early"), (-1, "one step late")):
        for edge in ("zero", "wrapped around", "repeated"):
            yield Sum("step-shifted", f"{name}, {edge} at the edge",
                      partial(_moved_input, shift, edge))  # fmt: skip
    yield Sum("time-reversed", "", lambda f: f.gradient("x")[::-1])
    for k, name in ((0, "first"), (-1, "last")):
        yield Sum("time-sum-missing", f"the {name} step alone, zero elsewhere",
                  partial(_one_input, k))  # fmt: skip
        yield Sum(f"{name}-step-skipped", "zero there", partial(_no_input, k))
        yield Sum("stale-cache", f"that of the {name} step at every step",
                  partial(_same_input, k))  # fmt: skip


def _through_U(change: Callable[[Flow], Array], flow: Flow) -> Array:
    return np.asarray(change(flow) @ flow.base.U)


def _u_for_ut(flow: Flow) -> Array | None:
    return flow.da @ flow.base.U.T if flow.base.m == flow.base.n else None


def _w_for_u(flow: Flow) -> Array | None:
    return flow.da @ flow.base.W if flow.base.m == flow.base.n else None


def _moved_input(shift: int, edge: str, flow: Flow) -> Array:
    return moved(flow.gradient("x"), shift, edge)


def _one_input(k: int, flow: Flow) -> Array:
    return flow.gradient("x") * only(0, k, flow)[..., None]


def _no_input(k: int, flow: Flow) -> Array:
    return flow.gradient("x") * all_but(0, k, flow)[..., None]


def _same_input(k: int, flow: Flow) -> Array:
    g = flow.gradient("x")
    return np.asarray(g[k][None] + 0 * g)


def of_initial_state() -> Iterator[Sum]:
    """Yield the mistaken gradients of h_0."""
    yield Sum("initial-gradient-short", "∂L/∂h_1, one step short", lambda f: f.dh[1])
    yield Sum("initial-gradient-short", "∂L/∂a_1, without Wᵀ", lambda f: f.da[0])
    yield Sum("initial-gradient-short", "∂L/∂h_1 + Wᵀ ∂L/∂a_1", lambda f: f.dh[1] + f.dh[0])
    yield Sum("slope-missing", "Wᵀ ∂L/∂h_1, without φ′", lambda f: f.dh[1] @ f.base.W)
    yield Sum("recurrent-transpose", "in the last message alone", lambda f: f.da[0] @ f.base.W.T)
    yield Sum("slope-twice", "in the last message alone",
              lambda f: (f.da[0] * f.slope[0]) @ f.base.W)  # fmt: skip
    yield Sum("stale-cache", "the message that left the last step", lambda f: f.da[-1] @ f.base.W)
    yield Sum("batch-sum-missing", "the sum over B in every row",
              lambda f: f.dh[0].sum(0, keepdims=True) + 0 * f.dh[0])  # fmt: skip
    yield Sum("batch-sum-missing", "the mean over B in every row",
              lambda f: f.dh[0].mean(0, keepdims=True) + 0 * f.dh[0])  # fmt: skip
    yield Sum("recurrent-terms-missing", "the first step's output alone",
              lambda f: (f.inject[0] * f.slope[0]) @ f.base.W)  # fmt: skip
