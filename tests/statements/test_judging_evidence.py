"""What counts as evidence: nothing vacuous, nothing sampled alone, nothing undecided."""

import pytest

from bpttcheck.runs import MODELS
from bpttcheck.runs.systems import Balls, Floats, Systems
from bpttcheck.statements.evaluation_cache import KEEP, EvaluationCache
from bpttcheck.statements.evidence import Evidence
from bpttcheck.statements.identity import Domain
from bpttcheck.statements.judge import Outcome, in_field, in_floats
from bpttcheck.statements.notation import Statement
from tests.statements.trials import CASE, trial


def test_vacuous_is_never_a_pass():
    empty = trial("s[t] == s[t]", t="steps(2, 1)")
    empty.sample(CASE)
    empty.enclose(CASE)
    empty.decide_exactly(CASE, "x")
    assert empty.verdict == "undecided"
    nowhere = trial("s[1] == s[1]", domain=Domain("never", lambda case: False))
    nowhere.sample(CASE)
    nowhere.enclose(CASE)
    assert nowhere.verdict == "undecided"
    assert nowhere.evidence.level == "none"


def test_sampling_alone_is_never_a_pass():
    sampled = trial("s[1] == s[1]")
    sampled.sample(CASE)
    assert sampled.evidence.level == "sampled"
    assert sampled.verdict == "undecided"


def test_what_cannot_be_settled_is_unknown():
    class Blunt(Systems):
        """Balls that never get sharper."""

        def balls(self, bits):
            return Balls(20)

    blunt = trial("d(L, w) == sum(d(L, s[t]) * h[t - 1] for t in steps(1, T))")
    blunt.systems = Blunt()
    blunt.enclose(CASE)
    assert blunt.undecided_cases == 1
    assert blunt.verdict == "undecided"


def test_one_unequal_shape_takes_back_the_exactness_of_all():
    at_one = trial("sum(x[t] for t in steps(1, T)) == x[1]")
    cases = MODELS["scalar_rnn"].exact_cases()
    at_one.decide_exactly(cases[0], "x")  # T = 1: true
    assert at_one.evidence.exact.cases == 1
    at_one.decide_exactly(cases[1], "x")  # T = 2: false
    assert at_one.evidence.exact.cases == 0


def test_what_composes_at_one_shape_alone_is_ill_typed():
    late = trial("s[3 - T] == s[3 - T]")  # of three steps there is none before the first
    cases = {case.sizes["T"]: case for case in MODELS["scalar_rnn"].exact_cases()}
    late.decide_exactly(cases[1], "x")
    assert late.evidence.exact.cases == 1
    late.decide_exactly(next(case for T, case in cases.items() if T > 2), "x")
    assert late.verdict == "ill-typed"
    assert "s starts at 1" in late.counterexample.finding.reason


def test_a_trial_that_has_failed_looks_no_further():
    lie = trial("s[1] == h[1]")
    lie.sample(CASE)
    found = lie.counterexample
    lie.sample(CASE)
    lie.enclose(CASE)
    lie.decide_exactly(CASE, "x")
    assert lie.counterexample is found
    assert lie.evidence.level == "none"
    enclosed = trial("s[1] == h[1]")
    enclosed.enclose(CASE)
    assert enclosed.verdict == "refuted"


def test_judges_say_vacuous():
    statement = Statement("s[t] == s[t]", (("t", "steps(2, 1)"),))
    system = Floats()
    symbols = MODELS["scalar_rnn"].evaluate(CASE, system)
    assert in_floats(statement, symbols).outcome is Outcome.VACUOUS
    assert in_field(statement, symbols) is Outcome.VACUOUS


def test_a_cache_forgets():
    made = []
    cache = EvaluationCache(lambda case, system: made.append(case) or {})
    for i in range(KEEP + 5):
        with cache.symbols(i, Floats()):
            pass
    with cache.symbols(KEEP + 4, Floats()):
        pass
    assert len(made) == KEEP + 5
    with cache.symbols(0, Floats()):
        pass
    assert len(made) == KEEP + 6


def test_evidence_says_what_was_done():
    evidence = Evidence()
    assert evidence.lines() == []
    evidence.sampled.cases = 1000
    evidence.sampled.sizes.include({"T": 60, "n": 8})
    evidence.sampled.sizes.include({"T": 6, "n": 9})
    evidence.enclosed.points, evidence.enclosed.bits = 40, 80.7
    evidence.exact.include({"T": 2}, 60)
    evidence.exact.include({"T": 2}, 50.2)
    assert [line.split(" · ")[0] for line in evidence.lines()] == ["exact", "enclosed", "sampled"]
    assert "1,000 cases, T ≤ 60, n ≤ 9" in evidence.lines()[2]
    assert "≤ 2^-80 of the terms" in evidence.lines()[1]
    assert evidence.lines()[0] == "exact · 1 shapes, T ≤ 2, false acceptance ≤ 2^-50"
    assert evidence.to_dict()["exact"]["cases"] == 2


@pytest.mark.parametrize("model", MODELS)
def test_exact_cases_have_distinct_sizes(model):
    sizes = {tuple(sorted(case.sizes.items())) for case in MODELS[model].exact_cases()}
    assert len(sizes) >= 2


@pytest.mark.parametrize("model", MODELS)
def test_a_case_has_no_two_axes_of_one_length(model):
    typed = MODELS[model].typed_cases()
    assert typed
    for case in typed:
        assert len(set(case.sizes.values()) - {1}) == len(case.sizes)
