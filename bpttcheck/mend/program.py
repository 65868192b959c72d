"""The functions that ran, with their texts: what can be edited, and why the rest cannot."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from bpttcheck.mend.exchange import Codes
from bpttcheck.mend.slots import Slot, owners, slots_of, statements
from bpttcheck.mend.source import (
    Function,
    Key,
    NoSource,
    SourceFile,
    by_key,
    compiled,
    functions,
    read,
    same,
)


@dataclass(frozen=True)
class Program:
    """The sources of functions that ran, by file, and which functions those are, in order."""

    sources: Mapping[str, SourceFile]
    ran: tuple[tuple[str, Key], ...]
    remarks: tuple[str, ...] = ()
    living: Mapping[str, Codes] = field(default_factory=dict)
    """By file, the code that its functions have until somebody changes it."""

    def codes(self) -> dict[str, Codes]:
        """Return the code of all functions of the files, as their text has it."""
        return {file: compiled(source.tree, file) for file, source in self.sources.items()}

    def functions(self) -> dict[str, dict[Key, Function]]:
        """Return the syntax tree of all functions of the files."""
        return {file: functions(source.tree) for file, source in self.sources.items()}

    def running(self) -> Iterator[tuple[SourceFile, Key, Function]]:
        """Return the functions that ran, in order."""
        trees = self.functions()
        for file, key in self.ran:
            node = trees[file].get(key)
            if node is not None:
                yield self.sources[file], key, node

    def slots(self) -> list[Slot]:
        """Return the slots of the functions that ran."""
        found: list[Slot] = []
        owned = {file: owners(source.tree) for file, source in self.sources.items()}
        for source, key, node in self.running():
            owner = owned[source.file].get(id(node), "")
            found += slots_of(source, key, node, owner, len(found))
        return found

    def called(self) -> list[str]:
        """Return the functions of one argument that the text calls, as it names them."""
        found: dict[str, None] = {}
        for _, _, node in self.running():
            for statement in (
                *statements(node),
                *((node,) if isinstance(node, ast.Lambda) else ()),
            ):
                for part in ast.walk(statement):
                    if not isinstance(part, ast.Call) or len(part.args) != 1 or part.keywords:
                        continue
                    made = any(isinstance(one, ast.Call) for one in ast.walk(part.func))
                    if isinstance(part.func, ast.Name | ast.Attribute) and not made:
                        found.setdefault(ast.unparse(part.func))
        return list(found)

    def edited(self, sources: Iterable[SourceFile]) -> Program:
        """Return the program with other texts of some files, in which no function is missing."""
        texts = dict(self.sources)
        lines: dict[tuple[str, Key], Key] = {}
        for source in sources:
            before = functions(texts[source.file].tree)
            texts[source.file] = source
            for old, new in _pairs(before, functions(source.tree)):
                lines[source.file, old] = new
        ran = tuple((file, lines.get((file, key), key)) for file, key in self.ran)
        return Program(texts, ran, self.remarks, self.living)


def _pairs(before: Iterable[Key], after: Iterable[Key]) -> Iterator[tuple[Key, Key]]:
    """Return the keys of functions with what they are now that lines have moved."""
    by_name: dict[str, tuple[list[Key], list[Key]]] = {}
    for side, keys in enumerate((before, after)):
        for key in sorted(keys, key=lambda key: key[1]):
            by_name.setdefault(key[0], ([], []))[side].append(key)
    for old, new in by_name.values():
        if len(old) == len(new):
            yield from zip(old, new, strict=True)


def renamed(original: Codes, codes: Codes) -> Codes:
    """Return codes by the keys of the original text: first lines may have moved since."""
    return {old: codes[new] for old, new in _pairs(original, codes)}


def program_of(codes: Iterable[CodeType], kept_out: Callable[[CodeType], bool]) -> Program:
    """Return the program of functions that ran, without those that are kept out.

    Functions whose source is missing or is another by now are left alone, with a remark.
    """
    sources: dict[str, SourceFile] = {}
    originals: dict[str, Codes] = {}
    ran: list[tuple[str, Key]] = []
    remarks: dict[str, None] = {}
    missing: set[str] = set()
    for code in codes:
        file = code.co_filename
        key = (code.co_qualname, code.co_firstlineno)
        if file in missing or kept_out(code) or _is_part(code):
            continue
        if file not in sources:
            try:
                source = read(file)
                originals[file] = as_imported(source) or compiled(source.tree, file)
                sources[file] = source
            except (NoSource, SyntaxError) as error:
                remarks.setdefault(str(error))
                missing.add(file)
                continue
        if same(originals[file].get(key), code):
            ran.append((file, key))
        else:
            remarks.setdefault(
                f"{Path(file).name}: {key[0]} is not as its source has it: "
                "was it changed since it was imported?"
            )
    kept = {file for file, _ in ran}
    return Program(
        {file: source for file, source in sources.items() if file in kept},
        tuple(ran),
        tuple(remarks),
        {file: originals[file] for file in kept},
    )


def _is_part(code: CodeType) -> bool:
    """Tell whether code is a part of a function: a comprehension, the body of a class."""
    return code.co_name in ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<module>")


def as_imported(source: SourceFile) -> dict[Key, CodeType]:
    """Return the code of every function of a file as its importer makes it, by key.

    Pytest, for one, rewrites its assertions. Empty where it is made from the text as it is, or
    nobody knows how.
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
