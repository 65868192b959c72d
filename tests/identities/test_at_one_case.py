"""Each identity at a case or two, in floats: fast, and enough for most that is wrong in it."""

import ast
import re

import numpy as np
import pytest

from bpttcheck import expected
from bpttcheck.identities import REGISTRY
from bpttcheck.identities.kinks import off_the_kink
from bpttcheck.runs import MODELS, rnn
from bpttcheck.runs.systems import Floats
from bpttcheck.statements.judge import Outcome, in_floats
from tests.identities.test_registry import strategies_case

FURTHER = {
    ("softmax-nll.gradient-any-targets", "Σy taken for one"),
    ("softmax-nll.gradient-any-targets", "Σy on the target"),
    ("softmax-nll.loss-expansion", "the normaliser once instead of Σy times"),
    ("scalar-rnn.terminal-hidden", "θ′ forgotten"),
    ("scalar-rnn.terminal-state", "θ′ forgotten"),
    ("scalar-rnn.terminal-state", "θ′ taken at s_T"),
    ("rnn.slopes-bound", "W to a power, inside the norm"),
}
"""Wrong versions that happen to hold at the cases here."""

NOT_HERE = {"rnn.relu-jacobian", "lstm.carousel"}
"""Identities of networks that the cases here are not."""


@pytest.mark.parametrize("model", MODELS)
def test_an_identity_agrees_and_what_people_take_for_it_does_not(model):
    cases = [strategies_case(model, seed) for seed in range(4)]
    with np.errstate(all="ignore"):
        symbols = [MODELS[model].evaluate(case, Floats()) for case in cases]

    def outcomes(statement, domain):
        with np.errstate(all="ignore"):
            for case, its in zip(cases, symbols, strict=True):
                if case in domain:
                    yield in_floats(statement, its).outcome

    own, held = [i for i in REGISTRY if i.model == model], set()
    for identity in own:
        if identity.id in NOT_HERE:
            continue
        assert next(outcomes(identity.statement, identity.domain)) is Outcome.AGREES, identity.id
        for wrong in identity.wrong:
            found = outcomes(identity.version(wrong), identity.domain)
            if all(outcome is Outcome.AGREES for outcome in found):
                held.add((identity.id, wrong))
    assert held == {pair for pair in FURTHER if REGISTRY[pair[0]].model == model}


def test_ids_are_those_that_are_expected_in_this_order():
    """Pages, reports and the table have them in the order in which they are declared."""
    assert [i.id for i in REGISTRY] == list(expected.load()["identities"])


def sides(statement):
    return [ast.dump(side) for side in statement.sides]


def test_no_identity_says_the_same_twice():
    for identity in REGISTRY:
        own = sides(identity.statement)
        assert len(set(own)) == len(own), identity.id
        for slip, why in identity.equivalent.items():
            if why == "the left side, word for word":
                assert sides(identity.statement.with_right(slip))[-1] == own[0], identity.id


def test_what_takes_a_jacobian_a_step_is_asked_of_few_steps():
    """Cases of vectors have up to 60 steps; of those, such a statement takes seconds."""
    for identity in REGISTRY:
        if identity.model == "rnn" and re.search(r"\bd\((?!L\b)", identity.statement.says):
            assert identity.domain.largest.get("T", 60) <= 8, identity.id


def near_the_kink(roundings, phi="relu"):
    """Return one step of one unit, a = 1·x + b so many roundings of 1 from zero."""
    one, b = np.ones((1, 1)), np.array([-1 + roundings * 2.0**-53])
    x = np.array([0.0, 1.0]).reshape(2, 1, 1)
    return rnn.Case(one, 0 * one, one, b, one[0], x, 0 * one, one[None], phi)


@pytest.mark.parametrize(("roundings", "far"), [(10, False), (14, True)])
def test_how_near_its_kink_rounding_chooses_a_slope(roundings, far):
    """Each of two orders of three terms is off by 6 at most."""
    assert off_the_kink(near_the_kink(roundings)) is far
    assert off_the_kink(near_the_kink(roundings, "tanh"))
