"""The home page: what it shows of the command is what the command says, and one way to install."""

import re
from pathlib import Path

import pytest

pytest.importorskip("mkdocs", reason="the site's tools are missing: pip install '.[docs]'")

from mkdocs.exceptions import PluginError

from site_tools import console
from site_tools.generated import home

ROOT = Path(__file__).resolve().parents[2]
SESSION = (ROOT / "README.md").read_text(encoding="utf-8")
"""Its report is held against the command by a test of its own."""


def test_the_loop_with_the_slip_has_the_line_that_the_verdict_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    report = re.search(r"\$ bpttcheck check [^\n]*\n(.*?)```", SESSION, re.DOTALL)
    assert report
    monkeypatch.setattr(console, "output", lambda _: (1, report[1]))
    shown = home.found()
    assert "wrong: gradients of U, W, b not the derivative of the loss" in shown
    assert "cause: recurrent-transpose" in shown
    (line,) = re.findall(r"^ +- (.*)$", shown, re.MULTILINE)
    assert f"    {line}\n" in home.slip()
    (number,) = re.findall(r"mend: mine.py, line (\d+)", shown)
    source = (ROOT / home.EXAMPLE).read_text(encoding="utf-8").split("\n")
    assert source[int(number) - 1].strip() == line


@pytest.mark.parametrize("said", [(0, "right"), (1, "wrong: gradient of W\n")])
def test_another_verdict_fails_the_build(
    monkeypatch: pytest.MonkeyPatch, said: tuple[int, str]
) -> None:
    monkeypatch.setattr(console, "output", lambda _: said)
    with pytest.raises(PluginError, match=f"the home page shows .* now: {said[1].strip()}"):
        home.found()


def test_nothing_sends_readers_to_a_package_that_is_not_published() -> None:
    told = re.compile(r"pip install ['\"]?bpttcheck")
    for path in (ROOT / "docs", ROOT / "site_tools", ROOT / "bpttcheck", *ROOT.glob("*.md")):
        for file in [path] if path.is_file() else path.rglob("*"):
            if file.suffix in {".py", ".md", ".js", ".json"}:
                assert not told.search(file.read_text(encoding="utf-8")), file
