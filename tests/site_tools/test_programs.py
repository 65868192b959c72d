"""The programs that run in a page: CPython and MicroPython, the very text of the page."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mkdocs", reason="the site's tools are missing: pip install '.[docs]'")
pytest.importorskip("jupytext", reason="the site's tools are missing: pip install '.[docs]'")

import jupytext
from mkdocs.exceptions import PluginError
from nbformat import NotebookNode

from bpttcheck import plain
from site_tools import node, npm
from site_tools.in_page import interpreter, program

ROOT = Path(__file__).resolve().parents[2]

# Runs programs, one after the other, as the page's worker does.
NODE = """
import {{ readFileSync }} from "node:fs";
import {{ run }} from "{python}";
import {{ loadMicroPython }} from "{interpreter}";
const [plain, programs, limit] = JSON.parse(readFileSync(0, "utf8"));
const answers = [];
for (const program of programs) {{
  const answer = {{ printed: [], told: null }};
  answer.failed = await run(loadMicroPython, {{
    program, plain, limit,
    print: (line) => answer.printed.push(line),
    tell: (report) => {{ answer.told = report; }},
  }});
  answers.push(answer);
}}
process.stdout.write(JSON.stringify(answers));
"""


def programs() -> dict[str, str]:
    """Return the text of every program of the pages, by the page."""
    found = {}
    for page in sorted((ROOT / "docs").rglob("*.py")):
        if 'tags=["run"]' in page.read_text(encoding="utf-8"):
            (cell,) = [c for c in jupytext.read(page).cells if "run" in c.metadata.get("tags", ())]
            found[page.stem] = cell.source
    return found


PROGRAMS = programs()
TUTORIAL, SCALAR, VECTOR, LSTM = (
    PROGRAMS[name] for name in ("bptt-from-zero", "scalar", "vector", "lstm")
)
INPUTS = "x = [1.0, 0.0, 0.0]\ny = [0.0, 0.0, 1.0]"
STEP_2 = "y_hat[t] * (1 - y_hat[t]) + w"

LAST_LOSS = TUTORIAL.replace(
    "sum((h[t] - y[t - 1]) ** 2 / 2 for t in range(1, T + 1))", "(h[T] - y[T - 1]) ** 2 / 2"
)
LAST_SQUARE = SCALAR.replace("for t in range(T))", "for t in (T - 1,))")

# What the pages tell the reader to try, and which gradients are wrong then.
TRIED = [
    (TUTORIAL, "w, v = 0.5", "w, v = 1.5", ""),
    (TUTORIAL, INPUTS, "x = [1.0] + 19 * [0.0]\ny = 19 * [0.0] + [1.0]", ""),
    (TUTORIAL, "ds * h[t - 1]", "ds * h[t]", "w"),
    (TUTORIAL, "* (1 - h[t] ** 2)", "", "v w"),
    (LAST_LOSS, "(h[t] - y[t - 1]) +", "(h[t] - y[t - 1]) * (t == T) +", ""),
    (LAST_LOSS, "(h[t] - y[t - 1]) +", "(h[t] - y[t - 1]) * (t >= 1) +", "v w"),
    (LAST_SQUARE, "(y_hat[t] - y[t]) * y_hat", "(t == T - 1) * (y_hat[t] - y[t]) * y_hat", ""),
    (SCALAR, "w, v, h0 = 0.9", "w, v, h0 = 2.0", ""),
    (SCALAR, "ds = dw = dv = 0.0", "dw = dv = 0.0; ds = 1.0", "h0 v w"),
    (SCALAR, STEP_2, "(1 - h[t + 1] ** 2) + w", "h0 v w"),
    (VECTOR, "times(transposed(W), da)", "times(W, da)", "U W"),
    (VECTOR, "da[i] * h[t][j]", "da[i] * h[t + 1][j]", "W"),
    (VECTOR, " + message[i]", "", "U W"),
    (LSTM, "b = [-1.0, 2.0", "b = [-1.0, -2.0", ""),
    (LSTM, "b = [-1.0, 2.0", "b = [-1.0, 5.0", ""),
    (LSTM, "message = f * dc", "message = dc", "b u w"),
    (LSTM, "* c[t] * f", "* c[t + 1] * f", "b u w"),
    (LSTM, "squashed**2) + message", "squashed**2)", "b u w"),
]
CHANGED = [text.replace(old, new) for text, old, new, _ in TRIED]

BAD = [
    ("h = [0.0]\nif h\n    print(h)\n", 2, "SyntaxError"),
    ("h = [0.0]\nprint(nowhere)\n", 2, "NameError: name 'nowhere'"),
    ("def f(t):\n    return t[1]\n\nf([0.0])\n", 2, "IndexError"),
    ("import numpy\n", 1, "ImportError: no module named 'numpy'"),
    ("def f():\n    f()\n\nf()\n", 2, "RuntimeError: maximum recursion"),
    ("def f(t):\n    while True:\n        t = t + 1\n\nf(0)\n", 3, "KeyboardInterrupt"),
    ("while True:\n    print('again')\n", 2, "KeyboardInterrupt"),
    ("w = 1.0\nv = float(input())\n", 2, "EOFError: nobody can type here"),
    ("w = 1.0\nv = [w] * 10**9\n", 2, "MemoryError"),
    ("print('long' * 10**5)\nnowhere\n", 2, "NameError"),
    (TUTORIAL.replace("w, v = 0.5", "w, v = '0.5'"), 15, "TypeError"),
    (SCALAR.replace("exp(-h[-1])", "exp(2000.0)"), 16, "ValueError: math domain error"),
]
STATES = TUTORIAL.replace("tanh(w * h[t - 1]", "(w * h[t - 1]").replace(
    "w, v = 0.5", "w, v = 1e200"
)


@pytest.fixture(scope="module")
def answers() -> list[dict[str, Any]]:
    """Return what MicroPython makes of all of them, in one Node process."""
    package = interpreter.package()
    if package is None:
        pytest.skip("npm's registry cannot be reached, and MicroPython has not been fetched before")
    script = NODE.format(
        python=(ROOT / "site_tools" / "in_page" / "python.mjs").as_uri(),
        interpreter=(package / "micropython.mjs").as_uri(),
    )
    text = Path(plain.__file__).read_text(encoding="utf-8")
    asked = [*PROGRAMS.values(), *CHANGED, *(bad for bad, _, _ in BAD), STATES]
    command = [*node.find().node, "--input-type=module", "-e", script]
    return json.loads(npm.run(command, stdin=json.dumps([text, asked, 300])))


def by_cpython(text: str) -> str:
    """Return what a program prints in a namespace of its own."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(text, "program", "exec"), {"__name__": "__main__"})
    return printed.getvalue()


