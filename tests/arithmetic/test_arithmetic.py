"""The number systems by themselves: their laws, their refusals, and what fools a weaker one."""

from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck import linear, relu, sigmoid, tanh
from bpttcheck.arithmetic.balls import Ball, balls, exactly, precision
from bpttcheck.arithmetic.base import Inapplicable, Number, objects
from bpttcheck.arithmetic.blocks import BLOCK
from bpttcheck.arithmetic.compensated import total, two_sum
from bpttcheck.arithmetic.complex_step import derivative_of, perturbed
from bpttcheck.arithmetic.degrees import Degree
from bpttcheck.arithmetic.dual import Dual, duals, tangent_of
from bpttcheck.arithmetic.finite_field import (
    PRIME,
    Element,
    key,
    random_residues,
    residue,
    residues,
)
from bpttcheck.arithmetic.order import leading, looks_negative, places, positive, shift

residue_values = st.integers(0, PRIME - 1)
finite = st.floats(allow_nan=False, allow_infinity=False)


def test_the_prime_is_prime():
    # Lucas–Lehmer for the Mersenne number 2⁶¹ − 1.
    s = 4
    for _ in range(59):
        s = (s * s - 2) % PRIME
    assert s == 0


@given(a=residue_values, b=residue_values, c=residue_values)
def test_field_laws(a, b, c):
    x, y, z = Element(a), Element(b), Element(c)
    assert (x + y) * z == x * z + y * z
    assert x - y == -(y - x)
    assert x * y == y * x
    assert x**3 == x * x * x
    if b:
        assert x / y * y == x
        assert 1 / y == y ** (PRIME - 2)


@given(n=st.integers(-(10**6), 10**6), d=st.integers(1, 10**6), x=finite)
def test_residues_of_rationals(n, d, x):
    assert Element(residue(Fraction(n, d))) * d == n
    assert Element(residue(x)) - Element(residue(x)) == 0
    numerator, denominator = x.as_integer_ratio()
    assert Element(residue(x)) * denominator == numerator
    assert Element(5) * 0.5 == Element(5) / 2
    assert 0.5 + Element(5) == Element(11) / 2


@given(a=residue_values)
def test_symbols(a):
    z = Element(a)
    assert z.exp() * (-z).exp() == 1
    assert z.exp() == Element(a).exp()
    assert z.log1p() == (z + 1).log() if a != PRIME - 1 else True
    up, down = z.exp(), (-z).exp()
    assert z.tanh() * (up + down) == up - down
    with key("another"):
        assert a == 0 or z.exp() != Element(symbol_before := up.value) or symbol_before == 1


def test_exp_is_not_a_homomorphism_here_so_unequal_is_no_verdict():
    a, b = Element(3), Element(4)
    assert (a + b).exp() != a.exp() * b.exp()


@pytest.mark.parametrize(
    "refused",
    [
        lambda: Element(1) / Element(0),
        lambda: Element(1) / 0,
        lambda: 1 / Element(0),
        lambda: Element(0).log(),
        lambda: Element(5).is_positive(),
        lambda: Degree(1).is_positive(),
        lambda: Ball(exactly(0.0) + arb(0, 1)).is_positive(),
    ],
)
def test_refusals(refused):
    with pytest.raises(Inapplicable):
        refused()


@pytest.mark.parametrize("element", [Element(2), Ball(2), Dual(Ball(2), Ball(1)), Degree(1)])
def test_elements_follow_the_protocol_and_leave_arrays_to_numpy(element):
    assert isinstance(element, Number)
    array = np.array([element, element], dtype=object)
    for result in (element * array, array * element, element + array, array - element,
                   element - array, array / element, element / array):  # fmt: skip
        assert result.shape == (2,)
        assert type(result[0]) is type(element)
    assert type(np.exp(array)[0]) is type(element)
    assert type(np.tanh(array)[0]) is type(element)
    assert repr(element)


@pytest.mark.parametrize("element", [Element(2), Ball(2)])
def test_strangers_are_refused(element):
    for operation in ("__add__", "__mul__", "__sub__", "__truediv__", "__rsub__", "__rtruediv__"):
        assert getattr(element, operation)("a") is NotImplemented


def test_a_ball_is_never_demoted_to_float():
    with pytest.raises(TypeError):
        np.zeros(1)[0] = Ball(1)
    with pytest.raises(TypeError, match="balls: expected a real number, got str"):
        Ball("1")


@given(x=finite, y=finite)
def test_balls_enclose(x, y):
    a, b = Ball(x), Ball(y)
    with precision(60):
        for got, exact in (
            (a + b, Fraction(x) + Fraction(y)),
            (a - b, Fraction(x) - Fraction(y)),
            (a * b, Fraction(x) * Fraction(y)),
            (abs(a), abs(Fraction(x))),
            (2 - a, 2 - Fraction(x)),
            (a**2, Fraction(x) ** 2),
        ):
            with precision(6000):
                assert (got.value - exactly(exact)).contains(0)


@pytest.mark.parametrize("x", [0.1, np.float32(0.1), np.longdouble("0.1"), 3])
def test_every_real_enters_exactly(x):
    with precision(200):
        assert exactly(x) == exactly(Fraction(*x.as_integer_ratio()))


def test_precision_is_given_back():
    with precision(111):
        with precision(222):
            pass
        assert str(Ball(1) / 3).count("3") > 5
        inner = (Ball(1) / 3).radius
    with precision(53):
        assert (Ball(1) / 3).radius > inner


