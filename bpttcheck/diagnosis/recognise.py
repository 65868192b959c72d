"""Is this a vanilla RNN, an LSTM or a GRU? By shape, and believed when the losses agree.

A loss that is a constant times that of our forward pass, at several random points and to the last
digits, is that of our forward pass: no name and no promise is needed.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.gated.structures import readings as gated_readings
from bpttcheck.diagnosis.network import Arrays, Reading, Slot
from bpttcheck.diagnosis.objectives import ALL, Objective
from bpttcheck.diagnosis.structures import flags, masks, structures, targets, unlikely

PHIS = ("tanh", "sigmoid", "relu", "identity")

MOST = 6000
"""At most so many forward runs."""

LIKELY = 400
"""So many readings as a vanilla RNN are tried before those as a gated cell."""

ROUNDINGS = 2.0**12
"""Two losses that agree to so many roundings are the same."""


@dataclass(frozen=True)
class Sample:
    """The user's loss at a point."""

    params: Arrays
    value: float


def recognised(samples: Sequence[Sample], data: Arrays, unit: float) -> Reading | None:
    """Return how to read the parameters and data as one of our networks, or None."""
    first = samples[0]
    by_shape = sorted(itertools.islice(structures(first.params, data), MOST), key=unlikely)
    vanilla = [Reading(structure, phi) for structure in by_shape for phi in PHIS]
    gated = itertools.islice(gated_readings(first.params, data), MOST)
    marks = flags(data)
    for options in (vanilla[:LIKELY], gated, vanilla[LIKELY:MOST]):
        for reading in options:
            found = _fitting(reading, samples, data, marks, unit)
            if found is not None:
                return found
    return None


def agrees(reading: Reading, samples: Sequence[Sample], data: Arrays, unit: float) -> bool:
    """Tell whether the losses at the samples are one constant times the reading's."""
    try:
        totals = [reading.network(s.params, data, s.value).total for s in samples]
    except (ValueError, KeyError, IndexError):
        return False
    return _proportional(totals, [s.value for s in samples], unit)


def _proportional(totals: Sequence[float], values: Sequence[float], unit: float) -> bool:
    if not all(map(math.isfinite, totals)) or not totals[0] or not values[0]:
        return False
    scale = values[0] / totals[0]
    return all(
        abs(v - scale * t) <= ROUNDINGS * unit * max(abs(v), abs(values[0]))
        for t, v in zip(totals, values, strict=True)
    )


def _fitting(
    reading: Reading, samples: Sequence[Sample], data: Arrays, marks: Arrays, unit: float
) -> Reading | None:
    try:
        runs = [reading.run(s.params, data)[3] for s in samples[:2]]
    except ValueError:
        return None
    if not all(np.isfinite(run.o).all() for run in runs):
        return None
    values = [s.value for s in samples[:2]]
    for slot, last, mask in _losses(data, marks, runs[0].o):
        y = slot.read(samples[0].params, data)
        counted = None if mask is None else mask.read(samples[0].params, data)
        o = [run.o[-1:] if last else run.o for run in runs]
        for objective in ALL:
            if not _sensible(objective, y):
                continue
            with np.errstate(all="ignore"):
                totals = [
                    objective.roughly(one, np.broadcast_to(y, one.shape), counted) for one in o
                ]  # fmt: skip
            if not _proportional(totals, values, unit):
                continue
            roles = (("y", slot),) if mask is None else (("y", slot), ("mask", mask))
            whole = replace(
                reading, slots=(*reading.slots, *roles), objective=objective, last=last
            )  # fmt: skip
            if agrees(whole, samples, data, unit):
                return whole
    return None


def _losses(data: Arrays, marks: Arrays, o: Array) -> Iterator[tuple[Slot, bool, Slot | None]]:
    """Yield what may be the targets, whether of the last step alone, and which steps count."""
    for slot, last in targets(data, o):
        yield slot, last, None
    for mask in masks(marks, o):
        for slot, last in targets(data, o):
            if not last:
                yield slot, last, mask


def _sensible(objective: Objective, y: Array) -> bool:
    return objective.name not in ("NLL of softmax", "cross entropy of σ") or bool((y >= 0).all())
