"""LSTM and GRU with a mask: the sequence without the steps."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck import lstm
from tests.bptt.gated_forms import FORMS, U53, forms, problem, seeds, sizes


@forms
@given(T=st.integers(1, 6), B=sizes, n=sizes, seed=seeds, data=st.data())
def test_a_mask_is_the_sequence_without_the_steps(form, T, B, n, seed, data):
    module, params, x, y, options = problem(form, T, B, 2, n, 3, seed)
    fixed = {k: v for k, v in options.items() if isinstance(v, str)}
    states = [k for k in options if k not in fixed]
    rows = st.lists(st.booleans(), min_size=T, max_size=T).filter(any)
    mask = np.array([data.draw(rows) for _ in range(B)]).T
    loss, grads = module.value_and_grad(params, x, y, mask=mask, reduction="mean", **options)
    alone = [
        module.value_and_grad(params, x[taken, i], y[taken, i],
                              **fixed, **{k: options[k][i] for k in states})
        for i, taken in enumerate(mask.T)
    ]  # fmt: skip
    share = mask.sum()
    # The same numbers in products of another order: what 2⁻⁵³ becomes on the way, measured.
    bound = 64 * T * B * (n + 5) * U53 * amplification(form, params, x, options, T)
    assert abs(loss - sum(value for value, _ in alone) / share) <= bound
    for name in params:
        assert np.abs(grads[name] - sum(g[name] for _, g in alone) / share).max() <= bound
    for i, taken in enumerate(mask.T):
        for name in states:
            assert np.abs(grads[name][i] - alone[i][1][name] / share).max() <= bound
        assert np.abs(grads["x"][taken, i] - alone[i][1]["x"] / share).max() <= bound
        assert not grads["x"][~taken, i].any()


def amplification(form, params, x, options, T):
    """Return by how much an error can grow over T steps there and back, from the norms."""
    gates = FORMS[form][1]
    W = sum(np.abs(params[k]).sum(axis=1).max() for k in gates if k.startswith("W"))
    large = 1 + np.abs(x).max() + sum(np.abs(v).max() for v in options.values() if v is not None
                                      and not isinstance(v, str)) + T  # fmt: skip
    top = max(np.abs(a).max() for a in params.values())
    return (1 + W * large) ** T * large**2 * (1 + top) ** 2 * (1 + W)


@forms
def test_masked_steps_hold_the_state(form):
    module, params, x, _, options = problem(form, 4, 2, 2, 3, 2, 0)
    mask = [[1, 1], [0, 1], [0, 1], [1, 1]]
    run = module.forward(params, x, mask=mask, **options)
    assert (run.h[1, 0] == run.h[2, 0]).all()
    assert (run.h[1, 0] == run.h[3, 0]).all()
    assert (run.h[3, 0] != run.h[4, 0]).all()
    if isinstance(run, lstm.Run):
        assert (run.c[1, 0] == run.c[3, 0]).all()
