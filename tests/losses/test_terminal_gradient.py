"""∂L/∂s_T = ∂L/∂ŷ_T θ′(h_T) φ′(s_T): in plain lines, without the registry."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck import scalar_rnn


@given(T=st.integers(1, 60), B=st.integers(1, 5), seed=st.integers(0, 2**32 - 1),
       scale=st.sampled_from([0.0, 1e-8, 1.0, 30.0]))  # fmt: skip
def test_terminal_gradient(T, B, seed, scale):
    random = np.random.default_rng(seed)
    x, y = scale * random.standard_normal((2, T, B))
    params = dict(zip("wv", random.standard_normal(2), strict=True))
    run = scalar_rnn.forward(params, x, phi="tanh", theta="sigmoid")
    ds = scalar_rnn.backward(params, run, run.y_hat - y).ds

    step = 1e-100
    s = run.s[-1] + 1j * step  # a complex step into s_T, through everything that follows it
    y_hat = 1 / (1 + np.exp(-np.tanh(s)))
    derivative = (0.5 * (y_hat - y[-1]) ** 2).imag / step
    # Three factors of at most 4 ulp and two products on either side: 28 roundings. ŷ − y loses
    # what ŷ ≤ 1 is off by, 4 ulp on either side; the step carries nothing below subnormal numbers.
    info, slope = np.finfo(float), np.abs(y_hat.imag / step)
    bound = info.eps * (28 * np.abs(derivative) + 8 * slope) + 8 * info.smallest_subnormal / step
    assert (np.abs(ds[-1] - derivative) <= bound).all()


@given(T=st.integers(1, 60), B=st.integers(1, 5), seed=st.integers(0, 2**32 - 1))
def test_no_message_comes_from_beyond_the_end(T, B, seed):
    random = np.random.default_rng(seed)
    x, y = random.standard_normal((2, T, B))
    params = {"w": random.standard_normal(), "v": random.standard_normal()}
    run = scalar_rnn.forward(params, x)
    full = scalar_rnn.backward(params, run, run.y_hat - y)
    last_only = np.where(np.arange(T)[:, None] == T - 1, run.y_hat - y, 0)
    assert (full.ds[-1] == scalar_rnn.backward(params, run, last_only).ds[-1]).all()
