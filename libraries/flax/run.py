"""Flax: cells of linen and nnx, scanned. A carry of an LSTM is (c, h)."""

import flax
import jax
import jax.numpy as jnp
import numpy as np
from flax import linen, nnx

from bpttcheck.conformance import LAYOUTS
from libraries.forms import Form, lengths
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


def unrolled(kind, *states):
    layer = linen.RNN(kind(SIZES["n"]), time_major=True, return_carry=True)

    @jax.jit
    def outputs(p, each):
        start = tuple(p[k] for k in states)
        carry = start if len(start) > 1 else start[0]
        weights = {"params": {"cell": nested(p)}}
        last, h = layer.apply(weights, p["x"], initial_carry=carry, seq_lengths=each)
        return (h, last[1], last[0]) if len(start) > 1 else (h, last)

    return outputs


def with_lengths(p, each):
    h, last = unrolled(linen.GRUCell, "h0")(p, each)
    return np.asarray(h), np.asarray(last)


def short(kind, *states):
    outputs = unrolled(kind, *states)
    pulled = jax.jit(lambda p, each, v: jax.vjp(lambda p: outputs(p, each), p)[1](v)[0])

    def run(p):
        each, given = lengths(len(p["x"])), {k: jnp.asarray(a) for k, a in p.items()}
        shown = tuple(np.asarray(a) for a in outputs(given, each))
        return shown, lambda v: {k: np.asarray(g) for k, g in pulled(given, each, v).items()}

    return run


CELLS |= {
    "flax.linen.LSTMCell, lengths": short(linen.LSTMCell, "c0", "h0"),
    "flax.linen.GRUCell, lengths": short(linen.GRUCell, "h0"),
}
LAST = {"LSTMCell": "h[T,B,n]; h_T[B,n]; c_T[B,n]", "GRUCell": "h[T,B,n]; h_T[B,n]"}
FORMS = {
    f"flax.linen.{k}, lengths": Form(LAYOUTS[f"flax.linen.{k}"].but(outputs=out), short=True)
    for k, out in LAST.items()
}


MASKED = {"flax.linen.RNN, seq_lengths": ("flax.linen.GRUCell", with_lengths)}
