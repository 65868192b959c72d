"""The templates of the page *Paste your code*, each as the file that it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from site_tools import cached
from site_tools.generated.prose import fenced

FOLDER = "docs/how-to/templates"


def passages() -> dict[str, Callable[[], str]]:
    """Return what writes each template's passage, by the passage's name."""
    files = sorted((cached.ROOT / FOLDER).glob("*.py"))
    return {f"template/{file.stem}": partial(shown, file.name) for file in files}


def shown(name: str) -> str:
    """Return a template's code, and the link that saves the file."""
    code = (cached.ROOT / FOLDER / name).read_text(encoding="utf-8")
    return f"{fenced('python', code.rstrip())}\n\nSave it: [{name}](templates/{name}){{ download }}"
