"""The gradient of softmax + NLL is ŷ − y: in plain lines, without the registry."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck import nll, nll_gradient, softmax
from bpttcheck.arithmetic.blocks import BLOCK
from bpttcheck.arithmetic.finite_field import residues
from bpttcheck.softmax_nll import (
    log_softmax_of,
    nll_and_gradient_of,
    nll_gradient_of,
    nll_of,
    softmax_of,
)


@given(B=st.integers(1, 5), p=st.integers(1, 9), seed=st.integers(0, 2**32 - 1), data=st.data())
def test_gradient_is_prediction_minus_target(B, p, seed, data):
    scale = data.draw(st.sampled_from([0.0, 1e-8, 1.0, 30.0, 300.0]))
    o = scale * np.random.default_rng(seed).standard_normal((B, p))
    classes = np.array(data.draw(st.lists(st.integers(0, p - 1), min_size=B, max_size=B)))
    y = np.eye(p)[classes]
    # Every entry is at most one, with at most p + 8 roundings on the way.
    bound = (p + 8) * np.finfo(float).eps
    assert (np.abs(nll_gradient(o, classes) - (softmax(o) - y)) <= bound).all()


@given(B=st.integers(1, 6), T=st.integers(1, 3), p=st.integers(1, 5), seed=st.integers(0, 99))
def test_a_mean_is_the_sum_over_as_many_rows(B, T, p, seed):
    rng = np.random.default_rng(seed)
    o, y = rng.standard_normal((T, B, p)), rng.integers(0, p, (T, B))
    for of in (nll, nll_gradient):
        assert np.array_equal(of(o, y, reduction="mean"), of(o, y, reduction="sum") / (T * B))


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


def large_and_small(seed, shape):
    """Logits of more rows than fit in a block, and class indices."""
    random = np.random.default_rng(seed)
    return random.uniform(-30, 30, shape), random.integers(0, shape[-1], shape[:-1])


# More rows than classes, and fewer: the two orders of memory. The last block is not full.
@pytest.mark.parametrize("shape", [(1300, 10), (5, 260, 10), (40, 700), (3, 20_000)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_blocks_of_rows_are_the_rows(shape, dtype):
    o, c = large_and_small(0, shape)
    o = o.astype(dtype)
    y = (np.arange(shape[-1]) == c[..., None]).astype(dtype)
    picked = [*np.ndindex(shape[:-1])][:: max(1, math.prod(shape[:-1]) // 40)]
    assert o.size > BLOCK
    for function, *targets in [
        (softmax_of,), (log_softmax_of,), (nll_of, c), (nll_of, y),
        (nll_gradient_of, c), (nll_gradient_of, y),
    ]:  # fmt: skip
        result = function(o, *targets)
        assert result.dtype == dtype
        for i in picked:
            alone = function(o[i], *(t[i] for t in targets))
            # Sums run in the order of memory, so that bits may differ: 4 ulp from the exact, each.
            assert (np.abs(result[i] - alone) <= 8 * np.spacing(np.abs(alone))).all()


@pytest.mark.parametrize("shape", [(3,), (2, 3), (1300, 10)])
def test_value_and_gradient_together_are_the_same(shape):
    o, c = large_and_small(1, shape)
    for y in (c, np.eye(shape[-1])[c]):
        value, gradient = nll_and_gradient_of(o, y)
        assert (value == nll_of(o, y)).all()
        assert (gradient == nll_gradient_of(o, y)).all()


def test_a_class_is_its_one_hot_row_in_the_field():
    o, c = large_and_small(2, (4, 5))
    o, y = residues(o.astype(int)), residues(np.eye(5, dtype=int)[c])
    assert (nll_of(o, c) == nll_of(o, y)).all()
    assert (nll_gradient_of(o, c) == nll_gradient_of(o, y)).all()


def test_what_is_no_target_costs_nothing_even_where_it_is_impossible():
    """Then ln ŷ is minus infinity, and 0 · ln 0 is zero."""
    o = np.array([[1.7e308, -1.7e308]])
    assert nll(o, np.array([[1.0, 0.0]])) == 0
    assert nll(o, np.array([0])) == 0
