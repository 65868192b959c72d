"""An executed notebook as one Markdown page.

MkDocs then renders it like any other page: links are checked, formulas marked, code highlighted
in Material's colours. nbconvert's own HTML has none of that, and half a megabyte of style sheets.
"""

from __future__ import annotations

import html
import re

from nbformat import NotebookNode

from site_tools.in_page import program

_WHOLE_FORMULA = re.compile(
    r"(?:\$\$?|\\\[|\\\()(?P<tex>(?:\\.|[^$\\])*?)(?:\$\$?|\\\]|\\\))"
    r"|(?P<environment>\\begin\{.*\\end\{[a-z]+\*?\})",
    re.DOTALL,
)


def page(notebook: NotebookNode) -> str:
    """Return the notebook as Markdown.

    The tag ``hide-input`` leaves only a cell's outputs; ``fold-input`` leaves the code to be
    opened, under the cell's ``title``; ``fold`` the outputs with it. ``run`` is a program that the
    reader can change and run.
    """
    parts: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        elif cell.cell_type == "code" and cell.source.strip():
            tags = set(cell.metadata.get("tags", []))
            if "run" in tags:
                title = cell.metadata.get("title", "Program")
                parts.append(program.shown(_code(cell.source), title, cell.outputs))
                continue
            if "fold" in tags:
                shown = [_code(cell.source), *(_output(output) for output in _merged(cell.outputs))]
                parts.append(_opened(cell.metadata.get("title", "Code"), shown))
                continue
            if tags.isdisjoint({"fold-input", "hide-input"}):
                parts.append(_code(cell.source))
            parts.extend(_output(output) for output in _merged(cell.outputs))
            if "fold-input" in tags:  # who reads for the first time wants what it shows
                parts.append(_folded(cell.metadata.get("title", "Code"), _code(cell.source)))
    return "\n\n".join(parts)


def _merged(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return outputs with what was printed in one go in one: kernels send it piece by piece."""
    merged: list[NotebookNode] = []
    for output in outputs:
        if merged and output.output_type == merged[-1].output_type == "stream":
            merged[-1] = NotebookNode({**merged[-1], "text": merged[-1].text + output.text})
        else:
            merged.append(output)
    return merged


def _code(source: str) -> str:
    """Return a code block whose fence is longer than any in the source."""
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", source))])
    return f"{fence}{{ .python .nb-input }}\n{source}\n{fence}"


def _folded(title: str, content: str) -> str:
    body = "\n".join(f"    {line}" if line else "" for line in content.split("\n"))
    return f'??? more "{title}"\n\n{body}'


def _opened(title: str, parts: list[str]) -> str:
    """Return parts that the reader opens; not indented, or their HTML would be shown as text."""
    body = "\n\n".join(parts)
    return f"////// details | {title}\n    type: more\n\n{body}\n//////"


def _output(output: NotebookNode) -> str:
    """Return one output: the richest form of it that this page can show."""
    if output.output_type == "stream":
        return _text(output.text)
    data = output.data
    if "text/html" in data:
        return _raw(data["text/html"])
    if "image/svg+xml" in data:
        return _raw(data["image/svg+xml"])
    if "text/markdown" in data:
        return _markdown(data["text/markdown"])
    if "text/latex" in data:
        return _latex(data["text/latex"])
    if any(kind.startswith("image/") for kind in data):
        # A bitmap is a white box in the dark scheme, and says nothing to a screen reader.
        raise ValueError("a figure must be displayed as SVG with a title")
    return _text(data["text/plain"])


def _latex(source: str) -> str:
    """Return TeX as a display formula, or prose with formulas in it as Markdown."""
    match = _WHOLE_FORMULA.fullmatch(source.strip())
    if match is None:
        return _markdown(source)
    tex = (match["tex"] or match["environment"]).strip().removeprefix(r"\displaystyle").strip()
    return _raw(f'<div class="arithmatex">\\[{html.escape(tex)}\\]</div>')


def _text(text: str) -> str:
    return _raw(f'<pre class="nb-text"><samp>{html.escape(text.rstrip())}</samp></pre>')


def _raw(content: str) -> str:
    return f'<div class="nb-output">\n{content}\n</div>'


def _markdown(content: str) -> str:
    # Not <div markdown>: there Python-Markdown takes the "<b" of $a<b$ for a tag, and the rest
    # of the page with it.
    return f"///// html | div.nb-output\n{content}\n/////"
