"""Is this a cell that we know? By shape, and believed when the losses agree.

A loss that is a constant times that of our forward pass, at several random points and to the last
digits, is that of our forward pass: no name and no promise is needed.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bpttcheck.cells.cell import Cell
from bpttcheck.cells.run import Run
from bpttcheck.diagnosis.recognition.forms import KNOWN
from bpttcheck.diagnosis.recognition.loss_candidates import Candidates, Several
from bpttcheck.diagnosis.recognition.objectives import LINEAR
from bpttcheck.diagnosis.recognition.readings import CellReadings
from bpttcheck.diagnosis.recognition.recognised import Arrays
from bpttcheck.diagnosis.recognition.roles import ArraySlot, Reading
from bpttcheck.diagnosis.recognition.structures import hinted

MOST = 6000
"""At most so many readings of either kind."""

LIKELY = 400
"""So many readings as a cell of one gate are tried before those as a gated cell."""

WORK = 120_000
"""At most so much work, in products of a vector: some seconds."""

ROUNDINGS = 2.0**12
"""Two losses that agree to so many roundings are the same."""

TO_BEGIN = 2
"""Losses at so many points select the readings that are asked about the others."""


@dataclass(frozen=True)
class Sample:
    """The user's loss at a point."""

    params: Arrays
    value: float


class Unsettled(Exception):
    """There were more readings than could be tried."""


def recognised(
    samples: Sequence[Sample],
    data: Arrays,
    unit: float,
    more: Callable[[], Sequence[Sample]] = tuple,
    over: Callable[[], bool] = lambda: False,
    idle: bool = True,
    cells: Sequence[Cell] = KNOWN,
) -> Reading | None:
    """Return how to read the parameters and data as one of the cells, or None.

    Arguments:
        samples: the loss at two points.
        data: arrays that it may read besides its parameters.
        unit: the roundoff of the loss.
        more: asks for the loss at further points, once one reading fits the first.
        over: tells whether there is no time left.
        idle: whether the loss may leave some parameter out.
        cells: those that are known, the likeliest first.

    Raises:
        Unsettled: the time or the work that it may take is over.
    """
    first = samples[0].params
    data = _of_use(first, data)
    readings = CellReadings(first, data, cells)
    plain = list(itertools.islice(readings.plain(), MOST))
    gated = itertools.islice(readings.gated(), MOST)
    again = _with_borrowed(itertools.islice(readings.gated(), LIKELY if idle else 0))
    search = _Recognition(list(samples), data, unit, more, over)
    for options in (plain[:LIKELY], gated, plain[LIKELY:], again):
        for reading in options:
            found = search.fitting(reading)
            if found is not None:
                return found
    return None


def _of_use(params: Arrays, data: Arrays) -> Arrays:
    """Return the data without what has too many axes, and copies of the parameters."""
    own = {(a.shape, a.tobytes()) for a in params.values() if np.ptp(a) > 0}
    inputs_first = sorted(data, key=lambda name: not hinted("x", name))
    return {
        name: data[name]
        for name in inputs_first
        if data[name].ndim <= 3
        and (data[name].dtype != np.float64 or (data[name].shape, data[name].tobytes()) not in own)
    }


def agrees(reading: Reading, samples: Sequence[Sample], data: Arrays, unit: float) -> bool:
    """Tell whether the losses at the samples are one constant times the reading's."""
    try:
        totals = [reading.network(s.params, data, s.value).total for s in samples]
    except (ValueError, KeyError, IndexError):
        return False
    values = [s.value for s in samples]
    if not all(map(math.isfinite, totals)) or not totals[0] or not values[0]:
        return False
    scale = values[0] / totals[0]
    return all(
        abs(v - scale * t) <= ROUNDINGS * unit * max(abs(v), abs(values[0]))
        for t, v in zip(totals, values, strict=True)
    )


