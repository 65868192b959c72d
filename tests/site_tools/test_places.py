"""On which page of the site an identity stands, and where links to it lead."""

import pytest

pytest.importorskip("mkdocs", reason="the site's tools are missing: pip install '.[docs]'")

from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from site_tools.generated import notation, places


def test_every_identity_stands_on_one_page() -> None:
    stand = [identity.id for place in places.places() for identity in place.identities]
    assert sorted(stand) == sorted(identity.id for identity in REGISTRY)
    files = [place.file for place in places.places()]
    assert len(set(files)) == len(files)
    assert max(len(place.identities) for place in places.places()) <= 70
    link = "[W](../reference/identities/rnn.md#rnn.{})"
    moved = places.to_parts(link.format("rtrl-W"))
    assert moved == "[W](../reference/identities/rnn-witnesses.md#rnn.rtrl-W)"
    for kept in ("state", "gone"):
        assert places.to_parts(link.format(kept)) == link.format(kept)


def test_the_page_on_the_notation_has_every_symbol_of_every_model() -> None:
    page = notation.page()
    for model in MODELS.values():
        rows = page.partition(f"{{#{places.stem(model.name)}}}")[2].partition("\n## ")[0]
        assert all(f"| `{symbol.name}` |" in rows for symbol in model.symbols), model.name
