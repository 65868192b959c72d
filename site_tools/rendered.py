"""Pages as Markdown made them: half of a build in which little has changed, if made anew.

A page is taken from an earlier build if its Markdown, the files that it may link to, the
configuration and the tools are the same, and nothing was complained about. What rendering leaves
besides HTML comes with it, so that links and anchors are checked as ever.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import logging
import platform
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, TableOfContents
from mkdocs.utils import CountHandler

from bpttcheck.verification import sources
from site_tools import cached

_TOOLS = (
    "Markdown",
    "Pygments",
    "mkdocs",
    "mkdocs-autorefs",
    "mkdocs-material",
    "mkdocstrings",
    "pymdown-extensions",
)
_OBJECT = "\n::: "
"""Before the name of an object whose documentation is put in: such a page reads the package."""

_kept = cached.Kept("rendered", [])
_asked: dict[str, Any] = {}


def begin(config: MkDocsConfig, files: Files) -> None:
    """Look up what an earlier build has rendered, now that all files are known."""
    global _kept
    settings = Path(config.config_file_path)
    _kept = cached.Kept(
        "rendered",
        [
            platform.python_version(),
            *(f"{tool} {importlib.metadata.version(tool)}" for tool in _TOOLS),
            sources.fingerprint(cached.ROOT / "site_tools"),
            *(file.read_text(encoding="utf-8") for file in sorted(settings.parent.glob("*.yml"))),
            *sorted(f"{file.src_uri} {file.url} {file.inclusion}" for file in files),
        ],
    )
    _asked.clear()


def take(page: Page) -> None:
    """Let a page be rendered by this module when its turn has come."""
    page.render = partial(_render, page)  # type: ignore[method-assign]


def save() -> None:
    """Keep what this build has rendered, and has taken."""
    _kept.answers = dict(_asked)
    _kept.save()


def _render(page: Page, config: MkDocsConfig, files: Files) -> None:
    del page.render
    if cached.afresh() or _OBJECT in (page.markdown or ""):
        page.render(config, files)
        return
    question = hashlib.sha256(f"{page.file.src_uri}\n{page.markdown}".encode()).hexdigest()
    answer = _kept.answers.get(question)
    if answer is None:
        answer = _anew(page, config, files)
    else:
        _restore(page, answer, files)
    if answer is not None:
        _asked[question] = answer


def _anew(page: Page, config: MkDocsConfig, files: Files) -> dict[str, Any] | None:
    """Render a page, and return what came of it; None if there was something to complain about."""
    with _complaints() as heard:
        page.render(config, files)
    if heard.counts or page.links_to_anchors is None:
        return None
    return {
        "content": page.content,
        "title": page._title_from_render,
        "toc": [_entry(link) for link in page.toc],
        "anchors": sorted(page.present_anchor_ids or ()),
        "links": {file.src_uri: to for file, to in page.links_to_anchors.items()},
    }


def _restore(page: Page, answer: dict[str, Any], files: Files) -> None:
    page.content = answer["content"]
    page._title_from_render = answer["title"]
    page.toc = TableOfContents([_link(*entry) for entry in answer["toc"]])
    page.present_anchor_ids = set(answer["anchors"])
    there = {uri: files.get_file_from_path(uri) for uri in answer["links"]}
    page.links_to_anchors = {file: answer["links"][uri] for uri, file in there.items() if file}


@contextmanager
def _complaints() -> Iterator[CountHandler]:
    """Count what is complained about, which fails a strict build each time."""
    heard = CountHandler()
    heard.setLevel(logging.WARNING)
    loggers = [logging.getLogger(name) for name in ("mkdocs", "MARKDOWN")]
    for logger in loggers:
        logger.addHandler(heard)
    try:
        yield heard
    finally:
        for logger in loggers:
            logger.removeHandler(heard)


def _entry(link: AnchorLink) -> tuple[Any, ...]:
    """Return an entry of the table of contents, with those below it, as lists."""
    return link.title, link.id, link.level, [_entry(child) for child in link.children]


def _link(title: str, name: str, level: int, children: Iterable[Any]) -> AnchorLink:
    link = AnchorLink(title, name, level)
    link.children = [_link(*child) for child in children]
    return link
