"""Stacked layers in one direction or two: duals in the field, PyTorch within derived bounds."""

import os
from dataclasses import replace

import numpy as np
import pytest
from error_arrays import network
from hypothesis import given
from hypothesis import strategies as st
from refusals import refusals, refuses

from bpttcheck import coupled_lstm, gru, lstm, mgu, nll, rnn, stack
from bpttcheck.arithmetic.dual import duals
from bpttcheck.arithmetic.finite_field import random_residues
from bpttcheck.bptt.recurrence import recurrence
from bpttcheck.bptt.stack import Shape
from bpttcheck.cells.orders import order, stacked
from bpttcheck.runs.stack import exact_cases

CELLS = {
    "rnn": ("rnn", {}, rnn),
    "lstm": ("lstm", {}, lstm),
    "lstm of 1997": ("lstm", {"forget": False}, None),
    "gru, before": ("gru", {"reset": "before"}, gru),
    "gru, after": ("gru", {"reset": "after"}, gru),
    "mgu": ("mgu", {}, mgu),
    "coupled_lstm": (coupled_lstm, {}, coupled_lstm),
}
cells = pytest.mark.parametrize("cell", CELLS)


def in_the_field(cell, layers, two, T, B, n, readout="every step"):
    """Return the cell and its options, and weights, inputs, targets and states in the field."""
    given_as, options, _ = CELLS[cell]
    shape = Shape(recurrence("cell", given_as, **options), layers, two)
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
    if module is None:
        module, options = lstm, {}
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


# PyTorch's own layers.

NAMES = {"weight_ih": "weight_ih_{}", "weight_hh": "weight_hh_{}",
         "bias_ih": "bias_ih_{}", "bias_hh": "bias_hh_{}"}  # fmt: skip


def drawn(cell, layers, two, T, B, m, n, seed, dtype):
    """Return params, x, targets and states, moderate numbers."""
    random = np.random.default_rng(seed)
    options = {"gru": {"reset": "after"}}.get(cell, {})
    shape = Shape(recurrence("cell", cell, **options), layers, two)
    size = {"m": m, "n": n, "2n": 2 * n, "p": 2}
    params = {k: (random.standard_normal([size[s] for s in a]) / 2).astype(dtype)
              for k, a in shape.axes.items()}  # fmt: skip
    states = {f"{part}.{s}0": random.standard_normal((B, n)).astype(dtype)
              for part in shape.parts for s in shape.cell.states}  # fmt: skip
    x = random.standard_normal((T, B, m)).astype(dtype)
    return shape, options, params, x, random.standard_normal((T, B, 2)).astype(dtype), states


def in_torch(cell, shape, params, x, y, states, phi, swap=None, loss="squared_error"):
    """Return the outputs and gradients that PyTorch computes, under the stack's names.

    ``swap`` exchanges two gates in its weights: a mistake. For ``"nll"`` y has one-hot rows.
    """
    torch = pytest.importorskip("torch")
    convention, bias = order("torch", cell), shape.cell.output_bias
    n = next(a for k, a in params.items() if k.startswith("l0.W")).shape[1]
    kind = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell]
    theirs = kind(x.shape[2], n, shape.layers, bidirectional=shape.bidirectional,
                  dtype=torch.tensor(x).dtype,
                  **({"nonlinearity": phi} if cell == "rnn" else {}))  # fmt: skip
    slots = {}
    with torch.no_grad():
        for part in shape.parts:
            own = {k: params[f"{part}.{k}"] for k in shape.own}
            if swap:
                first, second = (f"W_{k}" for k in swap)
                own |= {first: own[second], second: own[first]}
            for name, array in stacked(convention, own).items():
                slot = f"{name}_{part.replace('.', '_')}"
                getattr(theirs, slot).copy_(torch.tensor(array))
                slots[part, name] = slot
    inputs = torch.tensor(x, requires_grad=True)
    starts = [torch.tensor(np.stack([states[f"{p}.{s}0"] for p in shape.parts]),
                           requires_grad=True) for s in shape.cell.states]  # fmt: skip
    V, c = (torch.tensor(params[k], requires_grad=True) for k in ("V", bias))
    h, _ = theirs(inputs, tuple(starts) if len(starts) > 1 else starts[0])
    o = h @ V.T + c
    if loss == "nll":
        torch.nn.functional.cross_entropy(o.mT, torch.tensor(y.argmax(axis=-1)),
                                          reduction="sum").backward()  # fmt: skip
    else:
        (((o - torch.tensor(y)) ** 2).sum() / 2).backward()
    grads = {"V": V.grad.numpy(), bias: c.grad.numpy(), "x": inputs.grad.numpy()}
    for part in shape.parts:
        found = {name: getattr(theirs, slots[part, name]).grad.numpy() for name in NAMES}
        blocks = convention.gates or ("",)
        for theirs_name, letter in (("weight_ih", "U"), ("weight_hh", "W"), ("bias_ih", "b")):
            for gate, block in zip(blocks, np.split(found[theirs_name], len(blocks)), strict=True):
                grads[f"{part}.{letter}_{gate}".removesuffix("_")] = block
        if cell == "gru":
            grads[f"{part}.b_Wg"] = np.split(found["bias_hh"], 3)[2]
    for s, start in zip(shape.cell.states, starts, strict=True):
        grads |= {f"{p}.{s}0": g for p, g in zip(shape.parts, start.grad.numpy(), strict=True)}
    return o.detach().numpy(), grads


