"""Truncated BPTT of every cell: what is kept, chunk by chunk, exactly; bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck import coupled_lstm, gru, lstm, mgu, rnn, truncated
from bpttcheck.arithmetic.finite_field import random_residues
from bpttcheck.bptt.networks import cell_of
from bpttcheck.bptt.truncated import Window, blocks, chunks
from bpttcheck.cells.forward import equations
from bpttcheck.runs.truncation_model import Case, exact_cases
from tests.refusals import refusals, refuses

CELLS = {
    "rnn": (rnn, {}),
    "lstm": (lstm, {}),
    "lstm of 1997": (lstm, {"forget": False}),
    "gru": (gru, {}),
    "gru, reset after": (gru, {"reset": "after"}),
    "mgu": (mgu, {}),
    "coupled_lstm": (coupled_lstm, {}),
}
cells = pytest.mark.parametrize("cell", CELLS)


def problem(cell, T, B, n):
    """Return a cell's network and options, and weights, inputs, targets and states in the field."""
    network, options = CELLS[cell]
    name = cell.split()[0].rstrip(",")
    shape = cell_of("cell", name, **options)
    size = {"m": 1, "n": n, "p": 2}
    params = {k: random_residues(k, tuple(size[s] for s in a)) for k, a in shape.axes.items()}
    states = {f"{k}0": random_residues(k, (B, n)) for k in shape.states}
    x, y = random_residues("x", (T, B, 1)), random_residues("y", (T, B, 2))
    return network, name, options, params, x, y, states


@cells
@pytest.mark.parametrize(("T", "k1", "k2"), [(3, 1, 3), (3, 2, 4), (2, 2, 2)])
def test_long_enough_it_is_bptt(cell, T, k1, k2):
    network, name, options, params, x, y, states = problem(cell, T, 2, 2)
    found = truncated.value_and_grad(
        name, params, x, y, k1=k1, k2=k2, loss="squared_error", states=states, **options
    )
    whole = network.value_and_grad(params, x, y, loss="squared_error", **options, **states)
    assert found[0] == whole[0]
    assert found[1].keys() == whole[1].keys()
    for key in whole[1]:
        assert (found[1][key] == whole[1][key]).all(), key


@cells
def test_with_equal_lengths_it_is_chunk_after_chunk_with_the_states_carried(cell):
    """Stateful training between updates: states pass on, gradients do not."""
    network, name, options, params, x, y, states = problem(cell, 5, 2, 2)
    _, grads = truncated.value_and_grad(
        name, params, x, y, k1=2, k2=2, loss="squared_error", states=states, **options
    )
    carried, forgetful = dict.fromkeys(params, 0), dict.fromkeys(params, 0)
    now = dict(states)
    for chunk in chunks(x, y, 2):
        _, part = network.value_and_grad(
            params, chunk.x, chunk.targets, loss="squared_error", **options, **now
        )
        _, anew = network.value_and_grad(
            params, chunk.x, chunk.targets, loss="squared_error", **options, **states
        )
        assert (grads["x"][chunk.first - 1 :][: len(chunk.x)] == part["x"]).all()
        run = network.forward(params, chunk.x, **options, **now)
        now = {k: getattr(run, k[0])[-1] for k in now}
        carried = {k: carried[k] + part[k] for k in params}
        forgetful = {k: forgetful[k] + anew[k] for k in params}
    for key in params:
        assert (grads[key] == carried[key]).all(), key
    assert (grads["V"] != forgetful["V"]).any()  # the liar: chunks that begin anew
    assert (grads[f"{next(iter(states))}"] != 0).any()


@cells
def test_a_loss_reaches_back_as_far_as_it_says_and_no_farther(cell):
    """With k1 = 1, only the loss of step t and the inputs of k2 steps meet in dx."""
    _, name, options, params, x, y, states = problem(cell, 4, 1, 2)
    mask = np.array([[False], [False], [False], [True]])
    for k2 in (1, 2, 3, 4):
        cell = cell_of("cell", name, **options)
        run = equations(cell, params, x, {k[0]: a for k, a in states.items()})
        ds = np.where(mask[..., None], random_residues("ds", (4, 1, 2)), 0 * y)
        g = truncated.pulled(params, run, ds, 1, k2)
        reached = [(step != 0).any() for step in g.dx]
        assert reached == [t > 4 - k2 for t in range(1, 5)]


