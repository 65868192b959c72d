"""How the package's docstrings become API pages: indices set low, the closing facts as a list.

Loaded by mkdocstrings through griffe (``extensions`` in ``mkdocs.yml``).
"""

from __future__ import annotations

import re
from typing import Any

import griffe

from bpttcheck.identities import REGISTRY
from site_tools.generated.prose import to_identity

_ROLE = re.compile(r":\w+:`~?([^`]*)`")
_FACT = re.compile(r"^(Accuracy|Source|Checked by): ", re.MULTILINE)
_HEADER = re.compile(r"^\w+:$", re.MULTILINE)
_INDEX = re.compile(r"``?[^`]*``?|(?<!\w)(\w)_(\{[^{}]*\}|\w\b)")
_IDENTITIES = "../identities/"  # from a page in reference/api/
_ID = re.compile(r"\b[a-z-]+\.[a-z-]*[a-z](?![\w*-])")


class Docstrings(griffe.Extension):
    """Rewrites each docstring before it is parsed."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite one docstring."""
        if obj.docstring is not None:
            obj.docstring.value = rewritten(obj.docstring.value)


def rewritten(text: str) -> str:
    """Return a docstring with its roles, indices, closing facts and IDs in Markdown."""
    text = _with_indices(_ROLE.sub(lambda m: f"`{m[1].rsplit('.', 1)[-1]}`", text))
    first = _FACT.search(text)
    if first is None:
        return text
    before, facts = text[: first.start()], text[first.start() :]
    facts = _ID.sub(lambda m: to_identity(m[0], _IDENTITIES) if m[0] in REGISTRY else m[0], facts)
    return before + _FACT.sub(r"\n- **\1:** ", facts).lstrip("\n")


def _with_indices(text: str) -> str:
    """Return the text with s_t as s<sub>t</sub>, but in code."""
    header = _HEADER.search(text)
    sections = header.start() if header else len(text)
    lines = []
    position = 0
    for line in text.splitlines(keepends=True):
        equation = position < sections and line.startswith("    ")  # a code block of its own
        lines.append(line if equation else _INDEX.sub(_low, line))
        position += len(line)
    return "".join(lines)


def _low(match: re.Match[str]) -> str:
    return f"{match[1]}<sub>{match[2].strip('{}')}</sub>" if match[1] else match[0]
