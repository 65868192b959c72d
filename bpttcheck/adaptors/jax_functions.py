"""JAX: functions and custom VJPs, in float64."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bpttcheck.adaptors.adapted import Adapted, Params, Pullback, WeightedOutputs, copied, function
from bpttcheck.adaptors.adapted import whole as whole_number
from bpttcheck.adaptors.optional import imported


def from_jax(
    run: Callable[[dict[str, Any]], Any], params: Mapping[str, Any], *, seed: int = 0
) -> Adapted:
    """Adapt a function of JAX arrays, with ``custom_vjp`` rules in it or without.

        from_jax(lambda p: my_cell(p["x"], p["h0"], p["W"]), {"x": x, "h0": h0, "W": W})

    It is run in float64, whatever the configuration says, which is left as it is.

    Arguments:
        run: called with a mapping of float64 arrays; returns an array, or a nest of tuples, lists
            and mappings of arrays. A single number is the loss; other outputs are weighted with a
            drawn cotangent.
        params: names and arrays of floats, the point of the check.
        seed: of the cotangents.

    Returns:
        :class:`Adapted`: ``value_and_grad`` and float64 copies of ``params``.

    Raises:
        ImportError: JAX is not installed.
        TypeError, ValueError: an argument of the wrong kind.
    """
    jax = imported("jax", "JAX")
    call = function("run", run)
    if not isinstance(params, Mapping):
        raise TypeError(
            f"params: expected a mapping of names to arrays, got {type(params).__name__}"
        )
    given = {k: np.asarray(v) if isinstance(v, jax.Array) else v for k, v in params.items()}
    arrays = copied(given)
    point = {k: v if isinstance(v, float) else v.astype(np.float64) for k, v in arrays.items()}

    def wide() -> Any:
        return jax.enable_x64(True) if hasattr(jax, "enable_x64") else _older(jax)

    def pull(values: Params) -> tuple[Any, Pullback]:
        with wide():
            own = {k: jax.numpy.asarray(v) for k, v in values.items()}
            outputs, vjp = jax.vjp(call, own)
            shown = jax.tree_util.tree_map(np.asarray, outputs)

        def pullback(cotangents: Any) -> dict[str, Any]:
            with wide():
                weights = jax.tree_util.tree_map(
                    lambda v, y: jax.numpy.asarray(v, dtype=y.dtype), cotangents, outputs
                )
                (grads,) = vjp(weights)
                return {k: np.asarray(g) for k, g in grads.items()}

        return shown, pullback

    def outputs(values: Params) -> Any:
        with wide():
            own = {k: jax.numpy.asarray(v) for k, v in values.items()}
            return jax.tree_util.tree_map(np.asarray, call(own))

    return Adapted(WeightedOutputs(pull, whole_number(seed), outputs), point)


def _older(jax: Any) -> Any:
    """Return the switch that JAX had before ``jax.enable_x64``."""
    from importlib import import_module

    return import_module("jax.experimental").enable_x64()
