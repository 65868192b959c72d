"""The sizes and regimes at which a problem makes sense: said once, kept by every step."""

from dataclasses import replace

import numpy as np
import pytest

from bpttcheck.cases import REGIMES, Case
from bpttcheck.check.program.clock import Spent
from bpttcheck.check.search.problem import ALWAYS, TELLING, check_problem
from bpttcheck.check.search.shrink import shrunk
from bpttcheck.ranges import USUAL, Ranges, cases_from_text, ranges_of

pytestmark = pytest.mark.usefixtures("causes")

SAID = {"T": (2, 7), "p": 1, "regimes": ("given", "no zeros")}


def within(case, said=SAID):
    ranges = ranges_of(said)
    return ranges.clamped(case) == case


def problem_that_asks(seen, factor=lambda case: 1.0):
    def problem(case):
        seen.append(case)
        a = case.rng.normal(size=(case.n, case.T))
        return (lambda p: (float(np.sin(p["a"]).sum()), {"a": factor(case) * np.cos(p["a"])})), {
            "a": a
        }

    return problem


def test_every_case_makes_sense():
    seen = []
    problem = problem_that_asks(seen)
    problem.cases = SAID
    report = check_problem(problem, max_examples=20)
    assert report.ok, report
    assert all(map(within, seen))
    assert {case.T for case in seen} == set(range(2, 8))
    assert "saturated" not in {case.regime for case in seen}


def test_shrinking_and_the_diagnosis_keep_to_them_too():
    seen = []
    problem = problem_that_asks(seen, lambda case: 1 + 0.1 * np.sin(7.0 * np.arange(case.T)))
    report = check_problem(problem, max_examples=2, cases=SAID)
    assert report.verdict == "wrong"
    assert (report.case.T, report.case.p, report.case.regime) == (2, 1, "given")
    assert len(seen) > 5
    assert all(map(within, seen))


def test_an_argument_comes_before_the_attribute():
    seen = []
    problem = problem_that_asks(seen)
    problem.cases = {"T": 3}
    check_problem(problem, max_examples=2, cases={"T": 4})
    assert {case.T for case in seen} == {4}


def test_ranges_beyond_the_usual():
    drawn = list(ranges_of({"T": (20, 40), "n": 9}).drawn(60, 0))
    assert {case.n for case in drawn} == {9}
    assert min(case.T for case in drawn) == 20
    assert max(case.T for case in drawn) > 30


def test_one_step_alone_may_be_all_that_makes_sense():
    report = check_problem(problem_that_asks([]), max_examples=2, cases={"T": 1})
    assert report.ok
    report = check_problem(problem_that_asks([]), max_examples=2, cases={"regimes": "saturated"})
    assert report.ok


def test_what_is_clamped_to_the_same_is_visited_once():
    ranges = ranges_of({"T": 2, "B": 1, "m": 1, "n": 1, "p": 1, "regimes": "given"})
    assert len(ranges.all_clamped(ALWAYS)) == 1
    assert ranges_of(None).all_clamped(ALWAYS) == list(ALWAYS)
    assert ranges_of(None).all_clamped(TELLING) == list(TELLING)


def test_random_cases():
    drawn = list(Ranges().drawn(300, 1))
    assert drawn == list(Ranges().drawn(300, 1))
    assert drawn != list(Ranges().drawn(300, 2))
    assert {case.regime for case in drawn[:3]} == set(REGIMES)
    for symbol, (low, high) in USUAL.items():
        assert {getattr(case, symbol) for case in drawn} == set(range(low, high + 1))


BAD = [
    (3, TypeError, "cases: expected a mapping such as dict(T=(2, 12), p=1, "),
    ({"t": 3}, ValueError, "cases: expected some of T, B, m, n, p, regimes, got 't'"),
    ({"regime": "given"}, ValueError, "got 'regime'; did you mean 'regimes'?"),
    ({"T": 0}, ValueError,
     "cases['T']: expected a whole number ≥ 1, or a pair (least, most) of them, got 0"),
    ({"T": (3, 2)}, ValueError, "got (3, 2)"),
    ({"T": True}, ValueError, "got True"),
    ({"T": 2.0}, ValueError, "got 2.0"),
    ({"T": (1, 2, 3)}, ValueError, "got (1, 2, 3)"),
    ({"T": None}, ValueError, "got None"),
    ({"regimes": "satured"}, ValueError, "got 'satured'; did you mean 'saturated'?"),
    ({"regimes": ()}, ValueError, "cases['regimes']: expected some of given, no zeros, saturated"),
    ({"regimes": 3}, ValueError, "got 3"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "kind", "message"), BAD)
def test_bad_ranges(given, kind, message):
    with pytest.raises(kind) as raised:
        check_problem(lambda case: None, cases=given)
    assert message in str(raised.value)


