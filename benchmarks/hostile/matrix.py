"""The matrix: every argument of every valid call, and what is in it, with each kind of badness."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from random import Random
from typing import Any, NamedTuple

import numpy as np

from benchmarks.hostile.badness import Bad, kinds
from benchmarks.hostile.ends import End, called, end_of
from benchmarks.hostile.programs import folder
from benchmarks.hostile.valid import Valid
from bpttcheck import compile_loops

MISNAMED = object()
"""Stands for the name of an argument, in place of what is in it."""


class Cell(NamedTuple):
    """A call to be made: of what, which argument, where in it, replaced by what."""

    name: str
    argument: str
    within: Any
    badness: str
    make: Callable[[], Bad]

    def __str__(self) -> str:
        within = "" if self.within in (None, MISNAMED) else f"[{self.within!r}]"
        return f"{self.name}({self.argument}{within} = {self.badness})"


def cells(calls: Mapping[str, Valid]) -> list[Cell]:
    """Return every cell of the matrix, names of arguments that are spelt wrong among them."""
    spelt = [
        Cell(name, argument, MISNAMED, f"{to}=", partial(Bad, to, to))
        for name, valid in calls.items()
        for argument in valid.arguments
        for to in (argument.swapcase(), f"{argument}s", f"_{argument}")
    ]
    return spelt + [
        Cell(name, argument, within, badness, make)
        for name, valid in calls.items()
        for argument, value in valid.arguments.items()
        for within, inner in ((None, value), *_inside(value))
        for badness, make in kinds(inner)
    ]


def _inside(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the keys of what an argument holds: a few weights of a cell stand for all."""
    if isinstance(value, dict):
        keys = list(value)
        for key in dict.fromkeys([keys[0], keys[len(keys) // 2], keys[-1]] if keys else []):
            yield key, value[key]


class Outcome(NamedTuple):
    """A cell, and how its call ended."""

    cell: Cell
    end: End


def outcomes(calls: Mapping[str, Valid], count: int, seed: int) -> Iterator[Outcome]:
    """Make some of the calls, drawn at random, each at most once while there are others.

    Every callable has the same share, as far as it goes.
    """
    random, usual = Random(seed), {}
    for cell in drawn(cells(calls), count, random):
        valid = calls[cell.name]
        if cell.name not in usual:
            usual[cell.name], error, heard = called(_fresh(valid), 60.0)
            if error is not None or heard:
                raise AssertionError(f"{cell.name}: the valid call: {heard}") from error
        bad = cell.make()
        made = _fresh(valid)
        if cell.within is MISNAMED:
            made.arguments[bad.value] = made.arguments.pop(cell.argument)
        elif cell.within is None:
            made.arguments[cell.argument] = bad.value
        else:
            made.arguments[cell.argument][cell.within] = bad.value
        with contextlib.chdir(folder()):  # where a text is taken for a file's name
            end = end_of(
                made,
                cell.argument,
                bad.name if cell.within is MISNAMED else cell.within,
                bad.same,
                usual[cell.name],
            )
        compile_loops(False)  # which a call may have asked for
        yield Outcome(cell, end)


def drawn(every: list[Cell], count: int, random: Random) -> Iterator[Cell]:
    """Yield so many cells: of each callable in turn, one that was not drawn yet."""
    by_name: dict[str, list[Cell]] = {}
    for cell in every:
        by_name.setdefault(cell.name, []).append(cell)
    for own in by_name.values():
        random.shuffle(own)
    at = 0
    for turn in range(count):
        if turn >= len(every):
            yield random.choice(every)
            continue
        names = list(by_name)
        own = by_name[names[at % len(names)]]
        yield own.pop()
        at += 1
        if not own:
            at = (at - 1) % len(names)
            del by_name[names[at]]


def _fresh(valid: Valid) -> Valid:
    return Valid(valid.function, {k: _copied(v) for k, v in valid.arguments.items()})


def _copied(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) is dict:
        return {k: _copied(v) for k, v in value.items()}
    if isinstance(value, np.random.Generator):
        return np.random.default_rng(0)
    return list(value) if type(value) is list else value
