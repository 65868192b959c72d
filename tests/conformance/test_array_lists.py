"""Arrays of libraries' cells are named and shaped as is kept as text."""

from tests.conformance.array_lists import KEPT, text


def test_arrays_are_those_of_the_list():
    assert text().splitlines() == KEPT.read_text(encoding="utf-8").splitlines()