@given(a=residue_values, b=st.integers(1, PRIME - 1))
def test_duals_differentiate_in_the_field(a, b):
    x = Dual(Element(a), Element(1))
    assert (x * x * x).tangent == 3 * Element(a) ** 2
    assert (x**3).tangent == 3 * Element(a) ** 2
    assert (x**0).tangent == 0
    assert (x**0).value == 1
    assert (x / 2).value * 2 == x.value
    assert (Element(b) / (x + 1 - a)).tangent == -Element(b)
    assert ((x * 2 - 3 + x / 2).tangent) == Element(5) / 2
    assert (3 - x).tangent == -1
    assert x.exp().tangent == x.exp().value
    assert (2 / (x - a + b)).tangent * b * b == -2
    tanh = x.tanh()
    assert tanh.tangent == 1 - tanh.value**2
    assert x.unknown("f").tangent == Element(a).unknown("f'")
    if a:
        assert x.log().tangent * a == 1
    if a != PRIME - 1:
        assert x.log1p().tangent * (a + 1) == 1


@given(a=residue_values, b=st.integers(2, PRIME - 2), da=residue_values)
def test_a_tangent_known_to_be_zero_changes_nothing(a, b, da):
    """None and a zero that is computed with lead to the same tangents."""

    def tangents(zero):
        x, y = Dual(Element(a), Element(da)), Dual(Element(b), zero)
        both = [x + y, y + x, x - y, y - x, x * y, y * x, x / y, y + 1, 1 - y, y - y, y * y]
        alone = [-y, y**3, y / 2, 2 / y, y.exp(), y.log(), y.log1p(), y.tanh(), y.unknown("f")]
        joint = [Dual.jointly("L", [x, y]), Dual.jointly("L", [y, y])]
        return tangent_of(objects([*both, *alone, *joint], (22,)))

    assert all(tangents(None) == tangents(Element(0)))
    assert all(tangents(None)[9:20] == Element(0))
    assert "None" in repr(Dual(Element(1), None))
    assert Dual(Element(1), None).is_finite()


@given(x=st.floats(-20, 20))
def test_duals_and_the_complex_step_agree_in_balls(x):
    with precision(150):
        dual = duals(balls([x]), balls([1.0]))
        for function in (np.exp, np.tanh):
            ball = tangent_of(function(dual))[0]
            step = derivative_of(function(perturbed(np.array([x]), np.array([1.0]))))[0]
            exact = float(ball.value.mid())
            # Complex exp and tanh of the C library: 8 ulp, or a subnormal step.
            assert abs(step - exact) <= 8 * np.spacing(abs(exact))


def test_what_two_tangents_make_is_below_any_rounding():
    """Of x³ at zero the complex step is −η²: a step of 2⁻²⁶ would give as much as rounding."""
    step = derivative_of(perturbed(np.zeros(1), np.ones(1)) ** 3)
    assert 0 < -step[0] < 2.0**-500


@given(a=finite, b=finite)
def test_two_sum_loses_nothing(a, b):
    with np.errstate(over="ignore", invalid="ignore"):
        s, e = two_sum(np.array(a), np.array(b))
    if np.isfinite(s):
        assert Fraction(float(s)) + Fraction(float(e)) == Fraction(a) + Fraction(b)


@given(terms=st.lists(st.floats(1e-300, 1e300), min_size=0, max_size=300))
def test_total_is_one_rounding_from_exact(terms):
    exact = sum(map(Fraction, terms), Fraction(0))
    got = total(np.array(terms))
    assert abs(Fraction(float(got)) - exact) <= Fraction(float(np.spacing(got)))


def test_total_of_any_system():
    assert total(residues([1, 2, 3]))[()] == 6
    assert total(np.ones((2, 0))).tolist() == [0, 0]


def test_a_plain_sum_would_not_do():
    terms = np.array([1.0] + [2.0**-53] * 7)
    assert total(terms) > 1.0
    assert float(np.add.accumulate(terms)[-1]) == 1.0


def test_order():
    logits, second = np.array([[1.0, 3.0, 2.0]]), places(np.array([[1]]))
    assert leading(logits).tolist() == leading(balls(logits)).tolist() == [[1]]
    assert shift(logits, second).tolist() == [[3]]
    assert shift(residues(logits), second)[0, 0] == 0
    assert looks_negative(np.array([-1 + 0j, 1 - 1j])).tolist() == [True, False]
    assert positive(balls([-1.0, 0.0, 2.0])).tolist() == [False, False, True]
    assert shift(duals(balls(logits), balls(logits)), second)[0, 0].value.value == 3
    assert positive(duals(balls([2.0]), balls([1.0]))).tolist() == [True]


def test_fields_differ_by_their_key():
    with key(1):
        first = random_residues("x", (3,))
        again = random_residues("x", (3,))
    with key(2):
        other = random_residues("x", (3,))
    assert all(a == b for a, b in zip(first, again, strict=True))
    assert not any(a == b for a, b in zip(first, other, strict=True))
    assert len({hash(a) for a in first}) == 3


def test_several_variables_at_once():
    a, b = Dual(Element(3), Element(1)), Dual(Element(4), Element(0))
    joint = Dual.jointly("L", [a, b])
    assert joint.value == Element.jointly("L", [Element(3), Element(4)])
    assert joint.tangent == Element.jointly("L.0", [Element(3), Element(4)])
    assert joint.value != Element.jointly("L", [Element(4), Element(3)])


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("f", [tanh, sigmoid, relu, linear])
def test_blocks_of_entries_are_the_entries(f, dtype):
    a = np.random.default_rng(0).uniform(-500, 500, (3, BLOCK)).astype(dtype)
    for function in (f.value, f.derivative):
        whole = function(a)
        assert whole.dtype == dtype
        assert (whole == np.array([[function(z) for z in np.split(row, 8)] for row in a])
                .reshape(a.shape)).all()  # fmt: skip
