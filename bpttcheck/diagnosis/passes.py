"""The mistaken passes: mistakes that change what every parameter's gradient is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bpttcheck.diagnosis.backward import Base, Flow

Make = Callable[[Base], Flow | None]


@dataclass(frozen=True)
class Pass:
    """A mistaken pass: the cause it stands for, what exactly is done, and the doing."""

    cause: str
    detail: str
    make: Make
