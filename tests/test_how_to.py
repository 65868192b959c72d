"""How-to pages: the code that they show is the code of the package, and it says what they say."""

import doctest
import re
from pathlib import Path

import pytest

import bpttcheck

ROOT = Path(bpttcheck.__file__).parent
DOCS = ROOT.parent / "docs"
PAGE = DOCS / "how-to" / "add-a-cell.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.skipif(not DOCS.exists(), reason="the documentation is not installed")


def blocks(language):
    return [body for kind, body in BLOCK.findall(PAGE.read_text(encoding="utf-8"))
            if kind == language]  # fmt: skip


def test_the_code_of_add_a_cell_is_the_package_s():
    sources = [(ROOT / room / "mgu.py").read_text(encoding="utf-8")
               for room in ("cells", "bptt", "identities")]  # fmt: skip
    shown = blocks("python")
    assert len(shown) == 4
    for block in shown:
        assert any(block in source for source in sources), block


def test_the_session_of_add_a_cell_runs():
    (session,) = blocks("pycon")
    test = doctest.DocTestParser().get_doctest(session, {}, PAGE.name, str(PAGE), 0)
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(test)
    assert runner.summarize(verbose=False).failed == 0
    assert runner.tries == 7
