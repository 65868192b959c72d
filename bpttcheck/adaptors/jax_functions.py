"""JAX: functions and custom VJPs, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpttcheck.adaptors.adapted import TREE, Adapted, Given, Params, Pullback, WeightedOutputs
from bpttcheck.adaptors.cotangents import flattened
from bpttcheck.adaptors.optional import imported
from bpttcheck.arguments import function, seed, takes
from bpttcheck.check.program.libraries import wide


@takes(run=function, params=TREE, seed=seed)
def from_jax(run: Callable[[Any], Any], params: Any, *, seed: int = 0) -> Adapted:
    """Adapt a function of JAX arrays, with ``custom_vjp`` rules in it or without.

        from_jax(lambda p: my_cell(p["x"], p["h0"], p["W"]), {"x": x, "h0": h0, "W": W})

    It is run in float64, whatever the configuration says, which is left as it is.

    Arguments:
        run: called with a structure like ``params``, of float64 arrays; returns an array, or a
            structure of arrays. A single number is the loss; other outputs are weighted with a
            drawn cotangent, but for those that are no floats.
        params: a mapping of names to arrays, or any pytree, such as a module; the point of the
            check. What is no float in it is passed on as it is.
        seed: of the cotangents.

    Returns:
        :class:`Adapted`: ``value_and_grad`` and float64 copies of the arrays, by name.

    Raises:
        ImportError: JAX is not installed.
        TypeError, ValueError: an argument of the wrong kind.
    """
    jax = imported("jax", "JAX")
    given = Given(params)

    def of_arrays(values: dict[str, Any]) -> list[Any]:
        return flattened(run(given.tree.built(values)))[0]

    def vjp(values: dict[str, Any], cotangents: list[Any]) -> Any:
        outputs, pulled = jax.vjp(of_arrays, values)
        pairs = zip(cotangents, outputs, strict=True)
        return pulled([v.astype(y.dtype) for v, y in pairs])[0]

    ahead, back = _compiled(jax, of_arrays), _compiled(jax, vjp)

    def outputs(values: Params) -> list[Any]:
        return [np.asarray(y) for y in ahead(dict(values))]

    def pull(values: Params) -> tuple[Any, Pullback]:
        def pullback(cotangents: Any) -> dict[str, Any]:
            # ⟨ȳ, y⟩ is Re Σ ȳ* y for us, and Re Σ ȳ y for JAX.
            conjugates = [np.conj(v) for v in cotangents]
            return {k: np.asarray(g) for k, g in back(dict(values), conjugates).items()}

        return outputs(values), pullback

    weighted = WeightedOutputs(pull, seed, outputs, given, complex_ones=True)
    return Adapted(weighted, given.wide())


def _compiled(jax: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function in float64: compiled, or run as it is if it branches on its values."""
    fast = jax.jit(function)
    plain = False

    def run(*arguments: Any) -> Any:
        nonlocal plain
        with wide(jax):
            own = jax.tree_util.tree_map(jax.numpy.asarray, arguments)
            if not plain:
                try:
                    return fast(*own)
                except jax.errors.JAXTypeError:
                    plain = True
            return function(*own)

    return run
