"""What search engines and link previews say of a page: its first paragraph, unless it says itself.

And where the site's own search ranks it: pages that teach come before registers.
"""

from __future__ import annotations

import html
import logging
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page

from site_tools import cached, share

log = logging.getLogger("mkdocs.site_tools.descriptions")

LENGTH = 200
FOLDER = "assets/share/"
_FIRST = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_TAGS = re.compile(r"<[^>]*>")
_TEACH = ("tutorials/", "derivations/", "how-to/")
_VARIANTS = ("derivations/coupled-lstm.py", "derivations/mgu.py")
"""Who looks for the LSTM should not find the coupled one first."""


def describe(page: Page, content: str) -> None:
    """Give a page a description, and those that teach a higher rank in the search."""
    first = _FIRST.search(content)
    if first and "description" not in page.meta:
        page.meta["description"] = shortened(html.unescape(_TAGS.sub("", first[1])))
    if page.file.src_uri.startswith(_TEACH) and page.file.src_uri not in _VARIANTS:
        page.meta.setdefault("search", {"boost": 2})


def shared(output: str, page: Page, config: MkDocsConfig) -> str:
    """Return a page that says what it is to those who are sent its link (Open Graph).

    Where the site has an address, so that it can be shared, the page's picture is drawn too.
    """
    title = html.unescape(_TAGS.sub("", str(page.title)))
    facts = {
        "og:type": "article",
        "og:site_name": config.site_name,
        "og:title": title,
        "og:description": page.meta.get("description"),
    }
    if config.site_url:  # addresses have to be whole
        facts |= {
            "og:url": page.canonical_url,
            "og:image": config.site_url + _drawn(page, title, config),
            "og:image:alt": share.SAYS,
            "twitter:card": "summary_large_image",
        }
    tags = "".join(
        f'<meta property="{name}" content="{html.escape(str(fact))}">'
        for name, fact in facts.items()
        if fact
    )
    return output.replace("</head>", f"{tags}</head>", 1)


def _drawn(page: Page, title: str, config: MkDocsConfig) -> str:
    """Draw a page's picture into the site; return its path there."""
    text = page.meta.get("description", "")
    if lost := share.unknown(title + text):
        log.warning("%s: no letters %r for the picture of the page", page.file.src_uri, lost)
    section = page.parent.title if page.parent else ""
    path = f"{FOLDER}{page.url.strip('/').removesuffix('.html').replace('/', '-') or 'home'}.png"
    file = Path(config.site_dir) / path
    file.parent.mkdir(parents=True, exist_ok=True)
    says = (config.site_name, str(section), title, text)
    file.write_bytes(cached.picture(says, lambda: share.picture(*says)))
    return path


def shortened(text: str) -> str:
    """Return as many whole sentences as there is room for, or words where the first is longer."""
    plain = " ".join(re.sub(r"\\[()]", "", text).split())
    if len(plain) <= LENGTH:
        return plain
    sentences = plain[: LENGTH + 1].rpartition(". ")[0]
    return f"{sentences}." if sentences else plain[:LENGTH].rpartition(" ")[0] + " …"
