"""Arrays that overlap in memory: found by where they begin and end, in order of address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

from bpttcheck.arithmetic.base import Array

MANY = 256
"""Of more arrays it is not asked."""


def overlaps(groups: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str, str, str]]:
    """Return pairs of arrays that share memory, each as its group and its name.

    Arguments:
        groups: NumPy arrays by group and by name; whatever is none is passed over.
    """
    found = [
        (group, name, array)
        for group, arrays in groups.items()
        for name, array in arrays.items()
        if isinstance(array, np.ndarray) and array.size
    ]
    if len(found) > MANY:
        return
    # Two arrays that own their memory never share it: as nearly always, that is all.
    unlike = len({id(array) for *_, array in found}) == len(found)
    if unlike and all(array.flags.owndata for *_, array in found):
        return
    spans = [(*byte_bounds(array), group, name, array) for group, name, array in found]
    spans.sort(key=lambda span: span[:2])
    open_spans: list[tuple[int, int, str, str, Array]] = []
    for span in spans:
        open_spans = [before for before in open_spans if before[1] > span[0]]
        for _, _, group, name, array in open_spans:
            if np.shares_memory(array, span[4]):
                yield group, name, span[2], span[3]
        open_spans.append(span)
