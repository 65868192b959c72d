"""MLX on the processor: layers over sequences, batch first."""

from importlib.metadata import version

import mlx.core as mx
import numpy as np
from mlx import nn

from bpttcheck.conformance import LAYOUTS
from libraries.forms import Form
from libraries.points import SIZES

VERSIONS = {"mlx": version("mlx")}
mx.set_default_device(mx.cpu)


def layer(kind, weights, *states):
    return ran([("", kind(SIZES["m"], SIZES["n"]))], weights, states)


def layers(kind, weights, *states):
    parts = [("l0.", kind(SIZES["m"], SIZES["n"])), ("l1.", kind(SIZES["n"], SIZES["n"]))]
    return ran(parts, weights, states)


def ran(parts, weights, states):
    def run(p):
        names = list(p)

        def outputs(*arrays):
            given = dict(zip(names, arrays, strict=True))
            h = given["x"]
            for before, module in parts:
                for name in weights:
                    setattr(module, name, given[f"{before}{name}"])
                h = module(h, *(given[f"{before}{k}"] for k in states))
                h = h[0] if isinstance(h, tuple) else h
            return [h]

        arrays = [mx.array(p[k]) for k in names]

        def pulled(v):
            grads = mx.vjp(outputs, arrays, [mx.array(v)])[1]
            return {k: np.array(g) for k, g in zip(names, grads, strict=True)}

        return np.array(outputs(*arrays)[0]), pulled

    return run


CELLS = {
    "mlx.nn.RNN": layer(nn.RNN, ("Wxh", "Whh", "bias"), "hidden"),
    "mlx.nn.LSTM": layer(nn.LSTM, ("Wx", "Wh", "bias"), "hidden", "cell"),
    "mlx.nn.GRU": layer(nn.GRU, ("Wx", "Wh", "b", "bhn"), "hidden"),
    "mlx.nn.LSTM, 2 layers": layers(nn.LSTM, ("Wx", "Wh", "bias"), "hidden", "cell"),
}
FORMS = {"mlx.nn.LSTM, 2 layers": Form(LAYOUTS["mlx.nn.LSTM"], 2)}
