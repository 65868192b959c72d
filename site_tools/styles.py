"""Our style sheets as one file: a phone waits for each of them before it shows anything."""

from __future__ import annotations

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

FOLDER = "assets/css/"
JOINED = f"{FOLDER}site.css"

_parts: list[str] = []


def configure(config: MkDocsConfig) -> None:
    """Link one style sheet in the place of those that ``mkdocs.yml`` lists; plugins add others."""
    ours = [part for part in config.extra_css if str(part).startswith(FOLDER)]
    if ours != [JOINED]:  # a server comes here again
        _parts[:] = ours
    config.extra_css = [*(part for part in config.extra_css if part not in ours), JOINED]


def join(config: MkDocsConfig, files: Files) -> None:
    """Put the one file in the place of the others.

    Raises:
        PluginError: one of them is not there.
    """
    text = []
    for part in _parts:
        file = files.get_file_from_path(part)
        if file is None:
            raise PluginError(f"extra_css: expected style sheets below docs/, got {part!r}")
        text.append(file.content_string)
        files.remove(file)
    files.append(File.generated(config, JOINED, content="\n".join(text)))