@dataclass
class _Recognition:
    """Tries readings, each set of arrays once, until its work is done."""

    samples: list[Sample]
    data: Arrays
    unit: float
    more: Callable[[], Sequence[Sample]]
    over: Callable[[], bool]
    known: dict[tuple[int, ...], Candidates] = field(default_factory=dict)
    several: dict[object, Several] = field(default_factory=dict)
    tried: set[object] = field(default_factory=set)
    work: float = 0.0

    def fitting(self, reading: Reading) -> Reading | None:
        """Return the reading with its loss, if one fits."""
        if self.work > WORK or self.over():
            raise Unsettled
        key = _key(reading)
        if key in self.tried:
            return None
        self.tried.add(key)
        values = [s.value for s in self.samples[:TO_BEGIN]]
        try:
            runs = [reading.run(s.params, self.data) for s in self.samples[:TO_BEGIN]]
        except ValueError:
            return None
        self.work += _work(reading, runs[0].h.shape)
        if not all(np.isfinite(run.s).all() for run in runs):
            return None
        shape = runs[0].s.shape
        if shape not in self.known:
            self.known[shape] = Candidates(self.data, shape)
        candidates = self.known[shape]
        self.work += candidates.work
        totals = [candidates.totals(run.s) for run in runs]
        losses = candidates.fitting(totals, values, ROUNDINGS * self.unit)
        of_one = (loss.of(reading) for loss in losses)
        for whole in itertools.chain(of_one, self._of_several(reading, runs, values)):
            if agrees(whole, self._all_samples(), self.data, self.unit):
                return whole
        return None

    def _of_several(
        self, reading: Reading, runs: Sequence[Run], values: Sequence[float]
    ) -> Iterator[Reading]:
        """Yield the reading with the losses of several outputs that fit."""
        shape, alone = runs[0].s.shape, not reading.of("V")
        widths = {k: runs[0].made[k].shape[-1] for k in reading.cell.states}
        key = shape, *widths.items(), alone
        if key not in self.several:
            self.several[key] = Several(self.data, shape, widths, alone)
        if self.several[key].possible:
            self.work += 20
            for roles in self.several[key].fitting(runs, values, ROUNDINGS * self.unit):
                yield replace(reading, slots=(*reading.slots, *roles), objective=LINEAR)

    def _all_samples(self) -> list[Sample]:
        if len(self.samples) == TO_BEGIN:
            self.samples += self.more()
        return self.samples


TAKEN = ("WUb", "WU", "b", "W", "U")
"""Which letters of another gate may stand in a gate."""


def _with_borrowed(readings: Iterable[Reading]) -> Iterator[Reading]:
    """Yield each reading with one gate made of another's weights, its own being idle."""
    for reading in readings:
        names = [slot.name for role, slot in reading.slots if role[:2] == "W_"]
        if len(set(names)) < len(names):
            continue
        for taken in TAKEN:
            for gate, other in itertools.permutations(reading.cell.gates, 2):
                yield from _in_one_gate(reading, taken, gate, other)


def _in_one_gate(reading: Reading, taken: str, gate: str, other: str) -> Iterator[Reading]:
    of_other = dict(reading.slots)
    slots: list[tuple[str, ArraySlot]] = []
    idle: list[tuple[str, ArraySlot]] = []
    for role, slot in reading.slots:
        there = of_other.get(f"{role[:2]}{other}")
        if role[1:2] == "_" and role[0] in taken and role[2:] == gate and there is not None:
            idle.append((role, slot))
            slots.append((role, there))
        else:
            slots.append((role, slot))
    used = {slot.name for _, slot in slots}
    if idle and not any(slot.name in used for _, slot in idle):
        yield replace(reading, slots=tuple(slots), idle=tuple(idle))


def _key(reading: Reading) -> object:
    """Return what the forward run depends on."""
    slots = tuple(sorted((role, s.of, s.name, s.layout.name) for role, s in reading.slots))
    return reading.cell, slots


def _work(reading: Reading, shape: tuple[int, ...]) -> float:
    """Return about how many products of a vector two runs take."""
    T, B, n = shape
    return T * 2 * len(reading.cell.gates) * (1 + B * n * n / 1e4)
