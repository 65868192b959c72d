"""MLX on the processor: layers over sequences, batch first."""

from importlib.metadata import version

import mlx.core as mx
import numpy as np
from mlx import nn

from libraries.points import SIZES

VERSIONS = {"mlx": version("mlx")}
mx.set_default_device(mx.cpu)


def layer(kind, weights, *states):
    module = kind(SIZES["m"], SIZES["n"])

    def run(p):
        names = list(p)

        def outputs(*arrays):
            given = dict(zip(names, arrays, strict=True))
            for name in weights:
                setattr(module, name, given[name])
            h = module(given["x"], *(given[k] for k in states))
            return [h[0] if isinstance(h, tuple) else h]

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
}
