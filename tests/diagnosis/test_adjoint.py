"""The backward pass that mistakes are switches of: right without one, and wrong where it says."""

import numpy as np
import pytest

from bpttcheck.activations import sigmoid, tanh
from bpttcheck.arithmetic.complex_step import derivative_of, perturbed
from bpttcheck.cells.forward import equations
from bpttcheck.cells.gru import gru
from bpttcheck.cells.rnn import rnn
from bpttcheck.diagnosis.backward.flow import Base
from bpttcheck.diagnosis.explanation.rounding_bound import roles_of
from bpttcheck.diagnosis.mistakes.bank import passes
from bpttcheck.diagnosis.recognition.forms import KNOWN, said
from bpttcheck.diagnosis.recognition.objectives import SQUARED
from bpttcheck.diagnosis.recognition.recognised import RecognisedNetwork
from tests.diagnosis.test_own_cell import PEEPHOLES, PROJECTION

T, B = 4, 2
SIZES = {"m": 2, "n": 3, "r": 2, "p": 3}


def network(cell, others=True):
    """Return a network of random numbers, whose loss counts three steps, and states too."""
    rng = np.random.default_rng(3)

    def drawn(*shape):
        return rng.normal(size=shape) / 2

    weights = {k: drawn(*(SIZES[s] for s in axes)) for k, axes in cell.axes.items()}
    wide = {k: SIZES[cell.width(k)] for k in cell.states}
    initial = {k: drawn(B, n) for k, n in wide.items()}
    x, y = drawn(T, B, SIZES["m"]), drawn(T, B, SIZES["p"])
    run = equations(cell, weights, x, initial)
    mask = np.broadcast_to((np.arange(T) != 1)[:, None, None] * 1.0, (T, B, 1))
    weighed = {k: drawn(T, B, n) for k, n in wide.items()} if others else {}
    return RecognisedNetwork(cell, weights, x, initial, y, run, SQUARED, False, 0.7, mask, weighed)


def loss(net, given):
    weights = {k: given[k] for k in net.weights}
    run = equations(net.cell, weights, given["x"], {k: given[f"{k}0"] for k in net.initial})
    found = (net.mask * (run.s - net.y) ** 2).sum() / 2
    return net.scale * (found + sum((w * run.made[k][1:]).sum() for k, w in net.others.items()))


@pytest.mark.parametrize("cell", [*KNOWN, PEEPHOLES, PROJECTION], ids=said)
def test_without_a_switch_the_pass_is_right(cell):
    """Along a random direction of everything, by the complex step on the loop forward."""
    net = network(cell)
    flow = Base(net).right
    given = dict(net.weights) | {"x": net.x} | {f"{k}0": a for k, a in net.initial.items()}
    rng = np.random.default_rng(5)
    for role in roles_of(flow.base):
        name = "b_s" if role == "c" else role
        direction = rng.normal(size=given[name].shape)
        moved = given | {name: perturbed(given[name], direction)}
        slope = derivative_of(loss(net, moved))
        assert (flow.gradient(role) * direction).sum() == pytest.approx(slope, rel=1e-11, abs=1e-13)


def test_a_gate_hears_through_the_right_weights_where_the_message_alone_is_wrong():
    """Two steps of the GRU by hand, W_g for its transpose in what comes back to h."""
    net = network(gru("before"), others=False)
    W, U = net.weights, {k: net.run.made[k] for k in "zrg"}
    turned = {"W_g": W["W_g"].T}
    right, alone, both = (
        Base(net).propagate(**some)
        for some in ({}, {"weights": turned, "reach": {}}, {"weights": turned})
    )
    for flow, message, reach in (
        (right, W["W_g"], W["W_g"]),
        (alone, W["W_g"].T, W["W_g"]),
        (both, W["W_g"].T, W["W_g"].T),
    ):
        coming = 0.0
        for k in reversed(range(T)):
            z, r, g, h = U["z"][k], U["r"][k], U["g"][k], net.run.h[k]
            dh = flow.inject[k] + coming
            da_g = dh * (1 - z) * (1 - g**2)
            da_r = (da_g @ reach) * h * r * (1 - r)
            da_z = dh * (h - g) * z * (1 - z)
            np.testing.assert_allclose(flow.da["r"][k], da_r, rtol=1e-12, atol=1e-14)
            np.testing.assert_allclose(flow.da["z"][k], da_z, rtol=1e-12, atol=1e-14)
            coming = dh * z + (da_g @ message) * r + da_z @ W["W_z"] + da_r @ W["W_r"]
        np.testing.assert_allclose(flow.states["h"][0], coming, rtol=1e-12)


@pytest.mark.parametrize("phi", [tanh, sigmoid])
def test_one_slope_for_what_the_step_sends_and_another_for_what_comes_back(phi):
    net = network(rnn(phi))
    base = Base(net)
    own, later = np.full_like(net.run.a, 0.3), base.slopes[""]
    flow = base.propagate(split={"": (own, later)})
    coming = 0.0
    for k in reversed(range(T)):
        da = flow.inject[k] * own[k] + coming * later[k]
        np.testing.assert_allclose(flow.da[""][k], da, rtol=1e-12)
        coming = da @ net.weights["W"]
    np.testing.assert_allclose(flow.states["h"][0], coming, rtol=1e-12)


def test_the_slope_at_the_wrong_side_of_the_weight():
    net = network(rnn())
    (wrong_side,) = (p for p in passes(net.cell) if p.cause == "slope-wrong-side")
    flow = wrong_side.flow(Base(net))
    coming = 0.0
    for k in reversed(range(T)):
        dh, slope = flow.inject[k] + coming, 1 - net.run.h[k + 1] ** 2
        np.testing.assert_allclose(flow.da[""][k], slope * dh, rtol=1e-12)
        coming = slope * (dh @ net.weights["W"])
    np.testing.assert_allclose(flow.gradient("h0"), coming, rtol=1e-12)


@pytest.mark.parametrize("k", [1, 2, 4])
def test_each_loss_goes_back_so_many_steps(k):
    """The sum over steps of what the loss of each sends k messages back."""
    net = network(rnn())
    told = f"each loss goes back {k} step{'s' if k > 1 else ''}"
    (make,) = (p for p in passes(net.cell) if p.detail == told)
    flow = make.flow(Base(net))
    db, dh0 = 0.0, 0.0
    for t in range(T):
        d = flow.inject[t]
        for back in range(k + 1):
            if t - back >= 0:
                da = d * (1 - net.run.h[t - back + 1] ** 2)
                db, d = db + da, da @ net.weights["W"]
        dh0 = dh0 + (d if k > t else 0.0)
    np.testing.assert_allclose(flow.gradient("b"), db.sum(0), rtol=1e-12)
    np.testing.assert_allclose(flow.gradient("h0"), dh0, rtol=1e-12)


def test_what_does_not_fit_is_no_mistake():
    """Of a projected state, W_kᵀ is as large as W_k is not."""
    base = Base(network(PROJECTION))
    turned = [p for p in passes(PROJECTION) if p.cause == "recurrent-transpose"]
    assert turned
    assert all(p.flow(base) is None for p in turned)
