"""Errors from step to step: the Jacobians, wide layers, and what sums lose."""

import numpy as np
import pytest

from bpttcheck import peephole_lstm
from bpttcheck.arithmetic.floating import float_type
from bpttcheck.arithmetic.midrad import exact
from bpttcheck.conformance import check_conformance
from bpttcheck.conformance.back import Back
from bpttcheck.conformance.layout import KINDS
from bpttcheck.conformance.reference import program
from bpttcheck.conformance.step_jacobians import step_jacobians
from bpttcheck.conformance.trajectory import trajectory
from tests.conformance.rows import ROWS, tanh_rnn

SINGLE = float_type(np.dtype("float32"))
T, B, SIZES = 3, 2, {"m": 3, "n": 4, "r": 2}


def back_of(name):
    """Return the steps back of a cell at random weights and states, and the sizes of its states."""
    cell, rng = KINDS[name], np.random.default_rng(0)
    axes = {
        k: [SIZES[s] for s in symbols] for k, symbols in cell.axes.items() if "p" not in symbols
    }
    own = program(cell, "tanh", {k: [rng.normal(size=s)] for k, s in axes.items()}, SINGLE)
    sizes = {k: SIZES[cell.width(k)] for k in cell.states}
    start = {k: rng.normal(size=(B, size)) for k, size in sizes.items()}
    h = rng.normal(size=(T, B, sizes["h"]))
    steps = trajectory(own, exact(rng.normal(size=(T, B, 3)), SINGLE), start, h)
    return Back(own, steps), sizes


@pytest.mark.parametrize("name", KINDS)
def test_jacobians_are_the_steps_back_of_unit_messages(name):
    """Of every cell: projected states, and gates that read what another one made, too."""
    back, sizes = back_of(name)
    found = list(step_jacobians(back, sizes, T, B))
    assert len(found) == T
    column = 0
    for state, size in sizes.items():
        for entry in range(size):
            zero = {k: np.zeros((B, size)) for k, size in sizes.items()}
            zero[state][:, entry] = 1
            units = {k: exact(a, SINGLE) for k, a in zero.items()}
            for t in range(T):
                made = back.at(T - 1 - t)(units)
                expected = [made[f"{k}-"].mid if f"{k}-" in made else zero[k] * 0 for k in sizes]
                assert np.allclose(found[t][:, :, column], np.concatenate(expected, -1), atol=1e-14)
            column += 1


@pytest.mark.parametrize("name", ["lstm", "peephole_lstm", "coupled_lstm", "projection_lstm"])
def test_no_message_of_a_state_is_one_of_zeros(name):
    """Of c alone the output gate has no derivative, and hands nothing on."""
    back, sizes = back_of(name)
    c = exact(np.random.default_rng(1).normal(size=(B, sizes["c"])), SINGLE)
    alone = back.at(1)({"c": c})
    both = back.at(1)({"c": c, "h": exact(np.zeros((B, sizes["h"])), SINGLE)})
    for state in ("h-", "c-"):
        assert np.allclose(alone[state].mid, both[state].mid, rtol=1e-13)


def test_a_cell_that_its_gates_read_too_is_carried_through_its_jacobian():
    """What is off in it may cancel: moduli alone would grow with every step."""
    cell, rng = peephole_lstm.cell, np.random.default_rng(0)
    axes = {k: symbols for k, symbols in cell.axes.items() if "p" not in symbols}
    weights = {k: 2 * rng.normal(size=[SIZES[s] for s in a]) for k, a in axes.items()}
    x, start = rng.normal(size=(100, B, 3)), {k: rng.normal(size=(B, 4)) for k in "hc"}
    out = {"V": np.eye(4)}
    run = peephole_lstm.forward(weights | out, x, **{f"{k}0": a for k, a in start.items()})
    own = program(cell, "tanh", {k: [a] for k, a in weights.items()}, SINGLE)
    c = trajectory(own, exact(x, SINGLE), start, run.h[1:]).states["c"]
    assert (np.abs(c.mid - run.c[1:]) <= c.radius).all()
    assert c.radius.max() < 1e-3 * np.abs(c.mid).max()


def test_a_wide_layer_is_decided():
    """Boxes would grow a hundredfold at every step."""
    report = check_conformance(*tanh_rnn(T=12, n=200, m=2, B=1, dtype=np.float32), ROWS)
    assert report.verdict == "right", report
    slip = tanh_rnn(1.05, T=12, n=200, m=2, B=1, dtype=np.float32)
    assert check_conformance(*slip, ROWS).verdict == "wrong"


def test_a_sum_loses_what_its_largest_partial_sums_lose():
    """In the worst order, all positive terms first, and in the best."""
    rng = np.random.default_rng(0)
    terms = rng.normal(size=200).astype(np.float32)
    size, net = np.abs(terms).sum(dtype=float), abs(terms.sum(dtype=float))
    bound = SINGLE.lost_in_sum(200, size, net)
    assert 0.4 * SINGLE.sum(200) * size < bound < 0.6 * SINGLE.sum(200) * size
    for order in (np.argsort(terms), np.argsort(-terms), np.arange(200)):
        total = np.float32(0)
        for term in terms[order]:
            total += term
        assert abs(float(total) - terms.sum(dtype=float)) <= bound
    assert SINGLE.lost_in_sum(200, size, size) == SINGLE.sum(200) * size
    assert (
        float_type(np.dtype("float16")).lost_in_sum(2000, size, net)
        == float_type(np.dtype("float16")).sum(2000) * size
    )


@pytest.mark.parametrize("terms", [1, 2, 3, 20, 200])
@pytest.mark.parametrize("net", [0.0, 0.3, 1.0])
def test_what_is_saved_is_of_the_additions_alone(terms, net):
    """Of K terms that cancel, K − 1 additions are of smaller sums; products lose what they do."""
    unit = SINGLE.sum(2) - SINGLE.sum(1)
    saved = SINGLE.sum(terms) - SINGLE.lost_in_sum(terms, 1.0, net)
    assert 0 <= saved <= (terms - 1) * unit * (1 - net) / 2
    if net < 1 and terms > 20:
        assert saved >= 0.9 * (terms - 1) * unit * (1 - net) / 2
