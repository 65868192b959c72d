"""The index of the API: every name that its pages describe, with its first sentence.

The API was one page once. What had an address there has it here, a click from what is said of it.
"""

from __future__ import annotations

import inspect
import re
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

from site_tools.docstrings import rewritten

PAGES = (
    "checking",
    "adaptors",
    "conformance",
    "strategies",
    "networks",
    "cells",
    "functions",
    "registry",
)
"""In the order of what people come for."""

FOLDER = Path(__file__).parents[2] / "docs" / "reference" / "api"

_MEMBERS = (FunctionType, property, cached_property, classmethod, staticmethod)

_PART = re.compile(
    r"^#{1,2} (?P<title>.+?)(?: \{ #(?P<anchor>[\w-]+) \})?$"
    r"|^::: (?P<path>\S+)\n(?P<options>(?: +.*\n)*)",
    re.MULTILINE,
)


def index() -> str:
    """Return a table of names for each page of the API."""
    return "\n\n".join(_table(page) for page in PAGES)


def _table(page: str) -> str:
    text = (FOLDER / f"{page}.md").read_text(encoding="utf-8")
    file, title, anchor, rows = f"api/{page}.md", "", "", []
    for part in _PART.finditer(text):
        if part["title"]:
            title = title or part["title"]
            anchor = part["anchor"] or ""
            continue
        path, options, first = part["path"], part["options"], anchor if anchor not in PAGES else ""
        if "show_root_heading: false" in options:  # the heading of its section is its own
            rows.append(
                _row(path.removeprefix("bpttcheck.cells."), path, f"{file}#{anchor}", first)
            )
        else:
            rows.append(_named_row(path, file, first))
            rows += [_named_row(member, file) for member in _members(path, options)]
        anchor = ""  # stands at the first name of its section
    head = f'## [{title}]({file}) {{ #{page} data-toc-label="{title}" }}'
    return "\n".join([f"{head}\n", "| Name | What it is |", "|:--|:--|", *rows])


def _members(path: str, options: str) -> list[str]:
    """Return the methods and properties that the page of a class describes."""
    found = named(path)
    if not inspect.isclass(found):
        return []
    described = inspect.getmro(found) if "inherited_members: true" in options else (found,)
    names = {
        name
        for of in described
        if of.__module__.startswith("bpttcheck")
        for name, member in vars(of).items()
        if not name.startswith("_") and isinstance(member, _MEMBERS)
    }
    return [f"{path}.{name}" for name in sorted(names)]


def _named_row(path: str, file: str, first: str = "") -> str:
    return _row(path.removeprefix("bpttcheck."), path, f"{file}#{path}", first, path)


def _row(shown: str, path: str, address: str, *anchors: str) -> str:
    """Return a row that old addresses lead to."""
    places = "".join(f'<span id="{anchor}"></span>' for anchor in anchors if anchor)
    narrow = re.sub(r"([._])", r"\1<wbr>", shown)  # where a phone may break it
    return f"| {places}[<code>{narrow}</code>]({address}) | {_first_sentence(named(path))} |"


def _first_sentence(found: Any) -> str:
    if type(found).__module__.startswith("bpttcheck"):  # the docstring is its class's
        return f"An instance of `{type(found).__name__}`."
    first = rewritten(inspect.getdoc(found) or "").split("\n\n")[0]
    return first.replace("\n", " ").replace("|", "&#124;")


def named(path: str) -> Any:
    """Return what has a dotted name that begins with ``bpttcheck``.

    Raises:
        ImportError: nothing has.
    """
    parts = path.split(".")
    found: Any = import_module(parts[0])
    for k, part in enumerate(parts[1:], start=2):
        if not hasattr(found, part):
            found = import_module(".".join(parts[:k]))
        else:
            found = getattr(found, part)
    return found
