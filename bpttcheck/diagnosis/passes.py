"""The mistaken passes: mistakes that change what every parameter's gradient is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Make = Callable[[Any], Any]
"""From a base to a flow, of whichever network; None where the mistake cannot be made."""


@dataclass(frozen=True)
class Pass:
    """A mistaken pass: the cause it stands for, what exactly is done, and the doing."""

    cause: str
    detail: str
    make: Make
