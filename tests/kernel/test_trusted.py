"""The list of what has to be right: held against what the files import."""

import ast
import sys
from pathlib import Path

import bpttcheck
from bpttcheck.verification.trusted_base import HANDED_OVER, JUDGE, KERNEL, TRUSTED

ROOT = Path(bpttcheck.__file__).parent


def imports(path):
    """Return what a file imports: the package's files, and the names of other packages."""
    ours, others = set(), set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            others |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package, *parts = str(node.module).split(".")
            names = [[*parts, alias.name] for alias in node.names] + [parts]
            found = {"/".join(name) + ".py" for name in names if name}
            ours |= {f for f in found if package == "bpttcheck" and (ROOT / f).is_file()}
            others |= {package} - {"bpttcheck"}
    return ours, others


def closure(*roots):
    seen, left, others = set(), list(roots), set()
    while left:
        path = left.pop()
        if path not in seen:
            seen.add(path)
            found, foreign = imports(path)
            left += found
            others |= foreign
    return seen, others


def test_the_kernel_rests_on_itself_and_on_the_standard_library():
    ours, others = closure("kernel/equation.py")
    assert ours == {file.path for file in KERNEL}
    assert others <= sys.stdlib_module_names


def test_the_judge_rests_on_what_is_listed():
    ours, others = closure("statements/trial.py", "runs/systems.py", "witnesses/duals.py")
    assert ours == {file.path for file in JUDGE}
    assert others - sys.stdlib_module_names == {"numpy", "flint"}


def test_the_kernel_is_small_enough_to_read():
    assert all(file.lines <= 220 for file in KERNEL)
    assert sum(file.lines for file in KERNEL) <= 720
    assert all(file.does and file.otherwise for file in TRUSTED)


def test_nothing_that_draws_goes_back_or_prints_is_trusted():
    rooms = ("bptt", "cells", "identities", "claims", "cli", "check", "diagnosis", "strategies.py")
    assert not {file.path.partition("/")[0] for file in TRUSTED} & set(rooms)
    assert not {"statements/latex.py", "statements/mutate.py"} & {file.path for file in TRUSTED}


def test_a_file_is_listed_once():
    assert len(HANDED_OVER) == 1
    assert len({file.path for file in TRUSTED}) == len(TRUSTED)
