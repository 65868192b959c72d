"""The smallest counterexample does not depend on which of equally small cases was drawn first."""

import numpy as np
import pytest

from bpttcheck.identities import REGISTRY
from bpttcheck.runs.scalar_rnn_model import MODEL, Case
from bpttcheck.verification.examine import Examiner
from bpttcheck.verification.smallest import complexity, smallest
from tests.day import in_turn


def case(w, phi, theta, loss="squared_error"):
    return Case(w, 0.0, np.zeros((2, 1)), np.zeros(1), np.ones((1, 1)), phi, theta, loss)


POOL = [case(3.0, "sigmoid", "tanh"), case(2.0, "tanh", "sigmoid"), case(1.0, "linear", "linear")]


@pytest.mark.parametrize("pool", [POOL, POOL[::-1]], ids=["as drawn", "the other way round"])
def test_numbers_and_words_are_made_simple_whatever_was_drawn_first(pool):
    found = smallest(pool, lambda c: c.phi != c.theta and c.w != 0)
    assert (found.w, found.phi, found.theta) == (1.0, "tanh", "linear")


def test_of_equally_long_cases_one_is_first():
    one, other = case(1.0, "tanh", "sigmoid"), case(1.0, "sigmoid", "tanh")
    assert complexity(one) < complexity(other)
    assert complexity(one) == complexity(case(1.0, "tanh", "sigmoid"))


@in_turn(3, 1)
def test_what_the_stock_does_not_reject_is_tried_on_more(monkeypatch):
    identity = REGISTRY["scalar-rnn.terminal-state"]
    examiner = Examiner(MODEL, max_examples=1, seed=0)
    monkeypatch.setattr(examiner, "stock", [])
    wrong = identity.statement.with_right(next(iter(identity.wrong.values())))
    assert examiner.reject(wrong, identity.domain) is None
    assert examiner.reject(wrong, identity.domain, examiner.further) is not None
