"""Flax: cells of linen and nnx, scanned. A carry of an LSTM is (c, h)."""

import flax
import jax
import numpy as np
from flax import linen, nnx

from libraries.points import SIZES
from libraries.with_jax import nested, scanned

VERSIONS = {"flax": flax.__version__, "jax": jax.__version__}


def in_linen(kind, *states):
    module = kind(SIZES["n"])
    return scanned(lambda p, carry, x: module.apply({"params": nested(p)}, carry, x), *states)


def in_nnx(kind, *states):
    made = {}
    for dtype in ("float32", "float64"):  # nnx.SimpleCell computes in float32 unless told
        own = kind(SIZES["m"], SIZES["n"], dtype=dtype, param_dtype=dtype, rngs=nnx.Rngs(0))
        made[dtype] = nnx.split(own)

    def cell(p, carry, x):
        graph, state = made[str(x.dtype)]
        weights = {tuple(k.split(".")): a for k, a in p.items() if k not in ("x", "h0", "c0")}
        named = {path: v.replace(weights.pop(path)) for path, v in nnx.to_flat_state(state)}
        assert not weights, f"expected the module's arrays, got {list(weights)}"
        return nnx.merge(graph, nnx.from_flat_state(named))(carry, x)

    return scanned(cell, *states)


CELLS = {
    "flax.linen.SimpleCell": in_linen(linen.SimpleCell, "h0"),
    "flax.linen.LSTMCell": in_linen(linen.LSTMCell, "c0", "h0"),
    "flax.linen.OptimizedLSTMCell": in_linen(linen.OptimizedLSTMCell, "c0", "h0"),
    "flax.linen.GRUCell": in_linen(linen.GRUCell, "h0"),
    "flax.linen.MGUCell": in_linen(linen.MGUCell, "h0"),
    "flax.nnx.SimpleCell": in_nnx(nnx.SimpleCell, "h0"),
    "flax.nnx.LSTMCell": in_nnx(nnx.LSTMCell, "c0", "h0"),
    "flax.nnx.OptimizedLSTMCell": in_nnx(nnx.OptimizedLSTMCell, "c0", "h0"),
    "flax.nnx.GRUCell": in_nnx(nnx.GRUCell, "h0"),
}


def with_lengths(p, lengths):
    layer = linen.RNN(linen.GRUCell(SIZES["n"]), time_major=True, return_carry=True)
    weights = {"params": {"cell": nested(p)}}
    last, h = layer.apply(weights, p["x"], initial_carry=p["h0"], seq_lengths=lengths)
    return np.asarray(h), np.asarray(last)


MASKED = {"flax.linen.RNN, seq_lengths": ("flax.linen.GRUCell", with_lengths)}
