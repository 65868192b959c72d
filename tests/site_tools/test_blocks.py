"""The Python of the hand-written pages: what the build would trip over, without running it."""

from pathlib import Path

import pytest

pytest.importorskip("mkdocs", reason="the site's tools are missing: pip install '.[docs]'")

from site_tools import blocks

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))


def unreadable(markdown: str) -> list[str]:
    """Return the Python blocks that neither stand in a source file nor can be compiled."""
    found = []
    for block in blocks._FENCE.finditer(markdown):
        if block["info"] != "python" or blocks._quoted(blocks._dedented(block)):
            continue
        try:
            compile(blocks._dedented(block), "page", "exec")
        except SyntaxError:
            found.append(block["body"])
    return found


@pytest.mark.parametrize("page", PAGES)
def test_every_block_is_quoted_or_is_python(page: str) -> None:
    assert unreadable((DOCS / page).read_text(encoding="utf-8")) == []


def test_a_quotation_whose_source_has_moved_is_seen() -> None:
    lost = "    @given(cases())\n    def test_nothing(case):\n        assert case\n"
    assert unreadable(f"```python\n{lost}```\n") == [lost]
    assert unreadable("```python\nx = 1\n```\n") == []
