"""What is tried of an expression, and how it is told, is what is kept as text."""

from tests.mend.edit_lists import KEPT, text


def test_the_edits_of_each_kind_are_those_of_the_list():
    assert text().splitlines() == KEPT.read_text(encoding="utf-8").splitlines()
