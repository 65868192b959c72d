"""Haiku: cells, scanned. The state of an LSTM is (hidden, cell)."""

from importlib.metadata import version

import haiku
import jax

from libraries.points import SIZES
from libraries.with_jax import scanned

VERSIONS = {"dm-haiku": version("dm-haiku"), "jax": jax.__version__}


def cell(kind, *states):
    """Return a run of a cell whose weights haiku keeps under its module's name."""

    def step(x, state):
        return kind(SIZES["n"], name="cell")(x, state)

    pure = haiku.without_apply_rng(haiku.transform(step))

    def one(p, carry, x):
        weights = {}
        for name, array in p.items():
            if name not in ("x", "h0", "c0"):
                *inner, last = name.split(".")
                weights.setdefault("/".join(["cell", *inner]), {})[last] = array
        state = haiku.LSTMState(*carry) if kind is haiku.LSTM else carry
        h, state = pure.apply(weights, x, state)
        return (tuple(state) if kind is haiku.LSTM else state), h

    return scanned(one, *states)


CELLS = {
    "haiku.VanillaRNN": cell(haiku.VanillaRNN, "h0"),
    "haiku.LSTM": cell(haiku.LSTM, "h0", "c0"),
    "haiku.GRU": cell(haiku.GRU, "h0"),
}
