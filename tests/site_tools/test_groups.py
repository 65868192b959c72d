"""What the identities of a page are about, and the way to each from the top of the page."""

import re

import pytest

pytest.importorskip("mkdocs", reason="the site's tools are missing: pip install '.[docs]'")

from site_tools.generated import groups, places


def _place(file: str) -> places.Place:
    return next(place for place in places.places() if place.file == file)


def test_every_identity_of_a_long_page_stands_in_one_group() -> None:
    for place in places.places():
        grouped = [i for group in groups.groups(place.identities) for i in group.identities]
        expected = len(place.identities) if len(place.identities) >= groups.FEWEST else 0
        assert len(grouped) == len({i.id for i in grouped}) == expected, place.file


@pytest.mark.parametrize(
    ("name", "about"),
    [
        ("lstm.cell", "forward"),
        ("lstm.cell-gradient", "messages"),
        ("lstm.W-gradient-i", "weights"),
        ("lstm.initial-cell", "ends"),
        ("rnn.temporal-b", "weights"),  # of an entry, b[i]
        ("rnn.preactivation-step-denominator", "jacobians"),  # transposed
        ("lstm.direct-path", "jacobians"),
        ("rnn.jacobian-bound", "bounds"),
        ("lstm.bptt-W_i", "bptt"),
        ("rnn.rtrl-initial", "rtrl"),
        ("rnn.untied-W-copy", "untied"),
        ("symmetries.states-W", "states"),
    ],
)
def test_the_statement_or_the_name_says_what_it_is_about(name: str, about: str) -> None:
    identity = next(i for place in places.places() for i in place.identities if i.id == name)
    assert groups.about(identity) == about


def test_a_group_goes_through_a_step_and_from_letter_to_letter() -> None:
    ids = {g.key: [i.id for i in g.identities] for g in groups.groups(_place("mgu.md").identities)}
    assert ids["forward"][-2:] == ["mgu.state", "mgu.output"]
    letters = [re.findall(r"\.(\w)", name)[0] for name in ids["weights"]]
    assert letters == sorted(letters, key="UbVW".index)
