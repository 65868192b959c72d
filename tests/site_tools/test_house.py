"""*How it is built* names files that there are, and its picture the rooms that there are."""

import re
from pathlib import Path

import pytest

import bpttcheck

ROOT = Path(bpttcheck.__file__).parent
PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "house.md"

ROWS = re.findall(r"^\| .* \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
NAMED = [name for row in ROWS for name in re.findall(r"`([^`]+)`", row)]


@pytest.mark.parametrize("name", NAMED)
def test_what_the_page_names_is_there(name):
    assert [*ROOT.glob(name.rstrip("/").replace("…", "*"))], name


def test_the_page_names_files():
    assert len(NAMED) > 12


def test_a_room_stands_above_all_that_it_imports():
    from site_tools.generated import house

    drawing = house.rooms()
    place = {name: drawing.index(f">{name}</text>") for name in ("cli", "check", "cells", "kernel")}
    assert list(place) == sorted(place, key=place.get), "from the top down"
    assert "<title" in drawing
