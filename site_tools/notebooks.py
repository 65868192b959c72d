"""How mkdocs-jupyter is used: it finds, executes and caches; MkDocs itself renders the page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import mkdocs_jupyter.nbconvert2  # type: ignore[import-untyped]
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from nbclient.exceptions import CellExecutionError
from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from traitlets.config import Config

from bpttcheck.verification import stored
from site_tools import cached, cells

_ROOT = Path(__file__).resolve().parents[1]


class PageExporter(Exporter):
    """Executes a notebook and returns it as Markdown, in the place of nbconvert's HTML."""

    def __init__(self, config: Config, **_html_options: Any) -> None:
        # Otherwise each kernel prints a line about its unencrypted local connection.
        config["ExecutePreprocessor"]["extra_arguments"] = ["--IPKernelApp.log_level=ERROR"]
        super().__init__(config=config)  # type: ignore[no-untyped-call]

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[str, Any]:
        """Return the executed notebook's Markdown, and the resources as they are."""
        executed, resources = super().from_notebook_node(nb, resources, **kw)
        return cells.page(executed), resources


def configure(config: MkDocsConfig) -> None:
    """Give mkdocs-jupyter our exporter, and a cache that knows what the notebooks import."""
    mkdocs_jupyter.nbconvert2.HTMLExporter = PageExporter
    options = config.plugins["mkdocs-jupyter"].config
    options["cache"] = not cached.afresh()
    if options["cache"]:
        folder = cached.folder() / f"notebooks-{fingerprint()}"
        cached.remove_others("notebooks-*", folder)
        options["cache_dir"] = str(folder)


def fingerprint() -> str:
    """Return a digest of all that an output depends on besides the notebook itself."""
    return "-".join(stored.fingerprint(_ROOT / name)[:8] for name in ("bpttcheck", "site_tools"))


def downloads(config: MkDocsConfig, files: Files) -> list[File]:
    """Return each notebook's source, to be published as a file beside its page."""
    copies = []
    for file in files.documentation_pages():
        source = Path(file.src_uri)
        if source.suffix == ".py" and file.abs_src_path is not None:
            uri = f"{source.with_suffix('').as_posix()}/{source.name}"
            copies.append(File.generated(config, uri, abs_src_path=file.abs_src_path))
    return copies


def markdown(page: Page, config: MkDocsConfig, files: Files) -> str | None:
    """Return the executed notebook as Markdown; None if the page is no notebook."""
    if page.file.src_uri.endswith(".md") or "render" not in vars(page):
        return None
    try:
        page.render(config, files)  # mkdocs-jupyter's: execute, or take it from the cache
    except CellExecutionError as error:
        plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
        raise PluginError(f"{page.file.src_uri}: a cell failed\n{plain}") from error
    except ValueError as error:
        raise PluginError(f"{page.file.src_uri}: {error}") from error
    del page.render  # from here on MkDocs's own
    return page.content
