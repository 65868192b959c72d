"""What search engines and link previews say of a page: its first paragraph, unless it says itself.

And where the site's own search ranks it: pages that teach come before registers.
"""

from __future__ import annotations

import html
import re

from mkdocs.structure.pages import Page

LENGTH = 200
_FIRST = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_TAGS = re.compile(r"<[^>]*>")
_TEACH = ("tutorials/", "derivations/", "how-to/")
_VARIANTS = ("derivations/coupled-lstm.py", "derivations/mgu.py")
"""Who looks for the LSTM should not find the coupled one first."""


def describe(page: Page, content: str) -> None:
    """Give a page a description, and those that teach a higher rank in the search."""
    first = _FIRST.search(content)
    if first and "description" not in page.meta:
        page.meta["description"] = shortened(html.unescape(_TAGS.sub("", first[1])))
    if page.file.src_uri.startswith(_TEACH) and page.file.src_uri not in _VARIANTS:
        page.meta.setdefault("search", {"boost": 2})


def shortened(text: str) -> str:
    """Return as many whole sentences as there is room for, or words where the first is longer."""
    plain = " ".join(re.sub(r"\\[()]", "", text).split())
    if len(plain) <= LENGTH:
        return plain
    sentences = plain[: LENGTH + 1].rpartition(". ")[0]
    return f"{sentences}." if sentences else plain[:LENGTH].rpartition(" ")[0] + " …"
