"""Midpoints and radii: they hold what float programs make of a formula, and little more."""

from itertools import product

import numpy as np
import pytest

from bpttcheck.arithmetic.base import Inapplicable
from bpttcheck.arithmetic.ellipsoid import EllipsoidAndBox, around
from bpttcheck.arithmetic.floating import OWN, float_type
from bpttcheck.arithmetic.midrad import MidRad, exact, joined, stacked, stored
from bpttcheck.arithmetic.zonotope import Zonotope

SINGLE = float_type(np.dtype(np.float32))
U = 2 * (2.0**-24 + OWN)
OPERATIONS = [  # of 3 and −2: what comes out, and the moduli that it is rounded in proportion to
    (lambda a, b: a + b, 1.0, 5.0),
    (lambda a, b: a - b, 5.0, 5.0),
    (lambda a, b: 1 - b, 3.0, 3.0),
    (lambda a, b: a * b, -6.0, 6.0),
    (lambda a, b: np.float64(2) * a, 6.0, 6.0),
    (lambda a, b: np.asarray(2.0) - a, -1.0, 5.0),
    (lambda a, b: -a, -3.0, 0.0),
]


@pytest.mark.parametrize(("operation", "middle", "moduli"), OPERATIONS)
def test_an_operation_loses_two_roundings_of_its_operands_moduli(operation, middle, moduli):
    result = operation(exact(3.0, SINGLE), exact(-2.0, SINGLE))
    assert result.mid == middle
    assert result.radius == pytest.approx(U * moduli, rel=1e-12)


def test_errors_of_first_order_and_the_rest():
    """(3 ± 0.1)(2 ± 0.2): to first order 0.8, and 0.02 besides."""
    x, y = (MidRad(np.array(m), f, 0.0, SINGLE) for m, f in ((3.0, 0.1), (2.0, 0.2)))
    assert (x * y).first == pytest.approx(0.8)
    assert (x * y).rest == pytest.approx(0.02, rel=1e-3)
    assert (x * y).settled().first == 0.0
    assert (x * y).settled().radius == (x * y).radius


def test_sums_of_products_in_any_order_lie_within_and_others_do_not():
    rng = np.random.default_rng(0)
    for dtype in (np.float64, np.float32):
        kind, unit = float_type(np.dtype(dtype)), np.finfo(dtype).eps / 2
        a, b = (rng.normal(size=40).astype(dtype) for _ in range(2))
        held = exact(a[None], kind).weighed(exact(b[:, None], kind), 40)
        for _ in range(50):
            total = dtype(0)
            for i in rng.permutation(40):
                total = dtype(total + a[i] * b[i])
            assert abs(float(total) - held.mid) <= held.radius
        assert held.radius <= 2.1 * 41 * unit * np.abs(a * b).sum()


def test_what_lies_below_the_smallest_normal_number_may_become_zero():
    below = np.float32(1e-39)
    assert exact(below, SINGLE).radius == below
    assert exact(1.0, SINGLE).radius == exact(0.0, SINGLE).radius == 0.0
    product = exact(1e-30, SINGLE) * exact(1e-12, SINGLE)
    assert product.mid - product.radius < 0
    assert product.radius == pytest.approx(2.0**-126)
    assert stored(2.0, SINGLE).radius == pytest.approx(2 * U)


def test_what_is_not_enclosed_is_refused():
    one = exact(1.0, SINGLE)
    with pytest.raises(Inapplicable, match=r"^midpoints and radii: numpy\.exp is not enclosed"):
        np.exp(one)
    with pytest.raises(Inapplicable, match=r"^midpoints and radii: numpy\.where is not enclosed"):
        np.where(True, one, one)


def test_side_by_side_and_one_after_the_other():
    a, b = exact(np.ones((2, 3)), SINGLE), stored(np.ones((2, 1)), SINGLE)
    assert joined([a, b]).shape == (2, 4)
    assert stacked([a, a]).shape == (2, 2, 3)
    assert joined([a, b]).radius[0].tolist() == [0.0, 0.0, 0.0, b.radius[0, 0]]


def test_a_rotation_leaves_a_zonotope_as_large_as_it_is():
    """Boxes grow by |cos| + |sin| at every turn, 1e9 times in sixty."""
    angle = 0.5
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    errors = Zonotope(1, 2, 1000)
    errors.widened(np.ones((1, 2)))
    for _ in range(60):
        errors.mapped(turn[None])
    assert (errors.radius <= np.sqrt(2) + 1e-12).all()
    assert (errors.radius >= 1).all()


def sent(columns, steps=20):
    rng = np.random.default_rng(0)
    errors = Zonotope(1, 3, columns)
    for _ in range(steps):
        errors.mapped(rng.normal(size=(1, 3, 3)) / 2)
        errors.widened(rng.random((1, 3)))
    return errors


def test_older_generators_become_an_ellipsoid_that_holds_them():
    few, whole = sent(15), sent(1000)
    assert few.generators.shape[-1] <= 15
    assert (few.radius >= whole.radius).all()
    assert (few.radius <= 4 * whole.radius).all()
    assert few.slack > whole.slack > 0


def test_an_ellipsoid_holds_the_corners_of_a_zonotope_and_their_sums():
    rng = np.random.default_rng(0)
    first, second = (rng.normal(size=(1, 2, 5)) for _ in range(2))
    signs = np.array(list(product((-1.0, 1.0), repeat=5))).T
    one, other = around(first), around(second)
    for held, corners in (
        (one, first[0] @ signs),
        (one.plus(other), (first[0] @ signs) + (second[0] @ signs[:, ::-1])),
        (one.mapped(np.array([[[0.0, 2.0], [1.0, 1.0]]])), [[0, 2], [1, 1]] @ first[0] @ signs),
    ):
        inside = np.einsum("ij,ik,kj->j", corners, np.linalg.inv(held.shapes[0]), corners)
        assert inside.max() <= 1
        assert (np.abs(corners).max(axis=1) <= held.radius[0]).all()
        assert (np.abs(corners).max(axis=1) >= held.radius[0] / 5).all()


def test_an_ellipsoid_and_a_box_hold_a_zonotope():
    """Those of the last step entry by entry, the older ones within a factor of a few."""
    rng = np.random.default_rng(0)
    few, whole = EllipsoidAndBox(1, 3), Zonotope(1, 3, 1000)
    for _ in range(20):
        matrix, box = rng.normal(size=(1, 3, 3)) / 2, rng.random((1, 3))
        for errors in (few, whole):
            errors.mapped(matrix)
            errors.widened(box)
    assert (few.radius >= whole.radius).all()
    assert (few.radius <= 4 * whole.radius).all()


def test_errors_whose_squares_underflow_are_held():
    errors = EllipsoidAndBox(1, 2)
    errors.widened(np.full((1, 2), 1e-200))
    errors.mapped(np.eye(2)[None])
    assert (errors.radius >= 1e-200).all()
    old = Zonotope(1, 2, 8)
    for _ in range(6):
        old.mapped(np.eye(2)[None])
        old.widened(np.full((1, 2), 1e-200))
    assert (old.radius >= 6e-200).all()