def wrong(report: dict[str, Any]) -> str:
    """Return the names of the gradients that are wrong."""
    return " ".join(row["name"] for row in report["verdicts"] if row["verdict"] == "wrong")


def test_both_pythons_print_the_same(answers: list[dict[str, Any]]) -> None:
    assert len(PROGRAMS) >= 4
    for (name, text), answer in zip(PROGRAMS.items(), answers, strict=False):
        assert answer["failed"] is None, name
        assert "\n".join(answer["printed"]) + "\n" == by_cpython(text), name
        assert {row["verdict"] for row in answer["told"]["verdicts"]} == {"right"}, name
        assert len(answer["told"]["states"]) == len(answer["told"]["messages"]), name


def test_what_the_page_tells_to_try_is_judged_as_it_says(answers: list[dict[str, Any]]) -> None:
    seen = answers[len(PROGRAMS) :]
    for (text, old, new, names), changed, answer in zip(TRIED, CHANGED, seen, strict=False):
        assert text.count(old) == 1, old
        assert wrong(answer["told"]) == names, new
        rows = [line for line in by_cpython(changed).splitlines() if "  wrong" in line]
        assert " ".join(row.split()[0].removeprefix("∂L/∂") for row in rows) == names, new


def test_the_line_is_named_and_the_program_ends(answers: list[dict[str, Any]]) -> None:
    seen = answers[len(PROGRAMS) + len(TRIED) :]
    for (text, line, says), answer in zip(BAD, seen, strict=False):
        assert (answer["failed"] or {}).get("line") == line, text
        assert says in answer["failed"]["says"], text
        assert answer["failed"]["stopped"] == (says == "KeyboardInterrupt")
        assert len(answer["printed"]) <= 201
        assert max(map(len, answer["printed"]), default=0) <= 2000


