"""What a reader finds who searches the built site."""

from __future__ import annotations

from typing import Any

FIRST = {
    "teacher forcing": "derivations/text/",
    "LSTM backward": "derivations/lstm/",
    "GRU gradient": "derivations/gru/",
    "vanishing gradient": "derivations/notes/",
    "exploding gradient": "derivations/measured/",
    "softmax cross entropy gradient": "derivations/vector/",
    "gradient clipping": "explanation/clipping/",
    "truncated BPTT": "explanation/truncation/",
    "RTRL": "explanation/rtrl/",
    "gate order": "explanation/layouts/",
    "complex step": "explanation/tolerances/",
    "peephole": "reference/identities/peephole-lstm/",
    "mask": "reference/identities/masked/",
    "attention": "reference/glossary/",
    "check my code": "how-to/check-your-backward-pass/",
    "gradient check": "how-to/check-your-backward-pass/",
    "find the bug": "how-to/check-your-backward-pass/",
}
"""What people ask for, and the page that treats it, which is to be the first that is found."""


def found(reader: Any, asked: str) -> list[str]:
    """Return the addresses that the search gives, best first."""
    words = reader.page.locator(".md-search__input").first
    links = reader.page.locator(".md-search-result__link")
    words.fill("")
    words.press("End")  # the search listens to keys
    links.first.wait_for(state="detached")  # or these would be the answers of the question before
    words.fill(asked)
    words.press("End")
    links.first.wait_for()
    addresses: list[str] = links.evaluate_all("links => links.map((link) => link.href)")
    return addresses


def test_search_finds_first_where_it_is_treated(reader: Any) -> None:
    reader.open("")
    reader.page.locator(".md-search__input").first.click()
    elsewhere = {}
    for asked, page in FIRST.items():
        best = found(reader, asked)[0]
        if f"/{page}" not in best:
            elsewhere[asked] = best
    assert not elsewhere
    assert any("rnn.terminal-gradient" in link for link in found(reader, "terminal gradient"))


def test_the_search_index_comes_when_it_is_wanted(reader: Any) -> None:
    """It weighs more than most pages, which nobody who only reads should have to wait for."""
    asked: list[str] = []
    reader.page.on("request", lambda request: asked.append(request.url))
    reader.open("")
    reader.page.wait_for_load_state("networkidle")
    assert not any("search_index" in url for url in asked)
    reader.page.locator(".md-search__input").first.hover()
    reader.page.wait_for_load_state("networkidle")
    assert sum("search_index" in url for url in asked) == 1


def test_a_link_with_a_question_searches(reader: Any) -> None:
    reader.open("?q=terminal+gradient")
    reader.page.locator(".md-search-result__link").first.wait_for()
