"""What the loss of a forward run may be: targets, objective, steps that count; several outputs.

Arrays of one shape are stacked, so that hundreds of candidates cost a few array operations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.run import Run
from bpttcheck.diagnosis.recognition.layouts import ArrayLayout, shaped
from bpttcheck.diagnosis.recognition.objectives import ALL, CROSS_ENTROPY, NLL, Objective
from bpttcheck.diagnosis.recognition.recognised import Arrays
from bpttcheck.diagnosis.recognition.roles import OF_STATES, ArraySlot, Reading, Slots, Suffix
from bpttcheck.diagnosis.recognition.structures import constants, masks, of_last_step, targets

MOST = 400
"""So many targets, and a tenth of as many masks, are tried of one shape."""

OF_EACH = 8
"""So many arrays are tried as the weights of one of several outputs, first those called so."""

HINT = r"drawn|cotan|weight|seed|bar|grad|^d|^y"


@dataclass(frozen=True)
class LossCandidate:
    """An objective with who plays y, and which steps count: the last, a suffix, or a mask's."""

    objective: Objective
    y: ArraySlot
    last: bool = False
    suffix: Suffix | None = None
    mask: ArraySlot | None = None

    def of(self, reading: Reading) -> Reading:
        """Return a reading with this loss."""
        masks = [] if self.mask is None else [("mask", self.mask)]
        slots = (*reading.slots, ("y", self.y), *masks)
        bare = replace(reading, slots=slots, objective=self.objective)
        return replace(bare, last=self.last, suffix=self.suffix)


class Candidates:
    """All losses that the data make possible for outputs of one shape (T, B, p)."""

    def __init__(self, data: Arrays, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self._slots: dict[bool, list[ArraySlot]] = {False: [], True: []}
        for slot, last in targets(data, shape):
            if len(self._slots[last]) < MOST:
                self._slots[last].append(slot)
        self._masks = list(islice(masks(data, shape), MOST // 10))

        def stacked(slots: Sequence[ArraySlot], *one: int) -> Array:
            read = [np.broadcast_to(slot.read({}, data), one) for slot in slots]
            return np.array(read, dtype=np.float64).reshape(-1, *one)

        T, B, p = shape
        self._all = stacked(self._slots[False], T, B, p)
        self._of_last = stacked(self._slots[True], 1, B, p)
        self._weights = stacked(self._masks, T, B, 1).reshape(-1, T * B)

    @cached_property
    def work(self) -> float:
        """About how many products of a vector one set of totals takes."""
        size = self._all.size + self._of_last.size + len(self._all) * self._weights.size
        return 10 + size / 1e3

    def totals(self, o: Array) -> list[Array]:
        """Return the totals of every candidate loss: of each objective, full and of the last step.

        Those of all steps are (targets, T + masks): by how many steps of the end count, then by
        mask; those of the last step (targets, 1).
        """
        found = []
        with np.errstate(all="ignore"):
            for objective in ALL:
                steps = objective.terms(o, self._all)
                steps = steps.sum(-1) if steps.ndim == 4 else steps
                by_step = steps.sum(-1)
                ends = by_step[:, ::-1].cumsum(axis=1)
                masked = steps.reshape(len(steps), self._weights.shape[1]) @ self._weights.T
                found.append(np.concatenate([ends, masked], axis=1))
                terms = objective.terms(o[-1:], self._of_last)
                found.append(terms.sum(axis=tuple(range(1, terms.ndim)))[:, None])
        return found

    def fitting(
        self, totals: Sequence[Sequence[Array]], values: Sequence[float], share: float
    ) -> Iterator[LossCandidate]:
        """Yield the losses whose totals are one constant times the values, the plainest first."""
        found = []
        size = max(abs(value) for value in values)
        for k, (first, second) in enumerate(zip(*totals, strict=True)):
            objective, last = ALL[k // 2], bool(k % 2)
            with np.errstate(all="ignore"):
                off = np.abs(values[1] - values[0] * second / first)
            fits = (off <= share * size) & np.isfinite(first) & np.isfinite(second) & (first != 0)
            if objective in (NLL, CROSS_ENTROPY):
                y = self._of_last if last else self._all
                fits &= np.asarray((y >= 0).all(axis=(1, 2, 3)))[:, None]
            for row, column in np.argwhere(fits):
                found.append((self._rank(last, column), row, last, k, column))
        for _, row, _, k, column in sorted(found):
            yield self._loss(ALL[k // 2], bool(k % 2), int(row), int(column))

    def _rank(self, last: bool, column: int) -> int:
        T = self.shape[0]
        return 0 if last or column == T - 1 else 1 if column < T else 2

    def _loss(self, objective: Objective, last: bool, row: int, column: int) -> LossCandidate:
        T, y = self.shape[0], self._slots[last][row]
        if last or column == T - 1:
            return LossCandidate(objective, y, last)
        if column >= T:
            return LossCandidate(objective, y, mask=self._masks[column - T])
        return LossCandidate(objective, y, suffix=("last", column + 1))


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
        return [ArraySlot("data", *one) for one in islice(read, OF_EACH)]

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
