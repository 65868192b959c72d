"""The mistaken sums: mistakes in one parameter's gradient, made from a pass that may be right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward import Flow, outer
from bpttcheck.diagnosis.factors import LEFTS, RIGHTS, Sum, all_but, only
from bpttcheck.diagnosis.input_sums import of_initial_state, of_inputs
from bpttcheck.diagnosis.steps import moved


@cache
def sums(role: str) -> tuple[Sum, ...]:
    """Return the mistaken gradients of a role."""
    if role in ("W", "U", "b"):
        return (*_lefts(role), *_rights(role), *_weighted(role), *_products(role))
    if role in ("V", "c"):
        return (*_outputs(role), *_rights(role), *_weighted(role), *_products(role))
    return tuple(of_inputs() if role == "x" else of_initial_state())


def left(flow: Flow, role: str) -> Array:
    """Return what each step contributes from behind: ∂L/∂a_t, or ∂L/∂o_t."""
    return flow.do if role in "Vc" else flow.da


def right(flow: Flow, role: str) -> Array:
    """Return what each step contributes from the front; one for a bias."""
    base = flow.base
    if role == "W":
        return base.run.h[:-1]
    if role == "U":
        return base.net.x
    if role == "V":
        return base.run.h[1:]
    return np.ones((base.T, base.B, 1))


def _summed(role: str, left_: Array, right_: Array) -> Array:
    found = outer(left_, right_)
    return found[:, 0] if role in "bc" else found


def _with_left(role: str, change: Callable[[Flow], Array], flow: Flow) -> Array:
    return _summed(role, change(flow), right(flow, role))


def _with_right(role: str, change: Callable[[Flow], Array], flow: Flow) -> Array:
    return _summed(role, left(flow, role), change(flow))


def _lefts(role: str) -> Iterator[Sum]:
    for (cause, detail), change in LEFTS.items():
        yield Sum(cause, detail, partial(_with_left, role, change))


def _outputs(role: str) -> Iterator[Sum]:
    from bpttcheck.diagnosis.objectives import ALL

    for name in dict.fromkeys(n for objective in ALL for n in objective.confused):
        yield Sum("another-loss", f"∂L/∂o is {name}", partial(_confused, role, name))
    for shift, name in ((1, "∂L/∂o_{t+1}"), (-1, "∂L/∂o_{t−1}")):
        for edge in ("zero", "wrapped around", "repeated"):
            yield Sum("step-shifted", f"{name} at step t, {edge} at the edge",
                      partial(_with_left, role,
                              partial(lambda s, e, f: moved(f.do, s, e), shift, edge)))  # fmt: skip
    yield Sum("stale-cache", "∂L/∂o_T at every step",
              partial(_with_left, role, lambda f: f.do[-1:] + 0 * f.do))  # fmt: skip
    yield Sum("time-reversed", "∂L/∂o", partial(_with_left, role, lambda f: f.do[::-1]))


def _confused(role: str, name: str, flow: Flow) -> Array | None:
    net = flow.base.net
    other = net.objective.confused.get(name)
    if other is None:
        return None
    with np.errstate(all="ignore"):
        return _summed(role, net.on_outputs(other(flow.base.run.o, net.y)), right(flow, role))


def _rights(role: str) -> Iterator[Sum]:
    for (cause, detail), change in RIGHTS[role].items():
        if role not in "bc":
            yield Sum(cause, detail, partial(_with_right, role, change))


def _weighted(role: str) -> Iterator[Sum]:
    """Terms left out of, or counted again in, the sum over steps and sequences."""
    for k, name in ((0, "the first step"), (-1, "the last step")):
        yield Sum("time-sum-missing", f"the term of {name} alone",
                  partial(_counting, role, partial(only, 0, k)))  # fmt: skip
        yield Sum("batch-sum-missing", f"the {'first' if k == 0 else 'last'} sequence alone",
                  partial(_counting, role, partial(only, 1, k)))  # fmt: skip
    yield Sum("first-step-skipped", "in the sum",
              partial(_counting, role, partial(all_but, 0, 0)))  # fmt: skip
    yield Sum("last-step-skipped", "in the sum",
              partial(_counting, role, partial(all_but, 0, -1)))  # fmt: skip
    yield Sum("batch-sum-missing", "all but the last sequence",
              partial(_counting, role, partial(all_but, 1, -1)))  # fmt: skip
    yield Sum("batch-sum-missing", "all but the first sequence",
              partial(_counting, role, partial(all_but, 1, 0)))  # fmt: skip
    yield Sum("counted-again", "the term of step t counted t times",
              partial(_counting, role, _rising))  # fmt: skip
    yield Sum("counted-again", "the term of step t counted T − t + 1 times",
              partial(_counting, role, lambda f: _rising(f)[::-1]))  # fmt: skip
    yield Sum("counted-again", "each step twice, but for the last visited",
              partial(_counting, role, lambda f: 1.0 + (_rising(f) > 1)))  # fmt: skip


def _rising(flow: Flow) -> Array:
    return np.arange(1.0, flow.base.T + 1)[:, None]


def _counting(role: str, count: Callable[[Flow], Array], flow: Flow) -> Array:
    return _summed(role, left(flow, role) * count(flow)[..., None], right(flow, role))


def _products(role: str) -> Iterator[Sum]:
    if role in "bc":
        return
    for axis, symbol in ((0, "over time"), (1, "over the batch")):
        yield Sum("sums-multiplied", f"each factor summed {symbol} first",
                  partial(_product_of_sums, role, axis))  # fmt: skip
    yield Sum("sums-multiplied", "each factor averaged over the batch first",
              partial(_product_of_means, role))  # fmt: skip


def _product_of_sums(role: str, axis: int, flow: Flow) -> Array:
    return outer(left(flow, role).sum(axis=axis), right(flow, role).sum(axis=axis))


def _product_of_means(role: str, flow: Flow) -> Array:
    return outer(left(flow, role).mean(axis=1), right(flow, role).mean(axis=1))
