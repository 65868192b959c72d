"""The page of mutants says what is kept of the run, and no more."""

import html
import re
from pathlib import Path

import pytest

from benchmarks.mutants import kept
from benchmarks.mutants.matrix import liars
from benchmarks.mutants.table import interval
from site_tools.generated import mutants

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "mutants.md"


def cells(line):
    return [cell.strip().strip("*") for cell in line.strip("|").split("|")]


def results(verify):
    """Return what is kept, with ``verify`` asked about every mutant or about none."""
    found = kept.read(kept.RESULTS)
    for n in found["rooms"].values():
        n["decided"] = n["asked"] if verify else 0
    return {**found, "deciding": 60.0 if verify else 0}


@pytest.mark.parametrize("verify", [False, True])
def test_a_column_that_nobody_filled_in_is_left_out(verify, monkeypatch):
    found = results(verify)
    monkeypatch.setattr(kept, "read", lambda _: found)
    table = mutants.table()
    assert (
        ("| Rejected by `verify` |" in table) == ("*Rejected by `verify`* asks" in table) == verify
    )
    rows = [line for line in table.splitlines() if line.startswith("|")]
    assert len({row.count("|") for row in rows}) == 1
    assert all(any(column) for column in zip(*map(cells, rows[2:]), strict=True))


def test_the_table_is_the_datas():
    found = kept.read(kept.RESULTS)
    head, _, *lines = [cells(line) for line in mutants.table().splitlines() if "|" in line]
    rows = {row[0]: dict(zip(head, row, strict=True)) for row in lines}
    for name, n in found["rooms"].items():
        assert (name in rows) == (n["mutants"] >= mutants.FEW)
        if name not in rows:
            continue
        assert rows[name]["Mutants"] == str(n["mutants"])
        low, high = interval(n["killed"], n["asked"])
        assert rows[name]["Killed by the tests"].startswith(f"{n['killed']} of {n['asked']}<br>")
        assert rows[name]["Killed by the tests"].endswith(f"({100 * low:.0f}–{100 * high:.0f})")
        if n["decided"]:
            assert rows[name]["Rejected by `verify`"].startswith(f"{n['rejected']} of ")
    assert found["rooms"]["all"]["mutants"] == sum(
        n["mutants"]
        for name, n in found["rooms"].items()
        if name not in ("all", "the mathematics", "what judges")
    )
    assert f"version {found['version']}, {found['date']}" in mutants.table()


def test_every_survivor_is_told():
    found = kept.read(kept.RESULTS)
    rooms, told = found["rooms"]["all"], mutants.survivors()
    assert len(found["survivors"]) == rooms["mutants"] - rooms["killed"]
    assert sum(bool(row["why"]) for row in found["survivors"]) == rooms["equivalent"]
    assert told.count("\n- ") == len(found["survivors"])
    assert all(row["why"] in told for row in found["survivors"])


def test_the_matrix_is_the_datas_and_of_the_list():
    found, text = kept.read(kept.MATRIX), mutants.matrix()
    listed = [(liar.kind, liar.name, liar.wrong) for liar in liars()]
    kept_rows = [(row["kind"], row["name"], row["wrong"]) for row in found["rows"]]
    assert kept_rows == [row for row in listed if row in kept_rows]
    shown = [
        row for row in map(cells, text.splitlines()) if row[0] in {r["name"] for r in found["rows"]}
    ]
    for row, line in zip(found["rows"], shown, strict=True):
        noticed = [
            row[who]["outcome"] in ("killed", "rejected") for who in ("tests", "verify", "kernel")
        ]
        assert [mark == "✓" for mark in line[2:]] == noticed


@pytest.mark.parametrize("name", ["mutants", "survivors", "matrix"])
def test_the_page_has_a_place_for_each(name):
    assert re.search(
        rf"^<!-- generated: {name} -->$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )


def test_a_survivor_is_shown_as_it_is_written(monkeypatch):
    """Brackets, stars and backticks mean something to Markdown."""
    markdown = pytest.importorskip("markdown", reason="it comes with the extra docs")
    found = results(False)
    texts = ('made["h"][0] * `a|b` __c__', "x < y")
    named = [{**s, "before": texts[0], "after": texts[1]} for s in found["survivors"][:1]]
    monkeypatch.setattr(kept, "read", lambda _: {**found, "survivors": named})
    shown = mutants.survivors()
    assert not set("[]*`|") & set(re.search("<code>(.*?)</code>", shown)[1])
    codes = re.findall("<code>(.*?)</code>", markdown.markdown(shown))
    assert [html.unescape(code) for code in codes[-2:]] == list(texts)
