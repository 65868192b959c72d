"""The files that ``check`` is to write: nothing of the user's is written over."""

import pytest

from bpttcheck.cli import main

LOST = "is source code, and would be lost"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    for name in ("net.py", "other.py", "program", "case.json"):
        (tmp_path / name).write_text("raise SystemExit('never run')\n")
    (tmp_path / "link").symlink_to("net.py")
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    yield
    for name in ("net.py", "other.py", "program", "case.json"):
        assert (tmp_path / name).read_text() == "raise SystemExit('never run')\n"


@pytest.mark.parametrize("option", ["--html", "--patch", "--save-case"])
@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("nowhere/file", "no folder for nowhere/file"),
        ("sub", "expected a file, got the folder sub"),
        ("", "expected a file, got ''"),
        ("sub/../net.py", f"sub/../net.py {LOST}"),
        ("link", f"link {LOST}"),
        ("other.py", f"other.py {LOST}"),
    ],
)
def test_what_cannot_or_must_not_be_written(option, file, why, capsys):
    assert main(["check", "net.py:problem", option, file]) == 2
    assert f"{option}: {why}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["net.py", "--html", "-"], "--html: expected a file, got '-'"),
        (["program:f", "--save-case", "program"], f"--save-case: program {LOST}"),
        (["net.py", "--html", "a", "--patch", "./a"], "--patch: ./a is the file of --html too"),
        (["net.py", "--html", "a", "--save-case", "a"], "--save-case: a is the file of --html too"),
        (
            ["net.py", "--replay", "case.json", "--patch", "case.json"],
            "--patch: case.json is the file of --replay too",
        ),
    ],
)
def test_files_that_are_taken(arguments, why, capsys):
    assert main(["check", *arguments]) == 2
    assert why in capsys.readouterr().err
