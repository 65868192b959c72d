"""On which page of the site an identity stands, and where links to it lead."""

from bpttcheck.identities import REGISTRY
from site_tools.generated import places


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
