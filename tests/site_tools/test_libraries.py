"""The page of real libraries' cells: every layout is on it, and what was run is what is kept."""

import re

from bpttcheck.conformance import LAYOUTS
from libraries.changed import worse
from site_tools.generated import libraries


def test_every_layout_and_row_is_on_the_page():
    page = libraries.page()
    ran, where = page.split("## Which gate is where")
    for name, layout in LAYOUTS.items():
        assert f"| `{name}`<br>" in where
        assert all(f"`{array}`" in where for array in layout.arrays)
    rows = libraries.recorded()
    for row in rows:
        assert row["layout"] in LAYOUTS
        assert f"| `{row['layout']}` |" in ran
    missing = sorted(set(LAYOUTS) - {row["layout"] for row in rows})
    assert re.findall(r"`([^`]*)`", ran.partition("Read, not run: ")[2].split("\n")[0]) == missing
    assert all(row["way"] in ran for row in libraries.recorded("masks"))


def test_what_is_worse_than_it_was():
    before = {"verdicts": {"float32, T = 1": {"right": 20}}, "lies": {"a bias left out": [6, 6]}}
    now = {"layout": "x", "verdicts": {"float32, T = 1": {"right": 19, "wrong": 1}}, "wrong": ["b"]}
    now["lies"] = {"a bias left out": [5, 6]}
    assert worse(before, now) == [
        "x, float32, T = 1: 1 wrong; ['b']",
        "x: a bias left out: 5 of 6 caught",
    ]
    assert worse(before, now | before) == []
