"""How a library's cell is compared: its layout, and how many layers and directions it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bpttcheck.conformance import LAYOUTS, Layout
from bpttcheck.conformance.stacks import Part, parts_of


@dataclass(frozen=True)
class Form:
    """A layout, and layers of it."""

    layout: Layout
    layers: int = 1
    bidirectional: bool = False

    @property
    def parts(self) -> list[Part]:
        """Every direction of every layer."""
        return parts_of(self.layout, self.layers, self.bidirectional)

    @property
    def how(self) -> dict[str, Any]:
        """What a check is told beside the layout."""
        return {"layers": self.layers, "bidirectional": self.bidirectional}


def form_of(library: Any, name: str) -> Form:
    """Return the form of a cell: that in a library's ``FORMS``, or the layout of its name."""
    known: dict[str, Form] = getattr(library, "FORMS", {})
    return known[name] if name in known else Form(LAYOUTS[name])
