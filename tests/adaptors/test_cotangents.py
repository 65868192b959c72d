"""Cotangents: of every size that is promised, of both signs, the same at every call."""

import numpy as np
import pytest

from bpttcheck.adaptors.cotangents import Cotangents


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_every_float_type_holds_them_and_none_is_small(dtype):
    drawn = Cotangents(3)
    weights = drawn.like(np.zeros((40, 50), dtype))
    assert weights.dtype == dtype
    assert {*np.abs(weights * 64).ravel().tolist()} == {float(k) for k in range(32, 65)}
    assert 0.4 < (weights > 0).mean() < 0.6
    assert (drawn.like(np.ones((40, 50), dtype)) == weights).all()
    assert (Cotangents(4).like(np.zeros((40, 50), dtype)) != weights).any()


def test_the_loss_of_complex_outputs_conjugates_the_cotangent():
    outputs = np.array([1 + 2j, -3j, 0.5])
    drawn = Cotangents(0, complex_ones=True)
    loss = drawn.inner(outputs)
    weights = drawn.like(outputs)
    assert (weights.imag != 0).all()
    assert loss == (outputs.real * weights.real + outputs.imag * weights.imag).sum()


def test_the_loss_is_no_finer_than_the_coarsest_output():
    fine, half = np.ones(2), np.ones(2, np.float16)
    assert Cotangents(0).inner((fine, half)).dtype == np.float16
    assert Cotangents(0).inner((fine, fine.astype(np.float32))).dtype == np.float32
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16  # of fewer digits than float16
    assert Cotangents(0).inner((half, fine.astype(bfloat16))).dtype == bfloat16
