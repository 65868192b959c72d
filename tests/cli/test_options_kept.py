"""The options of the command line, and their help, are those that are kept as text."""

from tests.cli.options_kept import KEPT, text


def test_every_option_is_taken_and_told_as_before():
    assert text().splitlines() == KEPT.read_text(encoding="utf-8").splitlines()
