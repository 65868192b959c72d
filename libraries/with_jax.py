"""What the libraries on JAX share: a scan of a cell over time, and its VJP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)

Cell = Callable[[Mapping[str, Any], Any, Any], tuple[Any, Any]]
"""From arrays, a state and an input to the next state, and h."""


def scanned(cell: Cell, *states: str) -> Callable[[Mapping[str, Any]], tuple[Any, Any]]:
    """Return a run of all steps; the state is that of these names, a tuple of several."""

    @jax.jit
    def outputs(p: Mapping[str, Any]) -> Any:
        start = tuple(p[k] for k in states)
        first = start if len(start) > 1 else start[0]
        return jax.lax.scan(lambda carry, x: cell(p, carry, x), first, p["x"])[1]

    pulled = jax.jit(lambda p, v: jax.vjp(outputs, p)[1](v)[0])

    def run(p: Mapping[str, Any]) -> tuple[Any, Any]:
        given = {k: jnp.asarray(a) for k, a in p.items()}
        h = np.asarray(outputs(given))
        return h, lambda v: {k: np.asarray(g) for k, g in pulled(given, v).items()}

    return run


def nested(p: Mapping[str, Any]) -> dict[str, Any]:
    """Return the weights as a tree: ``ii.kernel`` under ``ii`` and ``kernel``."""
    tree: dict[str, Any] = {}
    for name, array in p.items():
        *folders, last = name.split(".")
        here = tree
        for folder in folders:
            here = here.setdefault(folder, {})
        here[last] = array
    return {k: v for k, v in tree.items() if k not in ("x", "h0", "c0")}
