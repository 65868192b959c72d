"""Pages with sessions: what they show is what comes out, and their code is the package's."""

import doctest
import re
from pathlib import Path

import pytest

import bpttcheck

ROOT = Path(bpttcheck.__file__).parent
DOCS = ROOT.parent / "docs"
ADD_A_CELL = DOCS / "how-to" / "add-a-cell.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.skipif(not DOCS.exists(), reason="the documentation is not installed")

SESSIONS = {
    "how-to/add-a-cell.md": 7,
    "explanation/truncation.md": 20,
    "explanation/rtrl.md": 9,
    "explanation/clipping.md": 13,
}
"""Pages, and how many statements of theirs have to run."""


def blocks(page, language):
    text = page.read_text(encoding="utf-8")
    return [body for kind, body in BLOCK.findall(text) if kind == language]


@pytest.mark.parametrize("page", SESSIONS)
def test_the_sessions_of_a_page_run(page):
    """Its blocks are one session; every output is compared as it stands."""
    session = "\n".join(blocks(DOCS / page, "pycon"))
    test = doctest.DocTestParser().get_doctest(session, {}, page, page, 0)
    runner = doctest.DocTestRunner(verbose=False)
    said = []
    runner.run(test, out=said.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(said)
    assert runner.tries == SESSIONS[page]


def test_the_code_of_add_a_cell_is_the_package_s():
    sources = [(ROOT / room / "mgu.py").read_text(encoding="utf-8")
               for room in ("cells", "bptt", "identities")]  # fmt: skip
    shown = blocks(ADD_A_CELL, "python")
    assert len(shown) == 4
    for block in shown:
        assert any(block in source for source in sources), block
