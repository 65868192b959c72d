"""Derivatives by several quantities, taken in one forward pass, are those taken one by one."""

import pytest

from bpttcheck.runs.cells import CELLS
from bpttcheck.runs.systems import Degrees, Field


@pytest.mark.parametrize("name", CELLS)
def test_directions_side_by_side_are_those_alone(name):
    runs, system = CELLS[name], Field("side by side")
    case = runs.exact_cases()[-1]
    with system.active():
        together, alone = (runs.evaluation(case, system) for _ in range(2))
        assert max(map(len, together.together)) > 1
        for quantity in together.aside:
            found, own = (together.tangents(quantity, ""), alone._derive(quantity, ""))
            for output in together.computed:
                assert (found[output] == own[output]).all(), (quantity, output)


def test_a_bound_of_all_directions_is_taken_of_one_quantity_at_a_time():
    """Else what bounds a false acceptance would grow with what else is asked."""
    runs, system = CELLS["mgu"], Degrees("")
    evaluation = runs.evaluation(runs.exact_cases()[0], system)
    evaluation.tangents("b_f", "")
    assert set(evaluation._tangents) == {("b_f", "")}
