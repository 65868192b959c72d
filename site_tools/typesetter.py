"""KaTeX: installed from npm on first use, run once per build over all formulas."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File

from site_tools import cached, colour, node, npm

STYLE_SHEET = "assets/css/katex.css"

_PINNED = cached.ROOT / "site_tools" / "katex"


@dataclass(frozen=True)
class Formula:
    """One formula as it is written, without delimiters."""

    tex: str
    display: bool


@dataclass(frozen=True)
class Typeset:
    """What became of a formula: its HTML, or why there is none."""

    html: str | None
    error: str | None


def typeset(formulas: Sequence[Formula]) -> list[Typeset]:
    """Return the typeset formulas, in order.

    One Node process typesets all that no earlier build has; what cannot be typeset is not kept.
    """
    script = _PINNED / "render.cjs"
    rests_on = [npm.lock(_PINNED), script.read_text(encoding="utf-8"), inspect.getsource(colour)]
    kept = cached.Kept("formulas", rests_on)
    known: dict[str, dict[str, str]] = kept.answers
    asked = {_question(f): f for f in formulas}
    missing = {question: f for question, f in asked.items() if question not in known}
    if missing:
        batch = [{"tex": colour.coloured(f.tex), "display": f.display} for f in missing.values()]
        answer = npm.run([*node.find().node, str(script), str(package())], stdin=json.dumps(batch))
        for (question, formula), found in zip(missing.items(), json.loads(answer), strict=True):
            if "html" in found:
                found["html"] = colour.as_written(found["html"], formula.tex)
            known[question] = found
        kept.answers = {q: a for q, a in known.items() if q in asked and "html" in a}
        kept.save()
    return [Typeset(**{"html": None, "error": None, **known[_question(f)]}) for f in formulas]


def _question(formula: Formula) -> str:
    return f"{'display' if formula.display else 'inline'} {formula.tex}"


def package() -> Path:
    """Return the folder of the installed npm package, installing it if need be."""
    return npm.installed(_PINNED, "katex")


def assets(config: MkDocsConfig) -> list[File]:
    """Return KaTeX's style sheet, its fonts and its licence as files of the site."""
    source = package()
    css = (source / "dist" / "katex.min.css").read_text(encoding="utf-8")
    # Every browser of the last ten years reads woff2; the other two formats are not copied.
    css = re.sub(r',url\([^)]*\.(?:woff|ttf)\) format\("[a-z]+"\)', "", css)
    css = css.replace("url(fonts/", "url(../katex/fonts/")
    fonts = sorted((source / "dist" / "fonts").glob("*.woff2"))
    copies = [(f"assets/katex/fonts/{font.name}", font) for font in fonts]
    copies.append(("assets/katex/LICENSE", source / "LICENSE"))
    files = [File.generated(config, uri, abs_src_path=str(path)) for uri, path in copies]
    return [File.generated(config, STYLE_SHEET, content=css), *files]
