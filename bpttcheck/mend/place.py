"""What a mend asks of a point: to run the program there, anew, and to say what is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bpttcheck.arithmetic.base import Array


class Failed(Exception):
    """The program raised, took too long, or returned something of another form."""


Misses = Mapping[str, Sequence[tuple[float, float]]]
"""By how much each gradient is off along some directions, and within which bound that is known."""


@dataclass(frozen=True)
class Ran:
    """What a run came to: whether the loss is what it was, bit for bit, and what is right."""

    loss_kept: bool
    right: frozenset[str]
    misses: Misses = field(default_factory=dict)


class Place(Protocol):
    """A point of the program, at which it can be run again and again, each time made anew."""

    @property
    def name(self) -> str:
        """What the point is called."""

    @property
    def names(self) -> frozenset[str]:
        """The gradients that are asked."""

    def run(self) -> Ran:
        """Run the program as it is now.

        Raises:
            Failed: it does not run through, or returns something of another form.
        """

    def told(self) -> tuple[float, Mapping[str, Array]]:
        """Run the program; return its loss and its gradients.

        Raises:
            Failed: it does not run through.
        """

    def agrees(self) -> bool:
        """Tell whether the program has another loss now, whose derivative its gradients are.

        As far as quotients along a line show, and with no gradient gone.

        Raises:
            Failed: the program does not run through.
        """

    def call(self) -> None:
        """Run the program for somebody who watches it, and takes their time.

        Raises:
            Failed: it does not run through.
        """