def test_a_bad_attribute_is_named():
    def problem(case):
        return None

    problem.cases = {"T": 0}
    with pytest.raises(ValueError, match=r"^problem\.cases\['T'\]: expected a whole number"):
        check_problem(problem)


TEXTS = [
    ("T=2..12,p=1,regimes=given+saturated",
     {"T": (2, 12), "p": 1, "regimes": ("given", "saturated")}),
    (" B = 3 , regimes=no-zeros", {"B": 3, "regimes": ("no zeros",)}),
    ("regimes=no zeros+given", {"regimes": ("no zeros", "given")}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), TEXTS)
def test_a_text(text, said):
    assert cases_from_text(text) == said


BAD_TEXTS = [
    ("T", "cases: expected a text such as T=2..12,p=1,regimes=given+saturated, got 'T'"),
    ("", "cases: expected a text such as"),
    ("T=", "cases: expected a text such as"),
    ("T=x", "cases: expected T=2 or T=2..12, got T=x"),
    ("T=2..", "cases: expected T=2 or T=2..12, got T=2.."),
    ("T=5..2", "cases['T']: expected a whole number ≥ 1, or a pair"),
    ("regime=given", "did you mean 'regimes'?"),
    ("regimes=given+huge", "cases['regimes']: expected some of given, no zeros, saturated"),
    ("T=1,T=2", "cases: expected T once"),
]


@pytest.mark.parametrize(("text", "message"), BAD_TEXTS)
def test_bad_texts(text, message):
    with pytest.raises(ValueError) as raised:  # noqa: PT011
        cases_from_text(text)
    assert message in str(raised.value)


def needs(case, **sizes):
    return all(getattr(case, symbol) >= size for symbol, size in sizes.items())


SMALLEST = [{}, {"T": 2}, {"T": 2, "n": 2}, {"B": 2}, {"T": 6}, {"T": 4, "B": 2, "p": 2}, {"m": 3}]


MOST = {"{}": 1, "{'T': 2}": 2, "{'T': 2, 'n': 2}": 6, "{'B': 2}": 10}


@pytest.mark.parametrize("sizes", SMALLEST)
def test_the_smallest_case_in_few_questions(sizes):
    asked = {}

    def fails(case):
        return asked.setdefault(case, needs(case, **sizes))

    start = Case(T=12, B=3, m=3, n=4, p=2, regime="no zeros", seed=7)
    last = shrunk(start, fails, Ranges())
    least = dict.fromkeys("TBnmp", 1) | sizes
    assert last == Case(**least, regime="given", seed=7)
    assert len(asked) <= MOST.get(str(sizes), 20)


def test_other_numbers_are_tried_where_the_sizes_stay_large():
    """It shows at some seeds alone where the case is small, as a clip does."""

    def fails(case):
        return case.seed == 1 or (case.T > 4 and case.n > 2)

    last = shrunk(Case(T=12, n=4, seed=7), fails, Ranges())
    assert last == Case(seed=1)


def test_a_case_that_is_the_smallest_is_left():
    asked = []
    assert shrunk(Case(), lambda case: asked.append(case), Ranges()) == Case()
    assert asked == []


ODD = [  # where a case that is smaller may fail although a larger one is right
    (lambda case: case.T == 6, {"T": 6}, 14),
    (lambda case: case.T * case.B >= 12, {"T": 12}, 24),
    (lambda case: case.regime == "saturated", {"regime": "saturated"}, 14),
]


@pytest.mark.parametrize(("fails", "needed", "most"), ODD)
def test_each_question_is_smaller_than_the_last_that_failed(fails, needed, most):
    start = Case(T=13, B=3, m=3, n=4, p=2, regime="saturated", seed=7)
    start = start if fails(start) else replace(start, T=6)
    failed, asked = [start], []

    def ask(case):
        asked.append(case)
        sizes = [(getattr(case, s), getattr(failed[-1], s)) for s in "TBmnp"]
        assert all(size <= before for size, before in sizes)
        if fails(case):
            failed.append(case)
        return fails(case)

    last = shrunk(start, ask, Ranges())
    assert last == failed[-1]
    assert last == replace(Case(seed=7), **needed)
    assert len(set(asked)) <= most


@pytest.mark.parametrize("end", [Spent, KeyboardInterrupt])
@pytest.mark.parametrize("at", [1, 4, 9])
def test_the_end_of_the_budget_ends_the_questions(end, at):
    asked = []

    def fails(case):
        asked.append(case)
        if len(asked) == at:
            raise end
        return case.T >= 4 and case.n >= 3

    with pytest.raises(end):
        shrunk(Case(T=12, B=3, m=3, n=4, p=2, seed=7), fails, Ranges())
    assert len(asked) == at
