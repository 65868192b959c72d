"""Mistaken passes, from the loss to the states: ∂L/∂o, and how it is injected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward import Base, Flow
from bpttcheck.diagnosis.passes import Make, Pass
from bpttcheck.diagnosis.slope_passes import two_slopes
from bpttcheck.diagnosis.steps import kept, moved, without


def _where(states_alone: bool) -> str:
    return ", in what the states receive" if states_alone else ""


def _output(change: Callable[[Base], Array | None], states_alone: bool) -> Make:
    """Change ∂L/∂o everywhere, or for the states alone."""

    def make(base: Base) -> Flow | None:
        do = change(base)
        if do is None:
            return None
        return base.propagate(do=do, readout=None if states_alone else do)

    return make


def losses() -> Iterator[Pass]:
    """Yield the passes that begin with another ∂L/∂o."""
    for alone in (False, True):
        yield Pass("sign", f"∂L/∂o{_where(alone)}", _output(lambda b: -b.do, alone))
        for name in _factor_names():
            yield Pass("common-factor", f"∂L/∂o times {name}{_where(alone)}",
                       _output(partial(_scaled, name), alone))  # fmt: skip
        for name in _confused_names():
            yield Pass("another-loss", f"∂L/∂o is {name}{_where(alone)}",
                       _output(partial(_confused, name), alone))  # fmt: skip
        for name, shift in (("one step early", 1), ("one step late", -1)):
            for edge in ("repeated", "wrapped around"):
                yield Pass("targets-shifted", f"{name}, {edge} at the end{_where(alone)}",
                           _output(partial(_shifted_targets, shift, edge), alone))  # fmt: skip
        yield Pass("mask-forgotten", f"in ∂L/∂o{_where(alone)}",
                   _output(lambda b: b.net.unmasked(), alone))  # fmt: skip
        yield Pass("output-gradient-smeared", f"the mean over T{_where(alone)}",
                   _output(lambda b: b.do.mean(0, keepdims=True) + 0 * b.do, alone))  # fmt: skip
        yield Pass("output-gradient-smeared", f"the mean over B{_where(alone)}",
                   _output(lambda b: b.do.mean(1, keepdims=True) + 0 * b.do, alone))  # fmt: skip
        yield Pass("axes-reshaped", f"(B, T, p) read as (T, B, p){_where(alone)}",
                   _output(lambda b: b.do.swapaxes(0, 1).reshape(b.do.shape), alone))  # fmt: skip
        yield Pass("axes-reshaped", f"(T, B, p) read as (B, T, p){_where(alone)}",
                   _output(_read_as_batch_first, alone))  # fmt: skip
    yield Pass("mask-forgotten", "in the gradients of V and c alone", _unmasked_readout)
    yield Pass("another-loss", "∂L/∂o is that of the last step alone",
               _output(_last_alone, False))  # fmt: skip


def _unmasked_readout(base: Base) -> Flow | None:
    do = base.net.unmasked()
    return None if do is None else base.propagate(readout=do)


@cache
def _factor_names() -> tuple[str, ...]:
    sizes = ("T", "B", "TB", "n", "p", "Tp", "Bp", "TBp", "T²", "B²")
    ones = [f"{p}{s}" for s in sizes for p in ("", "1/")]
    return ("½", "2", *ones, *(f"2/{s}" for s in ("TB", "T", "B", "p")))


def _scaled(name: str, base: Base) -> Array:
    return base.factors[name] * base.do


@cache
def _confused_names() -> tuple[str, ...]:
    from bpttcheck.diagnosis.objectives import ALL

    return tuple(dict.fromkeys(name for objective in ALL for name in objective.confused))


def _confused(name: str, base: Base) -> Array | None:
    other = base.net.objective.confused.get(name)
    if other is None:
        return None
    with np.errstate(all="ignore"):
        do = base.net.on_outputs(other(base.run.o, base.net.y))
    return do if np.isfinite(do).all() else None


def _shifted_targets(shift: int, edge: str, base: Base) -> Array:
    y = moved(base.net.y, shift, edge)
    return base.net.on_outputs(base.net.objective.gradient(base.run.o, y))


def _read_as_batch_first(base: Base) -> Array:
    T, B, p = base.do.shape
    return base.do.reshape(B, T, p).swapaxes(0, 1)


def _last_alone(base: Base) -> Array:
    do = 0 * base.do
    do[-1] = base.do[-1]
    return do


def _inject(change: Callable[[Base], Array | None]) -> Make:
    def make(base: Base) -> Flow | None:
        inject = change(base)
        return None if inject is None else base.propagate(inject=inject)

    return make


def injections() -> Iterator[Pass]:
    """Yield the passes whose outputs reach the states wrongly."""
    yield Pass("output-gradient-at-last-step", "", _inject(lambda b: kept(b.inject, -1)))
    yield Pass("output-gradient-repeated", "that of the last step at every step",
               _inject(lambda b: b.inject[-1:] + 0 * b.inject))  # fmt: skip
    yield Pass("output-gradient-repeated", "that of the first step at every step",
               _inject(lambda b: b.inject[:1] + 0 * b.inject))  # fmt: skip
    yield Pass("output-gradient-repeated", "the sum of all steps at every step",
               _inject(_sum_of_all))  # fmt: skip
    yield Pass("output-gradient-repeated", "the sum of all steps at the last",
               _inject(lambda b: kept(_sum_of_all(b), -1)))  # fmt: skip
    for shift, name in ((1, "one step early"), (-1, "one step late")):
        for edge in ("repeated", "wrapped around", "zero"):
            yield Pass("output-gradient-shifted", f"{name}; {edge} at the edge",
                       _inject(partial(_moved_injection, shift, edge)))  # fmt: skip
    yield Pass("output-gradient-shifted", "in reverse order", _inject(lambda b: b.inject[::-1]))
    yield Pass("output-gradient-skipped", "at the first step",
               _inject(lambda b: without(b.inject, 0)))  # fmt: skip
    yield Pass("output-gradient-dropped", "", _inject(lambda b: 0 * b.inject))
    yield Pass("output-gradient-twice", "at the last step",
               _inject(lambda b: b.inject + kept(b.inject, -1)))  # fmt: skip
    yield Pass("output-transpose", "", _inject(_v_for_vt))
    yield Pass("output-ignored", "∂L/∂h_T, or all ∂L/∂h_t beside the outputs",
               _inject(_without_states))  # fmt: skip


def injections_and_slopes() -> Iterator[Pass]:
    """Yield the passes whose outputs reach the states wrongly, φ′ having a part in it."""
    yield Pass("slope-missing-on-output", "",
               partial(two_slopes, lambda b: np.ones_like(b.slope), lambda b: b.slope)
               )  # fmt: skip
    yield Pass("slope-twice", "on the path from the output",
               _inject(lambda b: b.inject * b.slope))  # fmt: skip


def _sum_of_all(base: Base) -> Array:
    return np.asarray(base.inject.sum(0, keepdims=True) + 0 * base.inject)


def _moved_injection(shift: int, edge: str, base: Base) -> Array:
    return moved(base.inject, shift, edge)


def _without_states(base: Base) -> Array | None:
    return base.do @ base.V if "h" in base.net.others else None


def _v_for_vt(base: Base) -> Array | None:
    if base.p != base.n or (base.V == base.V.T).all():
        return None
    return np.asarray(base.do @ base.V.T + base.net.on("h"))
