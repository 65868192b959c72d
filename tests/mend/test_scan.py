"""What a search makes of what its edits come to: at short points, two at once, in part."""

from types import SimpleNamespace

import pytest

from bpttcheck.mend import Asked, Ran
from bpttcheck.mend import outcomes as of_outcomes
from bpttcheck.mend import scan as of_scan
from bpttcheck.mend.edit import Edit
from bpttcheck.mend.found import Suspect
from bpttcheck.mend.lacking import Lacking
from bpttcheck.mend.scan import Scan
from bpttcheck.mend.source import Piece, SourceFile

SOURCE = SourceFile("mine.py", "a\nb\nc\n")
SLOTS = [SimpleNamespace(number=i, key=("back", 1)) for i in range(3)]
EDITS = A, B, C = [
    Edit(SOURCE, "back", i + 1, (Piece(2 * i, 2 * i + 1, "x"),), "sign", "ABC"[i], {i: None}, i)
    for i in range(3)
]
"""One of each of three slots."""

NAMES = frozenset("UVW")


class Table:
    """A bench of which is known what is right, at its two points, with which edits on."""

    def __init__(self, right):
        self._right = right
        self.slots, self.order, self.sites = SLOTS, [0, 1, 2], {}
        self.tried = []

    def look(self, place):
        pass

    def edits(self, _place, numbers, more=None):
        return [edit for edit in EDITS if edit.slot in numbers and more is None]

    def run(self, edits, place):
        some = (edits,) if isinstance(edits, Edit) else edits
        words = "".join(sorted(edit.words for edit in some))
        self.tried.append(words)
        right = frozenset(self._right.get(words, ("", ""))[place.number])
        return Ran(True, right, {name: [] for name in NAMES})


@pytest.fixture
def scanned(monkeypatch):
    """Return what runs a scan over a table; suspected are the slots of A, B and C in turn."""
    lines = {i: Suspect("mine.py", i + 1, "") for i in range(3)}
    monkeypatch.setattr(of_scan, "reaches", lambda *_: {})
    monkeypatch.setattr(of_scan, "guilty", lambda *_: {})
    monkeypatch.setattr(of_scan, "suspects", lambda *_: (lines, Lacking(), None))
    monkeypatch.setattr(of_outcomes, "hides", lambda *_: False)
    monkeypatch.setattr(of_outcomes, "by_differences", lambda *_: False)

    def scanned(right):
        places = [SimpleNamespace(number=i, names=NAMES) for i in range(2)]
        asked = Asked([], places, lambda *_: None, lambda: 60.0)
        base = {i: frozenset(right[""][i]) for i in range(2)}
        scan = Scan(asked, Table(right), places, base)
        scan.run()
        return scan

    return scanned


def test_what_helps_at_a_short_point_is_found_after_what_does_harm_there(scanned):
    scan = scanned({"": ("", "U"), "A": ("", "V"), "B": ("", "UV")})
    assert (scan.right, scan.better) == ([], [[B]])


def test_the_first_two_that_are_right_together_end_the_search(scanned):
    scan = scanned({"": ("", ""), "AB": ("UVW", "UVW"), "AC": ("UVW", "UVW")})
    assert scan.right == [[A, B]]
    assert not {"AC", "BC"} & {*scan.bench.tried}


def test_a_part_is_what_is_right_at_every_point(scanned):
    """B helps at one point alone, C at both: with A it is all that there is."""
    rights = {"": ("", ""), "A": ("U", "U"), "B": ("V", ""), "C": ("W", "W"), "AC": ("UW", "UW")}
    scan = scanned(rights | {"AB": ("UV", "U"), "BC": ("VW", "W"), "ABC": ("UVW", "UW")})
    assert scan.part == [A, C]
    assert scan.part_right == {"U", "W"}
