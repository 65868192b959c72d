"""Losses of several outputs at once: the states of all steps, the last one, the last cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.layouts import Layout, sequences
from bpttcheck.diagnosis.network import Arrays, Slot
from bpttcheck.diagnosis.structures import constants, of_last_step

MOST = 8
"""So many arrays are tried as the weights of one output, those first that are called so."""

HINT = r"drawn|cotan|weight|seed|bar|grad|^d|^y"

Roles = tuple[tuple[str, Slot], ...]


class Several:
    """The sums of two outputs or three that the data make possible, for runs of one shape."""

    def __init__(self, data: Arrays, T: int, B: int, p: int, n: int, alone: bool) -> None:
        floats = {name: a for name, a in data.items() if a.dtype.kind == "f" and a.ndim}
        ordered = sorted(floats, key=lambda name: not re.search(HINT, name.split(".")[-1]))
        self.data = {name: floats[name] for name in ordered}
        (self.none,) = self._slots({"0": np.zeros(())}, constants)
        self.y = self._slots(self.data, lambda a: _shaped(a, T, B, p))
        last = self._slots(self.data, lambda a: of_last_step(a, B, n))
        whole = self._slots(self.data, lambda a: _shaped(a, T, B, n))
        self.h = last if alone else [*last, *whole]
        self.c = [*last, *whole]

    def _slots(self, data: Arrays, layouts: Callable[[Array], Iterator[Layout]]) -> list[Slot]:
        found = [Slot("data", name, layout) for name, a in data.items() for layout in layouts(a)]
        return found[:MOST]

    @property
    def possible(self) -> bool:
        """Whether there are weights for more than one output."""
        return len({slot.name for slot in (*self.y, *self.h, *self.c)}) > 1

    def fitting(
        self, runs: Sequence[Any], values: Sequence[float], share: float
    ) -> Iterator[Roles]:
        """Yield who weighs outputs, states and cells, where the sums are the values."""
        options = [self._sums("o", self.y, runs, 0), self._sums("h", self.h, runs, 1)]
        cells = self.c if getattr(runs[0], "c", np.zeros(0)).shape == runs[0].h.shape else []
        options.append(self._sums("c", cells, runs, 1))
        o, h, c = options
        total = o[:, :, None, None] + h[:, None, :, None] + c[:, None, None, :]
        size = np.abs(o)[:, :, None, None] + np.abs(h)[:, None, :, None] + np.abs(c)[:, None, None]
        off = np.abs(total - np.array(values)[:, None, None, None])
        for i, j, k in np.argwhere((off <= share * size).all(axis=0)):
            chosen = (("y", self.y, i), ("yh", self.h, j), ("yc", cells, k))
            roles = tuple((role, slots[at - 1]) for role, slots, at in chosen if at)
            if len(roles) > 1 and len({slot.name for _, slot in roles}) == len(roles):
                if roles[0][0] != "y":
                    roles = (("y", self.none), *roles)
                yield roles

    def _sums(self, what: str, slots: Sequence[Slot], runs: Sequence[Any], skip: int) -> Array:
        """Return the weighted sums (runs, 1 + slots) of an output; the first is of none."""
        found = np.zeros((len(runs), 1 + len(slots)))
        for i, run in enumerate(runs):
            steps = getattr(run, what, np.zeros(0))[skip:]
            for k, slot in enumerate(slots):
                w = slot.read({}, self.data)
                found[i, k + 1] = float((w * steps[len(steps) - len(w) :]).sum())
        return found


def _shaped(array: Array, T: int, B: int, size: int) -> Iterator[Layout]:
    for layout in sequences(array, size):
        if layout.read(array).shape == (T, B, size):
            yield layout
