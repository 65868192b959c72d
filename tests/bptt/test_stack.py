"""Stacked layers in one direction or two: the dual of the forward in the field, cells, mirrors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck import coupled_lstm, gru, lstm, mgu, nll, rnn, stack
from bpttcheck.arithmetic.dual import duals
from bpttcheck.arithmetic.finite_field import random_residues
from bpttcheck.bptt.networks import cell_of
from bpttcheck.bptt.stacked import Layers

CELLS = {
    "rnn": ("rnn", {}, rnn),
    "lstm": ("lstm", {}, lstm),
    "lstm of 1997": ("lstm", {"forget": False}, lstm),
    "gru, before": ("gru", {"reset": "before"}, gru),
    "gru, after": ("gru", {"reset": "after"}, gru),
    "mgu": ("mgu", {}, mgu),
    "coupled_lstm": (coupled_lstm, {}, coupled_lstm),
}
cells = pytest.mark.parametrize("cell", CELLS)


def in_the_field(cell, layers, two, T, B, n, readout="every step"):
    """Return the cell and its options, and weights, inputs, targets and states in the field."""
    given_as, options, _ = CELLS[cell]
    shape = Layers(cell_of("cell", given_as, **options), layers, two)
    size = {"m": 2, "n": n, "2n": 2 * n, "p": 2}
    params = {k: random_residues(k, tuple(size[s] for s in a)) for k, a in shape.axes.items()}
    states = {f"{part}.{s}0": random_residues(f"{part}{s}", (B, n))
              for part in shape.parts for s in shape.cell.states}  # fmt: skip
    x = random_residues("x", (T, B, 2))
    y = random_residues("y", (T, B, 2) if readout == "every step" else (B, 2))
    return given_as, options, params, x, y, states


@cells
@pytest.mark.parametrize(("layers", "two"), [(2, False), (1, True), (2, True)])
@pytest.mark.parametrize("readout", ["every step", "final"])
@pytest.mark.parametrize("masked", [False, True])
def test_bptt_of_the_stack_is_the_dual_of_its_forward(cell, layers, two, readout, masked):
    given_as, options, params, x, y, states = in_the_field(cell, layers, two, 3, 2, 1, readout)
    mask = np.array([[1, 1], [1, 1], [0, 1]]) if masked else None
    how = {"layers": layers, "bidirectional": two, "readout": readout, "mask": mask,
           "loss": "squared_error", **options}  # fmt: skip
    _, grads = stack.value_and_grad(given_as, params, x, y, states=states, **how)
    everything = {**params, **states, "x": x}
    assert grads.keys() == everything.keys()
    there, expected = {}, 0
    for name, values in everything.items():  # one direction through all of them
        direction = random_residues(f"along {name}", values.shape)
        there[name] = duals(values, direction)
        expected = expected + (grads[name] * direction).sum()
    loss, _ = stack.value_and_grad(
        given_as, {k: there[k] for k in params}, there["x"], y,
        states={k: there[k] for k in states}, **how,
    )  # fmt: skip
    assert loss[()].tangent == expected
    wrong = grads["x"] * random_residues("along x", x.shape)  # the liar: without the last input
    assert loss[()].tangent != expected - wrong[-1].sum() or masked


@cells
def test_one_layer_is_the_cell_itself(cell):
    given_as, options, params, x, y, states = in_the_field(cell, 1, False, 3, 2, 2)
    module = CELLS[cell][2]
    own = {k.removeprefix("l0."): a for k, a in params.items()}
    initial = {k.removeprefix("l0."): a for k, a in states.items()}
    loss, grads = stack.value_and_grad(
        given_as, params, x, y, states=states, loss="squared_error", **CELLS[cell][1]
    )
    same, expected = module.value_and_grad(own, x, y, loss="squared_error", **options, **initial)
    assert loss == same
    for name, gradient in grads.items():
        assert (gradient == expected[name.removeprefix("l0.")]).all(), name


@cells
def test_two_directions_are_one_direction_and_its_mirror(cell):
    """With the time reversed and the parts exchanged, outputs come in reverse, halves exchanged."""
    given_as, options, params, x, y, states = in_the_field(cell, 1, True, 3, 2, 1)
    exchanged = {"l0.": "l0.reverse.", "l0.reverse.": "l0."}

    def mirrored(name):
        head = next((h for h in ("l0.reverse.", "l0.") if name.startswith(h)), None)
        return exchanged[head] + name.removeprefix(head) if head else name

    other = {mirrored(k): a for k, a in params.items()} | {"V": params["V"][:, ::-1]}
    how = {"bidirectional": True, "loss": "squared_error", **options}
    loss, grads = stack.value_and_grad(given_as, params, x, y, states=states, **how)
    same, back = stack.value_and_grad(
        given_as, other, x[::-1], y[::-1], states={mirrored(k): a for k, a in states.items()}, **how
    )
    assert loss == same
    assert (grads["x"] == back["x"][::-1]).all()
    for name in params.keys() - {"V"}:
        assert (grads[name] == back[mirrored(name)]).all(), name


@cells
def test_a_mask_is_each_sequence_by_itself(cell):
    """Padded or not: also what goes back begins with a sequence's own last step."""
    given_as, options, params, x, y, states = in_the_field(cell, 2, True, 3, 2, 1, "final")
    how = {"layers": 2, "bidirectional": True, "readout": "final", "loss": "squared_error"}
    mask = np.array([[1, 1], [1, 1], [0, 1]])
    loss, grads = stack.value_and_grad(
        given_as, params, x, y, states=states, mask=mask, **how, **options
    )
    short, grads_short = stack.value_and_grad(
        given_as, params, x[:2, :1], y[:1], states={k: a[:1] for k, a in states.items()},
        **how, **options,
    )  # fmt: skip
    long, grads_long = stack.value_and_grad(
        given_as, params, x[:, 1:], y[1:], states={k: a[1:] for k, a in states.items()},
        **how, **options,
    )  # fmt: skip
    assert loss == short + long
    for name in params:
        assert (grads[name] == grads_short[name] + grads_long[name]).all(), name


@given(B=st.integers(1, 3), seed=st.integers(0, 99))
def test_many_to_one_reads_the_final_states_of_both_directions(B, seed):
    random = np.random.default_rng(seed)
    shape = Layers(cell_of("cell", "gru"), 1, True, "final")
    size = {"m": 2, "n": 3, "2n": 6, "p": 4}
    params = {k: random.standard_normal([size[s] for s in a]) for k, a in shape.axes.items()}
    x, y = random.standard_normal((5, B, 2)), random.integers(0, 4, B)
    loss, grads = stack.value_and_grad("gru", params, x, y, bidirectional=True, readout="final",
                                       reduction="mean")  # fmt: skip
    own = {k.removeprefix("l0."): a for k, a in params.items() if "reverse" not in k}
    other = {k.removeprefix("l0.reverse."): a for k, a in params.items() if "reverse" in k}
    half = {"V": params["V"][:, :3], "b_s": params["b_s"]}
    ahead = gru.forward({k: own[k] for k in other} | half, x).h[-1]
    back = gru.forward(other | half, x[::-1]).h[-1]
    o = np.concatenate([ahead, back], axis=-1) @ params["V"].T + params["b_s"]
    # The same products; only the batch's sum and the division by B may round in another order.
    assert abs(loss - nll(o, y).sum() / B) <= 8 * B * 2.0**-53 * (1 + abs(loss))
    assert grads["x"].shape == x.shape
    assert (np.abs(grads["x"]) > 0).any(axis=(1, 2)).all()
