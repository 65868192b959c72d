"""What users' arrays ask of a residue, and FLINT's ``nmod`` alone would not answer."""

import copy
import pickle
from fractions import Fraction

import numpy as np
import pytest
from flint import nmod

from bpttcheck.arithmetic.base import Inapplicable, objects
from bpttcheck.arithmetic.dual import Dual, jointly
from bpttcheck.arithmetic.finite_field import PRIME, Element, key, random_residues, symbol


def test_symbols_are_what_they_were():
    """Evidence that was reported can be had again: the hashes are part of what is promised."""
    with key(0):
        assert symbol("exp", 3) == Element(3).exp() == 2253670180791502195
        assert Element(-3).exp() == 2060276660472841995
        assert Element(5).log() == 725356017080835609
        assert Element.jointly("L", [Element(1), Element(2)]) == 1075346788056189409
        assert list(random_residues("x", (2,))) == [1175098059560167323, 1759430099549053198]


NUMBERS = (3, -3, 10**40, True, np.int64(-3), np.uint8(3), 0.5, -0.1, np.float32(0.1))


@pytest.mark.parametrize("number", [*NUMBERS, Fraction(-1, 3)])
def test_numbers_of_every_kind_on_either_side(number):
    exact = Fraction(number.item() if isinstance(number, np.generic) else number)
    top, bottom = Element(exact.numerator), Element(exact.denominator)
    assert Element(7) + number == number + Element(7) == Element(7) + top / bottom
    assert Element(7) * number == number * Element(7) == Element(7) * top / bottom
    assert Element(7) - number == -(number - Element(7))
    assert Element(7) / number == 1 / (number / Element(7))
    assert Element(0) + number == number
    assert (Element(0) + number != number + 1) is True


QUOTIENTS_BY_ZERO = (
    lambda z: z / 0,
    lambda z: z / Element(0),
    lambda z: z / 0.0,
    lambda z: z / PRIME,
    lambda z: z / Fraction(1, PRIME),
    lambda z: 1.5 / (z - z),
    lambda z: (z - z) ** -1,
    lambda z: Dual(z, z) / Dual(z - z, z),
)


@pytest.mark.parametrize("divided", QUOTIENTS_BY_ZERO)
def test_division_by_zero_is_no_answer(divided):
    with pytest.raises(Inapplicable, match="finite field: division by zero"):
        divided(Element(3))


def test_powers():
    assert Element(2) ** -3 == Element(1) / 8
    assert Element(0) ** 0 == 1
    assert Element(3) ** np.int64(2) == 9


def test_users_code_copies_and_pickles():
    with pytest.raises(TypeError):
        pickle.dumps(nmod(5, PRIME))  # what this class is for; some day it may not be needed
    array = random_residues("x", (2, 2))
    for again in (copy.deepcopy(array), pickle.loads(pickle.dumps(array))):
        assert (again == array).all()
        assert type(again[0, 0].value) is nmod


def test_equal_numbers_hash_alike():
    assert hash(Element(5)) == hash(5)
    assert {Element(5): "a"}[5] == "a"
    assert Element(5) == 5 + PRIME == Element(5.0)
    assert all(Element(5) != other for other in (6, "5", None))


def test_arrays_of_residues():
    a, b = random_residues("a", (3, 4)), random_residues("b", (4, 3))
    x, y = (np.array([[int(z.value) for z in row] for row in m], dtype=object) for m in (a, b))
    assert (a @ b == x @ y % PRIME).all()
    assert (a[:, :0] @ b[:0] + Element(2) == 2).all()  # NumPy's empty sum is its own 0
    assert a.sum() == sum(a.reshape(-1), Element(0))
    with pytest.raises(TypeError):
        a.astype(float)  # never to a float, without a word
    with pytest.raises(TypeError):
        np.zeros(1)[0] = a[0, 0]


def test_the_largest_is_any_but_a_branch_is_refused():
    assert objects([Element(3), Element(9)], (2,)).max() in (Element(3), Element(9))
    for compared in (lambda z: z < 0, lambda z: z > 0.5, lambda z: np.maximum(np.array([z]), 0)):
        with pytest.raises(Inapplicable):
            compared(Element(3))


def test_a_joint_function_of_some_constants():
    """A state that a mask has left alone is no dual number; its neighbours may be."""
    constant, dual = Element(3), Dual(Element(4), Element(1))
    value = Element.jointly("L", [Element(3), Element(4)])
    for arguments in ([constant, dual], [Dual(constant, None), dual]):
        found = jointly("L", arguments)
        assert found.value == value
        assert found.tangent == Element.jointly("L.1", [Element(3), Element(4)])
    assert jointly("L", [constant, Element(4)]) == value
    with pytest.raises(TypeError):
        Element.jointly("L", [constant, dual])  # a hash of how it is printed would be no answer
