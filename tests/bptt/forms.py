"""Every cell in every kind, as tests draw them: network, parameters, options."""

import numpy as np
import pytest
from hypothesis import strategies as st

from bpttcheck import (
    coupled_lstm,
    flax_mgu,
    gru,
    lstm,
    mgu,
    peephole_lstm,
    projection_lstm,
    rnn,
)
from bpttcheck.arithmetic.finite_field import random_residues

U53 = 2.0**-53
sizes, small = st.integers(1, 4), st.integers(1, 2)
seeds = st.integers(0, 2**32 - 1)

FORMS = {
    "rnn": (rnn, {}),
    "lstm": (lstm, {}),
    "lstm without forget gate": (lstm, {"forget": False}),
    "gru, reset before": (gru, {"reset": "before"}),
    "gru, reset after": (gru, {"reset": "after"}),
    "mgu": (mgu, {}),
    "coupled_lstm": (coupled_lstm, {}),
    "peephole_lstm": (peephole_lstm, {}),
    "projection_lstm": (projection_lstm, {}),
    "flax_mgu": (flax_mgu, {}),
}
forms = pytest.mark.parametrize("form", FORMS)


def problem(form, T, B, m, n, p, seed, dtype=float):
    """Return a network, params, x, targets, options and initial states of random numbers."""
    network, options = FORMS[form]
    cell = network.kind(**options)
    random = np.random.default_rng(seed)
    size = {"m": m, "n": n, "p": p, "r": 1 + n // 2}
    params = {
        k: random.standard_normal([size[s] for s in symbols]).astype(dtype)
        for k, symbols in cell.axes.items()
    }
    x = random.standard_normal((T, B, m)).astype(dtype)
    states = {
        f"{k}0": random.standard_normal((B, size[cell.width(k)])).astype(dtype) for k in cell.states
    }
    return network, params, x, random.integers(0, p, (T, B)), options, states


def in_the_field(cell, T, B, m, n, p, r=2):
    """Return weights, x, an initial state for each letter and ∂L/∂s of random residues."""
    size = {"m": m, "n": n, "p": p, "r": r}
    weights = {k: random_residues(k, tuple(size[s] for s in a)) for k, a in cell.axes.items()}
    states = {k: random_residues(f"{k}0", (B, size[cell.width(k)])) for k in cell.states}
    return weights, random_residues("x", (T, B, m)), states, random_residues("ds", (T, B, p))
