"""A mend as a report tells it, whole: what is changed, of how many tried, and where to look."""

from bpttcheck.mend.found import EditedLine, Mend, Suspect


def line(number):
    return EditedLine("/home/me/mine.py", number, "back", "da = dh", f"da = dh * s[{number}]")


LOOK = [Suspect("mine.py", i, f"reason {i}") for i in range(1, 8)]

FOUND = """\
mend: mine.py, line 9, in back
    - da = dh
    + da = dh * s[9]
 and: mine.py, line 8, in back
    - da = dh
    + da = dh * s[8]
  the factor s: all gradients right
  one of 8 such edits of 1,234 tried
  or: mine.py, line 1, in back
    - da = dh
    + da = dh * s[1]
  or: mine.py, line 2, in back
    - da = dh
    + da = dh * s[2]
  or: mine.py, line 3, in back
    - da = dh
    + da = dh * s[3]
  or: mine.py, line 4, in back
    - da = dh
    + da = dh * s[4]
  or: mine.py, line 5, in back
    - da = dh
    + da = dh * s[5]
"""

NONE = """\
look at mine.py, line 1: reason 1
   then mine.py, line 2: reason 2
   then mine.py, line 3: reason 3
   then mine.py, line 4: reason 4
   then mine.py, line 5: reason 5
no mend: no edit makes all gradients right, 7 tried
"""

PART = """\
partial mend of the forward pass: mine.py, line 9, in back
    - da = dh
    + da = dh * s[9]
  the factor s: W right
  the only such edit of 12 tried
"""


def told(mend):
    return "".join(f"{one}\n" for one in mend.lines())


def test_edits_with_others_that_do_the_same():
    words, makes = "the factor s", "all gradients right"
    others = tuple((line(i),) for i in range(1, 8))
    mend = Mend((line(9), line(8)), "", words, makes, tried=1234, alternatives=others)
    assert told(mend) == FOUND


def test_lines_to_look_at_where_there_is_no_edit():
    mend = Mend(suspects=tuple(LOOK), note="no edit makes all gradients right, 7 tried")
    assert told(mend) == NONE


def test_a_part_of_the_forward_pass():
    mend = Mend((line(9),), "", "the factor s", "W right", (), True, True, 12)
    assert told(mend) == PART
