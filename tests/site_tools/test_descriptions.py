"""What is said of a page elsewhere: its first paragraph, in whole sentences where they fit."""

import re
from collections.abc import Callable

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


@pytest.mark.filterwarnings("default")  # the tools' own deprecations
@pytest.mark.parametrize("published", ["https://example.org/b/", ""])
def test_who_is_sent_a_link_sees_what_the_page_is_about(
    site: Callable[..., str], monkeypatch: pytest.MonkeyPatch, published: str
) -> None:
    monkeypatch.setenv("SITE_URL", published)
    html = site({"index.md": '# "A" & b\n\nFirst <em>of</em> "all".\n\nSecond.\n'})
    said = dict(
        re.findall(r'<meta property="og:(\w+)" content="([^"]*)">', html.partition("</head>")[0])
    )
    assert said["title"] == "&quot;A&quot; &amp; b"
    assert said["description"] == "First of &quot;all&quot;."
    assert said.get("url", "") == published
