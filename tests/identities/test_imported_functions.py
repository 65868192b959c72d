"""The functions that people import: whichever of them lies, an identity says so."""

from dataclasses import replace

import numpy as np
import pytest

from bpttcheck.bptt.network import Network
from bpttcheck.identities import REGISTRY
from bpttcheck.runs.functions_model import MODEL, Case, Functions, evaluate
from bpttcheck.runs.masked_model import MaskedEvaluation
from bpttcheck.runs.systems import Field, Floats, Systems
from bpttcheck.statements.evaluation_cache import EvaluationCache
from bpttcheck.statements.judge import Outcome, in_field
from bpttcheck.statements.trial import Trial
from tests.identities.test_registry import strategies_case

OWN = [identity for identity in REGISTRY if identity.model == "functions"]
CASE = next(case for case in MODEL.exact_cases() if case.cell == "lstm")


def refuted():
    with Field("functions").active():
        symbols = evaluate(CASE, Field("functions"))
        return {
            identity.id.removeprefix("functions.")
            for identity in OWN
            if in_field(identity.statement, symbols) is not Outcome.AGREES
        }


def of_value_and_grad(change):
    def lie(self, *given, **options):
        value, grads = HONEST["value_and_grad"](self, *given, **options)
        return change(value, dict(grads), options["reduction"])

    return lie


def of_run(network, *given, **options):
    run = HONEST["forward"](network, *given, **options)
    return replace(run, s=2 * run.s)


def of_back(network, *given):
    found = HONEST["backward"](network, *given)
    steps = {k: a[::-1] for k, a in found.steps.items()}
    return replace(found, steps=steps, weights={k: -a for k, a in found.weights.items()})


HONEST = {name: getattr(Network, name) for name in ("forward", "backward", "value_and_grad")}
HONEST |= {name: getattr(Network, name) for name in ("state_jacobian", "total_derivative")}

LIES = {
    "the scores twice as large": ("forward", of_run, {"forward"}),
    "steps in the wrong order, the sign of weights": (
        "backward",
        of_back,
        {"backward-weights", "backward-states"},
    ),
    "the loss halved": (
        "value_and_grad",
        of_value_and_grad(lambda value, grads, _: (np.asarray(value / 2), grads)),
        {"value", "mean-value"},
    ),
    "the gradient of one weight forgotten": (
        "value_and_grad",
        of_value_and_grad(lambda value, grads, _: (value, {**grads, "W_f": 0 * grads["W_f"]})),
        {"weights", "mean-weights"},
    ),
    "the cell's gradient for the state's": (
        "value_and_grad",
        of_value_and_grad(lambda value, grads, _: (value, {**grads, "h0": grads["c0"]})),
        {"initial-states"},
    ),
    "inputs a step late": (
        "value_and_grad",
        of_value_and_grad(lambda value, grads, _: (value, {**grads, "x": grads["x"][::-1]})),
        {"inputs"},
    ),
    "a mean's gradient that is the sum's": (
        "value_and_grad",
        of_value_and_grad(
            lambda value, grads, by: (
                value, {k: 3 * a for k, a in grads.items()} if by == "mean" else grads
            )
        ),
        {"mean-weights"},
    ),
    "the states' Jacobian transposed": (
        "state_jacobian",
        lambda self, *given, **options: HONEST["state_jacobian"](
            self, *given, state=options["by"], by=options["state"]
        ),
        {"state-jacobian"},
    ),
    "the total derivative of one step alone": (
        "total_derivative",
        lambda self, params, run, t, weight, state: self.immediate_derivative(
            params, run, max(t, 1), weight, state=state
        ),
        {"total-derivative"},
    ),
}  # fmt: skip


def test_none_lies():
    assert refuted() == set()


@pytest.mark.parametrize("what", LIES)
def test_a_lie_is_seen_and_by_whom(what, monkeypatch):
    method, lie, by = LIES[what]
    monkeypatch.setattr(Network, method, lie)
    assert refuted() == by


def test_what_leaves_the_range_of_floats_says_nothing():
    case = strategies_case("functions", 0)
    huge = replace(case, theta=np.full_like(case.theta, 1e200))
    cache = EvaluationCache(MODEL.evaluate)
    for identity in OWN:
        trial = Trial(identity.id, identity.statement, cache, Systems())
        reads_a_loss = "L" in identity.statement.names(identity.statement.tree)
        said = trial.screen(huge).outcome
        assert said is (Outcome.VACUOUS if reads_a_loss else Outcome.AGREES), identity.id
        assert trial.screen(case).outcome is Outcome.AGREES, identity.id


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"loss": "arbitrary"}, "loss: expected one of nll, squared_error, got 'arbitrary'"),
        ({"taken": [[0, 1], [0, 1], [1, 1]]}, "taken: expected a step of every sequence, got none"),
    ],
)
def test_a_case_that_they_do_not_take_is_refused(changed, said):
    with pytest.raises(ValueError, match=said):
        Case(**{**vars(CASE), **changed})


def test_weights_that_are_of_no_gate_are_left_out():
    with Floats().active():
        e = MaskedEvaluation(CASE, Floats())
        places = Functions(e, CASE.loss).places
    assert {"V", "b_s"} == e.weight_shapes.keys() - places.keys()
