"""How the user's arrays are read as a network, at one point after another."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from bpttcheck.cells.cell import Cell
from bpttcheck.check.program.clock import Clock, go_on
from bpttcheck.check.program.contract import Broken
from bpttcheck.check.program.probe_point import ProbePoint
from bpttcheck.check.program.reach import reachable
from bpttcheck.diagnosis.recognition.forms import KNOWN
from bpttcheck.diagnosis.recognition.recognise import (
    TO_BEGIN,
    Sample,
    Unsettled,
    agrees,
    recognised,
)
from bpttcheck.diagnosis.recognition.recognised import Arrays
from bpttcheck.diagnosis.recognition.roles import Reading

NO_TARGETS = {"0": np.zeros(()), "1": np.ones(())}
"""½ Σ ‖o_t‖² is the squared error of zero, Σ o_t a sum weighted by one."""

SAMPLES = 4
"""Losses at so many points decide whether a network is recognised."""

READING = "the arrays in reach were read as a network"


class Readings:
    """Reads places as the first one was read, and that one in any way that agrees."""

    def __init__(
        self, data: Arrays, clock: Clock, idle: bool = True, cells: Sequence[Cell] = ()
    ) -> None:
        self.data, self.clock, self.idle = data, clock, idle
        self.cells = (*cells, *KNOWN)
        self.first: Reading | None = None
        self.length = 0

    def around(self, here: ProbePoint) -> Arrays:
        """Return the arrays that the loss of a place may read besides its parameters."""
        passed_on = here.calls.passed_on
        return {**NO_TARGETS, **self.data, **passed_on, **reachable(here.calls.function)}

    def read(self, here: ProbePoint, data: Arrays) -> Reading | None:
        """Return the reading of a place; None if it says nothing, or is not read like the first.

        Raises:
            Unknown: it would be the first, and is no network that we know.
        """
        go_on(self.clock, READING)
        samples = _samples(here)
        begun = list(itertools.islice(samples, TO_BEGIN))
        if len(begun) < TO_BEGIN or not any(sample.value for sample in begun):
            return (
                None  # a loss that is always zero, as NLL of one class, says nothing of its scale
            )
        if self.first is None:
            return self._first(here, begun, samples, data)
        found = self.first.rebound(here.params, data)
        options = [] if found is None else found.suffixes(self.length)
        return next((one for one in options if agrees(one, begun, data, here.unit)), None)

    def _first(
        self, here: ProbePoint, begun: Sequence[Sample], more: Iterator[Sample], data: Arrays
    ) -> Reading:
        try:
            found = recognised(
                begun,
                data,
                here.unit,
                lambda: tuple(more),
                lambda: self.clock.over,
                self.idle,
                self.cells,
            )
        except Unsettled:
            go_on(self.clock, READING)
            found = None
        if found is None:
            raise Unknown
        self.first, self.length = found, len(found.run(here.params, data).s)
        return found


class Unknown(Exception):
    """The code is no network that we know."""


def _samples(here: ProbePoint) -> Iterator[Sample]:
    """Yield the loss at the point, and at points near it."""
    rng = np.random.default_rng(0)
    yield Sample(here.params, here.value)
    for _ in range(SAMPLES - 1):
        moved = {
            name: a + (0.3 * rng.uniform(-1, 1, a.shape) * (np.abs(a) + 0.5)).astype(a.dtype)
            for name, a in here.params.items()
        }
        try:
            yield Sample(moved, here.calls.value(moved))
        except Broken:
            return
