"""The signatures of the public API are those that are kept: a default is not changed in passing."""

from tests.house.signatures import KEPT, text


def test_every_public_callable_is_called_as_before():
    assert text().splitlines() == KEPT.read_text(encoding="utf-8").splitlines()
