"""The text of a file that code came from: places in it, and the text with pieces replaced."""

from __future__ import annotations

import ast
import io
import linecache
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import CodeType

LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
"""A line as Python counts them: a form feed ends none."""

COMPARED = (
    "co_qualname",
    "co_names",
    "co_varnames",
    "co_freevars",
    "co_cellvars",
    "co_flags",
    "co_linetable",
)

Key = tuple[str, int]
"""A function within its file: its qualified name, and its first line."""


class NoSource(Exception):
    """There is no text of a file, or it is not that of the code that runs: the message says why."""


@dataclass(frozen=True)
class Piece:
    """What stands between two positions of a text, and what is to stand there."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class SourceFile:
    """The text of a file by the name that its code has."""

    file: str
    text: str
    encoding: str = "utf-8"
    lines: list[str] = field(init=False, repr=False)
    starts: list[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        lines = LINE.findall(self.text)
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line))
        object.__setattr__(self, "lines", lines)
        object.__setattr__(self, "starts", starts)

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree.

        Raises:
            NoSource: the text is not Python.
        """
        try:
            return ast.parse(self.text)
        except (SyntaxError, ValueError) as error:
            raise NoSource(f"{self.file} is no Python source: {error}") from None

    def position(self, line: int, column: int) -> int:
        """Return the position in the text of a line and a column, which counts bytes of UTF-8."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        if not text.isascii():
            column = len(text.encode()[:column].decode(errors="ignore"))
        return self.starts[line - 1] + column

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Return where a node begins and ends in the text."""
        start = self.position(node.lineno, node.col_offset)
        return start, self.position(node.end_lineno or 0, node.end_col_offset or 0)

    def of(self, node: ast.expr | ast.stmt) -> str:
        """Return the text of a node."""
        start, end = self.span(node)
        return self.text[start:end]

    def edited(self, node: ast.expr | ast.stmt, pieces: Iterable[Piece]) -> str:
        """Return the text of a node with pieces of it replaced; they do not overlap."""
        start, end = self.span(node)
        mine = [Piece(p.start - start, p.end - start, p.text) for p in pieces]
        return _replaced(self.text[start:end], mine)

    def replaced(self, pieces: Iterable[Piece]) -> SourceFile:
        """Return the source with pieces of its text replaced; they do not overlap."""
        return SourceFile(self.file, _replaced(self.text, pieces), self.encoding)

    def line_of(self, position: int) -> int:
        """Return the number of the line that a position is in."""
        return self.text.count("\n", 0, position) + 1


def _replaced(text: str, pieces: Iterable[Piece]) -> str:
    for piece in sorted(pieces, key=lambda p: p.start, reverse=True):
        text = text[: piece.start] + piece.text + text[piece.end :]
    return text


def read(file: str) -> SourceFile:
    """Return the source of a file, from disk or, for a cell of a notebook, from its session.

    Raises:
        NoSource: there is none.
    """
    path = Path(file)
    try:
        raw = path.read_bytes() if path.is_absolute() or path.is_file() else b""
    except OSError:
        raw = b""
    if raw:
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
            return SourceFile(file, raw.decode(encoding), encoding)
        except (SyntaxError, UnicodeDecodeError) as error:
            raise NoSource(f"{file} cannot be read: {error}") from None
    text = "".join(linecache.getlines(file))
    if not text:
        raise NoSource(f"there is no source of {file}")
    return SourceFile(file, text)


def compiled(tree: ast.Module, file: str) -> dict[Key, CodeType]:
    """Return the code of every function of a module, by key; those that share a key are left out.

    Raises:
        SyntaxError, ValueError: the tree is no module that Python takes.
    """
    return by_key(compile(tree, file, "exec", dont_inherit=True))


def by_key(module: CodeType) -> dict[Key, CodeType]:
    """Return the code of every function of a module, without those that share a key."""
    found: dict[Key, CodeType] = {}
    twice = set()
    for code in _nested(module):
        key = (code.co_qualname, code.co_firstlineno)
        if key in found:
            twice.add(key)
        found[key] = code
    return {key: code for key, code in found.items() if key not in twice}


def same(one: CodeType | None, other: CodeType) -> bool:
    """Tell whether two pieces of code are of the same text.

    Code that has run differs, for Python 3.11, from code that has not: what it says is compared.
    """
    if one is None or one.co_code != other.co_code or len(one.co_consts) != len(other.co_consts):
        return False
    if any(getattr(one, name) != getattr(other, name) for name in COMPARED):
        return False
    pairs = zip(one.co_consts, other.co_consts, strict=True)
    return all(
        same(a, b) if isinstance(a, CodeType) and isinstance(b, CodeType) else repr(a) == repr(b)
        for a, b in pairs
    )


def _nested(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _nested(constant)


Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def functions(tree: ast.Module) -> dict[Key, Function]:
    """Return the function of every key of a syntax tree."""
    return dict(_functions(tree, ""))


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[Key, Function]]:
    for child in ast.iter_child_nodes(node):
        inner = prefix
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            line = min([child.lineno, *(d.lineno for d in child.decorator_list)])
            yield (prefix + child.name, line), child
            inner = f"{prefix}{child.name}.<locals>."
        elif isinstance(child, ast.Lambda):
            yield (f"{prefix}<lambda>", child.lineno), child
            inner = f"{prefix}<lambda>.<locals>."
        elif isinstance(child, ast.ClassDef):
            inner = f"{prefix}{child.name}."
        elif isinstance(child, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            inner = prefix  # lambdas within are not told apart by Python either
        yield from _functions(child, inner)
