"""Masks, of every cell: a backward pass that drops its mask is refuted, whichever the cell is."""

import numpy as np
import pytest

from bpttcheck.bptt import local_derivatives as factors
from bpttcheck.identities import REGISTRY
from bpttcheck.runs.masked_model import CELLS, MODEL, Case, of_cell
from bpttcheck.runs.systems import Field
from bpttcheck.statements.judge import Outcome, in_field

MASKED = [identity for identity in REGISTRY if identity.model == "masked"]
BPTT = [identity for identity in MASKED if ".bptt-" in identity.id]


def outcomes(cell, statements):
    """Return what the field says of statements, at a mask that leaves out a step of three."""
    case, system = of_cell(cell, "arbitrary", 4, 2, 1, 1, 1), Field("masks")
    with system.active():
        symbols = MODEL.evaluate(case, system)
        return [in_field(statement, symbols) for statement in statements]


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_by_itself(cell):
    assert set(outcomes(cell, [i.statement for i in MASKED])) == {Outcome.AGREES}
    mistakes = [i.version(name) for i in MASKED for name in i.wrong]
    assert set(outcomes(cell, mistakes)) == {Outcome.SUSPICIOUS}


@pytest.mark.parametrize("cell", CELLS)
def test_a_mask_term_that_is_dropped_is_seen(cell, monkeypatch):
    """That of the slopes of gates, and of what a state depends on besides."""
    monkeypatch.setattr(factors, "where_taken", lambda steps, _mask: steps)
    statements = {i.id: i.statement for i in BPTT}
    found = dict(zip(statements, outcomes(cell, statements.values()), strict=True))
    assert found["masked.bptt-weights"] is Outcome.SUSPICIOUS
    assert found["masked.bptt-preactivations"] is Outcome.SUSPICIOUS


@pytest.mark.parametrize("cell", CELLS)
def test_a_state_that_hands_nothing_on_is_seen(cell, monkeypatch):
    """What a state passes to the one before where no step takes place."""
    honest = factors.local_derivatives

    def forgetful(weights, run):
        found = honest(weights, run)
        if run.mask is None:
            return found
        left = {
            (over, under): np.where(run.mask[..., None], f, 0 * f) if under == f"{over}-" else f
            for (over, under), f in found.factors.items()
        }
        return type(found)(left, found.slopes)

    monkeypatch.setattr("bpttcheck.bptt.steps_back.local_derivatives", forgetful)
    states = next(i.statement for i in BPTT if i.id == "masked.bptt-states")
    assert outcomes(cell, [states]) == [Outcome.SUSPICIOUS]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"taken": np.full((3, 1), 0.5)}, "taken: expected zeros and ones"),
        ({"taken": np.ones((2, 1))}, r"taken: expected T \+ 1 = 3 steps, got shape \(2, 1\)"),
        ({"cell": "elman"}, "cell: expected one of .*, got 'elman'"),
        ({"S0": np.zeros((1, 3))}, r"S0: expected \(B, 2 n\), got \(1, 3\)"),
        ({"theta": np.zeros(3)}, r"theta: expected \(\d+,\), got \(3,\)"),
    ],
)
def test_a_case_that_is_none(changes, complaint):
    case = of_cell("lstm", "squared_error", 2, 1, 1, 1, 1)
    with pytest.raises(ValueError, match=complaint):
        Case(**{**vars(case), **changes})
