"""MicroPython's WebAssembly build, published with the site.

It is fetched at build, as KaTeX is, and not committed: 540 kB of binary that nobody could review,
where a version and a digest (of npm's lock file, which npm compares) say the same. What npm has
fetched once lies in ``.cache``. Where npm's registry cannot be reached, the site is built all the
same, with the programs as text: it has everything else to say, and says this in a line on the page.
"""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

from bpttcheck import plain
from site_tools import npm

PACKAGE = "@micropython/micropython-webassembly-pyscript"
FOLDER = "assets/run"
TEXT_ONLY = (
    "This copy of the site was built without the Python that runs in the page: the program is text."
)

log = logging.getLogger("mkdocs.site_tools.interpreter")

_OURS = ("figure.mjs", "python.mjs", "telling.mjs", "worker.mjs")
_PINNED = Path(__file__).parent
_BOX = '<div class="run-cell"'


@cache
def package() -> Path | None:
    """Return the folder of the installed package; None, with a line, if it cannot be had.

    Raises:
        PluginError: what came is not what was pinned.
    """
    try:
        # No second try: npm would wait a minute before each.
        return npm.installed(_PINNED, PACKAGE, "--fetch-retries=0", "--fetch-timeout=30000")
    except PluginError as error:
        if "EINTEGRITY" in str(error):  # no want of a network: somebody has changed it
            raise
        _, reason, *_ = [*str(error).splitlines(), ""]  # after the command
        log.info("No MicroPython, programs stay text: %s", reason)
        return None


def assets(config: MkDocsConfig) -> list[File]:
    """Return the interpreter, its licence, and our scripts beside it, as files of the site."""
    source = package()
    if source is None:
        return []
    paths = [
        source / "micropython.mjs",
        source / "micropython.wasm",
        *(_PINNED / name for name in ("LICENSE", *_OURS)),
        Path(plain.__file__),
    ]
    return [
        File.generated(config, f"{FOLDER}/{path.name}", abs_src_path=str(path)) for path in paths
    ]


def marked(html: str) -> str:
    """Return a page; where there is no interpreter, its programs say that they are text."""
    if package() is not None or _BOX not in html:
        return html
    return html.replace(_BOX, f'<p class="run-says">{TEXT_ONLY}</p><div class="run-cell run-text"')
