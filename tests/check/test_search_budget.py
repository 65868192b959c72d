"""The budget bounds a check: what is known by then is said, and nothing else."""

import time

import numpy as np
import pytest

from bpttcheck.check.program.clock import Clock
from bpttcheck.check.search import course as steps
from bpttcheck.check.search.problem import check_problem
from tests.check.problems import right_of_two
from tests.day import in_turn

pytestmark = pytest.mark.usefixtures("causes")


class FakeClock(Clock):
    """A clock on which every loss takes a second."""

    def __init__(self, seconds):
        self.passed = 0.0
        super().__init__(seconds, now=lambda: self.passed)


@pytest.fixture
def fake(monkeypatch):
    made = []

    def clock(seconds):
        made.append(FakeClock(seconds))
        return made[-1]

    monkeypatch.setattr(steps, "Clock", clock)

    def slow(problem):
        def slowly(*case):
            value_and_grad, params = problem(*case)

            def counted(p):
                made[-1].passed += 1.0
                return value_and_grad(p)

            return counted, params

        return (lambda case: slowly(case)) if problem.__code__.co_argcount else (lambda: slowly())

    return slow


def test_the_budget_ends_a_search(fake):
    whole = sum(check_problem(fake(right_of_two), budget=None).total)
    report = check_problem(fake(right_of_two), budget=whole // 2)
    seen = report.search["cases"]["right"]
    assert 10 <= seen < 36
    assert report.ok
    ending = f"the budget of {whole // 2} s was over before the other {46 - seen}"
    assert report.reason == f"at {seen} of {seen} cases; {ending}"
    assert sum(report.total) == whole // 2


def test_a_budget_that_is_over_before_anything_is_known(fake):
    report = check_problem(fake(right_of_two), budget=5)
    assert (report.verdict, report.kind) == ("undecided", "budget")
    assert report.reason == "the budget of 5 s was over before the first case was judged"
    alone = check_problem(fake(lambda: right_of_two(steps.ALWAYS[0])), budget=5)
    assert (alone.verdict, alone.kind) == ("undecided", "budget")
    assert alone.reason == "the budget of 5 s was over before the point was judged"
    str(alone), alone.to_dict()


def test_a_budget_too_short_for_ordinary_cases_is_not_right(fake):
    def odd(case):
        if case.T > 1:
            raise ValueError("not yet")
        return right_of_two(case)

    report = check_problem(fake(odd), budget=30)
    assert report.verdict == "undecided"
    assert "the budget of 30 s was over before the other" in report.reason


def test_the_budget_ends_what_follows_the_verdict(fake):
    def wrong(case):
        def clipped(p):
            return float(np.sin(p["a"]).sum()), {"a": np.clip(np.cos(p["a"]), -0.5, 0.5)}

        return clipped, right_of_two(case)[1]

    whole = check_problem(fake(wrong), budget=None)
    assert whole.cause is not None
    shortest = None
    for budget in np.linspace(5, sum(whole.total), 12):
        report = check_problem(fake(wrong), budget=float(budget))
        if report.verdict == "wrong":
            shortest = shortest or budget
            assert sum(report.total) <= budget + 1
            if report.cause is None:
                assert any("budget" in note for note in report.notes), report
        else:
            assert report.kind == "budget"
            assert shortest is None
    assert shortest is not None
    assert shortest < sum(whole.total) / 2


@in_turn(2, 1)
def test_what_was_located_before_the_budget_ended_is_kept(fake):
    def wrong(case):
        def value_and_grad(p):
            return float(sum(np.sin(a).sum() for a in p.values())), {
                n: 2 * np.cos(a) for n, a in p.items()
            }

        return value_and_grad, {name: case.rng.normal(size=2) for name in "abcdef"}

    case = dict.fromkeys("TBmnp", 1) | {"regimes": "given"}
    whole = check_problem(fake(wrong), max_examples=0, cases=case, budget=None)
    assert all(block.index is not None for block in whole.blocks)
    kept = set()
    for budget in range(10, sum(whole.total), 10):
        report = check_problem(fake(wrong), max_examples=0, cases=case, budget=budget)
        located = sum(block.index is not None for block in report.blocks)
        kept.add(located)
        if report.verdict == "wrong" and located < 6:
            assert any("not all located" in note for note in report.notes), report
    assert len(kept) > 3


def test_a_slow_loss_ends_in_time():
    def slow(case):
        def value_and_grad(p):
            time.sleep(0.02)
            return float(np.sin(p["a"]).sum()), {"a": np.cos(p["a"])}

        return value_and_grad, {"a": case.rng.normal(size=2)}

    start = time.monotonic()
    report = check_problem(slow, budget=0.5)
    assert time.monotonic() - start < 5
    assert "the budget of 0.5 s was over" in report.reason


def test_a_problem_that_hangs_falls_under_the_budget():
    def hangs(case):
        time.sleep(60)

    start = time.monotonic()
    report = check_problem(hangs, budget=0.2)
    assert time.monotonic() - start < 10
    assert report.verdict == "undecided"
