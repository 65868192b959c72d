"""The smallest counterexample: few steps, few states, zeros and ones.

Hypothesis draws one pool of small cases of whole numbers for each model; every statement looks
through it, simplest first, and what fails is then simplified entry by entry. The pool's cases are
evaluated once for all statements, which shrinking each of them anew would not allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np

from bpttcheck.verification.paste import source_of


def complexity(case: Any) -> tuple[int, int, int]:
    """Order cases by their sizes, the numbers that are not zero, and what there is to read."""
    used = sum(int(np.count_nonzero(getattr(case, name))) for name in _numbers(case))
    return sum(case.sizes.values()), used, len(source_of(case))


def simplest_first(drawn: Iterable[Any]) -> list[Any]:
    """Return cases, and what they are with zeros or ones for all their numbers, in order."""
    variants = ((case, _filled(case, 0), _filled(case, 1)) for case in drawn)
    every = [case for three in variants for case in three if case is not None]
    return sorted({source_of(case): case for case in every}.values(), key=complexity)


def smallest(pool: Iterable[Any], fails: Callable[[Any], bool]) -> Any | None:
    """Return the simplest failing case of a pool, simplified; None if none fails.

    Arguments:
        pool: cases, simplest first.
        fails: tells whether a case is a counterexample.
    """
    found = next((case for case in pool if fails(case)), None)
    while found is not None:
        simpler = next((case for case in _simpler(found) if fails(case)), None)
        if simpler is None:
            return found
        found = simpler
    return None


def _numbers(case: Any) -> list[str]:
    """Return the fields that hold numbers, less targets that have to stay one-hot, say."""
    names = [f.name for f in fields(case) if not isinstance(getattr(case, f.name), str)]
    return [n for n in names if n != "y" or not hasattr(case, "targets")]


def _variant(case: Any, changes: dict[str, Any]) -> Any | None:
    """Return the case with other numbers; None where a case may not have them."""
    try:
        return replace(case, **changes)
    except ValueError:
        return None


def _filled(case: Any, number: int) -> Any | None:
    numbers = {name: np.full(np.shape(getattr(case, name)), number) for name in _numbers(case)}
    scalars = {name: float(a) for name, a in numbers.items() if not a.shape}
    return _variant(case, numbers | scalars)


def _simpler(case: Any) -> Iterator[Any]:
    """Return the case with one number brought to zero, or to one."""
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
