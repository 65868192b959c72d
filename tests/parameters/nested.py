"""A network of one line, h = Σ sin(W b), and its parameters in a structure."""

from typing import NamedTuple

import numpy as np

W, B = np.arange(1.0, 7).reshape(2, 3) / 5, np.array([0.5, -1.0, 2.0])


class Pair(NamedTuple):
    W: object
    b: object


def network(W, b):
    h = np.sin(W @ b)
    return h.sum(), np.outer(np.cos(W @ b), b), W.T @ np.cos(W @ b)


def nested(p):
    loss, dW, db = network(p["cell"][0], p["cell"][1].b)
    return loss, {"cell": [dW, Pair(None, db)]}
