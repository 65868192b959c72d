"""Gradient clipping as a run: a gradient a sequence, and what each way of clipping makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.clipping import by_norm, by_value, clip_by_global_norm, length
from bpttcheck.runs.model import Model, Symbol, as_arrays, environment, norm_and_radius
from bpttcheck.runs.systems import System
from bpttcheck.statements.terms import Variable


@dataclass(frozen=True, eq=False)
class ClippingCase:
    """Gradients ``g`` (B, n) and one limit for all."""

    g: Array
    limit: float

    model: ClassVar[str] = "clipping"

    def __post_init__(self) -> None:
        as_arrays(self, g="Bn")
        if not self.limit > 0:
            raise ValueError(f"limit: expected a positive number, got {self.limit}")

    @property
    def sizes(self) -> dict[str, int]:
        """B and n."""
        return {"B": len(self.g), "n": self.g.shape[1]}

    @property
    def within(self) -> bool:
        """Whether no gradient is longer than the limit; a float's answer, on the safe side."""
        n = self.g.shape[1]
        return bool((length(self.g) * (1 + (n + 4) * 2.0**-52) <= self.limit).all())


Case = ClippingCase  # as a pasted case has it


SYMBOLS = (
    Symbol("g", r"\mathbf{g}", "a gradient, a column of n numbers", component="g"),
    Symbol("n", "n", "the number of entries"),
    Symbol("limit", r"\ell", "the limit, a positive number"),
    Symbol(
        "by_norm",
        r"\mathbf{g}^{\mathrm{norm}}",
        "the gradient clipped by its norm",
        component=r"{g^{\mathrm{norm}}}",
    ),
    Symbol(
        "by_value",
        r"\mathbf{g}^{\mathrm{value}}",
        "the gradient clipped entry by entry",
        component=r"{g^{\mathrm{value}}}",
    ),
    Symbol(
        "by_global",
        r"\mathbf{g}^{\mathrm{global}}",
        "its first entry and the others as two gradients, clipped by their global norm",
    ),
)


def evaluate(case: ClippingCase, system: System) -> dict[str, Any]:
    """Return the symbols of the model, evaluated; call within ``system.active()``."""
    g, limit = system.drawn("g", case.g), system.drawn("limit", np.asarray(case.limit))[()]
    modulus, B = system.modulus, len(case.g)

    def column(name: str, values: Array) -> Variable:
        return Variable(name, None, values[..., None], modulus)

    return environment(
        **norm_and_radius(system),
        n=case.sizes["n"],
        g=column("g", g),
        limit=Variable("limit", None, np.broadcast_to(np.asarray(limit), (B,)), modulus),
        by_norm=column("by_norm", by_norm(g, limit)),
        by_value=column("by_value", by_value(g, limit)),
        by_global=column("by_global", _globally(g, limit)),
    )


def _globally(g: Array, limit: Any) -> Array:
    """Clip each row as two gradients that share one factor."""
    rows = []
    for row in g:
        parts = {"first": row[:1], "others": row[1:]} if len(row) > 1 else {"first": row}
        rows.append(np.concatenate(list(clip_by_global_norm(parts, limit).values())))
    return np.stack(rows)


def exact_cases() -> list[ClippingCase]:
    """Return cases of pairwise distinct sizes; the field, without an order, decides none."""
    return [ClippingCase(np.ones((2, 3)), 1.0), ClippingCase(np.ones((3, 2)), 2.0)]


MODEL = Model(
    "clipping",
    "Gradient clipping",
    SYMBOLS,
    evaluate,
    exact_cases,
    smallest={"max_B": 1},
)
