"""Evidence: what was done, in numbers, and no word more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class LargestSizes:
    """The largest of each size among the cases that counted."""

    largest: dict[str, int] = field(default_factory=dict)

    def include(self, sizes: dict[str, int]) -> None:
        """Count a case of these sizes."""
        for symbol, size in sizes.items():
            self.largest[symbol] = max(size, self.largest.get(symbol, 0))

    def __str__(self) -> str:
        return ", ".join(f"{symbol} ≤ {size}" for symbol, size in sorted(self.largest.items()))


@dataclass
class Sampled:
    """Random cases in float64; ``settled`` of them needed balls to tell rounding from error."""

    cases: int = 0
    settled: int = 0
    sizes: LargestSizes = field(default_factory=LargestSizes)

    def __str__(self) -> str:
        return f"sampled · {self.cases:,} cases, {self.sizes}"


@dataclass
class Enclosed:
    """Points in balls, whose radii were below 2^−bits of the terms."""

    points: int = 0
    bits: float = float("inf")
    sizes: LargestSizes = field(default_factory=LargestSizes)

    def __str__(self) -> str:
        small = "0" if self.bits == float("inf") else f"≤ 2^-{int(self.bits)} of the terms"
        return f"enclosed · {self.points} points, {self.sizes}, radius {small}"


@dataclass
class Exact:
    """Shapes decided in GF(2⁶¹ − 1); a false identity passes one with probability ≤ 2^−bits.

    ``cases`` counts them with their choices of functions and targets, ``kernel`` those at which the
    trusted kernel agrees; at the others it has no opinion.
    """

    cases: int = 0
    kernel: int = 0
    shapes: set[tuple[tuple[str, int], ...]] = field(default_factory=set)
    bits: float = float("inf")
    sizes: LargestSizes = field(default_factory=LargestSizes)

    def __str__(self) -> str:
        bound = f"false acceptance ≤ 2^-{int(self.bits)}"
        return f"exact · {len(self.shapes)} shapes, {self.sizes}, {bound}"

    def include(self, sizes: dict[str, int], bits: float) -> None:
        """Count a case of these sizes, and its bound."""
        self.cases += 1
        self.shapes.add(tuple(sorted(sizes.items())))
        self.sizes.include(sizes)
        self.bits = min(self.bits, bits)


@dataclass
class Evidence:
    """Everything that speaks for a statement."""

    sampled: Sampled = field(default_factory=Sampled)
    enclosed: Enclosed = field(default_factory=Enclosed)
    exact: Exact = field(default_factory=Exact)

    @property
    def level(self) -> str:
        """The strongest level reached: exact, enclosed, sampled or none."""
        if self.exact.cases:
            return "exact"
        if self.enclosed.points:
            return "enclosed"
        return "sampled" if self.sampled.cases else "none"

    def lines(self) -> list[str]:
        """Return the badges, strongest first."""
        levels = [
            (self.exact.cases, self.exact),
            (self.enclosed.points, self.enclosed),
            (self.sampled.cases, self.sampled),
        ]
        return [str(level) for count, level in levels if count]

    def to_dict(self) -> dict[str, Any]:
        """Return the counts for a program to read."""
        return {
            "level": self.level,
            "sampled": {
                "cases": self.sampled.cases,
                "settled_in_balls": self.sampled.settled,
                "sizes": self.sampled.sizes.largest,
            },
            "enclosed": {
                "points": self.enclosed.points,
                "radius_bits": _json(self.enclosed.bits),
                "sizes": self.enclosed.sizes.largest,
            },
            "exact": {
                "cases": self.exact.cases,
                "kernel": self.exact.kernel,
                "shapes": len(self.exact.shapes),
                "false_acceptance_bits": _json(self.exact.bits),
                "sizes": self.exact.sizes.largest,
            },
        }


def _json(bits: float) -> float | None:
    return None if bits == float("inf") else round(bits, 1)
