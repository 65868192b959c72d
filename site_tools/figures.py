"""What every figure must have: words for those who do not see it, and a name of its own."""

from __future__ import annotations

import logging
import re
from collections import Counter

from mkdocs.structure.pages import Page

log = logging.getLogger("mkdocs.site_tools.figures")

_CODE = re.compile(r"<(pre|code|script)\b.*?</\1>", re.DOTALL)
_IMAGE = re.compile(r"<img\b[^>]*>")
_ALT = re.compile(r"""\balt=(["'])\s*(?!\1)\S""")
_DRAWING = re.compile(r"<svg\b[^>]*>(?P<content>.*?)</svg>", re.DOTALL)
_TITLE = re.compile(r"<title\b[^>]*>\s*[^<\s]")
_ID = re.compile(r"""<[a-zA-Z][^>]*?\sid=["']([^"']+)["']""")


def check(page: Page) -> None:
    """Complain about a page's figures without words, and about names that two elements have."""
    name, content = page.file.src_uri, _CODE.sub("", page.content or "")
    for image in _IMAGE.findall(content):
        if not _ALT.search(image):
            log.error("%s: an image without words for those who do not see it: %s", name, image)
    for drawing in _DRAWING.finditer(content):
        start = drawing[0][: drawing[0].index(">") + 1]
        if "aria-hidden" not in start and not _TITLE.search(drawing["content"]):
            log.error("%s: a drawing without a title: %s", name, start)
    for twice, count in Counter(_ID.findall(content)).items():
        if count > 1:
            log.error("%s: %d elements have the id %r", name, count, twice)
