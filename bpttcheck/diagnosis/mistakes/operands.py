"""What people take for a gate or a state in a factor: another symbol, step, or function of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from bpttcheck.activations import Activation, sigmoid, tanh
from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward.along_time import moved, of_first, shifts, stale
from bpttcheck.diagnosis.backward.flow import Base
from bpttcheck.diagnosis.mistakes.slopes import OTHER, SCALED, STALE, STEP, Slope, table_of
from bpttcheck.diagnosis.recognition.shape import Shape

Other = Callable[[Base], Array]
OF_CELL = dict.fromkeys(SCALED, f"cell-slope-{OTHER}")
OF_CELL |= {"of-preactivation": "cell-slope-of-cell", "of-activated": "cell-slope-of-squashed"}
"""What the wrong slopes of a gate are called where a state is let out."""

WRONG, COMPLEMENT = "wrong", "complement"
Operand = tuple[str, str, Other]
"""A cause, or one of these two; what exactly is done; what stands for the value."""


def symbol(name: str) -> str:
    """Return how a value is written: ``c_{t−1}``, ``f_t``, ``P_i``."""
    if name.endswith("-"):
        return f"{name[:-1]}_{{t−1}}"
    return name if "_" in name else f"{name}_t"


def operands(shape: Shape, name: str, beside: Sequence[str] = ()) -> Iterator[Operand]:
    """Yield what may stand for a value, ``beside`` others in the same factor.

    A candidate may be taken for a state, or a state for it, where the two do not meet: a difference
    of them would be nothing.
    """
    if name in shape.gates:
        yield from _of_gate(shape, name, beside)
    elif name.endswith("-"):
        yield from _of_state(shape, name[:-1], beside)
    elif name in shape.cell.weights:
        for other, symbols in shape.cell.weights.items():
            if other != name and symbols == shape.cell.weights[name]:
                told = f"{other} for {name}"
                yield "wrong-weight", told, value(other)


def value(name: str) -> Other:
    """Return what reads a value of the step."""
    return lambda base: base.values[name]


def _of(change: Callable[[Array], Array], name: str) -> Other:
    return lambda base: change(base.values[name])


def _of_gate(shape: Shape, k: str, beside: Sequence[str]) -> Iterator[Operand]:
    for other in shape.gates:
        if other != k:
            yield WRONG, f"{other}_t for {k}_t", value(other)
    yield WRONG, f"a_{k} for {k}_t", lambda b: b.a[k]
    yield WRONG, f"the slope at a_{k} for {k}_t", lambda b: b.slopes[k]
    if k in shape.candidates:
        yield WRONG, f"tanh {k}_t for {k}_t", lambda b: np.tanh(b.values[k])
        for s in shape.cell.states:
            if s in shape.further and f"{s}-" not in beside:
                yield WRONG, f"{s}_{{t−1}} for {k}_t", value(f"{s}-")
            yield WRONG, f"{s}_t for {k}_t", value(s)
    else:
        yield COMPLEMENT, f"1 − {k}_t for {k}_t", lambda b: 1 - b.values[k]
        yield WRONG, f"{k}_t² for {k}_t", lambda b: b.values[k] ** 2
    names = (f"{k}_{{t−1}} for {k}_t", -1), (f"{k}_{{t+1}} for {k}_t", 1)
    for told, moved_so in shifts(names, "{}, {} at the edge"):
        yield "gate-of-another-step", told, _of(moved_so, k)
    yield "stale-cache", f"{k}_T at every step", lambda b: stale(b.values[k])


def _of_state(shape: Shape, s: str, beside: Sequence[str] = ()) -> Iterator[Operand]:
    """Yield what may stand for a state of the step before."""
    further = s != "h"
    shifted = "cell-shifted" if further else "state-shifted"
    forgotten = "initial-cell-forgotten" if further else "initial-state-forgotten"
    was, before = f"{s}_{{t−1}}", f"{s}-"
    yield shifted, f"{s}_t for {was}", value(s)
    yield shifted, f"{s}_{{t−2}} for {was}", lambda b: moved(b.values[before], -1)

    at_first = f"{s}_T for {s}_0 at the first step"
    yield shifted, at_first, lambda b: of_first(b.values[before], b.values[s][-1])
    yield forgotten, "", lambda b: of_first(b.values[before], 0.0)
    yield "stale-cache", f"{s}_T at every step", lambda b: stale(b.values[s])
    yield "stale-cache", f"{s}_{{T−1}} at every step", lambda b: stale(b.values[before])
    yield "stale-cache", f"{s}_0 at every step", lambda b: stale(b.values[before], 0)
    for other in shape.cell.states:
        if other != s and shape.cell.width(other) == shape.cell.width(s):
            yield WRONG, f"{other}_{{t−1}} for {was}", value(f"{other}-")
            yield WRONG, f"{other}_t for {was}", value(other)
    yield WRONG, f"tanh {was} for {was}", lambda b: np.tanh(b.values[before])
    if further:
        yield shifted, f"tanh {s}_t for {was}", lambda b: np.tanh(b.values[s])
    if shape.cell.width(s) == "n":
        for k in shape.candidates:
            if k not in beside:
                yield WRONG, f"{k}_t for {was}", value(k)


def through_product(shape: Shape, gate: str) -> Iterator[Operand]:
    """Yield what may stand for a product q_k = W_k h_{t−1} + b_Wk: that of another state, say."""
    for cause, told, other in _of_state(shape, "h"):
        yield cause, told, partial(_product, gate, other)
    was = symbol("h-")
    bare = f"{was}, not multiplied by W_{gate}"
    yield WRONG, bare, lambda b: b.values["h-"]
    told = f"b_W{gate} left out of what r_t multiplies"
    yield "bias-of-reset-missing", told, partial(_product, gate, None)


def _product(gate: str, other: Other | None, base: Base) -> Array:
    W, b = base.net.weights[base.W[gate]], base.net.weights[f"b_W{gate}"]
    before = base.values["h-"]
    h = before if other is None else np.broadcast_to(other(base), before.shape)
    return np.asarray(h @ W.T + (0.0 if other is None else b))


def let_out(squash: Activation, s: str) -> Iterator[Operand]:
    """Yield what may stand for a state as it is let out, tanh c_t."""
    was, shifted = f"tanh {s}_t", "cell-shifted"
    yield "squash-missing", f"{s}_t for {was}", value(s)
    yield WRONG, f"h_t for {was}", value("h")
    yield WRONG, f"tanh({was}) for {was}", lambda b: np.tanh(squash.value(b.values[s]))
    yield WRONG, f"1 − tanh² {s}_t for {was}", _of(squash.derivative, s)
    yield WRONG, f"σ({s}_t) for {was}", _of(sigmoid.value, s)
    yield shifted, f"tanh {s}_{{t−1}} for {was}", _of(squash.value, f"{s}-")
    yield shifted, f"{s}_{{t−1}} for {was}", value(f"{s}-")
    last = f"tanh {s}_T at every step"
    yield "stale-cache", last, lambda b: stale(squash.value(b.values[s]))


def let_out_slopes(shape: Shape, s: str) -> Iterator[Operand]:
    """Yield what may stand for the slope of what squashes a state where it is let out."""
    squash = shape.cell.squash
    prime, let_out = f"{squash.name}′({s}_t)", f"({squash.name} {s}_t)"

    def table_at(slope: Slope, b: Base) -> Array:
        c = b.values[s]
        return slope(c, squash.value(c), squash.derivative(c))

    for (kind, name), slope in table_of(squash).items():
        told = name.format(a=f"{s}_t", s=let_out)
        detail = f"{prime} {told}" if kind in (STEP, STALE) else f"{prime} is {told}"
        cause = OF_CELL.get(kind, STALE if kind == STALE else f"cell-slope-{kind}")
        yield cause, detail if name else "", partial(table_at, slope)
    another, other, before = f"cell-slope-{STEP}", f"cell-slope-{OTHER}", f"{s}-"
    yield another, f"1 − tanh² {s}_{{t−1}}", _of(squash.derivative, before)
    yield another, f"1 − {s}_{{t−1}}²", _of(_one_minus_square, before)
    for name in ("h", *shape.gates):
        told = f"{prime} is 1 − {symbol(name)}²"
        yield other, told, _of(_one_minus_square, name)
    yield other, f"{prime} is 1 − tanh² h_t", _of(tanh.derivative, "h")


def _one_minus_square(a: Array) -> Array:
    return np.asarray(1 - a**2)
