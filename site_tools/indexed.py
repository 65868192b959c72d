"""What the search index sees of a page: its words, without drawings and what has to be opened.

The theme's plugin reads the page with Python's parser of HTML, tag by tag. Most tags are the spans
of coloured code, which it throws away again.
"""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.structure.pages import Page

_LEFT_OUT = re.compile(
    r"<svg\b.*?</svg>|</?span\b[^>]*>"
    r'|<details class="(?:check"|more" data-search-exclude="1")>.*?</details>',
    re.DOTALL,
)
_FOLDED = '<details class="more"'
_MARKS = re.compile(r' data-search-exclude="1"')

_whole: dict[str, str] = {}


def mark(html: str) -> str:
    """Keep out of the index what the reader of a generated page has to open."""
    return html.replace(_FOLDED, f'{_FOLDED} data-search-exclude="1"')


def reduce(page: Page) -> None:
    """Leave of the page what is to be indexed."""
    _whole[page.file.src_uri] = page.content or ""
    page.content = _LEFT_OUT.sub("", page.content or "")


def restore(page: Page) -> None:
    """Undo the above, once the index has the page."""
    page.content = _MARKS.sub("", _whole.pop(page.file.src_uri))


def as_script(site: Path) -> None:
    """Write the index as a script too: from a folder, a browser fetches nothing else."""
    index = (site / "search" / "search_index.json").read_text(encoding="utf-8")
    (site / "search" / "search_index.js").write_text(f"var __index = {index}", encoding="utf-8")
