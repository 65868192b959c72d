"""Tables that scroll in a box of their own, which is about as high as it will be.

The theme's script would wrap them in the browser, and have every table laid out twice. One that is
out of sight gets no layout yet: its rows say how much room to leave.
"""

from __future__ import annotations

import re

_TABLE = re.compile(r"<table>(.*?)</table>", re.DOTALL)
_EMPTY_HEADER = re.compile(r"<th\b([^>]*)></th>")
"""A corner without words heads nothing: to a reader of screens it would be a header unnamed."""


def wrapped(html: str) -> str:
    """Return a page with its tables in boxes."""
    return _TABLE.sub(_box, html)


def _box(table: re.Match[str]) -> str:
    rows = table[1].count("<tr")
    content = _EMPTY_HEADER.sub(r"<td\1></td>", table[1])
    return (
        f'<div class="md-typeset__scrollwrap" style="--rows: {rows}">'
        f'<div class="md-typeset__table"><table class="data">{content}</table></div></div>'
    )
