"""A mutant: one place of one file, and what stands there instead."""

from __future__ import annotations

import ast
import hashlib
import re
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Mutant:
    """A change of a file.

    Attributes:
        path: the file, from the root of the repository.
        line: where the change begins, counted from one.
        operator: what was done, in a word or two.
        start: the character of the file at which it begins.
        before: what stands there.
        after: what stands there instead.
        declared: whether it is outside every function: a module's or a class's own statement.
    """

    path: str
    line: int
    operator: str
    start: int
    before: str
    after: str
    declared: bool

    @property
    def key(self) -> str:
        """A name for it, by what it changes."""
        said = f"{self.path}\n{self.start}\n{self.before}\n{self.after}"
        return hashlib.sha256(said.encode()).hexdigest()[:10]

    def applied(self, source: str) -> str:
        """Return the file's text with the change.

        Raises:
            ValueError: the text is another.
        """
        end = self.start + len(self.before)
        if source[self.start : end] != self.before:
            raise ValueError(
                f"{self.path}: expected {self.before!r} at character {self.start}, "
                f"got {source[self.start : end]!r}"
            )
        return source[: self.start] + self.after + source[end:]

    def as_json(self) -> dict[str, Any]:
        """Return it as what JSON holds."""
        return asdict(self)


def difference(path: str, operator: str, old: str, new: str) -> Mutant | None:
    """Return what leads from one text of a file to another; None where the program is the same."""
    if old == new:
        return None
    try:
        if ast.dump(ast.parse(old)) == ast.dump(ast.parse(new)):
            return None
    except SyntaxError:
        return None
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    kept = 0
    while kept < min(len(old), len(new)) - start and old[-1 - kept] == new[-1 - kept]:
        kept += 1
    before, after = old[start : len(old) - kept], new[start : len(new) - kept]
    line = old.count("\n", 0, start) + 1
    return Mutant(path, line, operator, start, before, after, not _in_function(old, line))


def statement_lines(source: str, line: int) -> range:
    """Return the lines of the innermost statement at a line; of a compound one, its head."""
    best = range(line, line + 1)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            end = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            if node.lineno <= line <= max(end, node.lineno):
                best = range(node.lineno, max(end, node.lineno) + 1)
    return best


def hints(source: str, line: int) -> list[str]:
    """Return the IDs that a statement names, and what those of its file begin with."""
    lines = source.splitlines()
    there = statement_lines(source, line)
    own = _IDS.findall("\n".join(lines[there.start - 1 : there.stop - 1]))
    first = [f"[{name.partition('.')[0]}." for name in _IDS.findall(source)]
    return list(dict.fromkeys([*own, *first]))


_IDS = re.compile(r'f?"([a-z][a-z0-9_-]*\.[A-Za-z0-9-]+)')


def _in_function(source: str, line: int) -> bool:
    return any(
        node.body[0].lineno <= line <= (node.end_lineno or line)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    )
