"""Symbols of models are printed, computed and shaped as is kept as text."""

from tests.identities.symbol_lists import KEPT, text


def test_every_symbol_is_that_of_the_list():
    assert text().splitlines() == KEPT.read_text(encoding="utf-8").splitlines()
