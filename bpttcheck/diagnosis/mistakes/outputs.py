"""Mistaken passes, from the loss to the states: ∂L/∂o, and how it reaches them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward.along_time import kept, over_batch, shifts, stale, without
from bpttcheck.diagnosis.backward.flow import Base, Flow
from bpttcheck.diagnosis.mistakes.mistake import Pass, switched
from bpttcheck.diagnosis.mistakes.whole_result import FACTORS
from bpttcheck.diagnosis.recognition.objectives import ALL

Change = Callable[[Base], Array | None]

CONFUSED = tuple(dict.fromkeys(name for objective in ALL for name in objective.confused))
"""Gradients that belong to another loss."""

SHIFTS = (("one step early", 1), ("one step late", -1))


def losses() -> Iterator[Pass]:
    """Yield the passes that begin with another ∂L/∂o: everywhere, or in what the states receive."""
    for where in ("", ", in what the states receive"):
        for cause, detail, change in _losses():
            yield Pass(cause, f"{detail}{where}", partial(_begun, change, bool(where)))
    unmasked = switched(readout=lambda b: b.net.unmasked())
    yield Pass("mask-forgotten", "in the gradients of V and c alone", unmasked)
    last = partial(_begun, lambda b: kept(b.do, -1), False)
    yield Pass("another-loss", "∂L/∂o is that of the last step alone", last)


def _losses() -> Iterator[tuple[str, str, Change]]:
    yield "sign", "∂L/∂o", lambda b: -b.do
    for name in FACTORS:
        yield "common-factor", f"∂L/∂o times {name}", partial(_scaled, name)
    for name in CONFUSED:
        yield "another-loss", f"∂L/∂o is {name}", partial(confused, name)
    for told, shifted in shifts(SHIFTS, "{}, {} at the end", ("repeated", "wrapped around")):
        yield "targets-shifted", told, partial(_of_targets, shifted)
    yield "mask-forgotten", "in ∂L/∂o", lambda b: b.net.unmasked()
    smeared = "output-gradient-smeared"
    yield smeared, "the mean over T", lambda b: b.do.mean(0, keepdims=True) + 0 * b.do
    yield smeared, "the mean over B", lambda b: over_batch(b.do, mean=True)
    read = "axes-reshaped"
    yield read, "(B, T, p) read as (T, B, p)", lambda b: b.do.swapaxes(0, 1).reshape(b.do.shape)
    yield read, "(T, B, p) read as (B, T, p)", _read_as_batch_first


def _begun(change: Change, states_alone: bool, base: Base) -> Flow | None:
    do = change(base)
    if do is None:
        return None
    return base.propagate(inject=base.injected(do), readout=None if states_alone else do)


def _scaled(name: str, base: Base) -> Array:
    return base.sizes[name] * base.do


def confused(name: str, base: Base) -> Array | None:
    """Return ∂L/∂o as that of another loss; None if this loss is not confused so."""
    other = base.net.objective.confused.get(name)
    if other is None:
        return None
    do = base.net.on_outputs(other(base.run.s, base.net.y))
    return do if np.isfinite(do).all() else None


def _of_targets(change: Callable[[Array], Array], base: Base) -> Array:
    return base.net.on_outputs(base.net.objective.gradient(base.run.s, change(base.net.y)))


def _read_as_batch_first(base: Base) -> Array:
    T, B, p = base.do.shape
    return base.do.reshape(B, T, p).swapaxes(0, 1)


def injections() -> Iterator[Pass]:
    """Yield the passes whose outputs reach the states wrongly."""
    for cause, detail, change in _injections():
        yield Pass(cause, detail, switched(inject=change))


def _injections() -> Iterator[tuple[str, str, Change]]:
    repeated, shifted = "output-gradient-repeated", "output-gradient-shifted"
    yield "output-gradient-at-last-step", "", lambda b: kept(b.inject, -1)
    yield repeated, "that of the last step at every step", lambda b: stale(b.inject)
    yield repeated, "that of the first step at every step", lambda b: stale(b.inject, 0)
    yield repeated, "the sum of all steps at every step", _sum_of_all
    yield repeated, "the sum of all steps at the last", lambda b: kept(_sum_of_all(b), -1)
    for told, change in shifts(SHIFTS, "{}; {} at the edge"):
        yield shifted, told, partial(_on_injected, change)
    yield shifted, "in reverse order", lambda b: b.inject[::-1]
    yield "output-gradient-skipped", "at the first step", lambda b: without(b.inject, 0)
    yield "output-gradient-dropped", "", lambda b: 0 * b.inject
    twice = "output-gradient-twice"
    yield twice, "at the last step", lambda b: b.inject + kept(b.inject, -1)
    yield "output-transpose", "", _v_for_vt
    told = "∂L/∂h_T, or all ∂L/∂h_t beside the outputs"
    yield "output-ignored", told, lambda b: b.do @ b.V if "h" in b.net.others else None


def _sum_of_all(base: Base) -> Array:
    return np.asarray(base.inject.sum(0, keepdims=True) + 0 * base.inject)


def _on_injected(change: Callable[[Array], Array], base: Base) -> Array:
    return change(base.inject)


def _v_for_vt(base: Base) -> Array | None:
    if np.array_equal(base.V, base.V.T):
        return None
    return np.asarray(base.do @ base.V.T + base.net.on("h"))
