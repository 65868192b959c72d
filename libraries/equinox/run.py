"""Equinox: cells of one sequence, mapped over the batch and scanned."""

import equinox
import jax

from libraries.points import SIZES
from libraries.with_jax import scanned

VERSIONS = {"equinox": equinox.__version__, "jax": jax.__version__}


def cell(kind, *states):
    module = kind(SIZES["m"], SIZES["n"], key=jax.random.key(0))

    def one(p, carry, x):
        names = [k for k in p if k not in ("x", "h0", "c0")]
        own = equinox.tree_at(
            lambda c: [getattr(c, k) for k in names], module, [p[k] for k in names]
        )
        new = jax.vmap(own)(x, carry)
        return new, new[0] if len(states) > 1 else new

    return scanned(one, *states)


CELLS = {
    "equinox.nn.LSTMCell": cell(equinox.nn.LSTMCell, "h0", "c0"),
    "equinox.nn.GRUCell": cell(equinox.nn.GRUCell, "h0"),
}
