"""Headings of the API's pages: a dotted name is broken behind a dot, should a phone have to."""

from __future__ import annotations

import re

_NAME = re.compile(r'(<span class="doc doc-object-name [^"]*">)([\w.]+)(?=</span>)')


def broken(html: str) -> str:
    """Return a page whose names of objects say where they may be broken."""
    return _NAME.sub(lambda name: name[1] + name[2].replace(".", ".<wbr>"), html)
