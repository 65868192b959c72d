"""On which page an identity stands: its model's, or one of several where a model has too many.

Authors write ``identities/MODEL.md#ID`` wherever they link to one, and need not know. The address
of the first page goes on leading to all of a model's identities.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from bpttcheck.statements.identity import Identity

PARTS = {
    "rnn": (
        ("", "BPTT", "rnn.preactivation"),
        ("-outputs", "through the outputs", "rnn.preactivation-components"),
        ("-jacobians", "Jacobians, and sums over steps", "rnn.preactivation-forward"),
        ("-bounds", "bounds", "rnn.jacobian-bound"),
        ("-witnesses", "other ways to the gradient", "rnn.untied-forward"),
    )
}
"""By model: what is added to its page's name, what the page is about, the first identity there."""

_LINK = re.compile(r"identities/[\w-]+\.md#(?P<id>[\w-]+\.[\w-]+)")


@dataclass(frozen=True)
class Place:
    """A page: its file below ``reference/identities/``, its title, and what stands on it."""

    file: str
    title: str
    model: str
    identities: tuple[Identity, ...]


@cache
def places() -> tuple[Place, ...]:
    """Return every page, in the order of the models.

    Raises:
        ValueError: a part begins with an identity that its model does not have.
    """
    found = []
    for model in MODELS.values():
        mine = [i for i in REGISTRY if i.model == model.name]
        ids = [i.id for i in mine]
        parts = PARTS.get(model.name, (("", "identities", ids[0]),))
        starts = [ids.index(first) for _, _, first in parts]
        for (suffix, about, _), start, end in zip(parts, starts, [*starts[1:], None], strict=True):
            file, title = f"{stem(model.name)}{suffix}.md", f"{model.title}: {about}"
            found.append(Place(file, title, model.name, tuple(mine[start:end])))
    return tuple(found)


@cache
def _files() -> dict[str, str]:
    return {identity.id: place.file for place in places() for identity in place.identities}


def stem(model: str) -> str:
    """Return the name of a model's first page, without its suffix."""
    return model.replace("_", "-")


def file_of(name: str) -> str:
    """Return the file, below ``reference/identities/``, that an identity stands in."""
    return _files()[name]


def to_parts(markdown: str) -> str:
    """Return a page whose links to identities lead to the pages that these stand on."""
    files = _files()

    def link(found: re.Match[str]) -> str:
        name = found["id"]
        return f"identities/{files[name]}#{name}" if name in files else found[0]

    return _LINK.sub(link, markdown)
