"""How a library's cell is compared: its layout, layers, directions, and other lengths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bpttcheck.conformance import LAYOUTS, Layout
from bpttcheck.conformance.stacks import LayerDirection, parts_of


@dataclass(frozen=True)
class Form:
    """A layout, layers of it, and whether its sequences have other lengths."""

    layout: Layout
    layers: int = 1
    bidirectional: bool = False
    short: bool = False

    @property
    def parts(self) -> list[LayerDirection]:
        """Every direction of every layer."""
        return parts_of(self.layout, self.layers, self.bidirectional)

    def how(self, T: int) -> dict[str, Any]:
        """Return what a check is told beside the layout."""
        told = {"layers": self.layers, "bidirectional": self.bidirectional}
        return told | ({"lengths": lengths(T, self.layout.empty)} if self.short else {})


SEQUENCES = 3
"""Of other lengths, in one batch."""


def lengths(T: int, empty: bool = False) -> np.ndarray:
    """Return the lengths of three sequences: all steps, the half of them, and few or none."""
    return np.array([T, (T + 1) // 2, 0 if empty else max(1, T // 4)])


def form_of(library: Any, name: str) -> Form:
    """Return the form of a cell: that in a library's ``FORMS``, or the layout of its name."""
    known: dict[str, Form] = getattr(library, "FORMS", {})
    return known[name] if name in known else Form(LAYOUTS[name])
