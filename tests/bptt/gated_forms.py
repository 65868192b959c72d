"""The gated cells as tests draw them: modules, parameters, options."""

import numpy as np
import pytest
from hypothesis import strategies as st

from bpttcheck import gru, lstm
from bpttcheck.cells import gru as gru_cell
from bpttcheck.cells import lstm as lstm_cell

U53 = 2.0**-53
sizes, small = st.integers(1, 4), st.integers(1, 2)
seeds = st.integers(0, 2**32 - 1)

FORMS = {
    "lstm": (lstm, lstm_cell.AXES, {}, ("h0", "c0")),
    "lstm without forget gate": (
        lstm, lstm_cell.gate_axes("igo") | lstm_cell.READOUT, {}, ("h0", "c0"),
    ),
    "gru, reset before": (gru, gru_cell.AXES, {"reset": "before"}, ("h0",)),
    "gru, reset after": (gru, gru_cell.AXES_AFTER, {"reset": "after"}, ("h0",)),
}  # fmt: skip
forms = pytest.mark.parametrize("form", FORMS)


def problem(form, T, B, m, n, p, seed, dtype=float):
    """Return a module, params, x, targets and options of random numbers."""
    module, axes, options, states = FORMS[form]
    random = np.random.default_rng(seed)
    size = {"m": m, "n": n, "p": p}
    params = {k: random.standard_normal([size[s] for s in axes[k]]).astype(dtype) for k in axes}
    x = random.standard_normal((T, B, m)).astype(dtype)
    initial = {state: random.standard_normal((B, n)).astype(dtype) for state in states}
    return module, params, x, random.integers(0, p, (T, B)), options | initial
