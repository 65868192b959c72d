"""KaTeX: installed from npm on first use, run once per build over all formulas."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

from site_tools import cached, colour, node

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
    rests_on = [_lock(), script.read_text(encoding="utf-8"), inspect.getsource(colour)]
    kept = cached.Kept("formulas", rests_on)
    known: dict[str, dict[str, str]] = kept.answers
    asked = {_question(f): f for f in formulas}
    missing = {question: f for question, f in asked.items() if question not in known}
    if missing:
        batch = [{"tex": colour.coloured(f.tex), "display": f.display} for f in missing.values()]
        answer = _run([*node.find().node, str(script), str(package())], stdin=json.dumps(batch))
        for (question, formula), found in zip(missing.items(), json.loads(answer), strict=True):
            if "html" in found:
                found["html"] = colour.as_written(found["html"], formula.tex)
            known[question] = found
        kept.answers = {q: a for q, a in known.items() if q in asked and "html" in a}
        kept.save()
    return [Typeset(**{"html": None, "error": None, **known[_question(f)]}) for f in formulas]


def _question(formula: Formula) -> str:
    return f"{'display' if formula.display else 'inline'} {formula.tex}"


def _lock() -> str:
    return (_PINNED / "package-lock.json").read_text(encoding="utf-8")


def package() -> Path:
    """Return the folder of the installed npm package, installing it if need be."""
    cache = cached.folder()
    folder = cache / f"katex-{hashlib.sha256(_lock().encode()).hexdigest()[:12]}"
    installed = folder / "node_modules" / "katex"
    if not installed.is_dir():
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            _install(Path(scratch))
            # Moved into place whole: a second build may be doing the same at this moment.
            try:
                (Path(scratch) / "install").rename(folder)
            except OSError:
                if not installed.is_dir():
                    raise
    return installed


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


def _install(scratch: Path) -> None:
    """Install the locked packages into ``scratch/install``."""
    folder = scratch / "install"
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_PINNED / name, folder / name)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    _run([*node.find().npm, "ci", *quiet], cwd=folder)


def _run(command: list[str], stdin: str = "", cwd: Path | None = None) -> str:
    """Return what the command prints, or fail the build with what it complained about."""
    done = subprocess.run(
        command, input=stdin, cwd=cwd, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise PluginError(f"{' '.join(command)}\n{done.stderr.strip() or done.stdout.strip()}")
    return done.stdout
