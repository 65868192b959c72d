"""What the build writes from the registry: the reference pages, and passages of other pages.

A page that :func:`pages` returns must be listed in the navigation of ``mkdocs.yml``. A passage
stands where a page has ``<!-- generated: NAME -->`` on a line of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from mkdocs.exceptions import PluginError

from bpttcheck.claims import CLAIMS
from bpttcheck.cli.ledger import row
from site_tools import decisions
from site_tools.generated import (
    api_index,
    cheat_sheet,
    claims,
    home,
    house,
    identities,
    libraries,
    mistakes,
    mutants,
    notation,
    passages,
    quiz,
    templates,
)
from site_tools.generated.plots import by_name

PASSAGES: dict[str, Callable[[], str]] = {
    "api": api_index.index,
    "numbers": lambda: passages.numbers(decisions.everything()),
    "slip": home.slip,
    "found": home.found,
    "unrolled": home.network,
    "rooms": house.rooms,
    "refuted": lambda: passages.refuted("scalar.hidden-gradient", decisions.everything()),
    "levels": lambda: passages.levels("scalar-rnn.w-gradient", decisions.everything()),
    "settings": passages.settings,
    "kernel": lambda: passages.kernel(decisions.everything()),
    "judge": passages.judge_and_numbers,
    **templates.passages(),
    **by_name.passages(),
    "mutants": mutants.table,
    "survivors": mutants.survivors,
    "matrix": mutants.matrix,
}

_PLACE = re.compile(r"^<!-- generated: (\S+) -->$", re.MULTILINE)


def start() -> None:
    """Start to decide what the pages say."""
    decisions.start()


def pages() -> dict[str, str]:
    """Return the generated pages: path below ``docs/`` to Markdown."""
    result = decisions.everything()
    return {
        "reference/claims.md": claims.page(result),
        "reference/cheat-sheet.md": cheat_sheet.page(result),
        "reference/libraries.md": libraries.page(),
        "reference/mistakes.md": mistakes.page(),
        "tutorials/quiz.md": quiz.page(),
        "reference/notation.md": notation.page(),
        **identities.pages(result),
    }


def downloads() -> dict[str, str]:
    """Return the decisions as files for programs: path below ``docs/`` to JSON."""
    result = decisions.everything()
    rows = {
        "claims": [row(CLAIMS[name], found) for name, found in result.claims.items()],
        "identities": [found.to_dict() for found in result.identities.values()],
    }
    return {
        f"reference/{name}.json": json.dumps(content, ensure_ascii=False, indent=1)
        for name, content in rows.items()
    }


def filled(markdown: str) -> str:
    """Return a page with its generated passages.

    Raises:
        PluginError: no passage of that name.
    """

    def passage(place: re.Match[str]) -> str:
        if place[1] not in PASSAGES:
            raise PluginError(f"generated: expected one of {', '.join(PASSAGES)}, got {place[1]!r}")
        return PASSAGES[place[1]]()

    return _PLACE.sub(passage, markdown)
