"""Clipping inside the recursion, and numbers that count their products."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck import rnn
from bpttcheck.activations import linear
from bpttcheck.arithmetic.counting import counted, counting
from bpttcheck.arithmetic.finite_field import random_residues
from bpttcheck.bptt.recursion import recursion
from bpttcheck.cells.forward import equations
from bpttcheck.cells.rnn import rnn as cell_of
from bpttcheck.witnesses import rtrl
from tests.refusals import refusals, refuses

LINEAR = cell_of(linear)


def network(T, B, n, seed, scale=1.0, phi="tanh"):
    random = np.random.default_rng(seed)
    shapes = {"U": (n, 2), "W": (n, n), "V": (2, n)}
    params = {k: random.standard_normal(s) for k, s in shapes.items()}
    params["W"] *= scale
    run = rnn.forward(params, random.standard_normal((T, B, 2)), phi=phi)
    return params, run, random.standard_normal(run.s.shape)


@given(T=st.integers(1, 8), B=st.integers(1, 3), n=st.integers(1, 4), seed=st.integers(0, 999),
       limit=st.sampled_from([1e-3, 0.5, 2.0, 1e3]))  # fmt: skip
def test_every_message_is_within_the_limit_and_those_that_are_clipped_reach_it(
    T, B, n, seed, limit
):
    params, run, ds = network(T, B, n, seed, 3.0)
    clipped = rnn.backward_clipped(params, run, ds, limit)
    full = rnn.backward(params, run, ds)
    lengths = np.linalg.norm(clipped.dh[1:], axis=-1)
    # ‖·‖ of n entries: n + 3 roundings in clip_by_norm, as many in numpy's own.
    assert lengths.max() <= limit * (1 + 4 * (n + 3) * 2.0**-53)
    if np.linalg.norm(full.dh[1:], axis=-1).max() < limit / 2:
        assert (clipped.dW == full.dW).all()
    assert (clipped.dV == full.dV).all()


def test_an_explosion_is_bounded_inside_and_the_direction_is_not_kept():
    params, run, ds = network(12, 1, 4, 0, 2.0, "linear")
    ds[:-1] = 0
    full, clipped = rnn.backward(params, run, ds), rnn.backward_clipped(params, run, ds, 1.0)
    assert np.linalg.norm(full.dh[0]) > 1e3
    assert np.linalg.norm(clipped.dh[1:], axis=-1).max() <= 1 + 28 * 2.0**-53
    cosine = (full.dW * clipped.dW).sum() / np.linalg.norm(full.dW) / np.linalg.norm(clipped.dW)
    assert cosine < 0.9


def test_a_mask_is_the_sequence_without_the_steps_and_factors_of_one_are_bptt():
    size = {"U": (2, 1), "W": (2, 2), "V": (2, 2), "b": (2,), "b_s": (2,)}
    weights = {k: random_residues(k, s) for k, s in size.items()}
    x, h0 = random_residues("x", (4, 1, 1)), random_residues("h0", (1, 2))
    mask = np.array([[True], [False], [True], [True]])
    ds = random_residues("ds", (4, 1, 2)) * mask[..., None].astype(int)
    run = equations(LINEAR, weights, x, {"h": h0}, mask=mask)
    same = recursion(weights, run, ds, rescale=lambda _t, dh: dh)
    bptt = recursion(weights, run, ds)
    assert (same.dx == bptt.dx).all()
    for ours, theirs in ((same.steps, bptt.steps), (same.weights, bptt.weights)):
        assert ours.keys() == theirs.keys()
        assert all((ours[name] == array).all() for name, array in theirs.items())
    doubled = recursion(weights, run, ds, rescale=lambda t, dh: dh * (2 if t != 2 else 1))
    short = equations(LINEAR, weights, x[mask], {"h": h0[0]})
    alone = recursion(weights, short, ds[mask], rescale=lambda _t, dh: 2 * dh)
    assert (doubled.dW == alone.dW).all()
    assert (doubled.dW != same.dW).any()


P, RUN, DS = network(3, 2, 3, 0)

CASES = [
    (lambda: rnn.backward_clipped(P, RUN, DS, 0.0), ValueError,
     "limit: expected a positive number, got 0.0"),
    (lambda: rnn.backward_clipped(P, RUN, DS, [1.0]), ValueError,
     "limit: expected a positive number, got [1.0]"),
    (lambda: rnn.backward_clipped(P, RUN, DS[:1], 1.0), ValueError,
     "ds: expected (T, B, p) = (3, 2, 2), got (1, 2, 2)"),
    (lambda: rnn.backward_clipped(P, DS, DS, 1.0), TypeError,
     "run: expected what rnn.forward returned, got ndarray"),
]  # fmt: skip


@refusals(CASES)
def test_error(call, kind, message):
    refuses(call, kind, message)


def test_products_are_counted():
    A, B = counted(np.ones((2, 3))), counted(np.ones((3, 4)))
    with counting() as outer:
        with counting() as count:
            assert (A @ B == 3).all()
        2 * A
    assert count.products == 2 * 3 * 4
    assert outer.products == 2 * 3 * 4 + 6
    A @ B
    assert count.products == 24


def products(n):
    """Return the products of BPTT and of RTRL, by step, in the limit of many steps."""
    counts = []
    for T in (2, 3):
        made = {k: counted(np.ones(s)) for k, s in (("U", (n, n)), ("W", (n, n)), ("V", (1, n)))}
        weights = made | {"b": counted(np.zeros(n)), "b_s": counted(np.zeros(1))}
        h0 = counted(np.ones((1, n)))
        run = equations(LINEAR, weights, counted(np.ones((T, 1, n))), {"h": h0})
        ds = counted(np.ones((T, 1, 1)))
        with counting() as back:
            recursion(weights, run, ds)
        with counting() as ahead:
            rtrl.rnn(weights, run, ds)
        counts.append((back.products, ahead.products))
    return counts[1][0] - counts[0][0], counts[1][1] - counts[0][1]


def test_a_step_of_rtrl_is_of_the_fourth_order_and_one_of_bptt_of_the_second():
    """Fourth differences of a polynomial of degree 4 are constant, third ones of degree 2 zero."""
    back, ahead = zip(*(products(n) for n in range(1, 7)), strict=True)
    assert not np.diff(back, 3).any()
    assert np.diff(back, 2).all()
    assert not np.diff(ahead, 5).any()
    assert np.diff(ahead, 4).all()
