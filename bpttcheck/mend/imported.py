"""The code of a file as whoever imported it made it: pytest, for one, rewrites its assertions."""

from __future__ import annotations

import ast
import sys
from importlib.machinery import SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

from bpttcheck.mend.source import Key, SourceFile, by_key, compiled


def as_imported(source: SourceFile) -> dict[Key, CodeType]:
    """Return the code of every function of a file as its importer makes it, by key.

    Empty where it is made from the text as it is, or nobody knows how.
    """
    loader = _loader(source.file)
    if loader is None or type(loader) is SourceFileLoader:
        return {}
    raw = source.text.encode(source.encoding)
    rewriting = sys.modules.get("_pytest.assertion.rewrite")
    try:
        if isinstance(loader, getattr(rewriting, "AssertionRewritingHook", ())):
            tree = ast.parse(raw)
            rewriting.rewrite_asserts(tree, raw, source.file)  # type: ignore[union-attr]
            return compiled(tree, source.file)
        if hasattr(loader, "source_to_code"):
            return by_key(loader.source_to_code(raw, source.file))
    except Exception:  # other people's code, of any release
        return {}
    return {}


def _loader(file: str) -> Any:
    for module in list(sys.modules.values()):
        if isinstance(module, ModuleType) and getattr(module, "__file__", None) == file:
            return getattr(module.__spec__, "loader", None)
    return None
