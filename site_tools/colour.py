r"""One colour in the formulas: blue is what comes back from the loss, every ∂L/∂ something.

The figures draw messages in the same blue. It is never all that tells: a derivative of the loss is
one in black, too. What else could have a colour, stays as the text is.
"""

from __future__ import annotations

import html
import re

_QUOTIENT = r"\frac{\partial L"
_INLINE = re.compile(
    r"\\partial L(?:_\w)?\s*/\s*\\partial\s*(?:\\(?:mathbf|hat)\s*)?(?:\w|\{[^{}]*\})"
    r"(?:_(?:\w|\{[^{}]*\}))?"
)
_SOURCE = re.compile(r'(<annotation encoding="application/x-tex">).*?(</annotation>)', re.DOTALL)


def coloured(tex: str) -> str:
    """Return TeX in which every derivative of the loss has the class ``back``."""
    parts, position = [], 0
    while (start := tex.find(_QUOTIENT, position)) >= 0:
        end = _group_end(tex, _group_end(tex, start + len(r"\frac")))
        parts += [_inline(tex[position:start]), _back(tex[start:end])]
        position = end
    return "".join([*parts, _inline(tex[position:])])


def as_written(typeset: str, tex: str) -> str:
    """Return a typeset formula with its source, for those who copy it, as it was written."""
    return _SOURCE.sub(lambda m: f"{m[1]}{html.escape(tex, quote=False)}{m[2]}", typeset)


def _back(tex: str) -> str:
    return rf"\htmlClass{{back}}{{{tex}}}"


def _inline(tex: str) -> str:
    return _INLINE.sub(lambda m: _back(m[0]), tex)


def _group_end(tex: str, start: int) -> int:
    """Return where the group in braces that begins at ``start`` ends, or the text."""
    depth = 0
    for position in range(start, len(tex)):
        depth += (tex[position] == "{") - (tex[position] == "}")
        if depth == 0:
            return position + 1
    return len(tex)  # KaTeX will complain
