"""Jacobians of every cell's states, immediate and total derivatives: those of duals in the field.

Every later state by every earlier state and pre-activation; with a mask, one step, one sequence.
"""

import numpy as np
import pytest

from bpttcheck import Network
from bpttcheck.arithmetic.dual import duals
from bpttcheck.arithmetic.finite_field import random_residues, residues
from bpttcheck.bptt.state_jacobians import acting, immediate_of, jacobian_of, total_of
from bpttcheck.cells.declaration import of
from bpttcheck.cells.forward import equations
from tests.bptt.forms import FORMS, in_the_field
from tests.cells.declared import SHARED, TWO_HEADS
from tests.refusals import refusals, refuses

CELLS = {name: network.kind(**options) for name, (network, options) in FORMS.items()}
CELLS |= {"two heads": TWO_HEADS, "shared": SHARED}
cells = pytest.mark.parametrize("name", CELLS)
sized = pytest.mark.parametrize(("T", "B", "masked"), [(2, 2, False), (3, 2, True), (1, 1, False)])
MASK = np.array([[1, 1], [0, 1], [1, 0]], dtype=bool)


def tangents(array):
    """Return the tangents of duals, zero where there is none."""
    zero = residues(np.zeros(()))[()]
    found = [getattr(z, "tangent", None) for z in array.reshape(-1)]
    exact = np.array([zero if t is None else t + zero for t in found], dtype=object)
    return exact.reshape(array.shape)


def problem(name, T, B, masked, n=2):
    cell = CELLS[name]
    weights, x, states, _ = in_the_field(cell, T, B, 2, n, 1)
    mask = MASK[:T, :B] if masked else None
    return cell, weights, x, states, mask, equations(cell, weights, x, states, mask=mask)


@cells
@sized
def test_a_jacobian_is_the_dual_of_an_offset(name, T, B, masked):
    """Through every state: ∂c_t/∂c_k goes through h as well, ∂h_t/∂c_t within a step."""
    cell, weights, x, states, mask, run = problem(name, T, B, masked)
    known = [*cell.states] if masked else [*cell.states, *(of("a", g) for g in cell.gates)]
    for by in known:
        first, size = int(by not in cell.states), run.made[by].shape[-1]
        for k in range(first, T + 1):
            unit = np.zeros((T + 1 - first, size, B, size))  # an axis of directions, one an entry
            unit[k - first, range(size), :, range(size)] = 1
            offset = duals(residues(0 * unit), residues(unit))
            moved = equations(cell, weights, x[:, None], states, mask=mask, offsets={by: offset})
            for state in known:
                start = int(state not in cell.states)
                for t in range(max(k, start), T + 1):
                    jacobian = jacobian_of(weights, run, t, k, state, by)
                    exact = np.moveaxis(tangents(moved.made[state][t - start]), 0, -1)
                    assert (jacobian == exact).all(), f"∂{state}_{t}/∂{by}_{k}"


@cells
@sized
def test_total_and_immediate_derivatives_are_duals_of_a_weight(name, T, B, masked):
    cell, weights, x, states, mask, run = problem(name, T, B, masked)
    assert {*cell.weights} <= {*acting(run)}, "further weights too"
    for weight in acting(run):
        direction = random_residues(f"along {weight}", weights[weight].shape)
        there = {**weights, weight: duals(weights[weight], direction)}
        axes = list(range(-direction.ndim, 0))

        def along(derivative, axes=axes, direction=direction):
            return (derivative * direction).sum(axis=tuple(axes))

        moved = equations(cell, there, x, states, mask=mask)
        for k in cell.states:
            assert (along(total_of(weights, run, 0, weight, k)) == 0).all()
            total = along(total_of(weights, run, T, weight, k))
            assert (total == tangents(moved.made[k][T])).all(), (weight, k)
        for t in {1, T}:
            before = {k: run.made[k][t - 1] for k in cell.states}
            step = equations(
                cell, there, x[t - 1 : t], before, mask=None if mask is None else mask[t - 1 : t]
            )
            for k in (*cell.states, *(of("a", g) for g in cell.gates if mask is None)):
                alone = along(immediate_of(weights, run, t, weight, k))
                made = step.made[k][1 if k in cell.states else 0]
                assert (alone == tangents(made)).all(), (weight, k, t)


@cells
def test_one_sequence_has_no_axis_of_sequences_and_denominators_are_transposes(name):
    cell, network = CELLS[name], Network(CELLS[name])
    random = np.random.default_rng(0)
    size = {"m": 2, "n": 3, "p": 1, "r": 2}
    params = {k: random.normal(size=[size[s] for s in a]) for k, a in cell.axes.items()}
    x = random.normal(size=(4, 3, 2))
    every, one = network.forward(params, x), network.forward(params, x[:, 1])
    gate = of("U", next(iter(cell.gates)))
    for function, arguments in (
        (network.state_jacobian, (4, 0)),
        (network.immediate_derivative, (2, gate)),
        (network.total_derivative, (4, gate)),
    ):
        got, expected = function(params, one, *arguments), function(params, every, *arguments)[1]
        assert got.shape == expected.shape
        # The same numbers in products of another order, of three terms, four steps.
        assert np.abs(got - expected).max() <= 2.0**-53 * 256 * (1 + np.abs(expected).max())
    numerator = network.state_jacobian(params, every, 3, 1)
    denominator = network.state_jacobian(params, every, 3, 1, layout="denominator")
    np.testing.assert_array_equal(denominator, numerator.mT)
    refuses(
        lambda: network.state_jacobian(params, every, 3, 1, layout="rows"),
        ValueError,
        "layout: expected one of numerator, denominator, got 'rows'",
    )
    unit = np.eye(size[cell.width("h")])
    assert (network.state_jacobian(params, every, 2, 2) == unit).all()


LSTM = FORMS["lstm"][0]


def of_lstm(method, *arguments, **named):
    params = {k: np.full([1] * len(symbols), 0.5) for k, symbols in LSTM.cell.axes.items()}
    run = LSTM.forward(params, np.ones((3, 1)))
    return lambda: getattr(LSTM, method)(params, run, *arguments, **named)


CASES = [
    (of_lstm("state_jacobian", 2, 1, state="s"), ValueError,
     "state: expected one of h, c, a_i, a_f, a_g, a_o, got 's'"),
    (of_lstm("state_jacobian", 2, 0, by="a_f"), ValueError,
     "k: expected a step 1 ≤ k ≤ 2, got 0"),
    (of_lstm("state_jacobian", 2, 0, state="c", by="i"), ValueError,
     "by: expected one of h, c, a_i, a_f, a_g, a_o, got 'i'"),
    (of_lstm("immediate_derivative", 1, "W"), ValueError,
     "weight: expected one of U_i, U_f, U_g, U_o, W_i, W_f, W_g, W_o, b_i, b_f, b_g, b_o, got 'W'"),
    (of_lstm("immediate_derivative", 0, "W_f"), ValueError, "k: expected a step 1 ≤ k ≤ 3, got 0"),
    (of_lstm("total_derivative", 1, "W_f", state="a_f"), ValueError,
     "state: expected one of h, c, got 'a_f'"),
    (of_lstm("total_derivative", 4, "W_f"), ValueError, "t: expected a step 0 ≤ t ≤ 3, got 4"),
]  # fmt: skip


@refusals(CASES)
def test_error(call, kind, message):
    refuses(call, kind, message)
