"""Passages of the home page: a slip, what the command says of it, the picture of the network."""

from __future__ import annotations

import re

from mkdocs.exceptions import PluginError

from bpttcheck.figures import unrolled
from site_tools import cached, console
from site_tools.generated.prose import fenced

EXAMPLE = "docs/how-to/mine.py"
_SLIP, _LAST = "for t in reversed(", "message = "
_TOLD = re.compile(
    r"^wrong: (?P<wrong>gradients .*)\n"
    r"mend: (?P<mend>.*)\n\s+- (?P<was>.*)\n\s+\+ (?P<now>.*)\n(?:.*\n)*?"
    r"cause: (?P<cause>.*)\n\s+(?P<does>.*)\n",
    re.MULTILINE,
)


def slip() -> str:
    """Return the loop of the example that has a slip in it."""
    lines = (cached.ROOT / EXAMPLE).read_text(encoding="utf-8").split("\n")
    first = next(i for i, line in enumerate(lines) if _SLIP in line)
    last = next(i for i, line in enumerate(lines) if i > first and _LAST in line)
    return fenced("python", "\n".join(line[4:] for line in lines[first : last + 1]))


def found() -> str:
    """Return the verdict, the line, its mend and the cause, as the command has just said them.

    Raises:
        PluginError: it says something else than that one line is wrong, and why.
    """
    status, text = console.output(f"check {EXAMPLE}:problem")
    told = _TOLD.search(text)
    if status != 1 or told is None:
        raise PluginError(f"the home page shows what the command says of {EXAMPLE}, now: {text}")
    shown = (
        f"wrong: {told['wrong']}\n\nmend: {told['mend']}\n    - {told['was']}\n    + {told['now']}"
        f"\n\ncause: {told['cause']}\n    {told['does']}"
    )
    return fenced("text", shown)


def network() -> str:
    """Return the unrolled network."""
    figure = unrolled(
        "network",
        "A recurrent network over three steps. Each state h is made from the input x of its step "
        "through U and from the state before through W, and makes an output o through V and with "
        "it a loss L. Messages go back along dashed arrows: from each loss to its output, through "
        "V transposed to the state, and through W transposed to the state before.",
        ["x", "h", "o", "L"],
        ["U", "V", ""],
        [None, "Vᵀ", ""],
        ("W", "Wᵀ"),
    )
    return figure._repr_html_()