def bounds(cell, shape, params, x, y, states, phi, u):
    """Return the outputs and gradients with the bounds of the rounding analysis."""
    o, grads, dx = network(cell, params, x, y, states, layers=shape.layers,
                           ways=1 + shape.bidirectional, phi=phi, u=u)  # fmt: skip
    grads["x"] = dx
    return o, grads


def outside(values, bound):
    """Return how often a value differs from the bound's own by more than it allows."""
    if isinstance(bound, list):
        return sum(outside(v, b) for v, b in zip(values, bound, strict=True))
    # Its value was rounded in float64, which may be the roundoff at hand: twice the bound.
    return int((np.abs(np.asarray(values, dtype=float) - bound.v) > 2 * bound.e).sum())


MANY = {"nightly": 2000}.get(os.environ.get("HYPOTHESIS_PROFILE", ""), 20)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_torch_and_we_lie_within_the_bounds_of_rounding(cell, dtype):
    """No false alarm, and no bound so wide that a program could hide behind it."""
    pytest.importorskip("torch")
    u = 2.0**-53 if dtype is np.float64 else 2.0**-24
    random = np.random.default_rng(2013)
    sharp = 0
    for seed in range(MANY):
        T, B, m, n = (int(random.integers(1, most)) for most in (7, 4, 4, 5))
        layers, two = int(random.integers(1, 4)), bool(random.integers(2))
        phi = ("tanh", "relu")[int(random.integers(2))] if cell == "rnn" else "tanh"
        shape, options, params, x, y, states = drawn(cell, layers, two, T, B, m, n, seed, dtype)
        options = options | ({"phi": phi} if cell == "rnn" else {})
        o, grads = bounds(cell, shape, params, x, y, states, phi, u)
        theirs_o, theirs = in_torch(cell, shape, params, x, y, states, phi)
        _, ours = stack.value_and_grad(
            cell, params, x, y, layers=layers, bidirectional=two, loss="squared_error",
            states=states, **options,
        )  # fmt: skip
        assert not outside(theirs_o, o)
        assert ours.keys() == theirs.keys() == grads.keys()
        for name, bound in grads.items():
            assert not outside(theirs[name], bound), name
            assert not outside(ours[name], bound), name
        top = grads["V"]
        sharp += top.e.max() < 1e5 * u * np.abs(top.v).max()
    assert sharp > 0.8 * MANY


@pytest.mark.parametrize(("cell", "swap"), [("lstm", "if"), ("lstm", "go"), ("gru", "zr")])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_exchanged_gates_are_outside(cell, swap, dtype):
    u = 2.0**-53 if dtype is np.float64 else 2.0**-24
    shape, _, params, x, y, states = drawn(cell, 2, True, 4, 2, 2, 3, 1, dtype)
    o, grads = bounds(cell, shape, params, x, y, states, "tanh", u)
    theirs_o, theirs = in_torch(cell, shape, params, x, y, states, "tanh", swap)
    assert outside(theirs_o, o) > 0.9 * theirs_o.size
    assert all(outside(theirs[k], bound) for k, bound in grads.items())
    _, right = in_torch(cell, shape, params, x, y, states, "tanh")
    some = next(k for k in grads if k.startswith("l0.W"))
    assert outside(right[some] * (1 + 1e7 * u), grads[some])


