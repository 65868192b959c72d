"""A seeded sample of mutants, stratified over the rooms."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from pathlib import Path

from benchmarks.mutants import functions, operators
from benchmarks.mutants.mutant import Mutant, difference
from benchmarks.mutants.rooms import MATHEMATICS, ROOT, files, room

NOTHING = ("#", "@", '"""', "import ", "from ", ")", "]", "}")
"""What lines begin with that are left out."""

LEAST = 5
"""Mutants of every room, however small it is."""

WORDED = ("claims", "identities")
"""Rooms whose strings are prose, or the notation, which has operators of its own."""

Way = tuple[str, Callable[[], str]]
"""What is done, and the file's text after it."""

Functions = Callable[[str, int], Iterable[Way]]


@lru_cache(512)
def read(root: Path, path: str) -> str:
    """Return a file's text."""
    return (root / path).read_text(encoding="utf-8")


@lru_cache(512)
def code_lines(source: str) -> tuple[int, ...]:
    """Return the lines that are no comment and no import; of a docstring's, nothing comes."""
    return tuple(
        i
        for i, line in enumerate(source.splitlines(), 1)
        if (text := line.strip()) and not text.startswith(NOTHING)
    )


def allotted(sizes: Mapping[str, int], count: int, least: int = LEAST) -> dict[str, int]:
    """Return how many mutants each room gets: some at least, the others by its lines of code.

    One by one, to the room that is furthest behind its share: a larger sample holds a smaller one.
    """
    whole = sum(sizes.values())
    given = dict.fromkeys(sorted(sizes), 0)
    for done in range(count):
        behind = [name for name in given if given[name] < least]
        if behind:
            name = min(behind, key=lambda r: given[r])
        else:
            name = max(given, key=lambda r: sizes[r] / whole * (done + 1) - given[r])
        given[name] += 1
    return given


def of_room(
    name: str, seed: int, root: Path = ROOT, within: Functions = functions.changed
) -> Iterator[Mutant]:
    """Return mutants of a room, each another one, until none is left.

    A line is drawn first, all alike; then one of the operators that fit there; then one of its
    changes. So a call with many arguments weighs no more than a sum.
    """
    chance = random.Random(f"{seed} {name}")
    lines = [(path, line) for path in files(root)[name] for line in code_lines(read(root, path))]
    chance.shuffle(lines)
    for path, line in lines:
        found = one_of_line(path, line, chance, root, within)
        if found is not None:
            yield found


def one_of_line(
    path: str, line: int, chance: random.Random, root: Path, within: Functions
) -> Mutant | None:
    """Return a mutant of a line; None where nothing fits."""
    source = read(root, path)
    mathematical = room(path) in MATHEMATICS
    by_operator: dict[str, list[Callable[[], str]]] = {}
    for what, text in operators.changed(source, range(line, line + 1), inside=mathematical):
        by_operator.setdefault(what, []).append(lambda text=text: text)
    for what, make in within(source, line):
        if what == "mutmut: string" and room(path) in WORDED:
            continue
        by_operator.setdefault(what, []).append(make)
    while by_operator:
        what = chance.choice(sorted(by_operator))
        ways = by_operator[what]
        make = ways.pop(chance.randrange(len(ways)))
        if not ways:
            del by_operator[what]
        if (found := difference(path, what, source, make())) is not None:
            return found
    return None


def sample(
    count: int,
    seed: int,
    root: Path = ROOT,
    within: Functions = functions.changed,
    least: int = LEAST,
) -> list[Mutant]:
    """Return the mutants, room by room in turn, so that a run that is stopped has seen all.

    Arguments:
        count: how many.
        seed: the same gives the same; of a larger count, the same first ones of every room.
        root: the repository.
        within: what is done to functions: what, and the text after it, by source and line.
        least: mutants of every room, if there are as many.
    """
    sizes = {n: sum(len(code_lines(read(root, p))) for p in of) for n, of in files(root).items()}
    given = allotted(sizes, count, least)
    drawn = {n: list(islice(of_room(n, seed, root, within), given[n])) for n in given}
    return [
        drawn[name][k] for k in range(max(given.values())) for name in drawn if k < len(drawn[name])
    ]


def kept_sample(count: int, seed: int, folder: Path) -> list[Mutant]:
    """Return the mutants, from a file if they were drawn before from the very same sources."""
    digest = hashlib.sha256(f"{count} {seed}".encode())
    for paths in files().values():
        for path in paths:
            digest.update(read(ROOT, path).encode())
    kept = folder / f"sample-{digest.hexdigest()[:12]}.json"
    if kept.exists():
        return [Mutant(**row) for row in json.loads(kept.read_text(encoding="utf-8"))]
    mutants = sample(count, seed)
    rows = [mutant.as_json() for mutant in mutants]
    kept.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return mutants
