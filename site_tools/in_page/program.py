"""A cell that the reader can change and run, as Markdown: its text, its output and its figure.

The kernel has run it as it runs every cell; what it reported came along as an output of its own
kind. Without scripts, this is all that the page shows.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from bpttcheck.plain import MIME
from site_tools import node, npm

_DRAW, _FIGURE = (Path(__file__).parent / name for name in ("draw.mjs", "figure.mjs"))


def shown(code: str, title: str, outputs: list[NotebookNode]) -> str:
    """Return the box.

    Arguments:
        code: the program as a fenced block.
        title: what the program is, for those who do not see it; each on a page has another one.
        outputs: of the executed cell.

    Raises:
        ValueError: the program does not end with its report.
    """
    told = [out.data[MIME] for out in outputs if MIME in out.get("data", {})]
    if len(told) != 1:
        raise ValueError(f"{title}: expected a cell that ends with report(…), got {len(told)}")
    printed = "".join(out.text for out in outputs if out.output_type == "stream").rstrip()
    output = f'<pre class="nb-text"><samp>{html.escape(printed)}</samp></pre>'
    report = html.escape(json.dumps(told[0], ensure_ascii=False, separators=(",", ":")))
    parts = [
        f'///// html | div.run-cell[data-name="{html.escape(title)}"]',
        code,
        '<div class="run-bar" hidden></div>',
        f'<div class="nb-output">{output}</div>',
        f'<figure data-told="{report}">{_drawn(told[0], _key(title))}</figure>',
        "/////",
    ]
    return "\n\n".join(parts)


def fingerprint() -> str:
    """Return a digest of what draws, which is no Python."""
    return hashlib.sha256(_FIGURE.read_bytes()).hexdigest()[:8]


def _key(title: str) -> str:
    return "run-" + re.sub(r"\W+", "-", title.lower()).strip("-")


def _drawn(report: dict[str, Any], key: str) -> str:
    command = [*node.find().node, str(_DRAW)]
    return npm.run(command, stdin=json.dumps([report, key], ensure_ascii=False))
