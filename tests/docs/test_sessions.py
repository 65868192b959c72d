"""Pages with sessions: what they show is what comes out, and their cells are the package's."""

import doctest
import re
from pathlib import Path

import numpy as np
import pytest

import bpttcheck

DOCS = Path(bpttcheck.__file__).parents[1] / "docs"
ADD_A_CELL = DOCS / "how-to" / "add-a-cell.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.skipif(not DOCS.exists(), reason="the documentation is not installed")

SESSIONS = {
    "how-to/add-a-cell.md": 54,
    "how-to/import-a-reference.md": 19,
    "explanation/truncation.md": 23,
    "explanation/rtrl.md": 9,
    "explanation/clipping.md": 12,
}
"""Pages, and how many statements of their sessions have to run."""


def blocks(page):
    """Return the language and the text of every block of a page."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", SESSIONS)
def test_the_sessions_of_a_page_run(page):
    """Its blocks share their names, as on the site; every output is compared as it stands."""
    names = {}
    runner = doctest.DocTestRunner(verbose=False)
    said = []
    for language, body in blocks(DOCS / page):
        if language == "python":
            exec(body, names)
        elif language == "pycon":
            test = doctest.DocTestParser().get_doctest(body, names, page, page, 0)
            test.globs = names
            runner.run(test, out=said.append, clear_globs=False)
    assert runner.summarize(verbose=False).failed == 0, "".join(said)
    assert runner.tries == SESSIONS[page]


def test_the_cells_of_add_a_cell_are_the_package_s():
    names = {}
    shown = [body for language, body in blocks(ADD_A_CELL) if language == "python"]
    for body in shown:
        exec(body, names)
    assert len(shown[0].splitlines()) <= 40
    pairs = {"mine": "flax_mgu", "peephole": "peephole_lstm", "projection": "projection_lstm"}
    random = np.random.default_rng(0)
    for ours, packaged in pairs.items():
        mine, known = names[ours], getattr(bpttcheck, packaged)
        assert mine.cell.axes == known.cell.axes
        assert mine.cell.graph.nodes == known.cell.graph.nodes
        assert mine.cell.graph.edges == known.cell.graph.edges
        sizes = {"m": 2, "n": 3, "p": 2, "r": 4}
        params = {
            k: random.normal(size=[sizes[s] for s in axes]) for k, axes in known.cell.axes.items()
        }
        point = params, random.normal(size=(4, 2)), [0, 1, 1, 0]
        gradients = mine.value_and_grad(*point)[1], known.value_and_grad(*point)[1]
        assert all((gradients[0][k] == gradients[1][k]).all() for k in gradients[1])
