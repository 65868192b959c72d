"""A trial of one statement, by its text."""

from bpttcheck.runs import MODELS
from bpttcheck.runs.scalar_rnn_model import Case
from bpttcheck.runs.systems import Systems
from bpttcheck.statements.evaluation_cache import EvaluationCache
from bpttcheck.statements.identity import EVERYTHING
from bpttcheck.statements.notation import Statement
from bpttcheck.statements.trial import Trial

CASE = Case(0.5, -1.5, [[1, -2], [0.5, 3], [1, 1]], [0.25, -1], [[1, 0], [0, 1]], "tanh", "sigmoid")


def trial(says, model="scalar_rnn", domain=EVERYTHING, **forall):
    cache = EvaluationCache(MODELS[model].evaluate)
    return Trial("test", Statement(says, tuple(forall.items())), cache, Systems(), domain)
