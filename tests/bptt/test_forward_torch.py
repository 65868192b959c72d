"""The forwards of LSTM and GRU are PyTorch's, within the bounds of rounding."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bptt.forms import U53, problem, seeds, sizes
from tests.bptt.forward_bound import forward_bound

ORDER = {"lstm": "ifgo", "gru": "rzg"}
"""PyTorch's stacking of the gates, in our letters: its GRU's n is our candidate g."""


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@given(T=st.integers(1, 6), B=sizes, m=sizes, n=sizes, seed=seeds,
       single=st.booleans())  # fmt: skip
def test_forwards_are_those_of_torch(cell, T, B, m, n, seed, single):
    torch = pytest.importorskip("torch")
    dtype, eps = (np.float32, 2.0**-24) if single else (np.float64, U53)
    form = "lstm" if cell == "lstm" else "gru, reset after"
    network, params, x, _, options, given_states = problem(form, T, B, m, n, 1, seed, dtype)
    params = {k: a / 2 for k, a in params.items()}
    theirs = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell](m, n, dtype=torch.tensor(x).dtype)
    states = list(given_states.values())
    biases = {k: np.zeros_like(params[f"b_{k}"]) for k in ORDER[cell]}
    if cell == "gru":
        biases["g"] = params["b_Wg"]
    stacks = {
        "weight_ih_l0": [params[f"U_{k}"] for k in ORDER[cell]],
        "weight_hh_l0": [params[f"W_{k}"] for k in ORDER[cell]],
        "bias_ih_l0": [params[f"b_{k}"] for k in ORDER[cell]],
        "bias_hh_l0": [biases[k] for k in ORDER[cell]],
    }
    with torch.no_grad():
        for name, parts in stacks.items():
            getattr(theirs, name).copy_(torch.tensor(np.concatenate(parts)))
        starts = tuple(torch.tensor(s)[None] for s in states)
        h, last = theirs(torch.tensor(x), starts if cell == "lstm" else starts[0])
    run = network.forward(params, x, **options, **given_states)
    bound = forward_bound(params, ORDER[cell], x, states, cell, eps)
    assert np.abs(run.h[1:] - h.numpy()).max() <= bound
    if cell == "lstm":
        assert np.abs(run.c[-1] - last[1][0].numpy()).max() <= bound


def test_another_gate_order_is_not_torchs():
    """The liar: the bound tells the gates apart, it is not so wide that anything passes."""
    network, params, x, _, _, given_states = problem("lstm", 4, 2, 2, 3, 1, 0)
    run = network.forward(params, x, **given_states)
    swapped = {**params, "W_i": params["W_f"], "W_f": params["W_i"]}
    other = network.forward(swapped, x, **given_states)
    states = list(given_states.values())
    bound = forward_bound(params, "ifgo", x, states, "lstm", U53)
    assert np.abs(run.h - other.h).max() > 1e3 * bound
