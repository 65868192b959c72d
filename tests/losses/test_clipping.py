"""Clipping: what the functions do to users' arrays, and what they refuse."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bpttcheck import clip_by_global_norm, clip_by_norm, clip_by_value, clipping
from tests.refusals import refusals, refuses

FINITE = st.floats(-1e300, 1e300)
GRADIENTS = hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=4), elements=FINITE)
LIMITS = st.floats(1e-300, 1e300)


def room(count):
    """The relative rounding of a norm of so many entries, a product and a quotient."""
    return (count + 6) * 2.0**-53


@given(GRADIENTS, LIMITS)
def test_by_norm_shortens_what_is_longer_and_nothing_else(g, limit):
    before = g.copy()
    clipped = clip_by_norm(g, limit)
    assert clipped.shape == g.shape
    np.testing.assert_array_equal(g, before)
    largest = np.abs(g).max()
    norm = np.sqrt(((g / largest) ** 2).sum()) * largest if largest else 0.0
    if norm <= limit * (1 - room(g.size)):
        np.testing.assert_array_equal(clipped, g)
    unit = np.abs(clipped).max()
    length = np.sqrt(((clipped / unit) ** 2).sum()) * unit if unit else 0.0
    subnormal = g.size * 5e-324
    assert length <= limit * (1 + 2 * room(g.size)) + subnormal


def test_rows_of_a_batch_have_units_of_their_own():
    rows = np.array([[3e-200, 4e-200], [3e200, -4e200], [0.0, 0.0]])
    np.testing.assert_allclose(clipping.length(rows), [5e-200, 5e200, 0.0], rtol=1e-15)
    clipped = clipping.by_norm(rows, 5e-201)
    np.testing.assert_allclose(clipped[:2], [[3e-201, 4e-201], [3e-201, -4e-201]], rtol=1e-15)


@given(GRADIENTS, LIMITS)
def test_by_value_is_numpys_clip(g, limit):
    np.testing.assert_array_equal(clip_by_value(g, limit), np.clip(g, -limit, limit))


@given(GRADIENTS, GRADIENTS, LIMITS)
def test_by_global_norm_is_one_long_gradient(first, second, limit):
    clipped = clip_by_global_norm({"a": first, "b": second}, limit)
    together = clip_by_norm(np.concatenate([first.ravel(), second.ravel()]), limit)
    np.testing.assert_array_equal(
        np.concatenate([clipped["a"].ravel(), clipped["b"].ravel()]), together
    )
    assert clipped["a"].shape == first.shape


def test_worked_by_hand():
    np.testing.assert_array_equal(clip_by_norm([3.0, 4.0], 1), [0.6, 0.8])
    np.testing.assert_array_equal(clip_by_norm([3.0, 4.0], 5), [3, 4])
    np.testing.assert_array_equal(clip_by_value([3.0, -4.0, 0.5], 1), [1, -1, 0.5])
    both = clip_by_global_norm({"W": [[3.0]], "b": [4.0]}, 1.0)
    assert (both["W"], both["b"]) == (0.6, 0.8)


def test_each_keeps_the_dtype():
    g = np.array([3, 4], dtype=np.float32)
    assert clip_by_norm(g, 1.0).dtype == np.float32
    assert clip_by_value(g, 1.0).dtype == np.float32
    assert clip_by_global_norm({"g": g}, 1.0)["g"].dtype == np.float32


BAD = [
    (lambda: clip_by_norm([1.0, np.nan], 1), ValueError, "gradient: expected finite numbers, got"),
    (lambda: clip_by_norm("steep", 1), TypeError, "gradient: expected an array of numbers, got"),
    (
        lambda: clip_by_norm([1j], 1),
        TypeError,
        "gradient: expected real numbers, got dtype complex",
    ),
    (lambda: clip_by_norm([1.0], 0), ValueError, "limit: expected a positive number, got 0"),
    (lambda: clip_by_value([1.0], -1), ValueError, "limit: expected a positive number, got -1"),
    (lambda: clip_by_value([1.0], [1.0]), ValueError, "limit: expected a single number, shape"),
    (lambda: clip_by_value([1.0], np.inf), ValueError, "limit: expected finite numbers, got inf"),
    (lambda: clip_by_global_norm([1.0], 1), TypeError, "gradients: expected a mapping of names to"),
    (lambda: clip_by_global_norm({}, 1), ValueError, "gradients: expected at least one gradient"),
    (
        lambda: clip_by_global_norm({"W": [np.inf]}, 1),
        ValueError,
        "gradients['W']: expected finite numbers, got inf",
    ),
]


@refusals(BAD)
def test_bad_input_is_named(call, kind, message):
    refuses(call, kind, message)
