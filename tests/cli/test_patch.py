"""``--patch``: the bytes that a diff has."""

import pytest

from bpttcheck.cli.finding import Found
from bpttcheck.cli.patch import written

DIFF = """\
--- a/{name}
+++ b/{name}
@@ -1,2 +1,2 @@
--- a  # é
-+++ b
+-a  # é
"""


@pytest.mark.parametrize("name", [b"m.py", "m→.py".encode(), b"m\xff.py"])
def test_names_and_source_keep_their_encodings(name, tmp_path):
    patch = DIFF.format(name=name.decode("utf-8", "surrogateescape"))
    mend = {"patch": patch, "encoding": "latin-1"}
    assert "patch written" in written(str(tmp_path / "a.diff"), [Found("m", {"mend": mend})] * 2)
    lines = (tmp_path / "a.diff").read_bytes().split(b"\n")
    assert lines[:2] == [b"--- a/" + name, b"+++ b/" + name] == lines[6:8]
    assert lines[3:6] == [b"--- a  # \xe9", b"-+++ b", b"+-a  # \xe9"]
