"""The formulas of the pages: found after rendering, typeset together, put back last.

Between the two steps a page holds numbered placeholders with the TeX source, which is what the
search index should see: KaTeX's HTML says every symbol three times.
"""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterable

from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink

from site_tools import typesetter
from site_tools.typesetter import Formula, Typeset

log = logging.getLogger("mkdocs.site_tools.formulas")

# What pymdownx.arithmatex (generic) leaves for us.
_MARKED = re.compile(r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', re.DOTALL)
_IN_TITLE = re.compile(r"\\\((.*?)\\\)", re.DOTALL)
_PLACEHOLDER = re.compile(
    r'<(span|div) class="arithmatex" data-formula="(\d+)"[^>]*>(.*?)</\1>([.,;:!?)]*)', re.DOTALL
)
_SHORT = 24
"""So many characters of TeX stay on one line, with the sign after them; a phone has room for it."""

# Delimiters that no extension recognised, outside code: a reader would see them raw.
_NOT_PROSE = re.compile(r"<(pre|code|script|style|svg)\b.*?</\1>|<[^>]*>", re.DOTALL)
_ADVICE = "  ($$ and \\[ begin a paragraph of their own)"
_LEFTOVER = re.compile(r".{0,20}(?:\$\$|\\[(\[]|\\begin\{).{0,40}")


class Formulas:
    """All formulas of one build."""

    def __init__(self) -> None:
        self._places: dict[Formula, tuple[int, str]] = {}  # its number, and the first page with it
        self._typeset: list[Typeset] = []

    def collect(self, page: Page) -> None:
        """Replace the page's formulas by placeholders, and complain about unmarked ones."""
        name = page.file.src_uri
        content = page.content or ""
        for leftover in _LEFTOVER.findall(_NOT_PROSE.sub("", _MARKED.sub("", content))):
            log.error("%s: maths that is not recognised: %r\n%s", name, leftover.strip(), _ADVICE)
        if "\\(" in (page.title or ""):
            log.error("%s: no formulas in a page's title, browsers show it raw", name)

        page.content = _MARKED.sub(lambda m: self._mark(m[1], m[2], name), content)
        for entry in _entries(page.toc):
            entry.title = _IN_TITLE.sub(lambda m: self._mark("span", m[1], name), entry.title)

    def typeset(self) -> None:
        """Typeset everything collected; one error per bad formula (strict: the build fails)."""
        self._typeset = typesetter.typeset(list(self._places))
        for (formula, (_, page)), result in zip(self._places.items(), self._typeset, strict=True):
            if result.error is not None:
                log.error("%s: %s in the formula\n  %s", page, result.error, formula.tex)

    def insert(self, page: Page) -> None:
        """Replace the page's placeholders by typeset formulas."""
        page.content = _PLACEHOLDER.sub(self._html, page.content or "")
        for entry in _entries(page.toc):
            entry.title = _PLACEHOLDER.sub(self._html, entry.title)

    def _mark(self, tag: str, escaped: str, page: str) -> str:
        formula = Formula(html.unescape(escaped).strip(), display=tag == "div")
        number, _ = self._places.setdefault(formula, (len(self._places), page))
        search = ' data-search-exclude="1"' if formula.display else ""
        attributes = f'class="arithmatex" data-formula="{number}"{search}'
        return f"<{tag} {attributes}>{html.escape(formula.tex)}</{tag}>"

    def _html(self, match: re.Match[str]) -> str:
        tag, result = match[1], self._typeset[int(match[2])]
        if result.html is None:  # only `mkdocs serve` without strict gets here
            return f'<code class="math-error">{match[0]}</code>'
        numbered = " numbered" if 'class="katex-tag"' in result.html else ""
        placed = f'<{tag} class="arithmatex{numbered}">{result.html}</{tag}>'
        sign = match[4]
        if tag == "span" and sign and len(match[3]) <= _SHORT:  # or it might begin the next line
            return f'<span class="unbroken">{placed}{sign}</span>'
        return placed + sign


def _entries(toc: Iterable[AnchorLink]) -> Iterable[AnchorLink]:
    """Yield all entries of a table of contents."""
    for entry in toc:
        yield entry
        yield from _entries(entry.children)
