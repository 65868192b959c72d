"""What is said of a page elsewhere: its first paragraph, in whole sentences where they fit."""

import pytest

pytest.importorskip("mkdocs", reason="the site's tools are missing: pip install '.[docs]'")

from site_tools.descriptions import LENGTH, shortened


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Short.", "Short."),
        ("One  of\nthree. " + "word " * 60 + ".", "One of three."),
        ("word " * 60, "word " * 39 + "word …"),
        (r"Of \(h_t\) alone.", "Of h_t alone."),
    ],
)
def test_a_page_is_described_in_sentences(text: str, said: str) -> None:
    assert shortened(text) == said
    assert len(said) <= LENGTH + 2
