"""The documentation build: what must fail it does, and formulas are typeset.

Each test builds a site of one or two pages with the repository's own mkdocs.yml and hook.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("mkdocs", reason="the site's tools are missing: pip install '.[docs]'")
pytest.importorskip("material", reason="the site's tools are missing: pip install '.[docs]'")
pytest.importorskip("mkdocs_jupyter", reason="the site's tools are missing: pip install '.[docs]'")
pytest.importorskip("mkdocstrings", reason="the site's tools are missing: pip install '.[docs]'")

from mkdocs.exceptions import Abort, PluginError

# The tools' own deprecations are not ours to mend.
pytestmark = pytest.mark.filterwarnings("default")

ROOT = Path(__file__).resolve().parents[2]
PAGE = "# Home\n\n"
Build = Callable[..., str]


def test_formulas_are_typeset_wherever_they_stand(site: Build, tmp_path: Path) -> None:
    """Markdown, notebook cells, notebook outputs, generated pages; code is left alone."""
    notebook = (
        "# %% [markdown]\n# # Cells\n# $m_1$ and [home](../index.md#home)\n#\n# $$m_2$$\n"
        "# %%\nfrom IPython.display import Latex, Markdown, Math, display\n"
        "display(Math('m_3 < b'), Latex('$$m_4$$'), Markdown('so $m_5<b$'))\nprint('$$ left $$')\n"
    )
    home = PAGE + "\n\n".join([r"$m_1$ and \(m_2\)", "$$\nm_3\n$$", r"\[m_4\]", "`$$`"])
    html = site(
        {"index.md": home, "derivations/cells.py": notebook},
        generated={"reference/claims.md": "# Claims\n\n$m_1$\n"},
    )
    assert _typeset(html) == ["m_1", "m_2", "m_3", "m_4"]
    assert "<code>$$</code>" in html
    assert "$$" not in html.replace("<code>$$</code>", "")

    cells = (tmp_path / "site/derivations/cells/index.html").read_text(encoding="utf-8")
    assert _typeset(cells) == ["m_1", "m_2", "m_3 &lt; b", "m_4", "m_5&lt;b"]
    assert "$$ left $$</samp>" in cells
    assert 'href="../../#home"' in cells
    assert len(cells) < 100_000  # nbconvert's style sheets alone are half a megabyte
    assert "m_1" in (tmp_path / "site/reference/claims/index.html").read_text(encoding="utf-8")


def test_what_comes_back_from_the_loss_has_a_colour(site: Build) -> None:
    """Derivatives of the loss, in fractions and in lines; no other; the source stays as written."""
    display = r"\frac{\partial L}{\partial \mathbf{h}_{t}} = W^{\top} \frac{\partial a}{\partial h}"
    line = r"$\partial L/\partial s_{t+1} < 1$, $h_t$ and $\partial h_t / \partial h_k$"
    html = site({"index.md": f"{PAGE}$$\n{display}\n$$\n\n{line}"})
    assert html.count('class="enclosing back"') == 2
    assert _typeset(html) == [
        display, r"\partial L/\partial s_{t+1} &lt; 1", "h_t", r"\partial h_t / \partial h_k",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        (r"$$\frac{1}{$$", r"index.md: KaTeX parse error.*\\frac\{1\}\{"),
        (r"$\nosuchmacro$", r"index.md: KaTeX parse error.*\\nosuchmacro"),
        ("in a line: $$x$$ y $$", r"index.md: maths that is not recognised.*\$\$"),
        ("[gone](nowhere.md)", r"'index.md' contains a link 'nowhere.md'"),
        ("[gone](#nowhere)", r"'index.md' contains a link '#nowhere'"),
        ("[gone](reference/claims.md#scalar.gone)", r"contains a link 'reference/claims.md"),
        ("[`gone`][bpttcheck.gone]", r"index.md.*cross-reference target 'bpttcheck.gone'"),
        ("![words](gone.svg)", r"'index.md' contains a link 'gone.svg'"),
        ("![](assets/mark.svg)", r"index.md: an image without words"),
        ('<svg role="img"><path d="M0 0"/></svg>', r"index.md: a drawing without a title: <svg"),
        ('<p id="a"></p>\n<p id="a"></p>', r"index.md: 2 elements have the id 'a'"),
    ],
)
def test_a_bad_page_fails_the_build(
    site: Build, caplog: pytest.LogCaptureFixture, page: str, complaint: str
) -> None:
    with pytest.raises(Abort, match="strict mode"):
        site({"index.md": PAGE + page})
    assert re.search(complaint, caplog.text, re.DOTALL)


@pytest.mark.parametrize(
    ("cell", "complaint"),
    [
        ("# %%\n1 / 0", r"derivations/cells.py: a cell failed.*1 / 0.*ZeroDivisionError"),
        ("# %% [markdown]\n# [gone](nowhere.md)", r"'derivations/cells.py' contains a link"),
        ("# %% [markdown]\n# $\\frac{$", r"derivations/cells.py: KaTeX parse error"),
        (
            "# %%\nfrom bpttcheck.notebook import *\nWalk('scalar', max_examples=1).step('gone')",
            r"derivations/cells.py: a cell failed.*gone: expected an identity",
        ),
        (
            "# %%\nimport IPython as i\ni.display.Image(data=bytes(40), format='png')",
            r"derivations/cells.py: a figure must be displayed as SVG",
        ),
    ],
)
def test_a_bad_notebook_fails_the_build(
    site: Build, caplog: pytest.LogCaptureFixture, cell: str, complaint: str
) -> None:
    with pytest.raises(Abort):
        site({"index.md": PAGE, "derivations/cells.py": f"# %% [markdown]\n# # Cells\n{cell}\n"})
    assert re.search(complaint, caplog.text, re.DOTALL)


@pytest.mark.parametrize(
    ("cell", "complaint"),
    [
        ("import sys\nassert 'bpttcheck.figures' in sys.modules", ""),
        ("1 / 0", r"derivations/cells.py: a cell failed.*ZeroDivisionError"),
        ("import os\nos._exit(3)", r"derivations/cells.py: a cell failed\s+Kernel died"),
    ],
)
def test_a_forked_kernel_has_loaded_the_package_and_fails_as_others_do(
    site: Build, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch,
    cell: str, complaint: str,
) -> None:  # fmt: skip
    from jupyter_client.provisioning import local_provisioner

    from site_tools import kernels

    monkeypatch.setattr(local_provisioner, "launch_kernel", local_provisioner.launch_kernel)
    # As in a build: MkDocs has taken the repository off the path again.
    away = [entry for entry in sys.path if Path(entry).resolve() != ROOT]
    monkeypatch.setattr(sys, "path", away)
    kernels.fork()
    pages = {"index.md": PAGE, "derivations/cells.py": f"# %% [markdown]\n# # A\n# %%\n{cell}\n"}
    if not complaint:
        site(pages)
        return
    with pytest.raises(Abort):
        site(pages)
    assert re.search(complaint, caplog.text, re.DOTALL)


def test_a_forked_kernel_that_does_not_begin_is_not_waited_for() -> None:
    from site_tools import kernels

    command = ["python", "-m", "ipykernel_launcher"]
    with pytest.raises(RuntimeError, match="a forked kernel ended with status 1"):
        kernels._launched(command, cwd="/no/such/folder")


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        ("```pycon\n>>> 1 + 1\n3\n```", r"index.md, line 3: not what Python prints.*Got:\s+2"),
        ("```python\n1 / 0\n```", r"index.md, line 3: the block fails\s+1 / 0\s+ZeroDivisionError"),
        ("- one\n\n    ```python\n    1 / 0\n    ```", r"index.md, line 5: the block fails"),
        ("```py\n1\n```", r"index.md, line 3: this py block is not run; expected python"),
        ("~~~{ .python }\n1\n~~~", r"index.md, line 3: this python block is not run"),
        ("```sh\nls\n```", r"index.md, line 3: this sh block is not run"),
        ("```console\n$ ls\n```", r"index.md, line 3: this console block is not run"),
        ("```console\n$ bpttcheck claims\nall hold\n```", r"this console block is not run"),
        ("```console\n$ bpttcheck show nothing\n```", r"show nothing: exit 2, expected 0"),
        ("<!-- generated: nothing -->", r"generated: expected one of .* got 'nothing'"),
    ],
)
def test_a_bad_example_fails_the_build(
    site: Build, caplog: pytest.LogCaptureFixture, page: str, complaint: str
) -> None:
    with pytest.raises(Abort):
        site({"index.md": PAGE + page})
    assert re.search(complaint, caplog.text, re.DOTALL)


def test_examples_are_shown_as_they_ran(site: Build) -> None:
    html = site({"index.md": PAGE + "```console\n# exit 2\n$ bpttcheck show nothing\n```"})
    shown = re.sub(r"<[^>]*>", "", html)
    assert "$ bpttcheck show nothing\nbpttcheck: ID: expected an identity or a claim" in shown


def test_the_blocks_of_a_page_share_one_namespace_unless_they_are_quoted(site: Build) -> None:
    source = (ROOT / "bpttcheck" / "cells" / "forward.py").read_text(encoding="utf-8")
    quoted = source[source.index("def equations(") :].split(" -> ")[0]  # alone it is no Python
    blocks = ["```python\nn = 2\n```", "```pycon\n>>> n + 1\n3\n```", f"```python\n{quoted}\n```"]
    html = site(
        {"index.md": PAGE + "\n\n".join([*blocks, "```console\n# not run: slow.\n$ ls\n```"])}
    )
    shown = re.sub(r"<[^>]*>", "", html)
    assert "def equations(" in shown
    assert "$ ls" in shown
    assert "Not run by the build: slow." in shown


def test_an_unexpected_decision_fails_the_build(
    site: Build, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    from bpttcheck import expected
    from site_tools import decisions, ledger

    def everything() -> object:
        return decisions.decide(["scalar-rnn.boundary"], ["scalar.terminal-hidden"], 60)

    everything()  # as expected
    table = expected.load()
    table["claims"]["scalar.terminal-hidden"]["verdict"] = "refuted"
    monkeypatch.setattr(expected, "load", lambda: table)
    monkeypatch.setattr(decisions, "everything", everything)
    surprise = r"scalar\.terminal-hidden: expected refuted, decided holds"
    with pytest.raises(PluginError, match=surprise):
        ledger.pages()
    with pytest.raises(Abort):
        site({"index.md": PAGE + "<!-- generated: numbers -->"})
    assert re.search(surprise, caplog.text)


def test_the_grammar_explains_every_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    from site_tools.generated import notation

    assert "## Grammar" in notation.page()
    fewer = [row for row in notation.GRAMMAR if not row[0].startswith("batch")]
    monkeypatch.setattr(notation, "GRAMMAR", fewer)
    with pytest.raises(PluginError, match=r"scalar-rnn\.bptt-w uses batch"):
        notation.page()


def test_what_is_printed_in_one_go_is_one_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel sends it piece by piece, as its clock has it; a figure between parts it."""
    monkeypatch.syspath_prepend(str(ROOT))
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    from site_tools import cells

    pieces = [new_output("stream", text=f"piece {k}\n") for k in range(3)]
    figure = new_output("display_data", data={"text/html": "<svg/>"})
    page = cells.page(
        new_notebook(cells=[new_code_cell("draw()", outputs=[*pieces[:2], figure, pieces[2]])])
    )
    assert page.count("<samp>") == 2
    assert "<samp>piece 0\npiece 1</samp>" in page


