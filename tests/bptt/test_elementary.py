"""The polynomial under the compiled exponential: its coefficients are those of e^r."""

from math import factorial

import numpy as np
import pytest

pytest.importorskip("numba", reason="Numba is optional: pip install .[fast]")


def test_the_polynomial_is_that_of_the_exponential_to_the_bit():
    """Near its end, where the last coefficients count most: each is seen in some last bit."""
    from bpttcheck.bptt.compiled.elementary import EXTRA, parts

    r = np.linspace(-np.log(2) / 2, -0.33, 300_000)[1:]
    found, scale = parts.py_func(r)  # of arrays too, where nothing is compiled
    q = 1.0 / factorial(13)
    for k in range(12, 1, -1):
        q = q * r + 1.0 / factorial(k)
    assert np.array_equal(found, r + r * r * q)
    assert (scale == 2.0**EXTRA).all()
    exact = np.expm1(r.astype(np.longdouble))
    assert (np.abs(found - exact) <= 2 * np.spacing(np.abs(found))).all()
