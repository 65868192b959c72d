"""Until it is published nothing says ``pip install`` and its name: it would fail."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = [
    *ROOT.glob("*.md"),
    *(p for folder in ("docs", "bpttcheck", "examples") for p in (ROOT / folder).rglob("*.md")),
    *(p for folder in ("docs", "bpttcheck", "site_tools") for p in (ROOT / folder).rglob("*.py")),
]
FROM_AN_INDEX = re.compile(r"pip3? install (-\S+ )*[\"']?bpttcheck")


def test_nothing_is_to_be_installed_from_an_index():
    assert len(FILES) > 400
    said = [p.relative_to(ROOT) for p in FILES if FROM_AN_INDEX.search(p.read_text("utf-8"))]
    assert said == []
    assert FROM_AN_INDEX.search("pip install -q 'bpttcheck[fast]'")
