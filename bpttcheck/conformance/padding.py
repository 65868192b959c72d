"""Sequences of other lengths in one batch: which steps are taken, and what padded ones give out.

A padded step moves no state, so that the last state is that after a sequence's own steps, a second
direction begins with the last of these, and no gradient of an input behind them is other than zero.
What the output is there differs between libraries, and so a layout says it: zeros, the last real
state once more, or further steps, taken all the same, whose states nobody keeps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bpttcheck.arguments import shown
from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.midrad import MidRad
from bpttcheck.conformance.array_axes import Sizes
from bpttcheck.conformance.layout import Layout
from bpttcheck.shapes import read


@dataclass(frozen=True)
class Padding:
    """Which steps of a batch count; each None where all do.

    Attributes:
        taken: (T, B), where a step moves a state.
        seen: (T, B), where the output is a state, and no zero.
        ends: (B,), the index of the step after which a state is the last one, if that is not T − 1.
    """

    taken: Array | None = None
    seen: Array | None = None
    ends: Array | None = None

    def shown(self, states: Array) -> Array:
        """Return numbers of outputs (T, B, n), zero where the output is."""
        return states if self.seen is None else np.where(self.seen[..., None], states, 0.0)

    def last(self, states: MidRad) -> MidRad:
        """Return the last state (B, n) of each sequence, of those after every step."""
        if self.ends is None:
            return states[-1]
        return states[self.ends, np.arange(len(self.ends))]

    def of(self, back: bool) -> Padding:
        """Return the same in the order of a direction."""
        if self.taken is None or self.seen is None or not back:
            return self
        return Padding(self.taken[::-1], self.seen[::-1])


def read_lengths(given: Any, form: Layout, sizes: Sizes, both: bool) -> Array | None:
    """Return lengths as somebody gave them, whole numbers (B,).

    Raises:
        TypeError: something else than whole numbers.
        ValueError: another number of them, lengths that sequences cannot have, or a layout that
            does not say what padded steps give out.
    """
    if given is None:
        return None
    if not form.padded:
        raise ValueError(
            "lengths: expected a layout that says what padded steps give out, padded='zeros', "
            "'repeated' or 'steps', got one that does not"
        )
    if both and form.padded != "zeros":
        raise ValueError(f"lengths: expected padded='zeros' of two directions, got {form.padded!r}")
    T, B, least = sizes["T"], sizes["B"], 0 if form.empty else 1
    lengths = read("lengths", given)
    expected = f"lengths: expected (B,) = ({B},) whole numbers from {least} to T = {T}"
    if lengths.dtype.kind not in "iu":
        raise TypeError(f"{expected}, got dtype {lengths.dtype}")
    if lengths.shape != (B,):
        raise ValueError(f"{expected}, got shape {lengths.shape}")
    if ((lengths < least) | (lengths > T)).any():
        raise ValueError(f"{expected}, got {shown(lengths.tolist())}")
    return lengths.astype(np.int64)


def padding(padded: str, lengths: Array | None, T: int) -> Padding:
    """Return which steps count, of T, where sequences have these lengths, or all the same."""
    if lengths is None:
        return Padding()
    if padded == "steps":
        return Padding(ends=lengths - 1)
    taken = np.arange(T)[:, None] < lengths
    return Padding(taken, taken if padded == "zeros" else taken | (lengths > 0))
