"""What a comparison with the reference found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Comparison:
    """An output or a gradient: ``got`` at ``index`` against ``expected`` ± ``bound``.

    The entry is the one that lies farthest outside its interval, or nearest to its end; ``share``
    is its distance from the middle as a part of the bound, above 1 if it is outside. Of the whole
    array, ``largest`` is the modulus of the largest entry expected, ``widest`` the largest bound,
    and ``visible`` the smallest ε of a factor 1 + ε that would have been seen. A gradient is
    ``faint`` where all that can be off in it is little beside what it would be if slopes were at
    their largest and no terms cancelled.
    """

    name: str
    shape: tuple[int, ...]
    verdict: str
    index: tuple[int, ...]
    got: float
    expected: float
    bound: float
    share: float
    reason: str = ""
    largest: float = 0.0
    widest: float = 0.0
    visible: float = 0.0
    gradient: bool = False
    faint: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return numbers, strings and lists alone."""
        return {**vars(self), "shape": list(self.shape), "index": list(self.index)}


@dataclass(frozen=True)
class Conformance:
    """Whether code implements a cell: ``verdict`` is right, inaccurate, wrong or undecided.

    ``inaccurate`` is right but for the accuracy of a tanh or σ, which ``inexact`` has: by how much
    each is off, in absolute terms.
    """

    verdict: str
    reason: str
    parts: tuple[Comparison, ...] = ()
    unit: float = 0.0
    inexact: dict[str, float] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the code implements the cell: the verdict is ``right`` or ``inaccurate``."""
        return self.verdict in ("right", "inaccurate")

    def __getitem__(self, name: str) -> Comparison:
        return next(part for part in self.parts if part.name == name)

    def __str__(self) -> str:
        lines = [f"{self.verdict}: {self.reason}"]
        if self.parts:
            rows = [HEADINGS, *(_row(part) for part in self.parts)]
            widths = [max(len(row[i]) for row in rows) for i in range(len(HEADINGS))]
            lines.append("")
            for row in rows:
                cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
                lines.append(("  " + "  ".join(cells)).rstrip())
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return what a program reads: numbers, strings, lists and dictionaries alone."""
        return {
            "verdict": self.verdict,
            "ok": self.ok,
            "reason": self.reason,
            "unit": self.unit,
            "inexact": dict(self.inexact),
            "parts": [part.to_dict() for part in self.parts],
        }


HEADINGS = ("", "shape", "verdict", "entry", "got", "reference", "error / bound", "found if ≥")


def _row(part: Comparison) -> tuple[str, ...]:
    digits = 12
    while digits > 4 and abs(part.expected) * 10.0**-digits < part.bound:
        digits -= 1
    expected = f"{part.expected:.{digits}g} ± {part.bound:.0e}"
    got = f"{part.got:.{max(digits, 6)}g}"
    share = f"{part.share:.2g}"
    seen = f"{part.visible:.0e}" if part.verdict == "right" and part.largest else ""
    return (part.name, str(part.shape), part.verdict, str(part.index), got, expected, share, seen)
