"""How the package's docstrings become API pages: roles as code, the closing facts as a list.

Loaded by mkdocstrings through griffe (``extensions`` in ``mkdocs.yml``).
"""

from __future__ import annotations

import re
from typing import Any

import griffe

_ROLE = re.compile(r":\w+:`~?([^`]*)`")
_FACT = re.compile(r"^(Accuracy|Source|Checked by): ", re.MULTILINE)
_ID = re.compile(r"\b((?:activations|softmax-nll|scalar-rnn)\.[a-z-]*[a-z](?![\w*-]))")


class Docstrings(griffe.Extension):
    """Rewrites each docstring before it is parsed."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite one docstring."""
        if obj.docstring is not None:
            obj.docstring.value = rewritten(obj.docstring.value)


def rewritten(text: str) -> str:
    """Return a docstring with its roles, its closing facts and its IDs in Markdown."""
    text = _ROLE.sub(lambda m: f"`{m[1].rsplit('.', 1)[-1]}`", text)
    first = _FACT.search(text)
    if first is None:
        return text
    before, facts = text[: first.start()], text[first.start() :]
    facts = _ID.sub(lambda m: f"[`{m[1]}`](identities/{m[1].partition('.')[0]}.md#{m[1]})", facts)
    return before + _FACT.sub(r"\n- **\1:** ", facts).lstrip("\n")
