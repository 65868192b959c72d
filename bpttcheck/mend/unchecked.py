"""Functions that go wherever they are told in memory: an edit could tell them anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from bpttcheck.mend.program import Program

MODULES = frozenset({"ctypes", "cffi"})
"""What these call may do anything with an argument."""

STRIDED = "as_strided"
"""Of NumPy's; that of PyTorch looks at the bounds."""


def unchecked(program: Program) -> str:
    """Return what a program's files use that is not checked, and where; empty where nothing is."""
    for source in program.sources.values():
        for name in _used(source.tree):
            return f"{name} in {Path(source.file).name}"
    return ""


def _used(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (one.name for one in names if one.name.partition(".")[0] in MODULES)
            case ast.ImportFrom(module=str(module), names=names):
                if module.partition(".")[0] in MODULES:
                    yield module
                elif module.partition(".")[0] == "numpy":
                    yield from (one.name for one in names if one.name == STRIDED)
            case ast.Attribute(attr="as_strided", value=owner):
                if "stride" in ast.unparse(owner):
                    yield STRIDED
