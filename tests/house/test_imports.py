"""The house: imports run one way, and importing the package needs NumPy alone."""

import ast
import importlib
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

import bpttcheck
from bpttcheck import conformance

ROOT = Path(bpttcheck.__file__).parent

# Each room may import from the rooms before it, and from itself. Those within one line are
# neighbours that do not know each other.
FLOORS = [
    ["arithmetic", "kernel", "arguments", "plain"],
    ["shapes"],
    ["activations", "softmax_nll", "losses", "clipping"],
    ["output_losses"],
    ["cells"],
    ["bptt", "witnesses"],
    ["statements"],
    ["runs"],
    ["cases", "distributions"],
    ["ranges", "draws"],
    ["gated_draws"],
    ["strategies", "identities"],
    ["claims"],
    ["diagnosis", "mend"],
    ["check"],
    ["adaptors"],
    ["conformance"],
    ["verification"],
    ["expected", "notebook", "figures"],
    ["__init__"],
    ["cli", "pytest_plugin"],
    ["__main__"],
]
BESIDE_STATEMENTS = ("activations", "softmax_nll", "losses", "output_losses", "clipping", "cells",
                     "bptt", "witnesses")  # fmt: skip
WITHIN = {
    "check": ["program", "derivative", "verdict", "cause", "search"],
    "diagnosis": ["recognition", "backward", "mistakes", "explanation"],
}
NOT_ALLOWED = {("statements", room) for room in BESIDE_STATEMENTS}


def room(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0]


def imported(path):
    """Return the modules of ours that a file imports, at any depth of nesting."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "bpttcheck":
                known = (ROOT / parts[1]).is_dir() or (ROOT / f"{parts[1]}.py").exists()
                yield (parts[1] if known else "__init__"), parts


FILES = sorted(ROOT.rglob("*.py"))


def test_every_room_has_a_floor():
    assert {room(f) for f in FILES} == {name for floor in FLOORS for name in floor}


def test_imports_run_one_way():
    floor = {name: i for i, names in enumerate(FLOORS) for name in names}
    for path in FILES:
        here = room(path)
        for there, parts in imported(path):
            if here == there:
                continue
            arrow = f"{path.relative_to(ROOT)} imports {'.'.join(parts)}"
            assert floor[there] < floor[here], arrow
            assert (here, there) not in NOT_ALLOWED, arrow


@pytest.mark.parametrize("name", WITHIN)
def test_imports_run_one_way_within_a_large_room(name):
    floor = {part: i for i, part in enumerate(WITHIN[name])}
    seen = set()
    for part in floor:
        for path in (ROOT / name / part).glob("*.py"):
            for _, parts in imported(path):
                if parts[1] == name and parts[2] in floor:
                    seen.add(parts[2])
                    assert floor[parts[2]] <= floor[part], f"{path} imports {'.'.join(parts)}"
    assert seen == set(floor)


def test_no_circles_within_a_room():
    def module(path):
        parts = ("bpttcheck", *path.relative_to(ROOT).with_suffix("").parts)
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    modules = {module(f): f for f in FILES}
    arrows = {}
    for name, path in modules.items():
        found = set()
        for _, parts in imported(path):
            longest = [".".join(parts[:n]) for n in (len(parts), len(parts) - 1)]
            found.update([m for m in longest if m in modules][:1])
        arrows[name] = found - {name}
    while leaves := [m for m, targets in arrows.items() if not targets & set(arrows)]:
        for leaf in leaves:
            del arrows[leaf]
    assert arrows == {}


def test_nothing_that_decides_reads_the_expected_verdicts():
    readers = {room(f) for f in FILES for there, _ in imported(f) if there == "expected"}
    assert readers == {"cli"}
    mentions = {room(f) for f in FILES if "expected.toml" in f.read_text(encoding="utf-8")}
    assert mentions == {"expected"}


def test_files_are_short():
    for path in (*FILES, *sorted(Path(__file__).parents[1].rglob("*.py"))):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, path


def test_a_file_has_a_name_of_its_own_unless_it_is_a_cells():
    stems = [path.stem for path in FILES if path.stem != "__init__"]
    cells = {path.stem for path in (ROOT / "cells").glob("*.py")}
    assert {stem for stem in stems if stems.count(stem) > 1} <= cells


def test_a_class_has_a_name_of_its_own_unless_it_is_a_models_case():
    """One meaning a name across the package."""
    places = defaultdict(list)
    for path in FILES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                places[node.name].append(path.relative_to(ROOT).as_posix())
    twice = {name: at for name, at in places.items() if len(at) > 1 and name != "Case"}
    assert not twice


def test_importing_the_package_needs_numpy_alone():
    code = (
        "import sys, bpttcheck; bpttcheck.nll_gradient([1.0, 2.0], 0);"
        "bpttcheck.scalar_rnn.value_and_grad({'w': 1.0, 'v': 1.0}, [1.0], [0.0]);"
        "print([m for m in ('hypothesis', 'flint', 'rich', 'torch') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


USE_HYPOTHESIS = (
    "strategies.py",
    "draws.py",
    "gated_draws.py",
    "explore.py",
    "examples.py",
    "shrink.py",
)


def test_hypothesis_draws_and_shrinks_and_is_needed_for_nothing_else():
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        if "from hypothesis" in text or "import hypothesis" in text:
            assert path.name in USE_HYPOTHESIS, path


def fresh(code):
    """Return what a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_name_is_imported_when_it_is_asked_for():
    heavy = "print([m for m in ('numpy', 'rich', 'hypothesis') if m in sys.modules])"
    assert fresh(f"import sys, bpttcheck, bpttcheck.check.program.raised; {heavy}") == "[]"
    assert fresh(f"import sys, bpttcheck.cli, bpttcheck.cli.check; {heavy}") == "[]"
    names = "import bpttcheck; print(all(hasattr(bpttcheck, n) for n in bpttcheck.__all__))"
    assert fresh(names) == "True"
    star = "from bpttcheck import *; print(check_gradients.__name__, gru)"
    assert fresh(star) == "check_gradients <Network gru>"
    listed = "import bpttcheck; print(set(bpttcheck.__all__) <= set(dir(bpttcheck)))"
    assert fresh(listed) == "True"
    rooms = "import bpttcheck; print(bpttcheck.strategies.cases.__name__, bpttcheck.check.Block)"
    assert fresh(rooms) == "cases <class 'bpttcheck.check.verdict.block.Block'>"


def test_every_name_that_a_module_offers_is_there():
    files = [path for path in ROOT.rglob("*.py") if "\n__all__ = " in path.read_text("utf-8")]
    assert len(files) > 10
    for path in files:
        name = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
        module = importlib.import_module(name.removesuffix(".__init__"))
        assert [one for one in module.__all__ if not hasattr(module, one)] == [], name


@pytest.mark.parametrize("module", ["bpttcheck", "bpttcheck.check"])
def test_a_name_that_is_not_there(module):
    code = f"import {module}\ntry:\n    {module}.nothing\nexcept AttributeError as e:\n    print(e)"
    assert fresh(code) == f"module '{module}' has no attribute 'nothing'"
    assert fresh(f"import {module}; print(hasattr({module}, '__wrapped__'))") == "False"


def test_an_old_name_says_the_new_one():
    with pytest.raises(AttributeError, match="no attribute 'identity'; it is now called 'linear'"):
        bpttcheck.identity  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute 'Part'; it is now called 'Comparison'"):
        conformance.Part  # noqa: B018
