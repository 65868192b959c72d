"""What is tried of an expression, and how it is told, is what the committed list says."""

from pathlib import Path

from tests.mend.edit_lists import listed

KEPT = Path(__file__).with_name("edits.txt")


def test_the_edits_of_each_kind_are_those_of_the_list():
    """To keep another list, see ``edit_lists``: an edit that goes is a mend that nobody finds."""
    assert [*listed()] == KEPT.read_text(encoding="utf-8").splitlines()
