"""What a mend came to: the lines before and after, a patch, and what was tried."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bpttcheck.mend.source import SourceFile

CONTEXT = 3
"""Lines around a change in a patch."""

SHOWN = 5
"""Suspects, and other edits, that are listed."""


@dataclass(frozen=True)
class EditedLine:
    """Lines of a file before and after; ``function`` is what they stand in, ``line`` the first."""

    file: str
    line: int
    function: str
    before: str
    after: str


@dataclass(frozen=True)
class Suspect:
    """A line, and why it is suspected."""

    file: str
    line: int
    why: str


@dataclass(frozen=True)
class Mend:
    """The edits that make gradients right, or what there is instead.

    ``makes`` says what they make right, and where; ``words`` put them into words. ``partial`` says
    that some gradients stay wrong, ``changes_loss`` that the edits are of the forward pass.
    ``alternatives`` are other edits that do the same. ``encoding`` is that of the files. ``note``
    says why there is none.
    """

    edits: tuple[EditedLine, ...] = ()
    patch: str = ""
    words: str = ""
    makes: str = ""
    suspects: tuple[Suspect, ...] = ()
    partial: bool = False
    changes_loss: bool = False
    tried: int = 0
    alternatives: tuple[tuple[EditedLine, ...], ...] = ()
    encoding: str = "utf-8"
    note: str = ""

    def lines(self) -> Iterator[str]:
        """Return the lines of a report."""
        if self.edits:
            yield from self._mended()
        for i, one in enumerate(self.suspects[:SHOWN]):
            head = "look at" if i == 0 else "   then"
            yield f"{head} {one.file}, line {one.line}: {one.why}"
        if self.note:
            yield f"no mend: {self.note}"

    def _mended(self) -> Iterator[str]:
        head = "mend of the forward pass" if self.changes_loss else "mend"
        head = f"partial {head}" if self.partial else head
        for one in self.edits:
            yield f"{head}: {_place(one)}"
            yield from _shown(one)
            head = " and"
        yield f"  {self.words}: {self.makes}"
        others = len(self.alternatives)
        only = "the only such edit" if not others else f"one of {others + 1} such edits"
        yield f"  {only} of {self.tried:,} tried"
        for other in self.alternatives[:SHOWN]:
            yield f"  or: {'; '.join(map(_place, other))}"
            for one in other:
                yield from _shown(one)

    def to_dict(self) -> dict[str, Any]:
        """Return what a program reads."""
        return {
            "edits": [asdict(one) for one in self.edits],
            "patch": self.patch,
            "words": self.words,
            "makes": self.makes,
            "suspects": [asdict(one) for one in self.suspects],
            "partial": self.partial,
            "changes_loss": self.changes_loss,
            "tried": self.tried,
            "alternatives": [[asdict(one) for one in other] for other in self.alternatives],
            "encoding": self.encoding,
            "note": self.note,
        }


class Stopped(KeyboardInterrupt):
    """A search for a mend was interrupted: ``mend`` is what it came to by then."""

    def __init__(self, mend: Mend) -> None:
        super().__init__()
        self.mend = mend


def _place(one: EditedLine) -> str:
    return f"{Path(one.file).name}, line {one.line}, in {one.function}"


def _shown(one: EditedLine) -> Iterator[str]:
    for sign, text in (("-", one.before), ("+", one.after)):
        yield from (f"    {sign} {line}" for line in text.splitlines())


def changed_lines(
    before: SourceFile, after: SourceFile, function: Mapping[int, str]
) -> Iterator[EditedLine]:
    """Return the lines that differ between two texts of a file; ``function`` names each line's."""
    matcher = difflib.SequenceMatcher(None, before.lines, after.lines, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag != "equal":
            old, new = (_dedented(part) for part in (before.lines[i:j], after.lines[k:m]))
            yield EditedLine(before.file, i + 1, function.get(i + 1, ""), old, new)


def _dedented(lines: list[str]) -> str:
    """Return lines without the indent that the first has, and without what ends them."""
    if not lines:
        return ""
    indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    return "\n".join(line.removeprefix(indent).rstrip() for line in lines)


def patch_of(pairs: Iterable[tuple[SourceFile, SourceFile]]) -> str:
    """Return the unified diff of texts, as ``git apply`` and ``patch -p1`` take it."""
    return "".join(_diff(before, after) for before, after in pairs)


def _diff(before: SourceFile, after: SourceFile) -> str:
    name = _name(before.file)
    old, new = ([*source.lines] for source in (before, after))
    if before.encoding == "utf-8-sig":  # the mark is a part of the first line
        old[:1], new[:1] = (["\ufeff" + line for line in lines[:1]] for lines in (old, new))
    found = difflib.unified_diff(old, new, f"a/{name}", f"b/{name}", n=CONTEXT)
    lines = []
    for line in found:
        ended = line.endswith(("\n", "\r"))
        lines.append(line if ended else f"{line}\n\\ No newline at end of file\n")
    return "".join(lines)


def _name(file: str) -> str:
    """Return a file's name from the root of its repository, or from the current folder."""
    path = Path(file).resolve()
    roots = [*(one for one in path.parents if (one / ".git").exists())][:1]
    here = Path.cwd()
    roots += [here] if here in path.parents else []
    return path.relative_to(roots[0] if roots else path.parent).as_posix()
