"""What edits do adds up: the two that make all right together, and how often a term counts."""

import pytest

from bpttcheck.mend.edit import Edit
from bpttcheck.mend.siblings import joined
from bpttcheck.mend.source import Piece, SourceFile
from bpttcheck.mend.superposition import counts, pairs, written
from bpttcheck.mend.term_edits import both

NOTHING = SourceFile("none.py", "")


def edit(name, term=""):
    return Edit(NOTHING, "f", 1, (), "term", name, {}, term=term)


def misses(*values):
    return {"w": [(value, 1e-13) for value in values]}


BASE = misses(3.0, -2.0)
A, B, C = edit("a"), edit("b", "b"), edit("c")
TRIED = [(A, misses(2.0, 2.0)), (B, misses(5.0, -6.0)), (C, misses(3.0, -1.0))]
"""a moves both by (−1, 4), the term b by (2, −4), c by (0, 1): a with −b is (−3, 8)."""


def test_two_edits_that_add_up_are_found_in_either_sign():
    (found,) = pairs(BASE, [TRIED[0], (C, misses(1.0, -4.0))], ["w"])
    assert {e.words for e, _ in found} == {"a", "c"}
    (found,) = pairs(BASE, [(A, misses(4.0, -2.5)), (B, misses(7.0, -4.5))], ["w"])
    assert {(e.words, sign) for e, sign in found} == {("a", 1), ("b", -1)}
    assert not list(pairs(BASE, TRIED, ["w"]))


def test_a_term_counts_as_often_as_it_is_missing():
    assert list(counts(BASE, [(B, misses(9.0, -6.0))], ["w"])) == [(B, pytest.approx(-0.5))]
    assert not list(counts(BASE, [(A, misses(9.0, -6.0)), TRIED[1]], ["w"]))


@pytest.mark.parametrize(
    ("count", "text"),
    [(-1.0, "- "), (0.5, "+ 0.5 * "), (0.2, "+ 2 * step * "), (-10.0, "- 1 / step * ")],
)
def test_a_number_is_written_as_the_code_would(count, text):
    assert list(written(count, {"step": 0.1})) == [text]


def test_no_text_of_another_number():
    assert not list(written(0.7, {"step": 0.1, "none": 0.0}))


def test_edits_of_the_same_text_are_none_together():
    gone = Edit(NOTHING, "f", 1, (Piece(0, 9, ""),), "left out", "", {7: None})
    within = Edit(NOTHING, "f", 1, (Piece(4, 5, "x"),), "name", "", {0: None})
    after = Edit(NOTHING, "f", 1, (Piece(9, 9, "y"),), "message", "", {8: None})
    assert joined([], [gone, within]) is None
    assert joined([], [gone, after]) == [gone, after]


def test_two_edits_are_made_at_once_where_they_do_not_overlap():
    one = Edit(NOTHING, "f", 1, (Piece(0, 2, "x"),), "sign", "", {0: None})
    other = Edit(NOTHING, "f", 1, (Piece(4, 5, "x"),), "name", "", {1: None})
    same = Edit(NOTHING, "f", 1, (Piece(1, 2, "y"),), "name", "", {0: None})
    assert both([], one, other) == [one, other]
    assert both([], one, same) is None
