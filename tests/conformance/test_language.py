"""What a layout can say: constants, flat vectors, pages, unread blocks, left-out axes, squashes."""

import numpy as np
import pytest

from bpttcheck.conformance import Layout
from bpttcheck.conformance.array_axes import arranged, restored
from bpttcheck.conformance.weight_blocks import assembled, filled, parsed, parts, shape_of
from tests.refusals import refuses

AXES = {"U": ("n", "m"), "W": ("n", "n"), "b": ("n",), "b_f": ("n",)}
SIZES = {"n": 2, "m": 3}
OWN = {
    "U": np.arange(6.0).reshape(2, 3),
    "W": np.array([[10.0, 11.0], [12.0, 13.0]]),
    "b": np.array([20.0, 21.0]),
    "b_f": np.array([30.0, 31.0]),
}


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("b_f - 1", [29, 30]),
        ("-b_f + 2.5", [-27.5, -28.5]),
        ("b; 0 b; b_f", [20, 21, 0, 0, 30, 31]),
        ("U.flat; W.T.flat; b", [0, 1, 2, 3, 4, 5, 10, 12, 11, 13, 20, 21]),
        ("| b; b_f", [[20, 21, 30, 31]]),
        ("| W | -W.T", [[[10, 11], [12, 13]], [[-10, -12], [-11, -13]]]),
        ("b.row, b_f.row; b.row, -b_f.row", [[20, 21, 30, 31], [20, 21, -30, -31]]),
        ("W.T; U.T", [[10, 12], [11, 13], [0, 3], [1, 4], [2, 5]]),
    ],
)
def test_what_an_array_holds_and_back(text, held):
    blocks = parsed(text, "a", AXES)
    array = np.array(held, dtype=float)
    assert np.array_equal(filled(blocks, OWN), array)
    assert shape_of(blocks, AXES, SIZES)[0] == array.shape
    read = parts(blocks, array, AXES, SIZES, "a")
    found = {}
    for block in (b for b in blocks.each() if b.sign):
        mine = [part for weight, part in read if weight == block.weight]
        found[block.weight] = sum(mine[: 2 if block.constant else 1])
    assert all(np.array_equal(found[k], OWN[k]) for k in found)
    assert {b.weight for b in blocks.each() if b.sign} == set(found)


def test_a_gradient_has_no_constant():
    assert assembled(parsed("-b_f + 2.5; 0 b", "a", AXES), OWN).tolist() == [-30, -31, 0, 0]


@pytest.mark.parametrize("axes", [("B", "m"), ("m", "B"), ("1", "B", "m")])
def test_one_step_lacks_the_axis_of_time(axes):
    x = np.arange(6.0).reshape(1, 2, 3)
    theirs = arranged(x, "TBm", axes)
    assert theirs.ndim == len(axes)
    assert np.array_equal(restored(theirs, "TBm", axes, "x"), x)
    said = "outputs: expected (B, m) at T = 1, got T = 2"
    refuses(lambda: arranged(np.ones((2, 2, 3)), "TBm", ("B", "m")), ValueError, said)


def test_other_squashes_and_nested_names():
    layout = Layout(
        "lstm", {f"{a}_{k}": f"{a}_{k}" for a in "UWb" for k in "ifgo"}, squash={"g": "relu"}
    )
    assert layout.reference.gates["g"].squash.name == "relu"
    assert layout.reference.gates["i"].squash.name == "sigmoid"
    assert layout.but(squash={"c": "linear"}).reference.squash.name == "linear"
    nested = layout.but(x="x[B,m]").under("params.cell")
    assert "params.cell.U_i" in nested.arrays
    assert "x" in nested.arrays
    assert "b_i" not in layout.but(without=("b_i",)).arrays
