"""What a TARGET names, and what is said where it cannot be had."""

import pytest

from bpttcheck.check.program.target import ImportRaised, TargetError, load

RELATIVE = (
    "attempted relative import with no known parent package; "
    "a module of a package is named like package.module:object"
)
RAISES = {
    "x = 1\nraise KeyError('no')\n": "raised KeyError at some_target.py:2: 'no'",
    "import sys\nsys.exit(3)\n": "called sys.exit(3) at some_target.py:2",
    "from .layers import cell\n": f"raised ImportError at some_target.py:1: {RELATIVE}",
}


@pytest.mark.parametrize("source", RAISES, ids=["raises", "exits", "relative"])
def test_a_file_that_cannot_be_imported(source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "some_target.py").write_text(source)
    with pytest.raises(ImportRaised) as caught:
        load("some_target.py:problem")
    assert str(caught.value) == f"importing some_target.py: {RAISES[source]}"


EXPECTED = "module:object, path/file.py:object or path/file.py"
MISSING = [
    ("some_target.py:prblem", "TARGET: some_target.py has no 'prblem'; did you mean problem?"),
    ("some_target.py:q", "TARGET: some_target.py has no 'q'; did you mean one of problem, other?"),
    ("some_target.py:size", "TARGET: expected a function, got size of type int"),
    ("none.py", "TARGET: no file none.py"),
    ("no_such_target:f", "TARGET: no module 'no_such_target' for 'no_such_target:f'"),
    ("some_target.py:1", f"TARGET: expected {EXPECTED}, got 'some_target.py:1'"),
]


@pytest.mark.parametrize(("target", "said"), MISSING, ids=[target for target, _ in MISSING])
def test_an_object_that_is_not_there(target, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "some_target.py").write_text("size = 3\ndef problem(): ...\ndef other(): ...\n")
    with pytest.raises(TargetError) as caught:
        load(target)
    assert str(caught.value) == said
