"""How mkdocs-jupyter is used: it finds, executes and caches; MkDocs itself renders the page."""

from __future__ import annotations

import re
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jupytext  # type: ignore[import-untyped]
import mkdocs_jupyter.nbconvert2  # type: ignore[import-untyped]
import nbformat
from jupyter_core.utils import ensure_event_loop
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from traitlets.config import Config

from bpttcheck.verification import sources
from bpttcheck.verification.workers import cores
from site_tools import cached, cells
from site_tools.in_page import program

_NEEDS = "# Needs the package bpttcheck, installed from a copy of its repository."
_ELSEWHERE = """## Run it yourself

This page is a notebook. Change a number and run it again:
<a href="{beside}{name}.ipynb" download>download the notebook</a>, or the same
<a href="{beside}{name}.py" download>as a script</a> for Jupyter with jupytext or for IPython. Both
need [the package](../index.md#install).
"""

_ROOT = Path(__file__).resolve().parents[1]

_started: dict[str, Future[None]] = {}


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
    python = (sources.fingerprint(_ROOT / name)[:8] for name in ("bpttcheck", "site_tools"))
    return "-".join([*python, program.fingerprint()])


def downloads(config: MkDocsConfig, files: Files) -> list[File]:
    """Return each notebook as a script and as a notebook, to be published beside its page."""
    copies = []
    for file in files.documentation_pages():
        source = Path(file.src_uri)
        if source.suffix == ".py" and file.abs_src_path is not None:
            uri = f"{source.with_suffix('').as_posix()}/{source.stem}"
            copies.append(File.generated(config, f"{uri}.py", abs_src_path=file.abs_src_path))
            notebook = as_notebook(Path(file.abs_src_path))
            copies.append(File.generated(config, f"{uri}.ipynb", content=notebook))
    return copies


def as_notebook(script: Path) -> str:
    """Return a percent script as a notebook without outputs, which says what it needs."""
    notebook = jupytext.read(script)
    first: NotebookNode = new_code_cell(_NEEDS)  # type: ignore[no-untyped-call]
    notebook.cells.insert(0, first)
    for number, cell in enumerate(notebook.cells):  # ids would be new ones at every build
        cell["id"] = f"cell-{number}"
    notebook.metadata["kernelspec"] = {
        "name": "python3", "display_name": "Python 3", "language": "python"
    }  # fmt: skip
    return str(nbformat.writes(notebook))  # type: ignore[no-untyped-call]


def last(files: Files) -> Files:
    """Return the files, notebooks at the end: while they execute, the other pages are written."""
    return Files(sorted(files, key=_is_notebook))


def start(config: MkDocsConfig, files: Files) -> None:
    """Execute all notebooks, as many at a time as there are processors; each has its own kernel."""
    plugin = config.plugins["mkdocs-jupyter"]
    pool = ThreadPoolExecutor(cores())
    for file in filter(_is_notebook, files.documentation_pages()):
        if file.page is not None:
            plugin.on_pre_page(file.page, config=config, files=files)  # gives it its render
            _started[file.src_uri] = pool.submit(_execute, file.page, config, files)
    pool.shutdown(wait=False)


def _execute(page: Page, config: MkDocsConfig, files: Files) -> None:
    """Call mkdocs-jupyter's render: it executes, or takes what the cache has."""
    try:
        page.render(config, files)
    finally:
        ensure_event_loop().close()  # each thread gets one, and nobody else would close it


def stop() -> None:
    """Start no more of them: the build has failed."""
    for future in _started.values():
        future.cancel()
    _started.clear()


def _is_notebook(file: File) -> bool:
    return file.is_documentation_page() and file.src_uri.endswith((".py", ".ipynb"))


def markdown(page: Page, config: MkDocsConfig, files: Files) -> str | None:
    """Return the executed notebook as Markdown; None if the page is no notebook."""
    if not _is_notebook(page.file):
        return None
    try:
        _started.pop(page.file.src_uri).result()
    except (CellExecutionError, DeadKernelError) as error:
        plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
        raise PluginError(f"{page.file.src_uri}: a cell failed\n{plain}") from error
    except ValueError as error:
        raise PluginError(f"{page.file.src_uri}: {error}") from error
    del page.render  # from here on MkDocs's own
    name = Path(page.file.src_uri).stem
    beside = "" if config.use_directory_urls else f"{name}/"
    return f"{page.content}\n\n{_ELSEWHERE.format(name=name, beside=beside)}"
