"""Paddle: layers over sequences, batch first."""

import numpy as np
import paddle

from bpttcheck.conformance import LAYOUTS
from libraries.forms import Form
from libraries.points import SIZES

VERSIONS = {"paddlepaddle": paddle.__version__}


def layer(kind, *states, **options):
    made = {}
    for dtype in ("float32", "float64"):
        paddle.set_default_dtype(dtype)
        made[dtype] = kind(SIZES["m"], SIZES["n"], **options)

    def run(p):
        module = made[str(p["inputs"].dtype)]
        own = dict(module.named_parameters())
        weights = {k: own[k] for k in p if k in own}
        for name, weight in weights.items():
            weight.set_value(p[name])
        fed = {k: paddle.to_tensor(p[k], stop_gradient=False) for k in ("inputs", *states)}
        start = [fed[k] for k in states]
        h, _ = module(fed["inputs"], start[0] if len(start) == 1 else tuple(start))

        def pulled(v):
            every = weights | fed
            grads = paddle.grad([h], list(every.values()), [paddle.to_tensor(v)], allow_unused=True)
            return {k: np.asarray(g) for k, g in zip(every, grads, strict=True)}

        return h.numpy(), pulled

    return run


CELLS = {
    "paddle.nn.SimpleRNN": layer(paddle.nn.SimpleRNN, "initial_states"),
    "paddle.nn.LSTM": layer(paddle.nn.LSTM, "h0", "c0"),
    "paddle.nn.GRU": layer(paddle.nn.GRU, "initial_states"),
}
STATES = {"LSTM": ["h0", "c0"], "GRU": ["initial_states"]}
FORMS = {
    f"paddle.nn.{k}, 2 layers, 2 directions": Form(LAYOUTS[f"paddle.nn.{k}"], 2, True)
    for k in STATES
}
for kind, own in STATES.items():
    stacked = layer(getattr(paddle.nn, kind), *own, num_layers=2, direction="bidirect")
    CELLS[f"paddle.nn.{kind}, 2 layers, 2 directions"] = stacked


def lengths_given(p, lengths):
    paddle.set_default_dtype("float32")
    own = paddle.nn.GRU(SIZES["m"], SIZES["n"])
    for name, weight in own.named_parameters():
        weight.set_value(p[name])
    fed = {k: paddle.to_tensor(p[k]) for k in ("inputs", "initial_states")}
    h, last = own(fed["inputs"], fed["initial_states"], sequence_length=paddle.to_tensor(lengths))
    return h.numpy().swapaxes(0, 1), last[0].numpy()


MASKED = {"paddle, sequence_length": ("paddle.nn.GRU", lengths_given)}
