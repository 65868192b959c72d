"""A tanh that is right beside one alone, in a cell of which the outputs may not show it."""

import numpy as np
import pytest

from bpttcheck import adaptors, check_conformance


def cell_of(phi, p):
    """Return one step of tinygrad's LSTM with a tanh of its own, and its pullback."""

    def sigmoid(a):
        return 1 / (1 + np.exp(-a))

    a = p["x"] @ p["weight_ih"].T + p["bias_ih"] + p["h0"] @ p["weight_hh"].T + p["bias_hh"]
    i, f, g, o = np.split(a, 4, 1)
    i, f, g, o = sigmoid(i), sigmoid(f), phi(g), sigmoid(o)
    c = f * p["c0"] + i * g
    t = phi(c)

    def pulled(dh):
        dc = dh * o * (1 - t**2)
        gates = (dc * g * i * (1 - i), dc * p["c0"] * f * (1 - f), dc * i * (1 - g**2))
        da = np.concatenate([*gates, dh * t * o * (1 - o)], 1)
        weights = {"weight_ih": da.T @ p["x"], "weight_hh": da.T @ p["h0"]}
        states = {"x": da @ p["weight_ih"], "h0": da @ p["weight_hh"], "c0": dc * f}
        return weights | dict.fromkeys(("bias_ih", "bias_hh"), da.sum(0)) | states

    return o * t, pulled


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_tanh_made_of_a_sigma_is_no_other_cell(dtype):
    """2σ(2a) − 1 is within an ulp of one, which the outputs of tiny weights may hide."""

    def by_sigmoid(a):
        return (2 / (1 + np.exp(-2 * a)) - 1).astype(dtype)

    verdicts = set()
    for seed in range(10):
        rng = np.random.default_rng(seed)
        sizes = {"weight_ih": (16, 3), "weight_hh": (16, 4), "bias_ih": 16, "bias_hh": 16}
        params = {k: (1e-3 * rng.normal(size=s)).astype(dtype) for k, s in sizes.items()}
        states = {"x": (2, 3), "h0": (2, 4), "c0": (2, 4)}
        params |= {k: rng.normal(size=s).astype(dtype) for k, s in states.items()}
        adapted = adaptors.from_vjp(lambda p: cell_of(by_sigmoid, p), None, params)
        verdicts.add(check_conformance(*adapted, "tinygrad.nn.LSTMCell").verdict)
    assert "inaccurate" in verdicts
    assert verdicts <= {"inaccurate", "right"}
