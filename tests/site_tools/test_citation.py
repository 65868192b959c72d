"""Every claim and identity says how it is cited: with the address of its own heading."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("mkdocs", reason="the site's tools are missing: pip install '.[docs]'")

from site_tools import cached
from site_tools.generated import citation

# The tools' own deprecations are not ours to mend.
pytestmark = pytest.mark.filterwarnings("default")


def test_an_entry_is_cited_as_the_package_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authors = "authors: [{family-names: Doe, given-names: J.}, {name: X Y}]"
    cff = f"title: 'A: b'\nversion: 1.10\n{authors}\n"
    (tmp_path / "CITATION.cff").write_text(cff, encoding="utf-8")
    monkeypatch.setattr(cached, "ROOT", tmp_path)
    citation._says.cache_clear()
    try:
        text = citation.placed(citation.cite("rnn.W", "an identity"), "https://x.org/a/")
    finally:
        citation._says.cache_clear()
    assert "Doe, J. and X Y: `rnn.W`, an identity of *A: b*, version 1.10" in text
    assert "@misc{bpttcheck:rnn.W," in text
    assert "author = {{Doe, J.} and {X Y}}," in text
    assert "title  = {{rnn.W}, an identity of A: b}," in text
    assert text.count("https://x.org/a/#rnn.W") == 2
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize("published", ["https://example.org/b/", ""])
def test_the_address_is_that_of_the_published_page(
    site: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, published: str
) -> None:
    monkeypatch.setenv("SITE_URL", published)
    page = f"# Claims\n\n## `a.b` {{#a.b}}\n\n{citation.cite('a.b', 'a claim')}\n"
    site({"index.md": "# Home\n"}, generated={"reference/claims.md": page})
    html = (tmp_path / "site/reference/claims/index.html").read_text(encoding="utf-8")
    shown = re.sub(r"<[^>]*>", "", html)
    assert f"url    = {{{published}reference/claims/#a.b}}," in shown
    assert "<summary>Cite this</summary>" in html
