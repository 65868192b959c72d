"""The gradient of softmax + NLL is ŷ − y: in plain lines, without the registry."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck import nll_gradient, softmax


@given(B=st.integers(1, 5), p=st.integers(1, 9), seed=st.integers(0, 2**32 - 1), data=st.data())
def test_gradient_is_prediction_minus_target(B, p, seed, data):
    scale = data.draw(st.sampled_from([0.0, 1e-8, 1.0, 30.0, 300.0]))
    o = scale * np.random.default_rng(seed).standard_normal((B, p))
    classes = np.array(data.draw(st.lists(st.integers(0, p - 1), min_size=B, max_size=B)))
    y = np.eye(p)[classes]
    # Every entry is at most one, with at most p + 8 roundings on the way.
    bound = (p + 8) * np.finfo(float).eps
    assert (np.abs(nll_gradient(o, classes) - (softmax(o) - y)) <= bound).all()


@given(B=st.integers(1, 5), p=st.integers(1, 9), seed=st.integers(0, 2**32 - 1))
def test_gradient_is_the_derivative_of_the_definition(B, p, seed):
    o = np.random.default_rng(seed).standard_normal((B, p))
    classes = np.random.default_rng(seed).integers(0, p, B)
    derivative = np.empty((B, p))
    for i in range(p):  # a complex step into each logit of −ln(exp o_c / Σ exp o)
        z = o + 1e-200j * np.eye(p)[i]
        loss = np.log(np.exp(z).sum(axis=1)) - z[np.arange(B), classes]
        derivative[:, i] = loss.imag / 1e-200
    bound = (p + 8) * np.finfo(float).eps
    assert (np.abs(nll_gradient(o, classes) - derivative) <= bound).all()
