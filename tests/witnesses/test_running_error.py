"""Intervals of float programs: what each operation widens them by."""

import pytest

from bpttcheck.arithmetic.balls import precision
from tests.witnesses.running_error import rounded, units

U = 2.0**-53
OPERATIONS = [  # of 3 and −2: what comes out, and the moduli that it is rounded in proportion to
    (lambda a, b: a + b, 1.0, 5.0),
    (lambda a, b: a - b, 5.0, 5.0),
    (lambda a, b: 1 - b, 3.0, 3.0),
    (lambda a, b: a * b, -6.0, 6.0),
    (lambda a, b: 2 * a, 6.0, 6.0),
    (lambda a, b: a / b, -1.5, 1.5),
    (lambda a, b: 6 / b, -3.0, 3.0),
    (lambda a, b: -a, -3.0, 0.0),
]


@pytest.mark.parametrize(("operation", "middle", "moduli"), OPERATIONS)
def test_an_operation_widens_by_its_operands_moduli(operation, middle, moduli):
    with precision(128):
        result = operation(*rounded([3.0, -2.0], units(U, 3)))
        assert result.order_key() == middle
        assert 8 * U * moduli <= result.radius <= 8 * U * moduli * (1 + 2.0**-20)


def test_a_sum_of_many_terms_counts_them_and_one_more():
    assert [float(units(U, terms)) / U for terms in (1, 7, 8, 40)] == [8, 8, 9, 41]
