"""Every gradient of a backward pass, by the name of its variable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bpttcheck.arithmetic.base import Array


@dataclass(frozen=True)
class Gradients:
    """Every gradient of a backward pass, named for its variable: ``dh``, ``da_f``, ``dU_f``, ….

    Shapes: ``da_k`` of each gate (T, B, n) and ``dx`` (T, B, m) at index t − 1; ``dh`` and that of
    every other state (T + 1, B, n) at index t, so that ``dh[0]`` is ∂L/∂h_0; ``weights`` has each
    weight's gradient under the weight's name, in its shape, summed over T and B, whether or not
    the weight was given.
    """

    steps: Mapping[str, Array]
    dx: Array
    weights: Mapping[str, Array]
    whole: tuple[Array, ...] = field(default=(), repr=False, compare=False)
    """All of it, gates side by side: what is looked at to be finite."""

    def __getattr__(self, name: str) -> Array:
        if name.startswith("__") or name in ("steps", "weights"):  # while it is unpickled
            raise AttributeError(name)
        for known in (self.steps, self.weights):
            if name[:1] == "d" and name[1:] in known:
                return known[name[1:]]
        names = ", ".join(f"d{key}" for key in (*self.steps, *self.weights))
        raise AttributeError(f"Gradients: expected dx, weights or one of {names}, got {name!r}")
