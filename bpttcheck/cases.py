"""Cases for a check of somebody's backward pass: sizes, a regime, and a source of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from bpttcheck.arguments import count, mapping, one_of, seed, takes
from bpttcheck.arithmetic.base import Array
from bpttcheck.shapes import read

REGIMES = ("given", "no zeros", "saturated")
"""As the problem draws its parameters; zero arrays (biases, states) filled; all of them large."""

SATURATING = 16.0
"""A pre-activation of one becomes one of sixteen: 1 − tanh² has lost 13 of its 16 digits."""


@takes(T=count(), B=count(), m=count(), n=count(), p=count(), regime=one_of(REGIMES), seed=seed)
@dataclass(frozen=True)
class Case:
    """T steps, B sequences, m inputs, n states, p outputs, a regime of values, and a seed.

    ``problem(case)`` draws what it needs from ``case.rng``. The regime is applied to the
    parameters that it returns, so it may ignore ``case.regime``.

    Raises:
        ValueError: a size that is no whole number ≥ 1, an unknown regime, no seed ≥ 0.
    """

    T: int = 1
    B: int = 1
    m: int = 1
    n: int = 1
    p: int = 1
    regime: str = "given"
    seed: int = 0

    @cached_property
    def rng(self) -> np.random.Generator:
        """The generator of this case; a case that is equal starts anew."""
        return np.random.default_rng(self.seed)

    @takes(params=mapping())
    def applied(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters in the case's regime.

        Raises:
            TypeError, ValueError: no mapping of names to arrays, or numbers that are not finite.
        """
        rng = np.random.default_rng([self.seed, 1])
        return {name: self._regime_of(name, value, rng) for name, value in params.items()}

    def _regime_of(self, name: str, value: Any, rng: np.random.Generator) -> Any:
        array = read(f"params[{name!r}]", value)
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ValueError(f"params[{name!r}]: expected finite numbers, got one that is not")
        if array.dtype.kind != "f" or self.regime == "given":
            return value
        filled: Array = array if array.any() else rng.uniform(0.25, 1.0, array.shape)
        if self.regime == "saturated":
            filled = SATURATING * filled
        filled = filled.astype(array.dtype)
        return float(filled) if isinstance(value, float) else filled

    def __str__(self) -> str:
        sizes = ", ".join(f"{symbol} = {getattr(self, symbol)}" for symbol in "TBmnp")
        return f"{sizes}; regime {self.regime!r}; seed {self.seed}"

    def to_dict(self) -> dict[str, Any]:
        """Return the fields."""
        return asdict(self)


def resized(case: Case, symbol: str, size: int) -> Case:
    """Return the case with another size."""
    return Case(**{**case.to_dict(), symbol: size})