# Losses, and what is refused.


@given(B=st.integers(1, 3), seed=st.integers(0, 99))
def test_many_to_one_reads_the_final_states_of_both_directions(B, seed):
    random = np.random.default_rng(seed)
    shape = Shape(recurrence("cell", "gru"), 1, True, "final")
    size = {"m": 2, "n": 3, "2n": 6, "p": 4}
    params = {k: random.standard_normal([size[s] for s in a]) for k, a in shape.axes.items()}
    x, y = random.standard_normal((5, B, 2)), random.integers(0, 4, B)
    loss, grads = stack.value_and_grad("gru", params, x, y, bidirectional=True, readout="final",
                                       reduction="mean")  # fmt: skip
    own = {k.removeprefix("l0."): a for k, a in params.items() if "reverse" not in k}
    other = {k.removeprefix("l0.reverse."): a for k, a in params.items() if "reverse" in k}
    half = {"V": params["V"][:, :3], "c": params["c"]}
    ahead = gru.forward({k: own[k] for k in other} | half, x).h[-1]
    back = gru.forward(other | half, x[::-1]).h[-1]
    o = np.concatenate([ahead, back], axis=-1) @ params["V"].T + params["c"]
    # The same products; only the batch's sum and the division by B may round in another order.
    assert abs(loss - nll(o, y).sum() / B) <= 8 * B * 2.0**-53 * (1 + abs(loss))
    assert grads["x"].shape == x.shape
    assert (np.abs(grads["x"]) > 0).any(axis=(1, 2)).all()


SIZE = {"m": 4, "n": 5, "2n": 10, "p": 3}
TWO = Shape(recurrence("cell", "rnn"), 2, True)
P = {k: np.ones([SIZE[s] for s in a]) for k, a in TWO.axes.items()}
X, Y = np.ones((3, 2, 4)), np.zeros((3, 2), dtype=int)


def of(params=P, x=X, y=Y, cell="rnn", layers=2, bidirectional=True, **options):
    return lambda: stack.value_and_grad(
        cell, params, x, y, layers=layers, bidirectional=bidirectional, **options
    )


CASE = exact_cases()[0]
CASES = [
    (of(layers=0), ValueError, "layers: expected a whole number ≥ 1, got 0"),
    (of(layers=1.5), ValueError, "layers: expected a whole number ≥ 1, got 1.5"),
    (of(readout="last"), ValueError, "readout: expected one of every step, final, got 'last'"),
    (of(layers=1), ValueError, "params: expected exactly the keys l0.U, l0.W, l0.reverse.U,"),
    (of({**P, "l1.U": np.ones((5, 5))}), ValueError,
     "params['l1.U']: expected (n, 2n) = (5, 10), got (5, 5)"),
    (of({**P, "V": np.ones((3, 5))}), ValueError,
     "params['V']: expected (p, 2n) = (p, 10), got (3, 5)"),
    (of({**P, "l0.reverse.W": np.ones((5, 4))}), ValueError,
     "params['l0.reverse.W']: expected (n, n) = (5, 5), got (5, 4)"),
    (of(states={"l2.h0": 0.0}), ValueError,
     "states: expected some of l0.h0, l0.reverse.h0, l1.h0, l1.reverse.h0, got 'l2.h0'"),
    (of(states={"l1.h0": [0.0]}), ValueError,
     "states['l1.h0']: expected (B, n) = (2, 5), got (1,)"),
    (of(cell="gru"), ValueError, "params: expected exactly the keys l0.U_z, l0.U_r, l0.U_g,"),
    (of(mask=[True]), ValueError, "mask: expected (T, B) = (3, 2), got (1,)"),
    (of(readout="final"), ValueError, "targets: expected class indices (…) = (2,), got (3, 2)"),
    (of(forget=False), TypeError, "forget: expected no such option of 'rnn', got False"),
    (of(x=1e308 * X), OverflowError, "forward: overflows float64"),
    (lambda: replace(CASE, **dict.fromkeys(("U_u", "U_v", "V"), np.ones((2, 3)))), ValueError,
     "V: expected (p, 2n) with 2n = 4, got (2, 3)"),
    (lambda: replace(CASE, W_q=np.ones((2, 3))), ValueError, "W_q: expected (n, n) = (2, 2), got"),
]  # fmt: skip


@refusals(CASES)
def test_error(call, kind, message):
    refuses(call, kind, message)
