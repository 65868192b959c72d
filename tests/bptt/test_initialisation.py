"""Initial weights: lengths that are kept, gates that keep, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck import coupled_lstm, gru, initial_weights, lstm, mgu, rnn
from bpttcheck.bptt.initialisation import orthogonal
from tests.refusals import refuses

CELLS = {"rnn": rnn, "lstm": lstm, "gru": gru, "mgu": mgu, "coupled_lstm": coupled_lstm}


@given(n=st.integers(1, 40), seed=st.integers(0, 999))
def test_an_orthogonal_matrix_keeps_every_length(n, seed):
    Q = orthogonal(n, np.random.default_rng(seed))
    # Householder QR is backward stable: ‖QᵀQ − I‖ ≤ 10 n^(3/2) u (Higham 2002, section 19.3).
    assert np.linalg.norm(Q.T @ Q - np.eye(n)) <= 10 * n**1.5 * 2.0**-53 + n * 2.0**-52


def test_both_signs_of_the_determinant_come():
    rng = np.random.default_rng(0)
    signs = [np.sign(np.linalg.det(orthogonal(3, rng))) for _ in range(40)]
    assert set(signs) == {-1, 1}
    ones = [orthogonal(1, rng).item() for _ in range(40)]
    assert set(ones) == {-1.0, 1.0}  # QR alone would always give one of them


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("recurrent", ["orthogonal", "identity", "normal"])
def test_weights_are_those_that_the_cell_takes(cell, recurrent):
    rng = np.random.default_rng(0)
    params = initial_weights(cell, m=2, n=3, p=4, rng=rng, recurrent=recurrent, scale=0.5)
    loss, grads = CELLS[cell].value_and_grad(params, rng.standard_normal((5, 2)), [0, 1, 2, 3, 0])
    assert loss > 0
    assert params.keys() <= grads.keys()
    for name in params:
        if name.startswith("W"):
            spread = np.linalg.svd(params[name], compute_uv=False)
            assert (np.abs(spread - 0.5) <= 1e-14).all() == (recurrent != "normal")


@pytest.mark.parametrize(("cell", "state"), [("lstm", "c"), ("gru", "h"), ("mgu", "h"),
                                             ("coupled_lstm", "c")])  # fmt: skip
def test_keep_opens_the_gate_that_keeps(cell, state):
    def kept(keep):
        params = initial_weights(cell, m=1, n=4, p=1, rng=np.random.default_rng(1), keep=keep)
        initial = {f"{state}0": np.ones(4)}
        run = CELLS[cell].forward(params, np.zeros((30, 1)), **initial)
        ds = np.zeros((30, 1))
        ds[-1] = 1.0
        return np.abs(getattr(CELLS[cell].backward(params, run, ds), f"d{state}")[0]).max()

    assert kept(4.0) > 100 * kept(0.0)


def weights(cell="rnn", m=2, n=2, p=2, **options):
    return lambda: initial_weights(cell, m=m, n=n, p=p, rng=np.random.default_rng(0), **options)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (weights(n=0), "n: expected a whole number ≥ 1, got 0"),
        (weights(m=2.0), "m: expected a whole number ≥ 1, got 2.0"),
        (weights(recurrent="zero"), "recurrent: expected one of orthogonal, identity, normal, got"),
        (weights(keep=1.0), "keep: expected 0 for a cell without such a gate, got 1.0"),
        (weights("lstm", keep=1.0, forget=False), "keep: expected 0 for a cell without such a"),
        (weights("elman"), "cell: expected one of rnn, lstm, gru, mgu, coupled_lstm, peephole_lstm, "),
    ],
)
def test_error(call, message):
    refuses(call, ValueError, message)
