"""Cells declared here: forward and back, in every loop, against the complex step and the package's.

A peephole LSTM, an LSTM with a projection, a cell with products of every kind; and the LSTM and the
GRU once more, declared otherwise, which have to be the same to the last digit of the field.
"""

import numpy as np
import pytest

from bpttcheck import Network, gru, lstm, stack, truncated
from bpttcheck.arithmetic.complex_step import derivative_of, perturbed
from bpttcheck.bptt.recursion import recursion
from bpttcheck.bptt.stacked import Layers
from bpttcheck.cells.forward import equations
from tests.bptt.forms import in_the_field
from tests.cells.declared import GRU_OTHERWISE, LSTM_APART, OWN, PEEPHOLE

own = pytest.mark.parametrize("name", OWN)
MASK = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1], [0, 1, 0]], dtype=bool)
"""Steps left out at the beginning, in between and at the end."""


def drawn(axes, sizes, random):
    return {k: random.normal(size=[sizes[s] for s in symbols]) / 2 for k, symbols in axes.items()}


def directional(loss, values, grads, random):
    """Assert that gradients are the complex step's, each along a direction of its own."""
    assert grads.keys() == values.keys()
    for name, value in values.items():
        direction = random.normal(size=np.shape(value))
        exact = derivative_of(loss({**values, name: perturbed(value, direction)}))
        # About 10³ roundings of numbers that add up to some tens.
        scale = 1 + np.abs(grads[name] * direction).sum()
        assert abs((grads[name] * direction).sum() - exact) <= 1e4 * 2.0**-53 * scale, name
        assert abs((grads[name] * direction).sum() * (1 + 1e-6) - exact) > 0 or not exact


@own
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(("T", "B", "r"), [(1, 1, 1), (4, 3, 2), (4, 3, 5)])
def test_the_way_back_is_that_of_the_way_forward(name, masked, T, B, r):
    """With a state narrower and wider than the gates, where there is a projection."""
    cell, random = OWN[name], np.random.default_rng(T + r)
    sizes = {"m": 2, "n": 3, "p": 4, "r": r}
    params = drawn(cell.axes, sizes, random)
    initial = {f"{k}0": random.normal(size=(B, sizes[cell.width(k)])) for k in cell.states}
    x, y = random.normal(size=(T, B, 2)), random.normal(size=(T, B, 4))
    mask = MASK[-T:, -B:] | (T == 1) if masked else None
    network = Network(cell)
    options = {"loss": "squared_error", "mask": mask}
    _, grads = network.value_and_grad(params, x, y, **options, **initial)

    def loss(values):
        states = {k: values[f"{k}0"] for k in cell.states}
        s = equations(cell, {k: values[k] for k in params}, values["x"], states, mask=mask).s
        return ((s - y) ** 2 / 2).sum(where=True if mask is None else mask[..., None])

    directional(loss, {**params, **initial, "x": x}, grads, random)
    silent = {"two heads": {"U_u", "W_u", "b_u"}, "shared": {"W_f", "W_g"}}.get(name, set())
    assert {k for k, g in grads.items() if not g.any()} == silent


@own
@pytest.mark.parametrize(("k1", "k2"), [(1, 2), (2, 3), (2, 2)])
@pytest.mark.parametrize("masked", [False, True])
def test_truncated_a_block_is_the_way_back_through_its_own_steps(name, k1, k2, masked):
    """Every block alone: the states before it held, the losses of its own steps."""
    cell, random = OWN[name], np.random.default_rng(k1)
    sizes = {"m": 2, "n": 3, "p": 2, "r": 2}
    T, B = 4, 3
    params = drawn(cell.axes, sizes, random)
    initial = {k: random.normal(size=(B, sizes[cell.width(k)])) for k in cell.states}
    x, y = random.normal(size=(T, B, 2)), random.normal(size=(T, B, 2))
    mask = MASK if masked else None
    states = {f"{k}0": a for k, a in initial.items()}
    _, grads = truncated.value_and_grad(
        Network(cell), params, x, y, k1=k1, k2=k2, loss="squared_error", mask=mask, states=states
    )
    run = equations(cell, params, x, initial, mask=mask)

    def loss(values):
        total = 0
        for block in truncated.blocks(T, k1, k2):
            steps = slice(block.oldest - 1, block.last)
            start = {k: run.made[k][block.oldest - 1] for k in cell.states}
            if block.oldest == 1:
                start = {k: values[f"{k}0"] for k in cell.states}
            own_mask = None if mask is None else mask[steps]
            weights = {k: values[k] for k in params}
            s = equations(cell, weights, values["x"][steps], start, mask=own_mask).s
            counted = np.arange(block.oldest, block.last + 1)[:, None, None] >= block.first
            if mask is not None:
                counted = counted & own_mask[..., None]
            total = total + ((s - y[steps]) ** 2 / 2).sum(where=counted)
        return total

    directional(loss, {**params, **states, "x": x}, grads, random)


