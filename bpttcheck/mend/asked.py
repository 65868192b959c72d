"""What a mend is asked: the functions that ran, points, the whole check, and the time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Protocol

from bpttcheck.mend.place import Place


class Confirmed(Protocol):
    """The whole check of the program as it is when it is called."""

    def __call__(self, names: Collection[str] | None = None) -> str | None:
        """Return what is right, or None where not all is; ``names`` are gradients, None for all."""


@dataclass(frozen=True)
class Asked:
    """The functions that ran, in order; points, the cheapest that tells edits apart first.

    ``left`` returns the seconds that are left. ``kept_out`` tells of code that is not to be edited,
    ``maker`` names what makes the program, whose inner functions are edited if no others help;
    ``further`` returns a point at which the whole check found something wrong the last time.
    """

    codes: Sequence[CodeType]
    places: Sequence[Place]
    confirmed: Confirmed
    left: Callable[[], float]
    kept_out: Callable[[CodeType], bool] = lambda _: False
    maker: str = ""
    further: Callable[[], Place | None] = lambda: None

    def is_last(self, function: str) -> bool:
        """Tell whether a function is one of those that are edited last."""
        return bool(self.maker) and function.startswith(f"{self.maker}.<locals>.")

    @property
    def over(self) -> bool:
        """Whether the time is."""
        return self.left() <= 0
