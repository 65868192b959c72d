"""Where the gates' weights may be: in one array for all gates, or in one array each."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.cell import Gate
from bpttcheck.diagnosis.recognition.layouts import ArrayLayout, matrices, vectors
from bpttcheck.diagnosis.recognition.recognised import Arrays

WORDS = {
    "input gate": "i in input ig igate inp write",
    "forget gate": "f forget fg fgate forg keep z u update",
    "output gate": "o out output og ogate outp expose",
    "update gate": "z u update upd zg zgate i",
    "reset gate": "r reset rst rg rgate res",
    "candidate": "g c a u j z n h cell cand candidate new hat update cc ct block node mem "
    "modulation k s ht hh htilde prop",
}
"""What people call the gates: it says which arrays go together, and what is tried first."""


def words(letter: str, gate: Gate) -> frozenset[str]:
    """Return what people call a gate."""
    return frozenset([letter.lower(), *gate.name.split(), *WORDS.get(gate.name, "").split()])


TOKENS = sorted({word for some in WORDS.values() for word in some.split()}, key=len, reverse=True)


WAYS = (ArrayLayout("", lambda a: a), ArrayLayout("transposed", lambda a: a.swapaxes(-1, -2)))
"""How one matrix, or each of several on top of each other, may be kept."""

FLAT = ArrayLayout("", lambda a: a.reshape(-1))


@dataclass(frozen=True)
class GateBlock:
    """One view for each gate, in the user's order: the array's name, how it is read, and a token.

    Of matrices every view is (n, ``columns``); of biases (n,), and ``columns`` is 0.
    """

    views: tuple[tuple[str, ArrayLayout], ...]
    tokens: tuple[str, ...]
    n: int
    columns: int

    @cached_property
    def names(self) -> frozenset[str]:
        """The arrays' names."""
        return frozenset(name for name, _ in self.views)

    def aligned(self, tokens: Sequence[str]) -> GateBlock:
        """Return the block in the order of another's tokens, if they are the same."""
        if any(tokens) and sorted(self.tokens) == sorted(tokens):
            order = [self.tokens.index(token) for token in tokens]
            views = tuple(self.views[k] for k in order)
            return GateBlock(views, tuple(tokens), self.n, self.columns)
        return self


def _one_by_one(name: str, layouts: Iterable[ArrayLayout], n: int, columns: int) -> GateBlock:
    """Return the block of an array's views, of which no name says whose each is."""
    views = tuple((name, layout) for layout in layouts)
    return GateBlock(views, ("",) * len(views), n, columns)


def matrix_blocks(params: Arrays, count: int) -> Iterator[GateBlock]:
    """Yield the blocks of weights for so many gates."""
    if count == 1:
        for name, array in params.items():
            for layout in matrices(array, None, None):
                yield _one_by_one(name, [layout], *layout.read(array).shape)
        return
    for name, array in params.items():
        if array.dtype.kind == "f" and array.ndim == 2:
            for way in WAYS:
                rows, columns = way.read(array).shape
                if rows % count == 0:
                    yield _one_by_one(name, _parts(way, count), rows // count, columns)
        if array.dtype.kind == "f" and array.ndim == 3 and len(array) == count:
            for way in WAYS:
                layers = (_layer(way, k, count) for k in range(count))
                yield _one_by_one(name, layers, *way.read(array[0]).shape)
    yield from _apart(params, count, 2)
    if count == 3:
        flat = {k: a for k, a in params.items() if a.ndim == 2 and a.dtype.kind == "f"}
        yield from _two_and_one(flat, WAYS)


def bias_blocks(params: Arrays, count: int, n: int) -> Iterator[GateBlock]:
    """Yield the blocks of biases for so many gates."""
    if count == 1:
        for name, array in params.items():
            for layout in vectors(array, n):
                yield _one_by_one(name, [layout], n, 0)
        return
    for name, array in params.items():
        if array.dtype.kind == "f" and array.size == count * n and array.ndim in (1, 2, 3):
            if max(array.shape) == array.size or array.shape in ((count, n), (count, n, 1)):
                yield _one_by_one(name, _parts(FLAT, count), n, 0)
            elif array.shape == (n, count):
                turned = ArrayLayout("", lambda a: a.T.reshape(-1))
                yield _one_by_one(name, _parts(turned, count), n, 0)
    fits = {k: a for k, a in params.items() if a.size == n and max(a.shape, default=1) == n}
    yield from _apart(fits, count, 1)
    if count == 3:
        twice = {k: a for k, a in params.items() if a.size == 2 * n == max(a.shape, default=1)}
        yield from _two_and_one({k: a for k, a in params.items() if k in {**fits, **twice}}, [FLAT])


def _two_and_one(arrays: Arrays, ways: Sequence[ArrayLayout]) -> Iterator[GateBlock]:
    """Yield z and r in one array, and the candidate in another."""
    for (one, two), (other, single) in itertools.permutations(arrays.items(), 2):
        for way in ways:
            n, *columns = way.read(single).shape
            if n and way.read(two).shape == (2 * n, *columns):
                both = [(one, part) for part in _parts(way, 2)]
                yield GateBlock((*both, (other, way)), ("",) * 3, n, sum(columns))


def _apart(params: Arrays, count: int, ndim: int) -> Iterator[GateBlock]:
    """Yield arrays of one shape whose names differ in a word for the gate, or that come in turn."""
    by_shape: dict[tuple[int, ...], list[str]] = {}
    for name, array in params.items():
        if array.dtype.kind == "f" and (array.ndim == 2 or ndim == 1):
            by_shape.setdefault(array.shape, []).append(name)
    for names in by_shape.values():
        groups = dict.fromkeys(_groups(names, count))
        if len(names) % count == 0 and not groups:
            in_turn = (tuple(names[k : k + count]) for k in range(0, len(names), count))
            groups = dict.fromkeys((group, ("",) * count) for group in in_turn)
        for group, tokens in groups:
            for way in WAYS if ndim == 2 else (FLAT,):
                n, *columns = way.read(params[group[0]]).shape
                views = tuple((name, way) for name in group)
                yield GateBlock(views, tokens, n, columns[0] if columns else 0)


def _groups(names: Sequence[str], count: int) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    stems: dict[str, list[tuple[str, str]]] = {}
    for name in names:
        for stem, token in _stems(name):
            stems.setdefault(stem, []).append((name, token))
    for members in stems.values():
        if count <= len(members) <= count + (2 if count > 2 else 1):
            for some in itertools.combinations(members, count):
                if len({name for name, _ in some}) == count:
                    yield tuple(name for name, _ in some), tuple(token for _, token in some)


@lru_cache(1000)  # the same few names are asked thousands of times
def _stems(name: str) -> tuple[tuple[str, str], ...]:
    """Return what is left of a name without a word for a gate, and the word."""
    return tuple(
        (f"{name[: found.start()]}*{name[found.end() :]}", token)
        for token in TOKENS
        for found in re.finditer(re.escape(token), name.lower())
    )


def _parts(whole: ArrayLayout, count: int) -> Iterator[ArrayLayout]:
    """Yield the parts that an array is cut into along its first axis."""
    for k in range(count):
        name = f"{whole.name} {k + 1} of {count}".strip()
        yield ArrayLayout(name, whole.then(partial(_part, k, count)).read)


def _part(k: int, count: int, a: Array) -> Array:
    size = len(a) // count
    return np.asarray(a[k * size : (k + 1) * size])


def _layer(way: ArrayLayout, k: int, count: int) -> ArrayLayout:
    name = f"{way.name} {k + 1} of {count} layers".strip()
    return ArrayLayout(name, lambda a: way.read(a[k]))
