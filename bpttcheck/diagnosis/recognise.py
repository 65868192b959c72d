"""Is this a vanilla RNN, an LSTM or a GRU? By shape, and believed when the losses agree.

A loss that is a constant times that of our forward pass, at several random points and to the last
digits, is that of our forward pass: no name and no promise is needed.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bpttcheck.diagnosis.candidates import Candidates
from bpttcheck.diagnosis.gated.another_gate import borrowed
from bpttcheck.diagnosis.gated.network import GatedReading
from bpttcheck.diagnosis.gated.structures import readings as gated_readings
from bpttcheck.diagnosis.network import HALVED, Arrays, Reading
from bpttcheck.diagnosis.objectives import LINEAR
from bpttcheck.diagnosis.several import Several
from bpttcheck.diagnosis.structures import flags, hinted, structures, unlikely

PHIS = ("tanh", "sigmoid", "relu", "linear")

MOST = 6000
"""At most so many readings of either kind."""

LIKELY = 400
"""So many readings as a vanilla RNN are tried before those as a gated cell."""

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
) -> Reading | None:
    """Return how to read the parameters and data as one of our networks, or None.

    Arguments:
        samples: the loss at two points.
        data: arrays that it may read besides its parameters.
        unit: the roundoff of the loss.
        more: asks for the loss at further points, once one reading fits the first.
        over: tells whether there is no time left.
        idle: whether the loss may leave some parameter out.

    Raises:
        Unsettled: the time or the work that it may take is over.
    """
    first = samples[0].params
    data = _of_use(first, data)
    by_shape = sorted(itertools.islice(structures(first, data), MOST), key=unlikely)
    vanilla = [Reading(structure, phi) for structure in by_shape for phi in PHIS]
    vanilla[MOST:] = [Reading(structure, HALVED.name) for structure in by_shape]
    gated = itertools.islice(gated_readings(first, data), MOST)
    search = _Search(samples, data, unit, more, over)
    again = borrowed(itertools.islice(gated_readings(first, data), LIKELY if idle else 0))
    for options in (vanilla[:LIKELY], gated, vanilla[LIKELY:], again):
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
        name: a for name, a in ((name, data[name]) for name in inputs_first)
        if a.ndim <= 3 and (a.dtype != np.float64 or (a.shape, a.tobytes()) not in own)
    }  # fmt: skip


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


class _Search:
    """Tries readings, each set of arrays once, until its work is done."""

    def __init__(
        self, samples: Sequence[Sample], data: Arrays, unit: float,
        more: Callable[[], Sequence[Sample]], over: Callable[[], bool],
    ) -> None:  # fmt: skip
        self.samples, self.data, self.unit = list(samples), data, unit
        self.marks = flags(data)
        self.more, self.over = more, over
        self.known: dict[tuple[int, ...], Candidates] = {}
        self.several: dict[tuple[int, int, int, int, bool], Several] = {}
        self.tried: set[object] = set()
        self.work = 0.0

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
            runs = [reading.run(s.params, self.data)[3] for s in self.samples[:TO_BEGIN]]
        except ValueError:
            return None
        self.work += _work(reading, runs[0].h.shape)
        if not all(np.isfinite(run.o).all() for run in runs):
            return None
        shape = runs[0].o.shape
        if shape not in self.known:
            self.known[shape] = Candidates(self.data, self.marks, shape)
        candidates = self.known[shape]
        self.work += candidates.work
        totals = [candidates.totals(run.o) for run in runs]
        for loss in candidates.fitting(totals, values, ROUNDINGS * self.unit):
            whole = replace(
                reading, slots=(*reading.slots, *loss.slots), objective=loss.objective,
                last=loss.last, suffix=loss.suffix,
            )  # fmt: skip
            if agrees(whole, self._all_samples(), self.data, self.unit):
                return whole
        return self._of_several(reading, runs, values)

    def _of_several(
        self, reading: Reading, runs: Sequence[Any], values: Sequence[float]
    ) -> Reading | None:
        """Return the reading with a loss of several outputs, if one fits."""
        (T, B, p), n = runs[0].o.shape, runs[0].h.shape[-1]
        key = T, B, p, n, not reading.of("V")
        if key not in self.several:
            self.several[key] = Several(self.data, *key)
        if not self.several[key].possible:
            return None
        self.work += 20
        for roles in self.several[key].fitting(runs, values, ROUNDINGS * self.unit):
            whole = replace(reading, slots=(*reading.slots, *roles), objective=LINEAR)
            if agrees(whole, self._all_samples(), self.data, self.unit):
                return whole
        return None

    def _all_samples(self) -> list[Sample]:
        if len(self.samples) == TO_BEGIN:
            self.samples += self.more()
        return self.samples


def _key(reading: Reading) -> object:
    """Return what the forward run depends on."""
    cell = reading.cell if isinstance(reading, GatedReading) else None
    slots = tuple(sorted((role, s.of, s.name, s.layout.name) for role, s in reading.slots))
    return cell, reading.phi, slots


def _work(reading: Reading, shape: tuple[int, ...]) -> float:
    """Return about how many products of a vector two runs take."""
    T, B, n = shape
    return T * (8 if isinstance(reading, GatedReading) else 2) * (1 + B * n * n / 1e4)
