"""The mutator: a seed's mutants are always the same, every room's; what survives is said to."""

import json
import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.mutants import kept, operators, table
from benchmarks.mutants.mutant import difference
from benchmarks.mutants.rooms import files
from benchmarks.mutants.sample import allotted, of_room, sample

ROOT = Path(__file__).parents[2]


def nothing(source, line):
    """Leave functions to the operators of our own, which need no other package."""
    return ()


def test_a_seed_has_its_mutants_of_every_room():
    rooms = files()
    few = sample(len(rooms), 7, within=nothing, least=1)
    assert few == sample(len(rooms), 7, within=nothing, least=1)
    first = [next(of_room("kernel", seed, within=nothing)) for seed in range(4)]
    assert len(set(first)) > 1
    by_file = {path: name for name, paths in rooms.items() for path in paths}
    assert {by_file[mutant.path] for mutant in few} == rooms.keys()
    for mutant in few:
        source = (ROOT / mutant.path).read_text(encoding="utf-8")
        compile(mutant.applied(source), mutant.path, "exec")
        assert mutant.applied(source) != source


def test_a_larger_sample_holds_the_smaller_one():
    sizes = {"large": 9000, "middle": 900, "small": 9}
    given = [allotted(sizes, count, 5) for count in (15, 60, 200)]
    assert given[0] == {"large": 5, "middle": 5, "small": 5}
    assert all(few[name] <= more[name] for few, more in pairwise(given) for name in sizes)
    assert [sum(g.values()) for g in given] == [15, 60, 200]
    assert given[-1]["large"] > 8 * given[-1]["middle"] > given[-1]["small"]


@pytest.mark.parametrize(
    ("source", "what", "expected"),
    [
        ('says("d(L, h[T]) == V.T @ d(L, s[T])")', "transpose", "h[T]) == V @ d(L"),
        ('says("c[t] == diag(f[t]) @ c[t - 1]")', "index", "@ c[t]"),
        ('says(f"h[t] == {a + b} + c[t]")', "sign", "{a + b} - c[t]"),
        ('says("h[t] == c[t]", t="steps(1, T)")', "one step less", 't="steps(2, T)"'),
        ('GATES = "ifgo"', "order", '"figo"'),
        ('AXES = ("a", "b")', "entry dropped", '("b")'),
        ('AXES = {"a": 1, "b": 2}', "number", '{"a": 2, "b": 2}'),
        ("one(a, squash=tanh, path=c)", "another function", "squash=sigmoid"),
        ("def f():\n    return a * b", "factor dropped", "return b"),
        ("def f(x, t):\n    return x[t + 1]", "index", "x[t]"),
    ],
)
def test_what_is_declared_is_made_wrong(source, what, expected):
    lines = range(1, 3)
    made = [new for name, new in operators.changed(source, lines, inside=True) if what in name]
    assert any(expected in new for new in made), made


def test_prose_and_mistakes_that_are_meant_stay():
    source = 'identity("a.b", "As h[t] says.", wrong={"V for Vᵀ": "V.T @ h[t]"}, title="h[t]")'
    made = [new for _, new in operators.changed(source, range(1, 2), inside=True)]
    assert made
    assert all('wrong={"V for Vᵀ": "V.T @ h[t]"}, title="h[t]"' in new for new in made)


def test_a_change_of_the_text_alone_is_none():
    assert difference("x.py", "spaces", "a = 1\n", "a  =  1\n") is None
    mutant = difference(
        "x.py", "a number", "def f():\n    return 12\n", "def f():\n    return 13\n"
    )
    assert (mutant.line, mutant.before, mutant.after, mutant.declared) == (2, "2", "3", False)
    with pytest.raises(ValueError, match=r"x\.py: expected '2' at character 21, got '3'"):
        mutant.applied("def f():\n    return 13\n")


PLANTED = """
import json, sys
from pathlib import Path
from types import SimpleNamespace

from benchmarks.mutants import asking
from benchmarks.mutants.bench import Bench
from benchmarks.mutants.mutant import difference
from benchmarks.mutants.run import Run, go

asking.SLOW, asking.MORE = 1.0, 0.5
root, folder = map(Path, sys.argv[1:])
path = "bpttcheck/cells/step.py"
source = (root / path).read_text()
tests = {"tests/cells/test_step.py::test_twice": 0.1}
record = SimpleNamespace(seconds=tests, known=set(tests), rounds=lambda *_: [list(tests)])
run = Run(Bench(root, folder, "0", ("pytest", "hypothesis")), record, None, 20.0, 20.0, 1)
changes = ("2 * x", "3 * x"), ("'a'", "'b'"), ("return 2 * x", "while True: pass")
new = [source.replace(*change) for change in changes]
mutants = [difference(path, "planted", source, text) for text in new]
rows = go(mutants, run.row, folder / "rows.jsonl", tell=lambda _: None)
again = go(mutants, None, folder / "rows.jsonl")
assert rows == again and (folder / "copy" / path).read_text() == source
print(json.dumps([row["tests"] for row in rows]))
"""


@pytest.mark.skipif(shutil.which("git") is None, reason="git lists what is copied")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="each mutant is a fork")
def test_what_survives_is_said_to(tmp_path):
    root, folder = tmp_path / "root", tmp_path / "folder"
    for name, text in {
        "bpttcheck/__init__.py": "",
        "bpttcheck/cells/__init__.py": "",
        "bpttcheck/cells/step.py": "def twice(x):\n    return 2 * x\n\n\nLABEL = 'a'\n",
        "tests/__init__.py": "",
        "tests/cells/__init__.py": "",
        "tests/cells/test_step.py": "from bpttcheck.cells.step import twice\n\n\n"
        "def test_twice():\n    assert twice(3) == 6\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", PLANTED, root, folder],
        cwd=ROOT, capture_output=True, text=True, check=True,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip
    killed, survived, hangs = json.loads(done.stdout)
    assert killed["outcome"] == "killed"
    assert killed["by"] == "tests/cells/test_step.py::test_twice"
    assert survived["outcome"] == "survived"
    assert hangs["outcome"] == "killed"
    assert hangs["why"].endswith("hangs")


def row(key, room, outcome, verify=None):
    found = {"key": key, "room": room, "tests": {"outcome": outcome}}
    return found | ({"verify": {"outcome": verify}} if verify else {})


def test_a_table_counts():
    rows = [
        row("a", "cells", "killed", "rejected"),
        row("b", "cells", "survived", "accepted"),
        row("c", "cells", "survived", "accepted"),
        row("d", "check", "out of time"),
    ]
    found = table.by_room(rows, {"c": "the same"})
    assert found["cells"] == {
        "mutants": 3, "equivalent": 1, "asked": 2, "killed": 1, "decided": 2, "rejected": 1,
    }  # fmt: skip
    assert found["the mathematics"] == found["cells"]
    assert found["all"]["asked"] == 3
    assert found["what judges"]["killed"] == 0


@pytest.mark.parametrize(("seen", "of"), [(0, 9), (9, 9), (380, 400)])
def test_intervals_are_wilsons(seen, of):
    from scipy.stats import binomtest

    expected = binomtest(seen, of).proportion_ci(method="wilson")
    assert table.interval(seen, of) == pytest.approx(tuple(expected), abs=1e-12)


def test_what_is_kept_is_of_known_equivalents():
    found = kept.read(kept.RESULTS)
    equal = table.equivalents()
    assert all(len(why) > 20 for why in equal.values())
    assert {s["key"] for s in found["survivors"] if s["why"]} <= equal.keys()
    assert all(s["why"] in ("", equal.get(s["key"])) for s in found["survivors"])
