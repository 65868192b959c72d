"""An identity says all it can: a step before its first is not there, nor one after its last."""

import ast
from dataclasses import fields, replace

import numpy as np
import pytest

from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from bpttcheck.statements.judge import Outcome

FURTHER = {
    ("scalar-rnn.state-jacobian", "t = 1 - 1"),  # ∂h_0/∂h_0, which has no step between
    ("rnn.jacobian-bound", "k = t - 1 + 2"),  # a bound on an empty product
    ("rnn.slopes-bound", "k = t - 1 + 2"),
    ("rnn.transposed-bound", "t = T + 2"),  # its product ends a step before t
    ("masked.state-jacobian", "k = t - 1 + 2"),  # no state depends on a later one: zero is zero
}
"""What holds further, and means nothing there."""


def beyond(statement):
    """Return it for the step before the first, and for the second after the last, by index.

    A run goes on for a step after T, of which no loss knows.
    """
    for i, (name, _) in enumerate(statement.forall):
        q = statement.quantifiers[i]
        for at in (f"{ast.unparse(q.first)} - 1", f"{ast.unparse(q.last)} + 2"):
            there = (*statement.forall[:i], (name, f"steps({at}, {at})"))
            yield f"{name} = {at}", replace(statement, forall=there + statement.forall[i + 1 :])


def has_zeros(case):
    """Tell whether a number is zero that need not be: with such, much holds that does not else."""
    given = {f.name: getattr(case, f.name) for f in fields(case)}
    return not all(np.all(v) for k, v in given.items() if k not in ("y", "taken", "k1", "k2"))


@pytest.mark.parametrize(
    "model", [pytest.param(m, marks=pytest.mark.xdist_group(m)) for m in MODELS]
)
def test_an_identity_holds_no_further_than_it_says(model, examiners):
    found = set()
    for identity in REGISTRY:
        if identity.model == model and identity.statement.forall:
            cases = (c for c in examiners[model].small if c in identity.domain)
            case = next(c for c in cases if c.sizes.get("T", 2) > 1 and not has_zeros(c))
            for at, statement in beyond(identity.statement):
                trial = examiners[model].trial(identity.id, statement, identity.domain)
                if trial.screen(case).outcome is Outcome.AGREES:
                    found.add((identity.id, at))
    assert found == {pair for pair in FURTHER if REGISTRY[pair[0]].model == model}
