"""Weights in and out: exact both ways for every layout, layers and directions, and bad input."""

from collections import OrderedDict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck.conformance import LAYOUTS, Layout, dump, load
from bpttcheck.conformance.sizes import whole
from bpttcheck.conformance.stacks import parts_of
from bpttcheck.conformance.weight_blocks import shape_of
from tests.refusals import refusals, refuses

STACKS = [(1, False), (2, False), (1, True), (2, True)]


def state_of(layout, sizes, layers, both, seed, dtype):
    """Return a library's arrays, drawn, those of all parts."""
    rng, found = np.random.default_rng(seed), {}
    ways = 2 if both else 1
    for r in "nr":
        sizes = sizes | {f"{ways}{r}": ways * sizes[r]}
    for part in parts_of(layout, layers, both):
        for name, blocks in part.blocks.items():
            shape, _ = shape_of(blocks, part.axes, sizes)
            found.setdefault(name, []).append(rng.normal(size=shape).astype(dtype))
    return {k: np.concatenate(a) if len(a) > 1 else a[0] for k, a in found.items()}


@given(
    name=st.sampled_from(sorted(LAYOUTS)),
    stack=st.sampled_from(STACKS),
    n=st.integers(1, 4),
    m=st.integers(1, 3),
    dtype=st.sampled_from(["float32", "float64"]),
)
def test_there_and_back(name, stack, n, m, dtype):
    layout, (layers, both) = LAYOUTS[name], stack
    how = {"layers": layers, "bidirectional": both}
    state = state_of(layout, {"n": n, "m": m, "r": 2}, layers, both, n + 5 * m, dtype)
    first = load(layout, state, m=m, **how)
    back = dump(layout, first, **how)
    assert back.keys() == state.keys()
    for key, array in state.items():
        assert back[key].dtype == array.dtype
        assert np.array_equal(back[key], array), key
    again = load(layout, dump(layout, dict(first), **how), m=m, **how)
    assert again.keys() == first.keys()
    for key, array in first.items():
        constant = name == "haiku.LSTM" and key.endswith("b_f")
        allowed = (np.finfo(dtype).eps * np.maximum(1, np.abs(array))) if constant else 0
        assert (np.abs(again[key] - array) <= allowed).all(), key


def test_a_weight_that_was_changed_is_in_the_first_of_its_places():
    layout = LAYOUTS["torch.nn.GRU"]
    state = state_of(layout, {"n": 2, "m": 3, "r": 2}, 1, False, 0, "float64")
    mine = load(layout, state)
    assert np.array_equal(mine["b_r"], state["bias_ih_l0"][:2] + state["bias_hh_l0"][:2])
    mine["b_r"][:] = 7
    back = dump(layout, mine)
    assert back["bias_ih_l0"].tolist() == [7, 7, *state["bias_ih_l0"][2:]]
    assert back["bias_hh_l0"].tolist() == [0, 0, *state["bias_hh_l0"][2:]]


def test_a_nest_and_biases_that_are_left_out():
    kernel, recurrent = np.ones((3, 2)), np.ones((2, 2))
    mine = load("flax.linen.SimpleCell", {"i": {"kernel": kernel}, "h": {"kernel": recurrent}})
    assert sorted(mine) == ["U", "W"]
    assert mine["U"].shape == (2, 3)


def test_a_length_that_grows():
    assert whole(lambda k: 4 * k * (k + 5), 4 * 512 * 517) == 512
    assert whole(lambda k: 4 * k, 6) is None
    assert whole(lambda k: k + 3, 4) == 1


S = state_of(LAYOUTS["torch.nn.LSTM"], {"n": 2, "m": 3, "r": 2}, 1, False, 0, "float32")
TWO = state_of(LAYOUTS["torch.nn.LSTM"], {"n": 2, "m": 3, "r": 2}, 2, True, 0, "float32")
NAMES = "weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0"
PROJECTED = {**S, "weight_hr_l0": np.ones((2, 2))}


def changed(layout="torch.nn.LSTM", without="", **arrays):
    return lambda: load(layout, OrderedDict({k: a for k, a in S.items() if k != without}, **arrays))


