"""The words of the bank are those that are kept: who made a mistake is told which, and how."""

from tests.diagnosis.words import KEPT, text


def test_every_mistake_is_told_as_before():
    assert text().splitlines() == KEPT.read_text(encoding="utf-8").splitlines()
