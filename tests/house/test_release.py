"""The version is the same wherever it is written, and has its day in the changelog."""

import re
import tomllib
from pathlib import Path

import pytest

import bpttcheck

ROOT = Path(__file__).parents[2]
PROJECT, CITATION, CHANGELOG = (
    (ROOT / name).read_text(encoding="utf-8")
    for name in ("pyproject.toml", "CITATION.cff", "CHANGELOG.md")
)
VERSION = bpttcheck.__version__


@pytest.mark.parametrize("said", [
    tomllib.loads(PROJECT)["project"]["version"],
    re.search(r"^version: (\S+)$", CITATION, re.MULTILINE)[1],
    re.search(r"^## (\d\S+) - ", CHANGELOG, re.MULTILINE)[1],
], ids=["pyproject.toml", "CITATION.cff", "CHANGELOG.md"])  # fmt: skip
def test_there_is_one_version(said):
    assert said == VERSION


def test_citation_and_changelog_have_one_day():
    day = re.search(r'^date-released: "(\d{4}-\d\d-\d\d)"$', CITATION, re.MULTILINE)[1]
    assert f"## {VERSION} - {day}\n" in CHANGELOG