@given(T=st.integers(1, 20), k1=st.integers(1, 6), more=st.integers(0, 6))
def test_blocks_cover_every_loss_once_and_reach_k2_back(T, k1, more):
    found = blocks(T, k1, k1 + more)
    assert [t for b in found for t in range(b.first, b.last + 1)] == list(range(1, T + 1))
    for b in found:
        assert b.first - b.oldest == min(more, b.first - 1)
        assert b.last - b.first + 1 == k1 or b.last == T
        assert 1 <= b.oldest <= b.first


def test_blocks_worked_by_hand():
    # T = 7 in threes, through five: losses 1–3 to 1, losses 4–6 to 2, loss 7 to 5.
    assert blocks(7, 3, 5) == [Window(1, 1, 3), Window(2, 4, 6), Window(5, 7, 7)]


def test_a_mask_and_a_mean():
    """Steps that do not take place make no message old: they are passed by as they are."""
    random = np.random.default_rng(0)
    params = {"U": random.normal(size=(2, 1)), "W": np.eye(2), "V": np.eye(2)}
    x, y = random.normal(size=(4, 2, 1)), np.zeros((4, 2), dtype=int)
    mask = np.array([[1, 1], [1, 0], [0, 1], [1, 1]])
    loss, grads = truncated.value_and_grad(
        "rnn", params, x, y, k1=2, k2=2, mask=mask, reduction="mean"
    )
    total, sums = truncated.value_and_grad("rnn", params, x, y, k1=2, k2=2, mask=mask)
    assert loss == total / 6
    # Dividing by 6 before the sum or after it: one rounding a term, 8 terms.
    for k in params:
        assert np.abs(6 * grads[k] - sums[k]).max() <= 64 * 2.0**-53 * np.abs(sums["V"]).sum()


P = {"U": np.ones((3, 2)), "W": np.eye(3), "V": np.ones((2, 3))}
X, Y = np.ones((4, 1, 2)), np.zeros((4, 1), dtype=int)


def of(cell="rnn", k1=1, k2=2, x=X, y=Y, params=P, **options):
    return lambda: truncated.value_and_grad(cell, params, x, y, k1=k1, k2=k2, **options)


CASE = exact_cases()[0]
CASES = [
    (of(k1=0), ValueError, "k1: expected a whole number ≥ 1, got 0"),
    (of(k1=3), ValueError, "k1, k2: expected 1 ≤ k1 ≤ k2, got 3 and 2"),
    (of(k2=2.5), ValueError, "k2: expected a whole number ≥ 1, got 2.5"),
    (of(k1=True), ValueError, "k1: expected a whole number ≥ 1, got True"),
    (of(cell="transformer"), ValueError,
     "cell: expected one of rnn, lstm, gru, mgu, coupled_lstm, peephole_lstm,"),
    (of(cell=3), TypeError, "cell: expected a Network or one of rnn, lstm, gru, mgu,"),
    (of(reset="after"), TypeError, "reset: expected no such option of 'rnn', got 'after'"),
    (of(cell="gru", reset="inside"), ValueError, "reset: expected one of before, after, got"),
    (of(phi="sine"), ValueError, "phi: expected one of linear, relu, sigmoid, tanh, got 'sine'"),
    (of(params={**P, "c": np.zeros(2)}), ValueError,
     "params: expected 'b_s', as 'c' is called now, got 'c'"),
    (of(states={"c0": 1.0}), ValueError, "states: expected h0, got 'c0'"),
    (of(states={"h0": [1.0]}), ValueError, "h0: expected (B, n) = (1, 3), got (1,)"),
    (of(x=X[..., :1]), ValueError, "params['U']: expected (n, m) = (n, 1), got (3, 2)"),
    (of(y=Y[:2]), ValueError, "targets: expected class indices (…) = (4, 1), got (2, 1)"),
    (of(x=1.5e308 * X), OverflowError, "forward: overflows float64"),
    (lambda: next(chunks(X, Y[:2], 2)), ValueError,
     "targets: expected T steps as x, shape (4, 1, 2), got shape (2, 1)"),
    (lambda: next(chunks(X, Y, 0)), ValueError, "k: expected a whole number ≥ 1, got 0"),
    (lambda: Case(**vars(CASE) | {"k1": 3}), ValueError, "k1, k2: expected 1 ≤ k1 ≤ k2, got 3"),
]  # fmt: skip


@refusals(CASES)
def test_error(call, kind, message):
    refuses(call, kind, message)
