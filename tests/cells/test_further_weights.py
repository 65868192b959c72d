"""Cells with weights besides U, W and b: peepholes, a projection, a bias within a product.

What every cell has, they have: exactly, in the finite field, against duals on the forward pass.
"""

import re
import sys

import numpy as np
import pytest

from bpttcheck import flax_mgu, initial_weights, peephole_lstm, projection_lstm, stack, truncated
from bpttcheck.arithmetic.dual import duals
from bpttcheck.arithmetic.finite_field import random_residues
from bpttcheck.bptt.networks import NETWORKS as ALL
from bpttcheck.bptt.stacked import Layers
from bpttcheck.identities.every_cell import common
from bpttcheck.runs.cell_model import CellRuns
from bpttcheck.statements.identity import Source
from bpttcheck.verification.examine import Examiner
from tests.day import in_turn

NETWORKS = {n.cell.name: n for n in (flax_mgu, peephole_lstm, projection_lstm)}
networks = pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
T, B, SIZES = 3, 2, {"m": 2, "n": 3, "p": 2, "r": 2, "2n": 6, "2r": 4}
MASK = np.array([[1, 1], [1, 1], [0, 1]])


def drawn(axes):
    """Return random residues under each name."""
    return {k: random_residues(k, tuple(SIZES.get(s, s) for s in a)) for k, a in axes.items()}


def along(value_and_grad, point, **how):
    """Return the derivative along one direction through everything, by BPTT and by duals."""
    _, grads = value_and_grad(point, **how)
    directions = {k: random_residues(f"along {k}", a.shape) for k, a in point.items()}
    by_bptt = sum((grads[k] * directions[k]).sum() for k in point)
    loss, _ = value_and_grad({k: duals(a, directions[k]) for k, a in point.items()}, **how)
    return by_bptt, loss[()].tangent


@networks
@pytest.mark.parametrize("mask", [None, MASK], ids=["", "masked"])
def test_bptt_is_the_dual_of_the_forward(network, mask):
    y = random_residues("y", (T, B, 2))
    states = {k: (B, network.cell.width(k[0])) for k in network.cell.initial}
    point = drawn(network.cell.axes | states | {"x": (T, B, "m")})

    def value_and_grad(given, **how):
        params = {k: given[k] for k in network.cell.axes}
        initial = {k: given[k] for k in states}
        return network.value_and_grad(
            params, given["x"], y, loss="squared_error", mask=mask, **initial, **how
        )

    by_bptt, by_duals = along(value_and_grad, point)
    assert by_bptt == by_duals
    _, grads = value_and_grad(point)
    assert all(grads[k].all() for k in network.cell.weights)


@networks
def test_layers_in_two_directions_are_the_dual_of_their_forward(network):
    shape = Layers(network.cell, 2, True)
    assert shape.axes["l1.U_f"] == ("n", "2r" if network is projection_lstm else "2n")
    y = random_residues("y", (T, B, 2))
    states = {
        f"{part}.{k}": (B, network.cell.width(k[0]))
        for part in shape.parts
        for k in network.cell.initial
    }
    point = drawn(shape.axes | states | {"x": (T, B, "m")})

    def value_and_grad(given):
        return stack.value_and_grad(
            network,
            {k: given[k] for k in shape.axes},
            given["x"],
            y,
            layers=2,
            bidirectional=True,
            loss="squared_error",
            mask=MASK,
            states={k: given[k] for k in states},
        )

    by_bptt, by_duals = along(value_and_grad, point)
    assert by_bptt == by_duals


@networks
def test_truncation_after_all_steps_is_none(network):
    params, x, y = drawn(network.cell.axes), random_residues("x", (T, B, 2)), [[0, 1]] * T
    whole = network.value_and_grad(params, x, y)[1]
    cut = [truncated.value_and_grad(network, params, x, y, k1=1, k2=k)[1] for k in (T, 1)]
    for name in network.cell.weights:
        assert (cut[0][name] == whole[name]).all()
        assert (cut[1][name] != whole[name]).any()


@networks
def test_initial_weights_keep(network):
    more = {"r": 2} if network is projection_lstm else {}
    made = [
        initial_weights(network, m=2, n=3, p=2, keep=keep, **more, rng=np.random.default_rng(0))
        for keep in (0.0, 2.0)
    ]
    assert {k: a.shape for k, a in made[0].items()} == {
        k: tuple(SIZES[s] for s in axes) for k, axes in network.cell.axes.items()
    }
    moved = {k for k in made[0] if (made[0][k] != made[1][k]).any()}
    assert moved == {"b_f"}
    assert (made[1]["b_f"] == 2).all()


def test_a_projection_has_a_size_of_its_own():
    with pytest.raises(ValueError, match="r: expected a whole number ≥ 1, got None"):
        initial_weights("projection_lstm", m=2, n=3, p=2, rng=np.random.default_rng(0))
    with pytest.raises(TypeError, match="r: expected no such option of 'lstm', got 2"):
        initial_weights("lstm", m=2, n=3, p=2, r=2, rng=np.random.default_rng(0))


@in_turn(3, 1)
def test_what_holds_of_every_cell_holds_of_one_with_peepholes():
    """The identities that a cell has by its shape, and their wrong versions, in the field.

    *Add a cell* does the same for Flax's unit.
    """
    cell = peephole_lstm.cell
    model = CellRuns(cell, "__main__").MODEL
    examiner = Examiner(model, max_examples=0, seed=None)

    def agrees(identity, statement):
        trial = examiner.trial(identity.id, statement, identity.domain)
        for case in model.exact_cases():
            trial.decide_exactly(case, "a seed")
        return trial.verdict == "holds"

    identities = common(cell, Source("", ""))
    assert len(identities) == 8 * len(cell.gates) + 8 + len(cell.states)
    assert all(agrees(i, i.statement) for i in identities)
    assert not any(agrees(i, i.version(words)) for i in identities for words in i.wrong)


@pytest.mark.parametrize("name", ALL)
def test_a_cell_says_what_it_computes_and_whose_it_is(name):
    """The API page prints it."""
    cell = ALL[name].cell
    says = sys.modules[cell.step.__module__].__doc__
    assert f"Source: {cell.source}." in " ".join(says.split())
    made = [line for line in says.splitlines() if re.match(r" {4}[a-z].* = ", line)]
    assert all(any(f"{k}_t" in line for line in made) for k in (*filter(None, cell.gates), "h"))
