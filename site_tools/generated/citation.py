"""How to cite an entry of a page: in words and as BibTeX, from what ``CITATION.cff`` says."""

from __future__ import annotations

from functools import cache

import yaml

from site_tools import cached
from site_tools.generated.prose import fenced, folded

ADDRESS = "@@address of the page@@"
"""Stands where the page's own address will be known."""


@cache
def _says() -> dict[str, str]:
    """Return the package's authors, title and version."""
    text = (cached.ROOT / "CITATION.cff").read_text(encoding="utf-8")
    given = yaml.load(text, Loader=yaml.BaseLoader)  # or version 1.10 were the number 1.1
    authors = [
        author.get("name") or f"{author['family-names']}, {author['given-names']}"
        for author in given["authors"]
    ]
    return {
        "authors": " and ".join(authors),
        # Two pairs of braces: a name that is no person's stays as it is.
        "bibtex_authors": " and ".join(f"{{{author}}}" for author in authors),
        "title": given["title"],
        "version": given["version"],
    }


def cite(name: str, kind: str) -> str:
    """Return a folded part: how to cite an entry whose heading has its name for an ID.

    Arguments:
        name: of the identity or the claim.
        kind: which of them it is, with its article.
    """
    says = _says()
    address = f"{ADDRESS}#{name}"
    words = (
        f"{says['authors']}: `{name}`, {kind} of *{says['title']}*, version {says['version']}, "
        f"[{address}](#{name})."
    )
    entry = "\n".join(
        [
            f"@misc{{bpttcheck:{name},",
            f"  author = {{{says['bibtex_authors']}}},",
            f"  title  = {{{{{name}}}, {kind} of {says['title']}}},",
            f"  note   = {{Version {says['version']}}},",
            f"  url    = {{{address}}},",
            "}",
        ]
    )
    return folded("Cite this", [words, fenced("text", entry)])


def placed(markdown: str, address: str) -> str:
    """Return a page that knows its address."""
    return markdown.replace(ADDRESS, address)
