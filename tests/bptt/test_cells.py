"""Every cell: number systems, dtypes, one sequence, nothing changed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck.arithmetic.balls import balls, exactly, precision
from bpttcheck.arithmetic.dual import duals
from bpttcheck.arithmetic.finite_field import random_residues
from bpttcheck.bptt.recursion import recursion
from bpttcheck.cells.forward import equations
from tests.bptt.forms import FORMS, U53, forms, in_the_field, problem, seeds, small


@forms
@given(T=st.integers(1, 3), B=small, m=small, n=st.integers(1, 3), p=small, seed=seeds)
def test_floats_lie_beside_balls_by_their_own_sensitivity(form, T, B, m, n, p, seed):
    """The error is that of some nearby input: a few ulp of every number, T steps long."""
    network, params, x, y, options, states = problem(form, T, B, m, n, p, seed)
    random = np.random.default_rng(seed)

    def gradients(nudge):
        def moved(a):
            return a * (1 + nudge * random.choice([-1.0, 1.0], np.shape(a)))

        near = {k: moved(a) for k, a in params.items()}
        initial = {k: moved(a) for k, a in states.items()}
        loss, grads = network.value_and_grad(near, moved(x), y, **options, **initial)
        return np.concatenate([np.reshape(loss, 1), *(grads[k].reshape(-1) for k in sorted(grads))])

    got = gradients(0.0)
    moved = [gradients(2.0**-30) for _ in range(8)]
    sensitivity = np.max([np.abs(a - got) for a in moved], axis=0) / 2.0**-30
    # 40 roundings and activations' ulps a step, each way, in sums of n + m + p + T·B terms; a
    # number that cancels to next to nothing is held against the largest.
    roundings = 40 * T * (n + m + p + T * B)
    bound = roundings * U53 * (sensitivity + np.abs(got).max())
    with precision(200):
        exact_params = {k: balls(a) for k, a in params.items()}
        initial = {k: balls(a) for k, a in states.items()}
        loss, grads = network.value_and_grad(exact_params, balls(x), y, **options, **initial)
        exact = [loss[()], *(z for k in sorted(grads) for z in grads[k].reshape(-1))]
        for a, b, allowed in zip(got, exact, bound, strict=True):
            assert float(b.value.rad()) <= 2.0**-100
            assert float(abs(exactly(a) - b.value).lower()) <= allowed


@forms
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(("T", "B", "m", "n", "p"), [(1, 1, 1, 1, 1), (3, 2, 2, 2, 1)])
def test_bptt_is_the_dual_of_the_forward_in_the_field(form, T, B, m, n, p, masked):
    """Every derivative; the liar forgets on the way back what a resting step passes on."""
    network, options = FORMS[form]
    cell = network.kind(**options)
    params, x, states, y = in_the_field(cell, T, B, m, n, p)
    mask = np.array([[1, 1], [0, 1], [1, 0]], dtype=bool)[:T, :B] if masked else None
    options = {"loss": "squared_error", "mask": mask, **options}
    initial = {f"{k}0": a for k, a in states.items()}
    _, grads = network.value_and_grad(params, x, y, **options, **initial)
    everything = {**params, **initial, "x": x}
    assert grads.keys() == everything.keys()
    for name, values in everything.items():
        direction = random_residues(f"along {name}", values.shape)
        there = everything | {name: duals(values, direction)}
        moved = {k: there[k] for k in params}
        loss, _ = network.value_and_grad(
            moved, there["x"], y, **options, **{k: there[k] for k in initial}
        )
        assert loss[()].tangent == (grads[name] * direction).sum(), name
    if masked and T > 1:
        run = equations(cell, params, x, states, mask=mask)
        honest, liar = (recursion(params, r, y).dh[0] for r in (run, replace(run, mask=None)))
        assert (honest != liar).any()


def test_a_forgotten_path_is_no_gradient_in_the_field():
    """The liar: BPTT on a run whose forget gates are shut misses the cell's own path."""
    cell = FORMS["lstm"][0].cell
    weights, x, states, ds = in_the_field(cell, 2, 1, 1, 1, 1)
    run = equations(cell, weights, x, states)
    right = recursion(weights, run, ds)
    wrong = recursion(weights, replace(run, made={**run.made, "f": 0 * run.f}), ds)
    assert (right.dc[1] != wrong.dc[1]).all()
    assert (right.dc[2] == wrong.dc[2]).all()


@forms
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_the_dtype_is_that_of_the_arrays(form, dtype):
    network, params, x, y, options, states = problem(form, 3, 2, 2, 3, 2, 0, dtype)
    for reduction in ("sum", "mean"):
        given_states = states if reduction == "sum" else {}
        loss, grads = network.value_and_grad(
            params, x, y, reduction=reduction, **options, **given_states
        )
        assert {loss.dtype, *(g.dtype for g in grads.values())} == {np.dtype(dtype)}


@forms
def test_one_sequence_is_a_batch_of_one_and_biases_may_be_left_out(form):
    network, params, x, y, options, states = problem(form, 1, 1, 1, 1, 2, 0)
    without = {k: v for k, v in params.items() if v.ndim > 1}
    zero = {k: 0 * v if v.ndim == 1 else v for k, v in params.items()}
    loss, grads = network.value_and_grad(without, x[:, 0], y[:, 0], **options)
    same, same_grads = network.value_and_grad(zero, x, y, **options)
    assert loss == same
    assert set(grads) == {*without, "x", *states}
    for name in without:
        assert (grads[name] == same_grads[name]).all()
    assert grads["x"].shape == (1, 1)
    assert all(grads[name].shape == a[0].shape for name, a in states.items())


@forms
def test_nothing_given_is_changed(form):
    network, params, x, y, options, states = problem(form, 3, 2, 2, 3, 2, 0)
    given_arrays = {**params, **states, "x": x}
    before = {k: v.copy() for k, v in given_arrays.items()}
    network.value_and_grad(params, x, y, **options, **states)
    assert all((before[k] == v).all() for k, v in given_arrays.items())
