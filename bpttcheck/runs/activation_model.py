"""An activation at a point, as a run: its value, its reference derivative, its witness one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.runs.model import Function, Model, Symbol, as_arrays, environment
from bpttcheck.runs.systems import System
from bpttcheck.statements.terms import Term, Variable
from bpttcheck.witnesses.duals import derivatives


@dataclass(frozen=True, eq=False)
class ActivationCase:
    """Pre-activations ``a`` (B,)."""

    a: Array

    model: ClassVar[str] = "activations"

    def __post_init__(self) -> None:
        as_arrays(self, a="B")

    @property
    def sizes(self) -> dict[str, int]:
        """B."""
        return {"B": len(self.a)}


Case = ActivationCase  # as a pasted case has it


SYMBOLS = (
    Symbol("a", "a", "a pre-activation, any real number"),
    Symbol("zero", "0", "the pre-activation zero"),
)


def evaluate(case: ActivationCase, system: System) -> dict[str, Any]:
    """Return the symbols of the model, evaluated; call within ``system.active()``."""
    modulus = system.modulus

    def D(f: Function) -> Callable[[Term], Term]:
        """Return the derivative of f by duals on its value, whatever its reference says."""

        def derivative(term: Term) -> Term:
            values = term.value[None]  # one direction: each entry by itself
            out = derivatives(system, values, np.ones(values.shape), lambda z: {"f": f.value(z)})
            return Term(out["f"][..., 0], modulus)

        return derivative

    return environment(
        D=D,
        a=Variable("a", None, system.drawn("a", case.a), modulus),
        zero=Term(system.constant(np.zeros(len(case.a))), modulus),
        sinh=Function(lambda z: (np.exp(z) - np.exp(-z)) / 2),
        cosh=Function(lambda z: (np.exp(z) + np.exp(-z)) / 2),
    )


def exact_cases() -> list[ActivationCase]:
    """Return the shapes that the finite field decides."""
    return [ActivationCase(np.zeros(B)) for B in (1, 5)]


MODEL = Model("activations", "Activations and their derivatives", SYMBOLS, evaluate, exact_cases)
