"""The page of an address that leads nowhere: what to do about it, in place of a number."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"<h1>404[^<]*</h1>")
_HOME = re.compile(r'<a href="([^"]*)"[^>]*class="md-header__button md-logo"')


def helpful(output: str) -> str:
    """Return the page with words for the lost; any other page as it is."""
    home = _HOME.search(output)
    if home is None:
        return output
    words = (
        "<h1>No such page</h1><p>The address has changed, or it was never one. Search above for an "
        f'equation, a cell or a word, or begin at <a href="{home[1]}">the first page</a>.</p>'
    )
    return _NUMBER.sub(words, output)
