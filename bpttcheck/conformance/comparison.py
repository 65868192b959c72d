"""What a comparison with the reference found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Comparison:
    """An output or a gradient: ``got`` at ``index`` against ``expected`` ± ``bound``.

    The entry is the one that lies farthest outside its interval, or nearest to its end; ``share``
    is its distance from the middle as a part of the bound, above 1 if it is outside.
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

    def to_dict(self) -> dict[str, Any]:
        """Return numbers, strings and lists alone."""
        return {**vars(self), "shape": list(self.shape), "index": list(self.index)}


@dataclass(frozen=True)
class Conformance:
    """Whether code implements a cell: ``verdict`` is right, wrong or undecided."""

    verdict: str
    reason: str
    parts: tuple[Comparison, ...] = ()
    unit: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether the verdict is ``right``."""
        return self.verdict == "right"

    def __getitem__(self, name: str) -> Comparison:
        return next(part for part in self.parts if part.name == name)

    def __str__(self) -> str:
        lines = [f"{self.verdict}: {self.reason}"]
        if self.parts:
            rows: list[tuple[str, ...]] = [
                ("", "shape", "verdict", "entry", "got", "reference", "error / bound")
            ]
            rows += [_row(part) for part in self.parts]
            widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
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
            "parts": [part.to_dict() for part in self.parts],
        }


def _row(part: Comparison) -> tuple[str, ...]:
    digits = 12
    while digits > 4 and abs(part.expected) * 10.0**-digits < part.bound:
        digits -= 1
    expected = f"{part.expected:.{digits}g} ± {part.bound:.0e}"
    got = f"{part.got:.{max(digits, 6)}g}"
    share = f"{part.share:.2g}"
    return (part.name, str(part.shape), part.verdict, str(part.index), got, expected, share)