@own
@pytest.mark.parametrize("readout", ["every step", "final"])
@pytest.mark.parametrize(("layers", "two"), [(2, False), (1, True), (2, True)])
@pytest.mark.parametrize("masked", [False, True])
def test_in_a_stack_of_layers(name, readout, layers, two, masked):
    cell, random = OWN[name], np.random.default_rng(layers)
    sizes = {"m": 2, "n": 3, "2n": 6, "p": 2, "r": 2, "2r": 4}
    shape = Layers(cell, layers, two, readout)
    params = drawn(shape.axes, sizes, random)
    initial = {
        f"{part}.{k}0": random.normal(size=(3, sizes[cell.width(k)]))
        for part in shape.parts
        for k in cell.states
    }
    x = random.normal(size=(4, 3, 2))
    y = random.normal(size=(4, 3, 2) if readout == "every step" else (3, 2))
    mask = MASK if masked else None
    how = {"layers": layers, "bidirectional": two, "readout": readout, "mask": mask}
    _, grads = stack.value_and_grad(
        Network(cell), params, x, y, loss="squared_error", states=initial, **how
    )
    counted = mask[..., None] if masked and readout == "every step" else True

    def loss(values):
        weights = {k: values[k] for k in params}
        states = {k: values[k] for k in initial}
        s = stack.forward(shape, weights, values["x"], states, mask).s
        return ((s - y) ** 2 / 2).sum(where=counted)

    directional(loss, {**params, **initial, "x": x}, grads, random)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("sizes", [(1, 1, 1, 1, 1), (3, 2, 2, 3, 2)])
@pytest.mark.parametrize(
    ("one", "other"), [(LSTM_APART, lstm.cell), (GRU_OTHERWISE, gru.cell)], ids=["lstm", "gru"]
)
def test_declared_otherwise_it_is_the_same_cell_in_the_field(one, other, sizes, masked):
    """Stacks in another order, squashed in other pieces, factors of another writing."""
    weights, x, states, ds = in_the_field(other, *sizes)
    T, B = sizes[:2]
    mask = np.arange(T * B).reshape(T, B) % 3 != 1 if masked else None
    runs = [equations(cell, weights, x, states, mask=mask) for cell in (one, other)]
    made = other.graph.order + tuple(f"a_{k}" for k in other.gates) + tuple(other.states)
    for name in made:
        assert (runs[0].made[name] == runs[1].made[name]).all(), name
    assert (runs[0].s == runs[1].s).all()
    mine, theirs = (recursion(weights, run, ds) for run in runs)
    assert (mine.dx == theirs.dx).all()
    for a, b in ((mine.steps, theirs.steps), (mine.weights, theirs.weights)):
        assert a.keys() == b.keys()
        assert all((a[k] == b[k]).all() for k in a)


def test_a_peephole_lstm_without_peepholes_is_the_lstm():
    weights, x, states, ds = in_the_field(lstm.cell, 3, 2, 2, 2, 2)
    zero = dict.fromkeys(PEEPHOLE.weights, 0 * weights["b_i"])
    run = equations(PEEPHOLE, weights | zero, x, states)
    same = equations(lstm.cell, weights, x, states)
    assert (run.s == same.s).all()
    mine, theirs = recursion(weights | zero, run, ds), recursion(weights, same, ds)
    for name in weights:
        assert (mine.weights[name] == theirs.weights[name]).all(), name
    # A peephole reads the cell: ∂L/∂P_i = Σ ∂L/∂a_i ∘ c_{t−1}, ∂L/∂P_o = Σ ∂L/∂a_o ∘ c_t.
    assert (mine.dP_i == (mine.da_i * same.c[:-1]).sum(axis=(0, 1))).all()
    assert (mine.dP_o == (mine.da_o * same.c[1:]).sum(axis=(0, 1))).all()
