"""What people take for a gate or a state of the step before, in a factor of a declared cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.gated.declared import DeclaredBase
from bpttcheck.diagnosis.steps import moved

Substitution = Callable[[DeclaredBase], dict[str, Array]]
Other = Callable[[DeclaredBase], Array]


def operands(
    name: str, gates: tuple[str, ...], two: bool, cell: bool = False
) -> Iterator[tuple[str, str, Substitution]]:
    """Yield cause, detail and what stands for a value; no cause where that is the factor's.

    The candidate may be taken for the ``cell``, where the two do not meet.
    """
    of = _of_gate(name, gates, cell) if name in gates else _of_state(name[0], two)
    for cause, detail, other in of:
        yield cause, detail, partial(_only, name, other)


def _only(name: str, other: Other, base: DeclaredBase) -> dict[str, Array]:
    return {name: np.asarray(other(base)) + 0 * base.values[name]}


def _of_gate(k: str, gates: tuple[str, ...], cell: bool) -> Iterator[tuple[str, str, Other]]:
    for other in gates:
        if other != k:
            yield "", f"{other}_t for {k}_t", partial(lambda o, b: b.values[o], other)
    yield "", f"a_{k} for {k}_t", lambda b: b.run.a[k]
    yield "", f"the slope at a_{k} for {k}_t", lambda b: b.parts.slopes[k]
    if k == "g":
        yield "", "tanh g_t for g_t", lambda b: np.tanh(b.values[k])
        if cell:
            yield "", "c_{t−1} for g_t", lambda b: b.run.c[:-1]
            yield "", "c_t for g_t", lambda b: b.run.c[1:]
    else:
        yield "complement", f"1 − {k}_t for {k}_t", lambda b: 1 - b.values[k]
        yield "", f"{k}_t² for {k}_t", lambda b: b.values[k] ** 2
    for shift, name in ((-1, f"{k}_{{t−1}}"), (1, f"{k}_{{t+1}}")):
        for edge in ("repeated", "wrapped around", "zero"):
            yield ("gate-of-another-step", f"{name} for {k}_t, {edge} at the edge",
                   partial(lambda s, e, b: moved(b.values[k], s, e), shift, edge))  # fmt: skip
    yield "stale-cache", f"{k}_T at every step", lambda b: b.values[k][-1:]


def _of_state(s: str, two: bool) -> Iterator[tuple[str, str, Other]]:
    shifted, forgotten = (
        ("cell-shifted", "initial-cell-forgotten") if s == "c"
        else ("state-shifted", "initial-state-forgotten")
    )  # fmt: skip
    was = f"{s}_{{t−1}}"

    def states(base: DeclaredBase) -> Array:
        return base.run.c if s == "c" else base.run.h

    def first(value: Callable[[DeclaredBase], Array]) -> Other:
        def make(base: DeclaredBase) -> Array:
            out = states(base)[:-1].copy()
            out[0] = value(base)
            return out

        return make

    yield shifted, f"{s}_t for {was}", lambda b: states(b)[1:]
    yield (shifted, f"{s}_{{t−2}} for {was}",
           lambda b: np.concatenate([states(b)[:1], states(b)[:-2]]))  # fmt: skip
    yield shifted, f"{s}_T for {s}_0 at the first step", first(lambda b: states(b)[-1])
    yield forgotten, "", first(lambda b: np.zeros(()))
    yield "stale-cache", f"{s}_T at every step", lambda b: states(b)[-1:]
    yield "stale-cache", f"{s}_{{T−1}} at every step", lambda b: states(b)[-2:-1]
    yield "stale-cache", f"{s}_0 at every step", lambda b: states(b)[:1]
    if two:
        other = "h" if s == "c" else "c"
        yield ("", f"{other}_{{t−1}} for {was}",
               lambda b: b.values[f"{other} kept"])  # fmt: skip
    yield "", f"tanh {was} for {was}", lambda b: np.tanh(states(b)[:-1])
