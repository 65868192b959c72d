"""Every entry of a gradient, asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bpttcheck.arithmetic.base import Array


@dataclass(frozen=True)
class Walk:
    """Every entry of a block: the error of the gradient, ± a bound; NaN where none was found."""

    errors: Array
    bounds: Array

    @property
    def wrong(self) -> Array:
        """Where the error exceeds its bound."""
        return np.asarray(np.abs(self.errors) > self.bounds)

    @property
    def surely(self) -> Array:
        """Where it exceeds twice its bound: of many entries, some exceed the bound by chance."""
        return np.asarray(np.abs(self.errors) > 2 * self.bounds)
