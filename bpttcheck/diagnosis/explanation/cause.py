"""The diagnosis of a wrong gradient: which mistake reproduces it, and what that rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bpttcheck.cells.cell import Cell
from bpttcheck.diagnosis.explanation.catalogue import CATALOGUE, Entry
from bpttcheck.diagnosis.explanation.explain import ALIKE, Explanation, Mistake
from bpttcheck.diagnosis.recognition.forms import is_known


@dataclass(frozen=True)
class Cause:
    """The mistakes that reproduce the gradients, each of ``explanations`` all of them.

    There is one explanation where the points tell them apart. ``network`` says what the code was
    recognised as, ``points`` at how many points and ``entries`` in how many entries the gradients
    were reproduced. What is ``unexplained`` is wrong by a mistake that is not known: the others,
    ``explained`` then, are reproduced without it. ``cell`` is the recognised network's.
    """

    explanations: tuple[Explanation, ...]
    network: str
    points: int
    entries: int
    explained: tuple[str, ...] = ()
    unexplained: tuple[str, ...] = ()
    cell: Cell | None = None

    @property
    def name(self) -> str:
        """The stable id: of two mistakes at once ``a + b``, of two that coincide ``a | b``."""
        return " | ".join(" + ".join(sorted(e.causes)) for e in self.explanations)

    @property
    def unique(self) -> bool:
        """Whether the points leave one explanation."""
        return len(self.explanations) == 1

    @property
    def entry(self) -> Entry:
        """The catalogue's entry of the first mistake."""
        return CATALOGUE[self.explanations[0].mistakes[0].cause]

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """Return what a person reads: the name, the term, the equation, the evidence."""
        found = [self.name]
        for k, explanation in enumerate(self.explanations):
            if k:
                found.append("  or, no different at any point that was tried:")
            for mistake in explanation.mistakes:
                found += [f"  {line}" for line in _told(mistake, self.cell)]
        plural = "s" if self.points > 1 else ""
        of = f" of {_listed(self.explained)}" if self.unexplained else ""
        found.append(
            f"  reproduces all {self.entries:,} entries{of} at {self.points} point{plural}, "
            f"within the bound"
        )
        if self.unexplained:
            found.append(f"  {_listed(self.unexplained)}: unexplained, wrong in another way")
        if self.network:
            found.append(f"  recognised as {self.network}")
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return what a program reads."""
        return {
            "name": self.name,
            "explanations": [
                [_dict(mistake, self.cell) for mistake in e.mistakes] for e in self.explanations
            ],
            "network": self.network,
            "points": self.points,
            "entries": self.entries,
            "explained": list(self.explained),
            "unexplained": list(self.unexplained),
        }


def _told(mistake: Mistake, cell: Cell | None) -> list[str]:
    entry = CATALOGUE[mistake.cause]
    right = entry.right_of(cell, mistake.about)
    detail = f": {mistake.detail}" if mistake.detail else ""
    whose = f" (in the gradients of {_listed(mistake.labels)})" if mistake.labels else ""
    identity = f"  [{right.identity}]" if right.identity else ""
    said = "right: " if right.identity or is_known(cell) else "right, of the cells that are known: "
    return [f"{entry.does}{detail}{whose}", f"{said}{right.said}{identity}"]


def _listed(labels: Sequence[str]) -> str:
    """Return the parameters, those that several roles are parts of but once."""
    roles: dict[str, list[str]] = {}
    for label in labels:
        name, _, role = label.partition(" (")
        roles.setdefault(name, []).extend([role[:-1]] if role else [])
    return ", ".join(f"{k} ({', '.join(found)})" if found else k for k, found in roles.items())


def _dict(mistake: Mistake, cell: Cell | None) -> dict[str, Any]:
    entry = CATALOGUE[mistake.cause]
    right = entry.right_of(cell, mistake.about)
    return {
        "id": entry.id,
        "does": entry.does,
        "detail": mistake.detail,
        "parameters": list(mistake.labels),
        "right": right.said,
        "identity": right.identity,
    }


def told(cause: Cause) -> Cause | str:
    """Return the cause if it has few enough explanations, else why none is named."""
    found = cause.explanations
    if 0 < len(found) <= ALIKE:
        return cause
    if not found:
        recognised = f", recognised as {cause.network}" if cause.network else ""
        return f"no known mistake reproduces all gradients{recognised}"
    names = ", ".join(sorted(" + ".join(sorted(e.causes)) for e in found)[:6])
    return f"{len(found)} mistakes coincide at the points that were tried: {names}"
