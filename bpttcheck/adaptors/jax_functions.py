"""JAX: functions and custom VJPs, in float64."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bpttcheck.adaptors.adapted import Adapted, Params, Pullback, WeightedOutputs, copied
from bpttcheck.adaptors.optional import imported
from bpttcheck.check.arguments import function, mapping


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
    given = {
        k: np.asarray(v) if isinstance(v, jax.Array) else v
        for k, v in mapping("params", params).items()
    }
    arrays = copied(given)
    point = {k: v if isinstance(v, float) else v.astype(np.float64) for k, v in arrays.items()}

    tree = jax.tree_util.tree_map

    def vjp(values: Any, cotangents: Any) -> Any:
        outputs, pulled = jax.vjp(call, values)
        return pulled(tree(lambda v, y: v.astype(y.dtype), cotangents, outputs))[0]

    ahead, back = _compiled(jax, call), _compiled(jax, vjp)

    def outputs(values: Params) -> Any:
        return tree(np.asarray, ahead(dict(values)))

    def pull(values: Params) -> tuple[Any, Pullback]:
        def pullback(cotangents: Any) -> dict[str, Any]:
            return {k: np.asarray(g) for k, g in back(dict(values), cotangents).items()}

        return outputs(values), pullback

    return Adapted(WeightedOutputs(pull, seed, outputs), point)


def _compiled(jax: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function in float64: compiled, or run as it is if it branches on its values."""
    fast = jax.jit(function)
    plain = False

    def run(*arguments: Any) -> Any:
        nonlocal plain
        with jax.enable_x64(True) if hasattr(jax, "enable_x64") else _older(jax):
            own = jax.tree_util.tree_map(jax.numpy.asarray, arguments)
            if not plain:
                try:
                    return fast(*own)
                except jax.errors.JAXTypeError:
                    plain = True
            return function(*own)

    return run


def _older(jax: Any) -> Any:
    """Return the switch that JAX had before ``jax.enable_x64``."""
    from importlib import import_module

    return import_module("jax.experimental").enable_x64()
