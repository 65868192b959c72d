"""``--html``: the reports of all targets as one page; without it nothing changes."""

from pathlib import Path

import pytest

from bpttcheck.cli import main
from tests.day import in_turn

MODEL = """
import numpy as np
def right():
    return lambda p: (float(p["w"] ** 2), {"w": 2 * p["w"]}), {"w": np.array(0.5)}
def wrong():
    return lambda p: (float(p["w"] ** 2), {"w": 3 * p["w"]}), {"w": np.array(0.5)}
"""


@pytest.fixture
def model(tmp_path, monkeypatch):
    (tmp_path / "net.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    return ["check", "net.py:right", "net.py:wrong", "--no-mend"]


def test_a_page_holds_every_target(model, tmp_path, capsys):
    assert main([*model, "--html", "report.html"]) == 1
    page = (tmp_path / "report.html").read_text("utf-8")
    assert 'net.py:right: <span class="is-right">right</span>' in page
    assert 'net.py:wrong: <span class="is-wrong">wrong</span>' in page
    assert "1 of 1 entries are wrong" in page
    assert "http" not in page, "it asks nothing of anybody"
    assert "wrong      net.py:wrong" in capsys.readouterr().out


def test_a_page_that_cannot_be_written_is_no_verdict(model, capsys, monkeypatch):
    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    assert main([*model, "--html", "report.html"]) == 4
    said = capsys.readouterr()
    assert "bpttcheck: --html: report.html was not written: No space left on device" in said.err
    assert "right      net.py:right" in said.out


def test_names_that_utf_8_does_not_have_are_shown_escaped(tmp_path, monkeypatch):
    (tmp_path / "net.py").write_text(MODEL.replace('"w"', '"w\\udcff"'))
    monkeypatch.chdir(tmp_path)
    command = ["check", "net.py:wrong", "--no-mend", "--html", "report.html"]
    assert main(command) == 1
    assert "w\\udcff" in (tmp_path / "report.html").read_text("utf-8")


@in_turn(2, 1)
def test_a_cause_is_told_with_what_is_right_and_the_network(tmp_path):
    mine = Path(__file__).parents[2] / "docs/how-to/mine.py"
    file = tmp_path / "report.html"
    command = ["check", f"{mine}:problem", "--no-mend", "--max-examples", "1"]
    assert main([*command, "--html", str(file)]) == 1
    page = file.read_text("utf-8")
    assert "<p>W, U, b: the recurrent message uses W where it needs Wᵀ" in page
    assert "<br>right: ∂L/∂h_t = Wᵀ" in page
    assert "<p>Recognised as a vanilla RNN, tanh, squared error: W = W transposed" in page
