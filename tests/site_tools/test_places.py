"""On which page of the site an identity stands, and where links to it lead."""

import re
from pathlib import Path

import pytest

pytest.importorskip("mkdocs", reason="the site's tools are missing: pip install '.[docs]'")

from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from site_tools import share
from site_tools.generated import notation, places
from site_tools.generated.identity_openings import OPENINGS, opening
from site_tools.generated.network_steps import network

ROOT = Path(__file__).resolve().parents[2]


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


def test_every_page_begins_in_words_of_its_own() -> None:
    files = [place.file for place in places.places()]
    assert sorted(f"{name}.md" for name in OPENINGS) == sorted(files)
    first = [" ".join(text.split()[:3]) for text in OPENINGS.values()]
    assert len(set(first)) == len(first)
    words = " ".join(" ".join(OPENINGS.values()).replace("`", "").split())
    assert not share.unknown(words)  # the picture for shared links has it
    for file in files:
        for link in re.findall(r"\]\(\.\./\.\./(.*?)\)", opening(file)):
            assert (ROOT / "docs" / link).is_file(), link


def test_a_page_shows_its_network_forward_in_the_order_in_which_it_runs() -> None:
    steps = {model: network(model) for model in MODELS}
    assert not steps["clipping"]  # no network
    assert steps["truncation"] == steps["rnn"]
    for model, shown in steps.items():
        assert r"\partial" not in shown
        made = re.findall(r"^(\S+) &=", shown, re.MULTILINE)
        assert model == "gru" or len(set(made)) == len(made), "each is made once"
    seen = steps["peephole_lstm"]
    assert seen.index(r"\mathbf{c}_{t} &=") < seen.index(r"\mathbf{a}^{o}_{t} &=")
    assert steps["gru"].count(r"\text{reset") == 2


def test_the_page_on_the_notation_has_every_symbol_of_every_model() -> None:
    page = notation.page()
    for model in MODELS.values():
        rows = page.partition(f"{{#{places.stem(model.name)}}}")[2].partition("\n## ")[0]
        assert all(f"| `{symbol.name}` |" in rows for symbol in model.symbols), model.name
