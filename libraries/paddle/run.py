"""Paddle: layers over sequences, batch first."""

import numpy as np
import paddle

from bpttcheck.conformance import LAYOUTS
from libraries.forms import Form, lengths
from libraries.points import SIZES

VERSIONS = {"paddlepaddle": paddle.__version__}


def layer(kind, *states, short=False, **options):
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
        how = {}
        if short:
            T = fed["inputs"].shape[1]
            how["sequence_length"] = paddle.to_tensor(lengths(T, empty=True))
        h, last = module(fed["inputs"], start[0] if len(start) == 1 else tuple(start), **how)
        outputs = [h, *(last if isinstance(last, tuple) else [last])] if short else [h]

        def pulled(v):
            every, v = weights | fed, v if short else (v,)
            cotangents = [paddle.to_tensor(a) for a in v]
            grads = paddle.grad(outputs, list(every.values()), cotangents, allow_unused=True)
            return {k: np.asarray(g) for k, g in zip(every, grads, strict=True)}

        return tuple(a.numpy() for a in outputs) if short else h.numpy(), pulled

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
    name = f"paddle.nn.{kind}"
    CELLS[f"{name}, lengths"] = layer(getattr(paddle.nn, kind), *own, short=True)
    FORMS[f"{name}, lengths"] = Form(LAYOUTS[name], short=True)
BOTH = "paddle.nn.LSTM, 2 layers, 2 directions, lengths"
CELLS[BOTH] = layer(paddle.nn.LSTM, "h0", "c0", short=True, num_layers=2, direction="bidirect")
FORMS[BOTH] = Form(LAYOUTS["paddle.nn.LSTM"], 2, True, short=True)


def lengths_given(p, each):
    paddle.set_default_dtype("float32")
    own = paddle.nn.GRU(SIZES["m"], SIZES["n"])
    for name, weight in own.named_parameters():
        weight.set_value(p[name])
    fed = {k: paddle.to_tensor(p[k]) for k in ("inputs", "initial_states")}
    h, last = own(fed["inputs"], fed["initial_states"], sequence_length=paddle.to_tensor(each))
    return h.numpy().swapaxes(0, 1), last[0].numpy()


MASKED = {"paddle, sequence_length": ("paddle.nn.GRU", lengths_given)}