def test_an_infinite_state_is_named(answers: list[dict[str, Any]]) -> None:
    told = answers[-1]["told"]
    assert {row["verdict"] for row in told["verdicts"]} == {"undecided"}
    assert told["verdicts"][0]["says"] == "h_3 is inf"
    assert told["states"][3] == ["inf"]


REPORT = {
    "verdicts": [{"name": "w", "verdict": "right", "says": "<1>"}],
    "letter": "c",
    "states": [[0.0, 0.5], [1.0, "inf"]],
    "messages": [[-0.25, 1e-300], [0.0, "nan"]],
}


def test_a_program_is_shown_with_its_output_and_figure() -> None:
    told = NotebookNode(output_type="execute_result", data={plain.MIME: REPORT, "text/plain": ""})
    said = NotebookNode(output_type="stream", text="a < b\n")
    page = program.shown("```{ .python }\nx\n```", 'A "name"', [said, told])
    assert 'div.run-cell[data-name="A &quot;name&quot;"]' in page
    assert "<samp>a &lt; b</samp>" in page
    assert '<title id="run-a-name">States c, from step 0 on: 0 and 0.5; 1 and ∞.' in page
    assert "−0.25 and 1e−300; 0 and nan" in page
    assert "NaN" not in page
    for report, says in (
        (REPORT | {"states": [], "messages": []}, "Nothing to draw"),
        (REPORT | {"states": [[0.0]] * 3000, "messages": []}, "3000 numbers are too many to draw"),
    ):
        many = NotebookNode(output_type="execute_result", data={plain.MIME: report})
        assert f">{says}" in program.shown("", "A name", [many])
    for outputs in ([said], [told, told]):
        with pytest.raises(ValueError, match="A name: expected a cell that ends with report"):
            program.shown("", "A name", outputs)


def test_without_the_registry_the_programs_are_text(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unreachable(*_: object) -> Path:
        raise PluginError("npm ci\nnpm error code ENOTFOUND\nnpm error network")

    monkeypatch.setattr(npm, "installed", unreachable)
    interpreter.package.cache_clear()
    caplog.set_level("INFO", "mkdocs.site_tools.interpreter")
    box = '<div class="run-cell" data-name="x">'
    try:
        assert interpreter.assets(None) == []  # type: ignore[arg-type]  # not read
        assert interpreter.marked("no program") == "no program"
        shown = interpreter.marked(box)
    finally:
        interpreter.package.cache_clear()
    assert interpreter.TEXT_ONLY in shown
    assert 'class="run-cell run-text"' in shown
    assert "stay text: npm error code ENOTFOUND" in caplog.text
    assert all(record.levelname == "INFO" for record in caplog.records)  # strict builds go on


def test_another_package_than_was_pinned_fails_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    def changed(*_: object) -> Path:
        raise PluginError("npm ci\nnpm error code EINTEGRITY\nnpm error sha512-…")

    monkeypatch.setattr(npm, "installed", changed)
    interpreter.package.cache_clear()
    with pytest.raises(PluginError, match="EINTEGRITY"):
        interpreter.package()


def test_the_interpreter_is_pinned_by_a_digest_and_no_mirror() -> None:
    lock = json.loads(npm.lock(ROOT / "site_tools" / "in_page"))
    pinned = lock["packages"][f"node_modules/{interpreter.PACKAGE}"]
    assert pinned["integrity"].startswith("sha512-")
    assert "resolved" not in pinned  # the registry that npm uses by itself
