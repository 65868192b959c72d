"""n and m, from the shapes of arrays, from what is known besides, or from neither."""

import pytest

from bpttcheck.conformance.sizes import solved
from bpttcheck.conformance.weight_blocks import parsed
from tests.refusals import refusals, refuses

AXES = {"U": ("n", "m"), "W": ("n", "n"), "b": ("n",)}
FLAT = {"flat": parsed("U.flat; W.flat; b", "flat", AXES)}
APART = {name: parsed(name, name, AXES) for name in AXES}


@pytest.mark.parametrize(
    ("blocks", "shapes", "known"),
    [
        (APART, {"U": (3, 2)}, {}),
        (APART, {"U": (3, 2), "W": (3, 3), "b": (3,)}, {}),
        (APART, {"b": (3,)}, {"m": 2, "T": 9}),
        (FLAT, {"flat": (18,)}, {"m": 2, "T": 9}),
        (FLAT, {"flat": (18,)}, {"n": 3, "B": 9}),
    ],
)
def test_what_is_known_and_what_the_arrays_tell(blocks, shapes, known):
    """Of n·m + n² + n numbers one size alone tells nothing; T and B are none of the weights'."""
    assert solved(blocks, AXES, shapes, known) == {"n": 3, "m": 2}


@refusals([
    (lambda: solved(FLAT, AXES, {"flat": (18,)}, {"T": 9}), ValueError,
     "m: expected its size, since no array of these tells it"),
    (lambda: solved(FLAT, AXES, {"flat": (17,)}, {"m": 2}), ValueError,
     "state['flat']: expected a length of axis 0 for a whole n, got shape (17,)"),
    (lambda: solved(APART, AXES, {"U": (6,)}, {}, "weights"), ValueError,
     "weights['U']: expected 2 axes, got shape (6,)"),
])  # fmt: skip
def test_arrays_that_tell_no_size(call, kind, message):
    refuses(call, kind, message)
