"""Arrays of a library's cell are named and shaped as it has them, for m = 2, n = 3 and r = 4."""

from pathlib import Path

from tests.conformance.array_lists import listed

KEPT = Path(__file__).with_name("library_arrays.txt")


def test_arrays_are_those_of_the_list():
    """To keep another list, see ``array_lists``."""
    assert [*listed()] == KEPT.read_text(encoding="utf-8").splitlines()
