"""Activations of libraries that are straight between two bounds, and arguments that are clipped.

    hard_sigmoid(α, β) of x is min(1, max(0, αx + β)), hard_tanh is min(1, max(−1, x))

α and β are those of ONNX; 0.2 and 0.5 in Keras 2 and by default in ONNX, 1/6 and 1/2 in PyTorch and
Keras 3. A clamp moves its argument's error no farther than it was. Its slope is α or 0, and where
the argument may be on either side of a bound, anything between them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from bpttcheck.activations import BY_NAME, Activation
from bpttcheck.arguments import shown
from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.midrad import MidRad
from bpttcheck.conformance.squashes import SQUASHES, Squash

_HARD_SIGMOID = re.compile(r"hard_sigmoid\(([^,()]+),([^,()]+)\)")
KNOWN = (*BY_NAME, "hard_tanh", "hard_sigmoid(1/6, 1/2)")
"""What a layout may say, the last for any two numbers."""


@dataclass(frozen=True)
class Clamp:
    """min(high, max(low, slope · x + offset))."""

    slope: float
    offset: float
    low: float
    high: float

    def value(self, a: Array) -> Array:
        """Return the clamp of numbers."""
        return np.asarray(np.clip(self.slope * a + self.offset, self.low, self.high))

    def derivative(self, a: Array) -> Array:
        """Return its slope: zero at the bounds."""
        straight = self.slope * a + self.offset
        return np.where((straight > self.low) & (straight < self.high), self.slope, 0.0)

    def enclosed(self, a: MidRad, turned: bool = False) -> MidRad:
        """Enclose the clamp; where the program has 1 − φ(−a), at a number near one."""
        p = self._straight(a)
        inside, kink = self._sides(p)
        value = np.clip(p.mid, self.low, self.high)
        reach, first = np.maximum(value - self.low, self.high - value), inside * p.first
        with np.errstate(invalid="ignore"):  # of an unbounded radius
            rest = np.where(kink, p.radius + first, inside * p.rest)
            rest = np.where(rest + first < reach, rest, reach + first)
        return MidRad(value, first, rest + turned * p.kind.operation, p.kind)

    def slope_of(self, a: MidRad, h: MidRad, known: bool) -> MidRad:
        """Enclose the slope; a value of the program's own within the bounds tells the branch."""
        inside, kink = self._sides(self._straight(a))
        taken = known & (h.mid > self.low) & (h.mid < self.high)
        slope, size = np.where(taken | inside, self.slope, 0.0), abs(self.slope)
        rest = np.where(kink & ~taken, size, 0.0) + a.kind.operation * np.abs(slope)
        return MidRad(slope, 0.0, rest, a.kind)

    def _straight(self, a: MidRad) -> MidRad:
        if self.slope == 1.0 and self.offset == 0.0:
            return a
        return a * self.slope + self.offset

    def _sides(self, p: MidRad) -> tuple[Array, Array]:
        """Return where it is between the bounds, and where it may be on either side of one."""
        inside = (p.mid > self.low) & (p.mid < self.high)
        kinks = [np.abs(p.mid - bound) <= p.radius for bound in (self.low, self.high)]
        return inside, kinks[0] | kinks[1]


def clamp(name: str) -> Clamp | None:
    """Return what a name says, if it says a clamp."""
    if name == "hard_tanh":
        return Clamp(1.0, 0.0, -1.0, 1.0)
    match = _HARD_SIGMOID.fullmatch(name.strip())
    if match is None:
        return None
    try:
        slope, offset = (float(Fraction(part.strip())) for part in match.groups())
    except (ValueError, ZeroDivisionError):
        return None
    return Clamp(slope, offset, 0.0, 1.0)


def activation(what: str, name: str) -> Activation:
    """Return an activation by its name in a layout.

    Raises:
        ValueError: another name.
    """
    if name in BY_NAME:
        return BY_NAME[name]
    found = clamp(name)
    if found is None:
        raise ValueError(f"{what}: expected one of {', '.join(KNOWN)}, got {shown(name)}")
    return Activation(name, found.value, found.derivative)


def enclosed_squash(name: str) -> Squash | None:
    """Return an activation, enclosed, by its name in a layout, if there is one."""
    if name in SQUASHES:
        return SQUASHES[name]
    found = clamp(name)
    return None if found is None else Squash(found.enclosed, found.slope_of, abs(found.slope))


def of_clipped(squash: Squash, bound: float) -> Squash:
    """Return an activation of an argument that is clipped to ±bound, as ONNX's attribute does."""
    clip = Clamp(1.0, 0.0, -bound, bound)

    def value(a: MidRad, turned: bool) -> MidRad:
        return squash.value(clip.enclosed(a), turned)

    def slope(a: MidRad, h: MidRad, known: bool) -> MidRad:
        inner = squash.slope(clip.enclosed(a), h, known)
        return inner * clip.slope_of(a, a, False)

    return Squash(value, slope, squash.steepest)
