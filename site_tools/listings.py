"""Listings that are out of sight get no layout yet: their lines say how much room they take.

A page of a derivation has thousands of coloured words of code, each a box of its own.
"""

from __future__ import annotations

import re

_CODE = re.compile(r"(<pre><span></span><code)>(.*?)(?=</code></pre>)", re.DOTALL)


def sized(html: str) -> str:
    """Return a page whose listings know how many lines they have."""
    return _CODE.sub(_counted, html)


def _counted(code: re.Match[str]) -> str:
    lines = code[2].rstrip("\n").count("\n") + 1
    return f'{code[1]} style="--lines: {lines}">{code[2]}'
