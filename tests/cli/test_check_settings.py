"""Settings of ``bpttcheck check`` in ``pyproject.toml``."""

import pytest

from bpttcheck.cli import main, settings
from tests.cli.model import FEW, MODEL, found
from tests.day import in_turn

SETTINGS = [
    ("seed = 7", 0, ""),
    ("budgt = 3", 2, "[tool.bpttcheck.check] has no key 'budgt'; did you mean 'budget'?"),
    ("max_examples = 3", 2, "has no key 'max_examples'; did you mean 'max-examples'?"),
    ("zzz = 1", 2, "has no key 'zzz'; known are budget, seconds, max-examples"),
    ("budget = '3'", 2, "budget: expected a number of seconds > 0, at most 1,000,000, got \"'3'\""),
    ("seed = true", 2, "seed: expected a whole number ≥ 0, got 'True'"),
    ("seed = -1", 2, "seed: expected a whole number ≥ 0, got '-1'"),
    ("max-examples = 0", 2, "max-examples: expected a whole number ≥ 1, got '0'"),
    ("thorough = 1", 2, "thorough: expected true or false, got 1"),
    ("only = [1]", 2, "only: expected names, such as ['W', 'b'], got [1]"),
    ("cases = 3", 2, "cases: expected a table, such as"),
    ("seed = ", 2, "pyproject.toml: Invalid value"),
]


@pytest.mark.parametrize(("line", "status", "message"), SETTINGS)
def test_settings(folder, capsys, line, status, message):
    (folder / "pyproject.toml").write_text(f"[tool.bpttcheck.check]\n{line}\n", encoding="utf-8")
    assert main(["check", "model.py", *FEW]) == status
    err = capsys.readouterr().err
    assert message in err
    assert len(err.splitlines()) <= 1 + (status == 0)


@in_turn(2)
def test_the_nearest_settings_count_and_the_command_line_wins(folder, capsys, monkeypatch):
    text = "[tool.bpttcheck.check]\nseed = 7\nonly = ['a']\ncases = {T = [1, 2], regimes = 'given'}"
    (folder / "pyproject.toml").write_text(text)
    below = folder / "one" / "two"
    below.mkdir(parents=True)
    (folder / "one" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    (below / "model.py").write_text(MODEL)
    monkeypatch.chdir(below)
    status, report = found(capsys, "model.py:wrong")
    assert (status, report["seed"]) == (0, 7)
    assert report["case"]["T"] <= 2
    status, report = found(capsys, "model.py:wrong", "--only", "b", "--seed", "3")
    assert (status, report["seed"]) == (1, 3)
    (below / "pyproject.toml").write_text("[tool.bpttcheck.check]\nthorough = true\n")
    assert settings.read(below) == {"thorough": True}
    (below / "pyproject.toml").write_text("[tool.bpttcheck]\ncheck = 3\n")
    assert main(["check", "model.py"]) == 2
    assert "tool.bpttcheck.check: expected a table" in capsys.readouterr().err
