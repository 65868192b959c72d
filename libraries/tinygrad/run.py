"""tinygrad's LSTM cell, one step. Its CPU device needs clang."""

from importlib.metadata import version

import numpy as np
from tinygrad import Tensor, nn

from libraries.points import SIZES

VERSIONS = {"tinygrad": version("tinygrad")}


def lstm(p):
    cell = nn.LSTMCell(SIZES["m"], SIZES["n"])
    given = {k: Tensor(a) for k, a in p.items()}
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        setattr(cell, name, given[name])
    h, _ = cell(given["x"], (given["h0"], given["c0"]))

    def pulled(v):
        loss = (h * Tensor(v)).sum()
        grads = loss.gradient(*given.values())
        return {k: np.asarray(g.numpy()) for k, g in zip(given, grads, strict=True)}

    return h.numpy(), pulled


CELLS = {"tinygrad.nn.LSTMCell": lstm}
