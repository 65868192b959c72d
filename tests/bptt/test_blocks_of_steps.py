"""Steps go forward and back in blocks; what they give is that of one block."""

import numpy as np
import pytest

from bpttcheck.bptt.recursion import recursion
from bpttcheck.cells import arrays
from bpttcheck.cells.arrays import spans
from bpttcheck.cells.forward import equations
from tests.bptt.forms import FORMS, forms, in_the_field


@pytest.mark.parametrize("B", [1, 3, 32, 600])
@pytest.mark.parametrize("T", [1, 7, 40, 1500, 3001])
def test_blocks_follow_each_other_and_each_is_one_by_itself(T, B):
    steps = np.broadcast_to(0.0, (T, B, 1))
    blocks = spans(steps)
    assert [i for b in blocks for i in range(b.start, b.stop)] == list(range(T))
    assert all(len(spans(steps[b])) == 1 for b in blocks)
    longest = max(1, arrays.ROWS // B)
    lengths = [b.stop - b.start for b in blocks]
    assert set(lengths[:-1]) <= {longest}
    assert len(blocks) == 1 or longest <= 2 * lengths[-1] < 3 * longest
    assert 2 * lengths[-1] < 3 * longest


@forms
@pytest.mark.parametrize("masked", [False, True])
def test_blocks_give_what_one_gives_in_the_field(form, masked, monkeypatch):
    """Seven steps in blocks of two and one of three, and one block of all: the same residues."""
    network, options = FORMS[form]
    cell = network.kind(**options)
    weights, x, states, ds = in_the_field(cell, 7, 2, 2, 3, 2)
    mask = np.array([[1, 0, 1, 1, 0, 1, 1], [0, 1, 0, 1, 1, 0, 1]], dtype=bool).T
    found = []
    for rows in (4, 14):
        monkeypatch.setattr(arrays, "ROWS", rows)
        run = equations(cell, weights, x, states, mask=mask if masked else None)
        found.append((run, recursion(weights, run, ds)))
    (_, one), (run, other) = found
    assert (found[0][0].s == run.s).all()
    assert (one.dx == other.dx).all()
    for mine, theirs in ((one.steps, other.steps), (one.weights, other.weights)):
        assert mine.keys() == theirs.keys()
        assert all((mine[k] == theirs[k]).all() for k in mine)
    short = recursion(weights, run.steps(3, 7), ds[2:])  # the liar: no steps before the third
    assert (short.weights["V"] != other.weights["V"]).any()