BAD = [
    (lambda: load("torch.nn.LSTM", TWO), ValueError,
     f"state: expected {NAMES}, got 'weight_ih_l0_reverse'; layers=2, bidirectional=True would"),
    (changed(layout="torch.nn.GRUCell"), ValueError,
     "state: expected weight_ih, weight_hh, bias_ih, bias_hh, got 'weight_ih_l0'; the layout"),
    (lambda: load("torch.nn.LSTM", PROJECTED), ValueError,
     f"state: expected {NAMES}, got 'weight_hr_l0'; the layout 'torch.nn.LSTM, proj_size' would"),
    (lambda: load("torch.nn.LSTM", {f"rnn.{k}": a for k, a in TWO.items()}), ValueError,
     f"state: expected {NAMES}, got 'rnn.weight_ih_l0'; under('rnn'), layers=2, bidirectional=Tru"),
    (lambda: load("onnx.RNN", {"W": np.ones((2, 4, 3)), "R": np.ones((2, 4, 4))}), ValueError,
     "state['W']: expected shape (1, 4, 3) at n = 4, m = 3, got (2, 4, 3); bidirectional=True wou"),
    (changed(weight_ih_l0=1j * np.ones((8, 3))), TypeError,
     "state['weight_ih_l0']: expected floats, got complex128"),
    (changed(without="weight_hh_l0"), ValueError,
     "state: expected weight_hh_l0, got weight_ih_l0, bias_ih_l0, bias_hh_l0"),
    (changed(bias_ih_l0=np.ones(8, int)), TypeError,
     "state['bias_ih_l0']: expected floats, got int64"),
    (changed(bias_ih_l0=np.ones((8, 1))), ValueError,
     "state['bias_ih_l0']: expected shape (8,) at n = 2, m = 3, got (8, 1)"),
    (changed(weight_ih_l0=np.ones(24)), ValueError,
     "state['weight_ih_l0']: expected 2 axes, got shape (24,)"),
    (changed(bias_ih_l0=np.ones(12)), ValueError,
     "state['bias_ih_l0']: expected shape (8,) at n = 2, m = 3, got (12,)"),
    (changed(weight_ih_l0=np.ones((7, 3))), ValueError,
     "state['weight_ih_l0']: expected a length of axis 0 for a whole n, got shape (7, 3)"),
    (lambda: load("haiku.LSTM", {"linear.w": np.ones((3, 4))}), ValueError,
     "state: expected linear.b, got linear.w"),
    (lambda: load("thinc.LSTM", {"LSTM": np.ones(24)}), ValueError,
     "m: expected its size, since no array of these tells it"),
    (lambda: load("thinc.LSTM", {"LSTM": np.ones(90)}, layers=2), ValueError,
     "m: expected the size of the inputs, got None"),
    (lambda: load("thinc.LSTM", {"LSTM": np.ones(90)}, layers=2, m=3), ValueError,
     "state['LSTM']: expected weights of a whole n, got 90"),
    (lambda: load("onnx.RNN", {"W": np.ones((1, 2, 3)), "R": np.ones((1, 2, 2))},
                  bidirectional=True), ValueError,
     "state['W']: expected two directions, got shape (1, 2, 3)"),
    (lambda: dump("torch.nn.RNN", {"U": np.ones((2, 3))}), ValueError,
     "params: expected W, got U"),
    (lambda: dump("torch.nn.RNN", {"U": np.ones((2, 3)), "W": np.ones((3, 3))}), ValueError,
     "params['W']: expected (n, n), got (3, 3)"),
    (lambda: dump("torch.nn.RNN", {"Q": np.ones((2, 3))}), ValueError,
     "params: expected weights of U, W, b, got 'Q'"),
]  # fmt: skip


@refusals(BAD)
def test_what_is_refused(call, kind, message):
    refuses(call, kind, message)


def test_a_layout_of_ones_own():
    layout = Layout("rnn", {"both": "U.T; -W.T", "b": "b"})
    mine = load(layout, {"both": np.arange(10.0).reshape(5, 2)})
    assert mine["W"].tolist() == [[-6, -8], [-7, -9]]
    refused = "state: expected both, b, got 'c'"
    refuses(lambda: load(layout, {"both": np.ones((5, 2)), "c": np.ones(2)}), ValueError, refused)


def test_a_librarys_layout_holds_every_weight():
    """A bias that no array holds is zero, and that of another gate would be the sum of two."""
    lacking = {}
    for name, layout in LAYOUTS.items():
        held = {b.weight for blocks in layout.blocks.values() for b in blocks.each() if b.sign}
        if rest := layout.weights.keys() - held:
            lacking[name] = rest
    assert lacking == {"flax.nnx.GRUCell": {"b_Wg"}}  # which has one bias a gate
