"""Steps that a mask leaves out do not reach the loss, whatever stands there."""

from functools import partial

import numpy as np
import pytest

from bpttcheck import rnn
from bpttcheck.bptt import stacked as stack
from bpttcheck.bptt import truncated
from bpttcheck.bptt.networks import cell_of
from bpttcheck.bptt.passes import every_array

T, B, M, N, P = 5, 3, 2, 4, 3
MASK = np.array([[0, 1, 1], [1, 1, 1], [1, 0, 1], [0, 1, 1], [0, 1, 0]], dtype=bool)
"""One sequence begins late and ends early, one has a gap, one ends early."""

CELLS = [
    ("rnn", {}), ("rnn", {"phi": "relu"}), ("lstm", {}), ("lstm", {"forget": False}),
    ("gru", {"reset": "before"}), ("gru", {"reset": "after"}), ("mgu", {}), ("coupled_lstm", {}),
]  # fmt: skip

PASSES = {
    "whole": partial(truncated.value_and_grad, k1=T, k2=T),
    "truncated": partial(truncated.value_and_grad, k1=2, k2=3),
    "layers": partial(stack.value_and_grad, layers=2),
    "two directions": partial(stack.value_and_grad, layers=2, bidirectional=True),
    "final states": partial(stack.value_and_grad, bidirectional=True, readout="final"),
}


def parameters(axes):
    """Return weights of about ±2, which multiply what is large."""
    rng = np.random.default_rng(0)
    size = {"m": M, "n": N, "p": P, "2n": 2 * N}
    return {k: rng.choice([-2.0, -1.5, 1.5, 2.0], [size[s] for s in symbols])
            for k, symbols in axes.items()}  # fmt: skip


def problem(cell, options, way):
    """Return value_and_grad of x and targets, and the shape of its outputs."""
    network, given = cell_of("cell", cell, **options), PASSES[way].keywords
    kwargs, shape = {}, (T, B, P)
    if "k1" in given:
        axes, names = network.axes, [f"{k}0" for k in network.states]
    else:
        form = stack.Layers(network, given.get("layers", 1), given.get("bidirectional", False))
        axes, names = form.axes, [f"{p}.{k}0" for p in form.parts for k in network.states]
        shape = (B, P) if given.get("readout") == "final" else shape
    params = parameters(axes)
    kwargs["states"] = {k: np.full((B, N), 0.25) for k in names}

    def value_and_grad(x, y, **more):
        return PASSES[way](cell, params, x, y, mask=MASK, **kwargs, **options, **more)

    return value_and_grad, shape


def same(one, other):
    """Assert that two losses and all their gradients are the same, and finite."""
    assert np.isfinite(one[0])
    assert one[0] == other[0]
    for name, gradient in one[1].items():
        assert np.isfinite(gradient).all()
        assert (gradient == other[1][name]).all(), name


@pytest.mark.parametrize("way", PASSES)
@pytest.mark.parametrize(("cell", "options"), CELLS)
@pytest.mark.parametrize("large", [1e200, 1.7e308])
def test_huge_inputs_there_count_for_nothing(cell, options, way, large):
    value_and_grad, shape = problem(cell, options, way)
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(T, B, M)), rng.normal(size=shape)
    spoilt = np.where(MASK[..., None], x, large * np.sign(x))
    found = value_and_grad(spoilt, y, loss="squared_error")
    same(found, value_and_grad(x, y, loss="squared_error"))
    assert not found[1]["x"][~MASK].any()
    assert found[1]["x"][MASK].any()


@pytest.mark.parametrize("way", [way for way in PASSES if way != "final states"])
@pytest.mark.parametrize(("cell", "options"), CELLS)
@pytest.mark.parametrize("large", [1e200, 1.7e308])
@pytest.mark.parametrize("loss", ["squared_error", "nll"])
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_huge_targets_there_count_for_nothing(cell, options, way, large, loss, reduction):
    value_and_grad, shape = problem(cell, options, way)
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(T, B, M)), rng.uniform(size=shape)
    spoilt = np.where(MASK[..., None], y, large)
    given = {"loss": loss, "reduction": reduction}
    same(value_and_grad(x, spoilt, **given), value_and_grad(x, y, **given))


@pytest.mark.parametrize(("cell", "options"), CELLS)
def test_classes_there_count_for_nothing(cell, options):
    value_and_grad, shape = problem(cell, options, "whole")
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(T, B, M)), rng.integers(P, size=shape[:-1])
    same(value_and_grad(x, np.where(MASK, y, (y + 1) % P)), value_and_grad(x, y))


def test_a_float32_target_there_counts_for_nothing():
    rng = np.random.default_rng(4)
    params = {k: a.astype(np.float32) for k, a in
              parameters({"U": "nm", "W": "nn", "V": "pn"}).items()}  # fmt: skip
    x, y = (rng.normal(size=(T, B, k)).astype(np.float32) for k in (M, P))
    spoilt = np.where(MASK[..., None], y, np.float32(3e38))
    given = {"mask": MASK, "loss": "squared_error"}
    same(rnn.value_and_grad(params, x, spoilt, **given), rnn.value_and_grad(params, x, y, **given))


def test_a_state_that_no_step_multiplies_may_be_huge():
    """The first sequence ends at its first step: W h_1, which is 4e308, is not asked for."""
    params = {"U": [[1.0]], "W": [[40.0]], "V": [[1.0]]}
    x = np.array([[[1e307], [1.0]], [[0.0], [1.0]]])
    mask = [[1, 1], [0, 1]]
    run = rnn.forward(params, x, phi="linear", mask=mask)
    assert run.h[-1, 0] == 1e307
    gradients = rnn.backward(params, run, np.ones((2, 2, 1)))
    assert gradients.dh[0].tolist() == [[80.0], [40.0 + 1600.0]]
    with pytest.raises(OverflowError, match="forward"):
        rnn.forward(params, x, phi="linear")


def test_rescaled_messages_do_not_meet_the_slope_of_a_step_left_out():
    params = parameters({"U": "nm", "W": "nn", "V": "pn"})
    x, ds = np.ones((T, B, M)), np.ones((T, B, P))
    runs = [rnn.forward(params, np.where(MASK[..., None], x, large), mask=MASK)
            for large in (1.0, 1.7e308)]  # fmt: skip
    one, other = (rnn.backward_clipped(params, run, ds, 1e3) for run in runs)
    assert all((a == b).all() for a, b in zip(every_array(one), every_array(other), strict=True))
    assert np.isfinite(one.dW).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_stands_there_has_to_be_a_number_all_the_same(bad):
    value_and_grad, shape = problem("gru", {}, "whole")
    x, y = np.ones((T, B, M)), np.ones(shape)
    for name, given in (("x", (np.where(MASK[..., None], x, bad), y)),
                        ("targets", (x, np.where(MASK[..., None], y, bad)))):  # fmt: skip
        with pytest.raises(ValueError, match=f"{name}: expected finite numbers, got"):
            value_and_grad(*given, loss="squared_error")
