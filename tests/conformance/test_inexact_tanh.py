"""A tanh that is right beside one alone, in a cell of which the outputs may not show it."""

import numpy as np
import pytest

from bpttcheck import adaptors, check_conformance
from bpttcheck.arithmetic.floating import float_type
from bpttcheck.conformance import Comparison, Conformance
from bpttcheck.conformance.accuracy import inaccurate
from tests.conformance.rows import ROWS


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


class Off:
    """A program that is right where its tanh may be off by so many units, and wrong before."""

    form, kind = ROWS, float_type(np.dtype(np.float32))

    def __init__(self, units, wrong, allowed=0.0):
        self._units, self._wrong, self._allowed = units, wrong, allowed

    def off_by(self, inexact):
        return Off(self._units, self._wrong, inexact["tanh"] / self.kind.unit)

    def all(self):
        wrong = self._wrong if self._allowed < self._units else ()
        return tuple(
            Comparison(k, (1,), "wrong" if k in wrong else "right", (0,), 1.0, 1.0, 1e-9, 0.5)
            for k in ("outputs", "U", "W")
        )


@pytest.mark.parametrize(
    ("wrong", "units", "told"),
    [
        (("outputs", "W"), 7.9, "inaccurate"),
        (("outputs", "W"), 8.1, None),
        (("U", "W"), 1.9, "inaccurate"),
        (("U", "W"), 2.1, None),
        (("outputs",), 7.9, "inaccurate"),
        (("W",), 0.1, None),
    ],
)
def test_how_far_a_tanh_may_be_off(wrong, units, told):
    """By 4 ulp of one, by one where the outputs do not show it; never in one gradient."""
    seen = Off(units, wrong)
    found = inaccurate(seen, Conformance("wrong", "", seen.all()))
    assert (found and found.verdict) == told
    if found:
        assert units <= found.inexact["tanh"] / seen.kind.unit <= 1.1 * units
