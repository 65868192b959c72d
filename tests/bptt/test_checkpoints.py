"""Gradients by checkpoints: every bit as without, one forward pass more at most, less memory."""

import tracemalloc

import numpy as np
import pytest

from bpttcheck import lstm, rnn, truncated
from bpttcheck.bptt import layer
from bpttcheck.cells import arrays
from tests.bptt.forms import forms, problem
from tests.refusals import refusals, refuses

MASK = np.arange(23 * 2).reshape(23, 2) % 5 > 0


def same(one, other):
    """Assert that two losses with their gradients have the same bits."""
    (loss, grads), (other_loss, other_grads) = one, other
    assert loss.tobytes() == other_loss.tobytes()
    assert grads.keys() == other_grads.keys()
    for name in grads:
        assert grads[name].dtype == other_grads[name].dtype
        assert grads[name].tobytes() == other_grads[name].tobytes(), name


@forms
@pytest.mark.parametrize("every", [1, 5, 9, 30])
def test_every_bit_is_that_of_a_pass_that_is_kept(form, every, monkeypatch):
    """Twenty-three steps in blocks of four, from one block a stretch to one stretch."""
    monkeypatch.setattr(arrays, "ROWS", 8)
    network, params, x, y, options, states = problem(form, 23, 2, 3, 4, 3, 0)
    for more in ({}, {"mask": MASK, "reduction": "mean"}):
        given = options | states | more
        kept = network.value_and_grad(params, x, y, **given)
        same(kept, network.value_and_grad(params, x, y, checkpoint_every=every, **given))
    cut = truncated.value_and_grad(
        network, params, x, y, k1=8, k2=8, states=states, **(options | {"mask": MASK})
    )
    assert cut[1]["x"].tobytes() != kept[1]["x"].tobytes()  # the liar: no message goes on


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("B", [1, 5])
def test_every_bit_is_the_same_in_blocks_as_they_are(dtype, B):
    network, params, x, y, _, states = problem("gru, reset after", 1100, B, 7, 9, 4, 1, dtype)
    params |= {k: params[k] / 3 for k in params if k[0] == "W"}
    given = {"reset": "after", **states}
    kept = network.value_and_grad(params, x, y, **given)
    same(kept, network.value_and_grad(params, x, y, checkpoint_every=300, **given))


def test_one_sequence_and_an_initial_pre_activation(monkeypatch):
    monkeypatch.setattr(arrays, "ROWS", 4)
    _, params, x, y, *_ = problem("rnn", 13, 1, 3, 4, 3, 0)
    given = {"a0": np.array([0.5, -1.0, 2.0, 0.0]), "phi": "sigmoid"}
    kept = rnn.value_and_grad(params, x[:, 0], y[:, 0], **given)
    same(kept, rnn.value_and_grad(params, x[:, 0], y[:, 0], checkpoint_every=4, **given))


def test_one_forward_pass_more_at_most(monkeypatch):
    monkeypatch.setattr(arrays, "ROWS", 4)
    _, params, x, y, *_ = problem("lstm", 20, 2, 2, 3, 2, 0)
    steps, plain = [], layer.equations

    def counted(cell, weights, x, *rest, **options):
        steps.append(len(x))
        return plain(cell, weights, x, *rest, **options)

    monkeypatch.setattr(layer, "equations", counted)
    lstm.value_and_grad(params, x, y)
    assert steps == [20]
    steps.clear()
    lstm.value_and_grad(params, x, y, checkpoint_every=4)
    assert sum(steps) == 20 + 16  # what comes after the last checkpoint is run but once
    assert max(steps) == 2


def test_memory_grows_with_what_is_returned_alone():
    """Peaks of the arrays of two lengths, of which the longer has 160 steps of 16 more."""

    def peak(T, every):
        _, params, x, y, *_ = problem("lstm", T, 16, 2, 24, 2, 0)
        tracemalloc.start()
        lstm.value_and_grad(params, x, y, checkpoint_every=every)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    short, long = peak(96, 32), peak(256, 32)
    dx, states = 160 * 16 * 2 * 8, 5 * 16 * 2 * 24 * 8
    assert dx <= long - short <= 2 * dx + states  # the losses, too, and checkpoints of two states
    assert peak(256, None) >= 256 * 16 * 10 * 24 * 8 >= 2 * long  # a, gates and states are kept


P, X, Y = problem("rnn", 3, 1, 2, 2, 2, 0)[1:4]
BAD = [
    (lambda k=k: rnn.value_and_grad(P, X, Y, checkpoint_every=k), ValueError,
     f"checkpoint_every: expected a whole number ≥ 1, got {k!r}")
    for k in (0, -2, True, 2.0, "3")
]  # fmt: skip


@refusals(BAD)
def test_error(call, kind, message):
    refuses(call, kind, message)
