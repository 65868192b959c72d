"""Every cell with a mask: the sequence without the steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck.cells.forward import equations
from tests.bptt.forms import FORMS, U53, forms, in_the_field, problem, seeds, sizes


@forms
@given(T=st.integers(1, 6), B=sizes, n=sizes, seed=seeds, data=st.data())
def test_a_mask_is_the_sequence_without_the_steps(form, T, B, n, seed, data):
    network, params, x, y, options, states = problem(form, T, B, 2, n, 3, seed)
    rows = st.lists(st.booleans(), min_size=T, max_size=T).filter(any)
    mask = np.array([data.draw(rows) for _ in range(B)]).T
    loss, grads = network.value_and_grad(
        params, x, y, mask=mask, reduction="mean", **options, **states
    )
    alone = [
        network.value_and_grad(
            params, x[taken, i], y[taken, i], **options, **{k: a[i] for k, a in states.items()}
        )
        for i, taken in enumerate(mask.T)
    ]
    share = mask.sum()
    # The same numbers in products of another order: what 2⁻⁵³ becomes on the way, measured.
    bound = 64 * T * B * (n + 5) * U53 * amplification(params, x, states, T)
    assert abs(loss - sum(value for value, _ in alone) / share) <= bound
    for name in params:
        assert np.abs(grads[name] - sum(g[name] for _, g in alone) / share).max() <= bound
    for i, taken in enumerate(mask.T):
        for name in states:
            assert np.abs(grads[name][i] - alone[i][1][name] / share).max() <= bound
        assert np.abs(grads["x"][taken, i] - alone[i][1]["x"] / share).max() <= bound
        assert not grads["x"][~taken, i].any()


def amplification(params, x, states, T):
    """Return by how much an error can grow over T steps there and back, from the norms."""
    W = sum(np.abs(a).sum(axis=1).max() for k, a in params.items() if k[0] in "WR")
    large = 1 + np.abs(x).max() + sum(np.abs(a).max() for a in states.values()) + T
    top = max(np.abs(a).max() for a in params.values())
    return (1 + W * large) ** T * large**2 * (1 + top) ** 2 * (1 + W)


@forms
def test_masked_steps_hold_the_state(form):
    network, params, x, _, options, states = problem(form, 4, 2, 2, 3, 2, 0)
    mask = [[1, 1], [0, 1], [0, 1], [1, 1]]
    run = network.forward(params, x, mask=mask, **options, **states)
    for k in run.cell.states:
        state = run.made[k]
        assert (state[1, 0] == state[2, 0]).all()
        assert (state[1, 0] == state[3, 0]).all()
        assert (state[3, 0] != state[4, 0]).all()


@forms
@pytest.mark.parametrize(("T", "B", "n"), [(1, 1, 1), (4, 3, 2)])
def test_the_last_states_are_those_of_the_steps_alone_in_the_field(form, T, B, n):
    network, options = FORMS[form]
    cell = network.kind(**options)
    weights, x, states, _ = in_the_field(cell, T, B, 1, n, 1)
    mask = np.arange(T * B).reshape(T, B) % 5 != 1
    run = equations(cell, weights, x, states, mask=mask)
    for b, taken in enumerate(mask.T):
        alone = equations(cell, weights, x[taken, b], {k: a[b] for k, a in states.items()})
        for k in states:
            assert (run.made[k][-1, b] == alone.made[k][-1]).all()
