"""Complex gradients of a real loss: what PyTorch returns is the conjugate of what JAX does."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from bpttcheck.arithmetic.base import Array, Arrays
from bpttcheck.check.program.contract import Broken
from bpttcheck.check.program.tree import Tree

PYTORCH = "∂L/∂Re + i ∂L/∂Im, as in PyTorch"
JAX = "∂L/∂Re − i ∂L/∂Im, as in JAX"


class Convention:
    """Which of the two a function follows: asked of its loss, once, along the imaginary parts."""

    def __init__(self, tree: Tree) -> None:
        self._names = tuple(n for n, leaf in tree.leaves.items() if leaf.complex)
        self._conjugate = False
        self._votes: dict[str, float] = {}
        self.open = bool(self._names)
        """Whether it has still to be found."""

    def find(self, loss: Callable[[Arrays], float], params: Arrays, gradients: Arrays) -> None:
        """Compare the slope of the loss along each block's imaginary parts with both.

        One decision is made for all: where blocks differ, some of them are wrong.
        """
        self.open = False
        rng = np.random.default_rng(0)
        for name in self._names:
            v = np.zeros(params[name].shape)
            v[..., 1] = rng.choice([-1.0, 1.0], v.shape[:-1])
            claimed = float((v * gradients[name]).sum(dtype=np.float64))
            step = _step(params[name])
            try:
                values = [loss(_moved(params, name, s * step * v)) for s in (-1, 1)]
            except Broken:
                continue
            slope = (values[1] - values[0]) / (2 * step)
            if math.isfinite(slope) and claimed:
                # The sign is all that is asked: equal sizes say nothing.
                self._votes[name] = abs(slope + claimed) - abs(slope - claimed)
        self._conjugate = sum(self._votes.values()) < 0

    def applied(self, gradients: dict[str, Array]) -> dict[str, Array]:
        """Return the gradients by real and imaginary part."""
        return self.other(gradients) if self._conjugate else gradients

    def other(self, gradients: dict[str, Array]) -> dict[str, Array]:
        """Return gradients of one convention as they are in the other."""
        if not self._names:
            return gradients
        sign = np.array([1, -1], np.int8)  # which widens no float type
        return {n: g * sign if n in self._names else g for n, g in gradients.items()}

    def note(self) -> dict[str, str]:
        """Return what there is to say."""
        names = ", ".join(self._names)
        text = f"complex: {names}; index (…, 0) is a real part, (…, 1) an imaginary one"
        found = {"complex": text}
        if self._votes:
            found["convention"] = f"complex gradients are {JAX if self._conjugate else PYTORCH}"
        others = [
            n for n, vote in self._votes.items() if (vote < 0) is not self._conjugate and vote
        ]
        if others:
            other = PYTORCH if self._conjugate else JAX
            found["convention"] += f"; that of {', '.join(others)} is {other}"
        return found


def _step(array: Array) -> float:
    unit = 2.0**-20 if array.dtype.itemsize >= 8 else 2.0**-9
    return unit * (float(np.abs(array).max()) or 1.0)


def _moved(params: Arrays, name: str, by: Array) -> dict[str, Array]:
    there = (params[name].astype(np.float64) + by).astype(params[name].dtype)
    return {**params, name: there}
