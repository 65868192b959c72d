"""An edit leaves no parentheses that nothing needs, and takes none away that were the user's."""

import pytest

from bpttcheck.mend.parentheses import unwrapped
from bpttcheck.mend.source import Piece, SourceFile

TIDIED = [
    ("dn = f * (dc - dn)", "dc - dn", "dc", "dn = f * dc"),
    ("dn = f * (dc - dn)", "dc - dn", "dc * dn", "dn = f * (dc * dn)"),
    ("dn = (dc - dn) @ W", "dc - dn", "dc * s", "dn = (dc * s) @ W"),
    ("dn = (dc +\n  dn) @ W", "dc +\n  dn", "dc", "dn = dc @ W"),
    ("dc = dh * o + dn", "dh * o", "(dh * o * s)", "dc = dh * o * s + dn"),
    ("dc = dh * o + dn", "dh", "(dh + dn)", "dc = (dh + dn) * o + dn"),
    ("dh = a + m * s", "a + m", "((a @ V) + m)", "dh = (a @ V + m) * s"),
    ("db = np.sum(da - s)", "da - s", "da", "db = np.sum(da)"),
    ("dh = (da @ W)", "da @ W", "da @ W.T", "dh = (da @ W.T)"),
    ("dh = dn - (da + s)", "da + s", "da - s", "dh = dn - (da - s)"),
]


@pytest.mark.parametrize(("text", "old", "new", "then"), TIDIED)
def test_parentheses_go_where_they_change_nothing(text, old, new, then):
    start = text.index(old)
    source = SourceFile("mine.py", text + "\n")
    assert unwrapped(source, [Piece(start, start + len(old), new)]).text == then + "\n"
