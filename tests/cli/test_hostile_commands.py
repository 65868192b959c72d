"""Bad values of every option: exit status 2, and one line that names it.

With the programs that are run: ``python -m benchmarks.hostile_commands``.
"""

import pytest

from benchmarks import hostile_commands
from bpttcheck import cli
from bpttcheck.cli import main


def test_what_the_parser_refuses_is_said_in_a_line(monkeypatch):
    monkeypatch.setattr(cli, "_run", lambda options: 0)
    ends = list(hostile_commands.every())
    assert [str(end) for end in ends if end.wrong] == []
    assert sum(end.status == 2 for end in ends) > 150


REFUSED = [
    (["check", "mine.py", "--seed=--"], "argument --seed: expected a value, got '--'"),
    (
        ["check", "mine.py", "--sead", "1"],
        "unrecognized arguments: --sead 1; did you mean '--seed'?",
    ),
    (
        ["check", "mine.py", "--html", "x" * 300],
        "--html: expected a shorter name of a file, got 'xxx",
    ),
    (["check", "mine.py", "--replay", "x" * 300], "--replay: no file xxxxxx"),
    (
        ["check", "mine.py", "--seed", "x" * 300],
        "argument --seed: expected a whole number ≥ 0, got 'xxx",
    ),
    (["show", "x" * 300], "ID: expected an identity or a claim, got 'xxx"),
]


@pytest.mark.parametrize(("arguments", "said"), REFUSED, ids=[said[:30] for _, said in REFUSED])
def test_one_line_says_what_is_wrong(arguments, said, folder, capsys):
    assert main(arguments) == 2
    line = capsys.readouterr().err
    assert line.startswith(f"bpttcheck: {said}")
    assert line.count("\n") == 1
    assert len(line) < 400
