"""Losses of several outputs at once: the states of all steps, the last one, the last cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.run import Run
from bpttcheck.diagnosis.recognition.layouts import ArrayLayout, shaped
from bpttcheck.diagnosis.recognition.recognised import Arrays
from bpttcheck.diagnosis.recognition.roles import OF_STATES, ArraySlot, Slots
from bpttcheck.diagnosis.recognition.structures import constants, of_last_step

MOST = 8
"""So many arrays are tried as the weights of one output, those first that are called so."""

HINT = r"drawn|cotan|weight|seed|bar|grad|^d|^y"


class Several:
    """The sums of outputs and states that the data make possible, for runs of one shape."""

    def __init__(
        self, data: Arrays, shape: tuple[int, ...], widths: Mapping[str, int], alone: bool
    ) -> None:
        T, B, _ = shape
        floats = {name: a for name, a in data.items() if a.dtype.kind == "f" and a.ndim}
        ordered = sorted(floats, key=lambda name: not re.search(HINT, name.split(".")[-1]))
        self.data = {name: floats[name] for name in ordered}
        (self.none,) = self._slots({"0": np.zeros(())}, constants)
        self.slots = {"y": self._slots(self.data, shaped, shape)}
        for state, n in widths.items():
            found = self._slots(self.data, of_last_step, B, n)
            if state != "h" or not alone:
                found += self._slots(self.data, shaped, (T, B, n))
            self.slots[f"{OF_STATES}{state}"] = found

    def _slots(
        self, data: Arrays, layouts: Callable[..., Iterator[ArrayLayout]], *sizes: Any
    ) -> list[ArraySlot]:
        read = ((name, layout) for name, a in data.items() for layout in layouts(a, *sizes))
        return [ArraySlot("data", *one) for one in islice(read, MOST)]

    @property
    def possible(self) -> bool:
        """Whether there are weights for more than one output."""
        return len({slot.name for slots in self.slots.values() for slot in slots}) > 1

    def fitting(
        self, runs: Sequence[Run], values: Sequence[float], share: float
    ) -> Iterator[Slots]:
        """Yield who weighs outputs and states, where the sums are the values."""
        total = size = np.zeros((len(runs), *[1] * len(self.slots)))
        for axis, (role, slots) in enumerate(self.slots.items()):
            sums = self._sums(role, slots, runs)
            sums = sums.reshape(len(runs), *[1] * axis, -1, *[1] * (len(self.slots) - axis - 1))
            total, size = total + sums, size + np.abs(sums)
        off = np.abs(total - np.array(values).reshape(-1, *[1] * len(self.slots)))
        for at in np.argwhere((off <= share * size).all(axis=0)):
            chosen = zip(self.slots.items(), at, strict=True)
            roles = tuple((role, slots[k - 1]) for (role, slots), k in chosen if k)
            if len(roles) > 1 and len({slot.name for _, slot in roles}) == len(roles):
                yield roles if roles[0][0] == "y" else (("y", self.none), *roles)

    def _sums(self, role: str, slots: Sequence[ArraySlot], runs: Sequence[Run]) -> Array:
        """Return the weighted sums (runs, 1 + slots) of an output; the first is of none."""
        found = np.zeros((len(runs), 1 + len(slots)))
        for i, run in enumerate(runs):
            steps = run.s if role == "y" else run.made[role.removeprefix(OF_STATES)][1:]
            for k, slot in enumerate(slots):
                w = slot.read({}, self.data)
                found[i, k + 1] = float((w * steps[len(steps) - len(w) :]).sum())
        return found
