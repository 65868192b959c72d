"""The smallest counterexample: few steps, few states, zeros and ones.

One pool of small cases of whole numbers is drawn for each model; every statement looks
through it, simplest first, and what fails is then simplified entry by entry. The pool's cases are
evaluated once for all statements, which shrinking each of them anew would not allow.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import fields, replace
from itertools import product
from typing import Any

import numpy as np

from bpttcheck.verification.paste import source_of


def complexity(case: Any) -> tuple[Any, ...]:
    """Order cases by their sizes, the numbers that are not zero, and what there is to read.

    Of equally long ones that with the shorter words first comes first; no two are equal, so that
    the order does not depend on which was drawn before.
    """
    source = source_of(case)
    words = [len(getattr(case, name)) for name in _words(case)]
    return sum(case.sizes.values()), _used(case, _numbers(case)), len(source), words, source


def simplest_first(drawn: Iterable[Any]) -> list[Any]:
    """Return cases, and what they are with zeros or ones for all their numbers, in order."""
    variants = ((case, _filled(case, 0), _filled(case, 1)) for case in drawn)
    every = [case for three in variants for case in three if case is not None]
    return sorted({source_of(case): case for case in every}.values(), key=complexity)


def sparse(pool: Iterable[Any], count: int, nonzero: int, turn: int = 0) -> list[Any]:
    """Return cases of a pool's shapes with a few numbers, mostly ones, and zeros for the others.

    Their words are any of the pool's: which functions a network has is as telling as its numbers.

    Arguments:
        pool: cases, simplest first; their shapes are taken in turn.
        count: how many cases, at most.
        nonzero: how many numbers of a case may not be zero, targets included.
        turn: of another one come other numbers.
    """
    known = list(pool)
    shapes = list({tuple(case.sizes.items()): case for case in reversed(known)}.values())
    shapes.sort(key=complexity)
    said = _said(known)
    random = np.random.default_rng(turn)
    found: dict[str, Any] = {}
    for number in range(count if shapes else 0):
        case = shapes[number % len(shapes)]
        places = [(name, i) for name in _numbers(case) for i in range(np.size(getattr(case, name)))]
        room = nonzero - (_used(case, fields(case)) - _used(case, _numbers(case)))
        kept = random.permutation(len(places))[: max(0, min(room, len(places)))]
        chosen = {places[k]: float(random.choice([1, 1, 2, -1])) for k in kept}
        changes = {}
        for name in _numbers(case):
            shape = np.shape(getattr(case, name))
            filled = [chosen.get((name, i), 0.0) for i in range(np.size(getattr(case, name)))]
            changes[name] = np.reshape(filled, shape) if shape else filled[0]
        words = {name: str(random.choice(sorted(values))) for name, values in said.items()}
        made = _variant(case, changes | words) or _variant(case, changes)
        if made is not None:
            found.setdefault(source_of(made), made)
    return sorted(found.values(), key=complexity)


def smallest(pool: Iterable[Any], fails: Callable[[Any], bool]) -> Any | None:
    """Return the simplest failing case of a pool, simplified; None if none fails.

    Arguments:
        pool: cases, simplest first.
        fails: tells whether a case is a counterexample.
    """
    known = list(pool)
    said = _said(known)
    found = next((case for case in known if fails(case)), None)
    while found is not None:
        simpler = next((case for case in _simpler(found, said) if fails(case)), None)
        if simpler is None:
            return found
        found = simpler
    return None


def _used(case: Any, names: Iterable[Any]) -> int:
    """Return how many numbers of some fields are not zero."""
    values = (getattr(case, getattr(name, "name", name)) for name in names)
    return sum(int(np.count_nonzero(v)) for v in values if not isinstance(v, str))


def _numbers(case: Any) -> list[str]:
    """Return the fields that hold numbers, less targets that have to stay one-hot, say."""
    names = [f.name for f in fields(case) if not isinstance(getattr(case, f.name), str)]
    return [n for n in names if n != "y" or not hasattr(case, "targets")]


def _words(case: Any) -> list[str]:
    """Return the fields that hold words: the names of functions, say."""
    return [f.name for f in fields(case) if isinstance(getattr(case, f.name), str)]


def _said(pool: Iterable[Any]) -> dict[str, set[str]]:
    """Return what words there are in each field of a pool that has words."""
    found: dict[str, set[str]] = {}
    for case in pool:
        for name in _words(case):
            found.setdefault(name, set()).add(getattr(case, name))
    return found


def _variant(case: Any, changes: dict[str, Any]) -> Any | None:
    """Return the case with other numbers or words; None where a case may not have them."""
    try:
        return replace(case, **changes)
    except ValueError:
        return None


def _filled(case: Any, number: int) -> Any | None:
    numbers = {name: np.full(np.shape(getattr(case, name)), number) for name in _numbers(case)}
    scalars = {name: float(a) for name, a in numbers.items() if not a.shape}
    return _variant(case, numbers | scalars)


def _simpler(case: Any, said: Mapping[str, Collection[str]]) -> Iterator[Any]:
    """Return the case with one number brought to zero, or to one; then that with simpler words."""
    for name in _numbers(case):
        value = np.asarray(getattr(case, name), dtype=np.float64)
        for i, old in enumerate(value.reshape(-1)):
            for new in (0.0, 1.0):
                if abs(old) > new or old < 0:
                    changed = value.copy()
                    changed.reshape(-1)[i] = new
                    number = changed if changed.shape else float(changed)
                    if (simpler := _variant(case, {name: number})) is not None:
                        yield simpler
    names, own = _words(case), complexity(case)
    worded = (
        _variant(case, dict(zip(names, words, strict=True)))
        for words in product(*(sorted(said[name]) for name in names))
    )
    yield from sorted((c for c in worded if c is not None and complexity(c) < own), key=complexity)