def test_what_a_cell_folds(site: Build, tmp_path: Path) -> None:
    """A solution with what it printed; the code of a figure below it; a figure is no output."""
    cell = (
        '# %% tags=["{}"] title="{}"\nfrom IPython.display import HTML\nprint("said")\nHTML("<i>")'
    )
    cells = "\n".join([cell.format("fold", "Solution"), cell.format("fold-input", "Code")])
    site({"index.md": PAGE, "derivations/cells.py": f"# %% [markdown]\n# # Cells\n{cells}\n"})
    html = (tmp_path / "site/derivations/cells/index.html").read_text(encoding="utf-8")
    solution, rest = re.findall(r"<details.*?</details>", html, re.DOTALL)
    assert "<summary>Solution</summary>" in solution
    assert "<samp>said</samp>" in solution
    assert "<samp>" not in rest
    assert html.rindex("<samp>said</samp>") < html.index("<summary>Code</summary>")


def test_quiet_does_not_hide_the_failure(site: Build) -> None:
    """``mkdocs build -q`` raises the log level, and so loses the warnings that strict counts."""
    logger = logging.getLogger("mkdocs")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with pytest.raises(Abort, match="strict mode"):
            site({"index.md": PAGE + "[gone](nowhere.md)"})
    finally:
        logger.setLevel(level)


def _typeset(html: str) -> list[str]:
    """Return the TeX of the formulas that KaTeX has typeset, in order."""
    return re.findall(r'<annotation encoding="application/x-tex">(.*?)</annotation>', html)
