"""Memory that is asked for ahead is given back at once; sizes that change nothing are not asked."""

import tracemalloc

import pytest

from bpttcheck.arithmetic.room import RANGE, expect


@pytest.mark.parametrize(
    ("size", "asked"),
    [(RANGE.start, True), (5_000_000, True), (RANGE.start - 1, False), (RANGE.stop, False)],
)
def test_room_is_asked_for_and_given_back(size, asked):
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        expect(size)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 1000
    assert (peak - before >= size) is asked
