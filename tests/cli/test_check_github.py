"""``--format github``: an annotation at the line, as a workflow of GitHub's reads it."""

from pathlib import Path

from bpttcheck.cli import main
from bpttcheck.cli.finding import Found, bare
from bpttcheck.cli.github import workflow_commands

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "mine.py"

EDIT = {
    "file": "src/net.py",
    "line": 7,
    "function": "back",
    "before": "d = W @ e",
    "after": "d = 1",
}


def told(verdict, reason="50 % off, in W", **mend):
    whole = {"edits": [], "suspects": [], "changes_loss": False, "words": "w", "makes": "all right"}
    report = bare(verdict, reason) | ({"mend": whole | mend} if mend else {})
    return [*workflow_commands(Found("net.py:problem", report))]


def test_an_edit_stands_at_its_lines():
    (line,) = told("wrong", edits=[EDIT | {"before": "d = (W\n  @ e)"}])
    head, text = line.split("problem::")
    assert head == "::error file=src/net.py,line=7,endLine=8,title=bpttcheck net.py%3A"
    assert text == "wrong: 50 %25 off, in W%0Amend, w: all right%0A- d = (W%0A-   @ e)%0A+ d = 1"


def test_a_line_to_look_at_stands_for_it_where_there_is_none():
    found = told("wrong", suspects=[{"file": "net.py", "line": 3, "why": "d is nothing"}])
    assert found[0].startswith("::error file=net.py,line=3,endLine=3,title=")
    assert found[0].endswith("%0Alook here: d is nothing")


def test_what_has_no_line():
    head = "title=bpttcheck net.py%3Aproblem::"
    assert told("wrong") == [f"::error {head}wrong: 50 %25 off, in W"]
    assert told("undecided") == [f"::warning {head}undecided: 50 %25 off, in W"]
    assert told("right") == []
    failed = Found("net.py:problem", error="no file net.py", kind="usage")
    assert [*workflow_commands(failed)] == [f"::error {head}no file net.py"]


def test_from_the_command_line(tmp_path, monkeypatch, capsys):
    (tmp_path / "mine.py").write_bytes(HOW_TO.read_bytes())
    monkeypatch.chdir(tmp_path)
    assert main(["check", "mine.py", "--format", "github", "--verdict-only"]) == 1
    out, _ = capsys.readouterr()
    assert out.startswith("wrong: ")
    assert out.splitlines()[-1].startswith("::error title=bpttcheck mine.py::wrong: gradient")
    assert main(["check", "mine.py", "--format", "github", "--json"]) == 2
    assert "--format github: not together with --json" in capsys.readouterr().err
