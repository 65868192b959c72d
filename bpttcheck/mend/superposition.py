"""What edits do adds up: which two make a gradient right together, and what a term is to count.

A backward pass is linear in what is handed back. At a point of few steps an edit moves each slope
by an amount that is known once it has run alone: two edits are right together if what they move
adds up to what is missing, and a term counts as often as it is contained in that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.mend.edit import Edit
from bpttcheck.mend.place import Misses

NEAR = 1e-7
"""Of what is compared: as well as slopes are known, and sums of edits without rounding's share."""

MOST = 200
"""So many pairs at most for one gradient."""

Signed = tuple[Edit, int]

Tried = Sequence[tuple[Edit, Misses]]


def _rooms(misses: Misses, names: Sequence[str]) -> Array:
    return np.array([room for name in names for _, room in misses[name]])


def _flat(misses: Misses, names: Sequence[str]) -> Array:
    return np.array([miss for name in names for miss, _ in misses[name]])


def counts(base: Misses, tried: Tried, wrong: Collection[str]) -> Iterator[tuple[Edit, float]]:
    """Return the edits that put in a term, and how often it is to count to make something right.

    Twice at least it has to come out the same.
    """
    for edit, misses in tried:
        if not edit.term:
            continue
        found = []
        for name in sorted(wrong):
            missing, moved = -_flat(base, [name]), _flat(misses, [name]) - _flat(base, [name])
            if missing.size and np.all(np.abs(moved) > NEAR * np.abs(missing)):
                found.append(missing / moved)
        for one in found:
            alike = [r for r in found if np.allclose(r, one[0], rtol=NEAR, atol=0.0)]
            if sum(r.size for r in alike) > 1 and np.allclose(one, one[0], rtol=NEAR, atol=0.0):
                yield edit, float(one[0])
                break


def pairs(base: Misses, tried: Tried, wrong: Collection[str]) -> Iterator[tuple[Signed, Signed]]:
    """Return pairs of edits that make all wrong gradients right together, then those of one.

    A term comes with either sign: the other one moves as much the other way.
    """
    names = sorted(name for name in wrong if base[name])
    for some in ([names] if len(names) > 1 else []) + [[name] for name in names]:
        missing = -_flat(base, some)
        found = [((edit, 1), _flat(misses, some) + missing) for edit, misses in tried]
        found += [((edit, -1), -moved) for (edit, _), moved in found if edit.term]
        yield from _pairs(missing, _rooms(base, some), found)


def _pairs(
    missing: Array, rooms: Array, tried: Sequence[tuple[Signed, Array]]
) -> Iterator[tuple[Signed, Signed]]:
    size = np.abs(missing)
    some = [
        (signed, moved)
        for signed, moved in tried
        if np.isfinite(moved).all() and np.any(np.abs(moved) > NEAR * size)
    ]
    if not some:
        return
    some.sort(key=lambda one: float(one[1][0]))
    table = np.array([moved for _, moved in some])
    found = 0
    for k, (signed, _) in enumerate(some):
        wanted = missing - table[k]
        room = 2 * rooms + NEAR * (size + np.abs(table[k]))
        first = int(np.searchsorted(table[:, 0], wanted[0] - room[0]))
        last = int(np.searchsorted(table[:, 0], wanted[0] + room[0]))
        near = np.abs(table[first:last] - wanted) <= room
        for j in np.flatnonzero(near.all(axis=1)) + first:
            if j > k:
                yield signed, some[j][0]
                found += 1
                if found == MOST:
                    return


def written(count: float, numbers: Mapping[str, float]) -> Iterator[str]:
    """Return texts of a number: a small one, one of the ``numbers`` by name, or a multiple of it.

    The sign comes first where there is one: ``-``, ``- 2 *``, ``+ 0.5 * step *``.
    """
    known = {"": 1.0, **{f"{name} * ": value for name, value in numbers.items()}}
    known |= {f"1 / {name} * ": 1 / value for name, value in numbers.items() if value}
    sign = "-" if count < 0 else "+"
    for multiple, value in (("", 1.0), ("2 * ", 2.0), ("0.5 * ", 0.5), ("3 * ", 3.0)):
        for name, number in known.items():
            if np.isclose(value * number, abs(count), rtol=NEAR, atol=0.0):
                yield f"{sign} {multiple}{name}"
