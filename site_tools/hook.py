"""The build's hook: which of our steps runs at which event of MkDocs.

The steps themselves are in the modules beside this one.
"""

from __future__ import annotations

import gc
import logging
import re
import sys
from pathlib import Path
from typing import Any

from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import CombinedEvent, event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

_ROOT = Path(__file__).resolve().parents[1]
if str(_ROOT) not in sys.path:  # MkDocs loads this file by its path, outside any package
    sys.path.insert(0, str(_ROOT))

from site_tools import (  # noqa: E402
    blocks,
    cached,
    descriptions,
    figures,
    headings,
    indexed,
    kernels,
    ledger,
    listings,
    not_found,
    notebooks,
    rendered,
    styles,
    tables,
    typesetter,
)
from site_tools.formulas import Formulas  # noqa: E402
from site_tools.generated import citation, places  # noqa: E402
from site_tools.in_page import interpreter  # noqa: E402

_SEARCH_DIALOG = 'data-md-component="search" role="dialog"'
_BODY = re.compile(r"<body\b[^>]*>")
_EARLY = (_ROOT / "site_tools" / "early.js").read_text(encoding="utf-8")
_BUNDLE = re.compile(r'<script src="([^"]*)assets/javascripts/bundle\.')

_formulas = Formulas()


def on_startup(command: str, dirty: bool) -> None:
    """Start the kernels of a build faster, and look for garbage seldom: there is little."""
    if command == "build":
        gc.set_threshold(100_000, 50, 50)
        kernels.fork()


def on_config(config: MkDocsConfig) -> None:
    """Configure the notebooks, and link one style sheet that holds KaTeX's and all of ours."""
    if config.strict:  # `mkdocs build -q` drops the warnings, and with them the reason to fail
        logger = logging.getLogger("mkdocs")
        logger.setLevel(min(logger.getEffectiveLevel(), logging.WARNING))
    cached.look_again()
    notebooks.configure(config)
    styles.configure(config, typesetter.STYLE_SHEET)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated reference pages, KaTeX, MicroPython, and the notebooks.

    The pages' blocks run while the registry is decided, which takes other processes.
    """
    ledger.start()
    blocks.run(files)
    for uri, text in {**ledger.pages(), **ledger.downloads()}.items():
        files.append(File.generated(config, uri, content=text))
    fetched = [*typesetter.assets(config), *interpreter.assets(config)]
    for asset in [*fetched, *notebooks.downloads(config, files)]:
        files.append(asset)
    styles.join(config, files)
    return notebooks.last(files)


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> None:
    """Start the notebooks, now that their pages exist and what they show has been decided.

    And see what need not be rendered anew, now that all files are known.
    """
    notebooks.start(config, files)
    rendered.begin(config, files)


def on_build_error(error: Exception) -> None:
    """Stop what runs beside the build."""
    notebooks.stop()


@event_priority(100)  # first: the other plugins should see Markdown, not Python
def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn a notebook into Markdown; in other pages, write and run what the build has to."""
    executed = notebooks.markdown(page, config, files)
    rendered.take(page)
    if executed is not None:
        return places.to_parts(executed)
    if page.file.generated_by is not None:  # the registry's pages: what they show has been decided
        return citation.placed(ledger.filled(markdown), (config.site_url or "") + page.url)
    return places.to_parts(ledger.filled(blocks.executed(markdown, page.file.src_uri)))


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Say how large tables and listings are, where names may break, and what the page is about.

    What is folded in a generated page is not indexed.
    """
    descriptions.describe(page, html)
    sized = listings.sized(tables.wrapped(interpreter.marked(headings.broken(html))))
    return sized if page.file.generated_by is None else indexed.mark(sized)


@event_priority(-100)  # last: the cross-references of the API pages are resolved at this event
def on_env(env: Environment, config: MkDocsConfig, files: Files) -> None:
    """Typeset the formulas of all pages at once; keep what has been rendered."""
    global _formulas
    rendered.save()
    _formulas = Formulas()
    for file in files.documentation_pages():
        if file.page is not None:
            figures.check(file.page)
            _formulas.collect(file.page)
    _formulas.typeset()


@event_priority(100)  # first: the search index is filled at this event
def _before_indexing(context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Any) -> None:
    """Show the index no more of the page than its words."""
    indexed.reduce(page)


@event_priority(-100)  # last
def _after_indexing(context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Any) -> None:
    """Put the typeset formulas into the page."""
    indexed.restore(page)
    _formulas.insert(page)


on_page_context = CombinedEvent(_before_indexing, _after_indexing)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Mend the theme's part of the page, and say what it is about."""
    return descriptions.shared(_mended(output, config), page, config)


def on_post_template(output_content: str, template_name: str, config: MkDocsConfig) -> str:
    """Do the same for the pages without a source, like 404.html, which says where to look."""
    return not_found.helpful(_mended(output_content, config))


@event_priority(-100)  # last: the search index is written at this event
def on_post_build(config: MkDocsConfig) -> None:
    """Make the search work without a server."""
    if not config.use_directory_urls:
        indexed.as_script(Path(config.site_dir))


def _mended(output: str, config: MkDocsConfig) -> str:
    """Leave out what is not needed, name the search dialog, set the scheme early, search late."""
    output = styles.needed(output)
    named = output.replace(_SEARCH_DIALOG, f'{_SEARCH_DIALOG} aria-label="Search"')
    early = _BODY.sub(lambda body: f"{body[0]}<script>{_EARLY}</script>", named, count=1)
    script = "search-on-demand" if config.use_directory_urls else "search-from-a-folder"
    before = rf'<script src="\1assets/js/{script}.js"></script>\g<0>'
    return _BUNDLE.sub(before, early)


def on_serve(server: LiveReloadServer, config: MkDocsConfig, builder: Any) -> None:
    """Rebuild when the package or these tools change."""
    for folder in ("bpttcheck", "site_tools"):
        if (_ROOT / folder).is_dir():
            server.watch(str(_ROOT / folder))
