"""Style sheets as one file: a phone waits for each of them before it shows anything."""

from __future__ import annotations

import re

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

FOLDER = "assets/css/"
JOINED = f"{FOLDER}site.css"

_parts: list[str] = []


_OF_REFERENCES = re.compile(r'<link rel="stylesheet" href="[^"]*assets/_mkdocstrings\.css">\s*')


def configure(config: MkDocsConfig, *first: str) -> None:
    """Link one style sheet in the place of ``first`` and of those that ``mkdocs.yml`` lists."""
    ours = [part for part in config.extra_css if str(part).startswith(FOLDER)]
    if ours != [JOINED]:  # a server comes here again
        _parts[:] = [*first, *ours]
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


def needed(output: str) -> str:
    """Return a page without the link to mkdocstrings' style sheet, unless it is one of the API."""
    return output if 'class="doc ' in output else _OF_REFERENCES.sub("", output)
