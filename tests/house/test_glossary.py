"""CONTRIBUTING.md's list of rooms: every room is in it, and has what is said to be there."""

import re
from pathlib import Path

import pytest

import bpttcheck

PACKAGE = Path(bpttcheck.__file__).parent
PAGE = PACKAGE.parent / "CONTRIBUTING.md"

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the page is not installed")


def rows():
    """Return the rooms of each row, and the names of classes and registries that it gives."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    table = re.findall(r"^\| (`[a-z_`/, ]+`) \| (.+) \|$", text, flags=re.MULTILINE)
    return [
        (re.findall(r"`([\w/]+)`", rooms), re.findall(r"`([A-Z]\w+)`", words))
        for rooms, words in table
    ]


def test_every_room_is_listed_once():
    listed = sorted(room for rooms, _ in rows() for room in rooms)
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    folders |= {
        f"{room}/{path.parent.name}"
        for room in ("bptt", "check", "diagnosis")
        for path in PACKAGE.glob(f"{room}/*/__init__.py")
    }
    assert len(listed) == len(set(listed))
    assert folders <= set(listed)
    assert all((PACKAGE / room).exists() or (PACKAGE / f"{room}.py").exists() for room in listed)


def test_what_is_said_to_be_in_a_room_is_there():
    missing = []
    for rooms, names in rows():
        files = [p for room in rooms for p in PACKAGE.glob(f"{room}/*.py")]
        files += [p for room in rooms for p in PACKAGE.glob(f"{room}.py")]
        source = "\n".join(p.read_text(encoding="utf-8") for p in files)
        missing += [n for n in names if not re.search(rf"^(class {n}\b|{n}\b.*=)", source, re.M)]
    assert not missing
    assert sum(len(names) for _, names in rows()) > 15
