"""Activations and their slopes, enclosed as programs compute them.

    φ(x)     first = |φ′(m)| f_x     rest = s r_x + ½ c s R_x² + 8 u (|φ(m)| + s R_x) + η

where s is the largest |φ′| within R_x of m and c s the largest |φ″|: c = 1 for σ, σ″ being
σ′ (1 − 2σ), and 2 for tanh, tanh″ being −2 tanh tanh′. Both slopes are largest at zero and fall on
either side. However wide x is, φ(x) is within the range of φ, which bounds what is left.

Slopes are what programs make of the value, 1 − h² and s (1 − s), whose digits are lost where h is
rounded to one; what is more accurate, as our own slopes are, lies within as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from bpttcheck.activations import relu, sigmoid, tanh
from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.midrad import MidRad


@dataclass(frozen=True)
class Squash:
    """What a gate's pre-activation becomes, and the slope there.

    Attributes:
        value: from a to φ(a); ``turned`` where the program may have 1 − φ(−a).
        slope: from a and φ(a) to φ′(a); ``known`` where φ(a) is what the program had, to the bit.
        steepest: the largest |φ′|.
    """

    value: Callable[[MidRad, bool], MidRad]
    slope: Callable[[MidRad, MidRad, bool], MidRad]
    steepest: float = 1.0


def _nearest(a: MidRad) -> Array:
    """Return the modulus of what is nearest to zero in an interval."""
    return np.asarray(np.maximum(np.abs(a.mid) - a.radius, 0.0))


def _smooth(a: MidRad, name: str, value: Array, reach: Array, curved: float, off: Array) -> MidRad:
    """Enclose tanh or σ: ``reach`` is how far a result may be from the middle's at all."""
    kind, R = a.kind, a.radius
    derivative = {"tanh": tanh, "sigmoid": sigmoid}[name].derivative
    steepest = derivative(_nearest(a))
    first = derivative(a.mid) * a.first
    rest = steepest * (a.rest + curved / 2 * R * R)
    with np.errstate(invalid="ignore"):  # of an unbounded radius
        rest = np.where(rest + first < reach, rest, reach + first)
        moved = np.minimum(steepest * R, reach)
    rest = rest + kind.function * (off + moved) + kind.tiny + kind.inexact.get(name, 0.0)
    return MidRad(value, first, rest, kind)


def _tanh(a: MidRad, turned: bool) -> MidRad:
    value = np.tanh(a.mid)
    return _smooth(a, "tanh", value, 1 + np.abs(value), 2.0, np.abs(value))


def _tanh_slope(a: MidRad, h: MidRad, known: bool) -> MidRad:
    """Return 1 − h² of a rounded h; |(h + e)² − h²| = |e| |2h + e|."""
    mid = (1 - h.mid) * (1 + h.mid) if known else tanh.derivative(a.mid)
    e = _off(h, known)
    rest = e * (2 * np.abs(h.mid) + e) + h.kind.operation * (1 + 2 * h.modulus**2) + h.kind.tiny
    return MidRad(mid, 0.0, rest, h.kind)


def _off(h: MidRad, known: bool) -> Array:
    """Return how far a value may be from the middle in the program's slope.

    A program whose value is known may have its slope from the argument, of which the value is a
    function with the error of one.
    """
    return h.radius + h.kind.function * np.abs(h.mid) if known else h.radius


def _sigmoid(a: MidRad, turned: bool) -> MidRad:
    """Enclose σ(a); where the program has 1 − σ(−a), its error is that of a number near one."""
    value = sigmoid.value(a.mid)
    off = np.ones_like(value) if turned else value
    return _smooth(a, "sigmoid", value, np.maximum(value, 1 - value), 1.0, off)


def _sigmoid_slope(a: MidRad, s: MidRad, known: bool) -> MidRad:
    """Return s (1 − s) of a rounded s; (s + e)(1 − s − e) − s (1 − s) = e (1 − 2s − e)."""
    mid = s.mid * (1 - s.mid) if known else sigmoid.derivative(a.mid)
    e = _off(s, known)
    rest = e * (np.abs(1 - 2 * s.mid) + e)
    rest = rest + s.kind.operation * s.modulus * (2 + 2 * s.modulus) + s.kind.tiny
    return MidRad(mid, 0.0, rest, s.kind)


def _relu(a: MidRad, turned: bool) -> MidRad:
    """Enclose max(a, 0), which moves no farther than a does."""
    at_kink = np.abs(a.mid) <= a.radius
    slope = relu.derivative(a.mid)
    rest = np.where(at_kink, a.radius + slope * a.first, slope * a.rest)
    return MidRad(relu.value(a.mid), slope * a.first, rest, a.kind)


def _relu_slope(a: MidRad, h: MidRad, known: bool) -> MidRad:
    """Return 0 or 1, and anything between them where rounding decides the sign.

    Where the program's own h is known, its sign is the branch that it took; at h = 0 the argument
    may have been 0 too, where programs differ.
    """
    taken = known & (h.mid > 0)
    at_kink = (np.abs(a.mid) <= a.radius) & ~taken
    return MidRad(np.where(taken, 1.0, relu.derivative(a.mid)), 0.0, 1.0 * at_kink, a.kind)


def _same(a: MidRad, turned: bool) -> MidRad:
    return a


def _one(a: MidRad, h: MidRad, known: bool) -> MidRad:
    return MidRad(np.ones_like(a.mid), 0.0, 0.0, a.kind)


SQUASHES: Mapping[str, Squash] = {
    "tanh": Squash(_tanh, _tanh_slope),
    "sigmoid": Squash(_sigmoid, _sigmoid_slope, 0.25),
    "relu": Squash(_relu, _relu_slope),
    "linear": Squash(_same, _one),
}
"""By the names of the activations."""
