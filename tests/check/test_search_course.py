"""The course of a check: the verdict first and in time, then places and cause; what it costs."""

import pickle
import time

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.check import Interrupted
from bpttcheck.check import course as steps
from bpttcheck.check.clock import Clock
from bpttcheck.check.search import check_problem
from tests.diagnosis.mistaken_rnn import drawn, network


def problem_with(mistake):
    def problem(case):
        params, y = drawn(case.rng, case.T, case.B, case.m, case.n, case.p)
        inputs = {name: params.pop(name) for name in ("x", "h0")}
        run = network(y, mistake)
        return lambda p: run({**p, **inputs}), params | {"b": np.zeros(case.n)}

    return problem


def sine(factor=1.0):
    return lambda p: (float(np.sin(p["a"]).sum()), {"a": factor * np.cos(p["a"])})


class Told:
    """Keeps what a check says of its course, and after how many calls."""

    def __init__(self, problem, case=True):
        self.calls = 0
        self.steps = []
        self.verdicts = []
        self._problem = problem
        if not case:
            self.__call__ = None

    def problem(self, case):
        value_and_grad, params = self._problem(case)

        def counted(p):
            self.calls += 1
            return value_and_grad(p)

        return counted, params

    def progress(self, what, done, total):
        assert 0 <= done <= total
        if not self.steps or self.steps[-1] != what:
            self.steps.append(what)

    def on_verdict(self, report):
        self.verdicts.append((report.verdict, self.calls, list(self.steps)))
        self.reason = report.reason


def test_wrong_is_told_at_the_first_certain_failure():
    told = Told(problem_with("transpose"))
    report = check_problem(told.problem, progress=told.progress, on_verdict=told.on_verdict)
    ((verdict, calls, before),) = told.verdicts
    assert verdict == report.verdict == "wrong"
    assert before == []  # the first case that is visited shows it
    assert calls < 0.4 * told.calls
    assert told.steps == ["shrink", "locate", "cause"]
    assert told.reason.endswith("; all that is wrong, the smallest case and the cause will follow")
    assert "follow" not in report.reason
    assert report.cause.name == "recurrent-transpose"


def test_right_is_told_at_the_end_of_the_search():
    told = Told(lambda case: (sine(), {"a": case.rng.normal(size=2)}))
    report = check_problem(
        told.problem, max_examples=4, progress=told.progress, on_verdict=told.on_verdict
    )
    assert told.verdicts == [("right", told.calls, ["search"])]
    assert report.ok


def test_one_point_is_told_before_its_cause():
    params, y = drawn(np.random.default_rng(0))
    told = Told(None)
    check_problem(
        lambda: (network(y, "transpose"), params), progress=told.progress,
        on_verdict=told.on_verdict,
    )  # fmt: skip
    assert [verdict for verdict, *_ in told.verdicts] == ["wrong"]
    assert told.reason.endswith("; all that is wrong and the cause will follow")
    assert told.steps == ["locate", "cause"]


def test_a_cause_at_the_smallest_case_alone_is_not_named(monkeypatch):
    monkeypatch.setattr(steps.Course, "_further_points", lambda self, report: [])
    monkeypatch.setattr(steps.Course, "_located", lambda self: [])
    report = check_problem(problem_with("transpose"))
    assert report.cause is None
    ending = " reproduces the gradients at one point alone"
    assert any(n.startswith("no cause is named: ") and n.endswith(ending) for n in report.notes)


def test_the_verdict_only():
    told = Told(problem_with("transpose"))
    report = check_problem(told.problem, verdict_only=True, progress=told.progress)
    assert report.verdict == "wrong"
    assert report.cause is None
    assert told.steps == []
    assert all(block.index is None for block in report.blocks)


def test_without_locating():
    report = check_problem(problem_with("transpose"), locate=False)
    assert report.cause is None
    assert report.case.T == 2  # shrunk all the same
    assert all(block.index is None for block in report.blocks)


def test_all_calls_are_counted():
    for mistake in ("", "transpose"):
        told = Told(problem_with(mistake))
        report = check_problem(told.problem, max_examples=1)
        assert sum(report.total) == told.calls
        assert report.losses + report.gradients < told.calls
        assert f"{report.total[0]:,} and {report.total[1]:,} in all" in str(report)
        found = report.to_dict()["evaluations_in_all"]
        assert (found["loss"], found["value_and_grad"]) == report.total
    calls = []
    params, y = drawn(np.random.default_rng(0))
    run = network(y, "transpose")
    report = check_problem(lambda: (lambda p: calls.append(1) or run(p), params))
    assert report.losses + report.gradients == len(calls)


COST = {"transpose": 11, "no message": 5, "stale h": 5, "bias without batch": 12}
"""At most so many draws of the problem until the case is small; 42, 29, 28, 24 at one time."""


@pytest.mark.parametrize("mistake", COST)
def test_a_wrong_program_is_asked_at_few_cases(mistake):
    cases = []
    inner = problem_with(mistake)
    check_problem(lambda case: cases.append(case) or inner(case), verdict_only=False, locate=False)
    assert len(cases) <= COST[mistake] + 3  # drawn again at one or two


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


def right(case):
    return sine(), {"a": case.rng.normal(size=2)}


def test_the_budget_ends_a_search(fake):
    whole = sum(check_problem(fake(right), budget=None).total)
    report = check_problem(fake(right), budget=whole // 2)
    seen = report.search["cases"]["right"]
    assert 10 <= seen < 36
    assert report.ok
    ending = f"the budget of {whole // 2} s was over before the other {46 - seen}"
    assert report.reason == f"at {seen} of {seen} cases; {ending}"
    assert sum(report.total) == whole // 2


def test_a_budget_that_is_over_before_anything_is_known(fake):
    report = check_problem(fake(right), budget=5)
    assert (report.verdict, report.kind) == ("undecided", "budget")
    assert report.reason == "the budget of 5 s was over before the first case was judged"
    alone = check_problem(fake(lambda: right(steps.ALWAYS[0])), budget=5)
    assert (alone.verdict, alone.kind) == ("undecided", "budget")
    assert alone.reason == "the budget of 5 s was over before the point was judged"
    str(alone), alone.to_dict()


def test_a_budget_too_short_for_ordinary_cases_is_not_right(fake):
    def odd(case):
        if case.T > 1:
            raise ValueError("not yet")
        return right(case)

    report = check_problem(fake(odd), budget=30)
    assert report.verdict == "undecided"
    assert "the budget of 30 s was over before the other" in report.reason


def test_the_budget_ends_what_follows_the_verdict(fake):
    def wrong(case):
        def clipped(p):
            return float(np.sin(p["a"]).sum()), {"a": np.clip(np.cos(p["a"]), -0.5, 0.5)}

        return clipped, right(case)[1]

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


def test_one_wrong_gradient_is_enough_for_the_verdict():
    whole, first = Told(problem_with("transpose")), Told(problem_with("transpose"))
    check_gradients(*whole.problem(steps.ALWAYS[0]), locate=False)
    report = check_problem(first.problem, verdict_only=True)
    assert first.calls < 0.6 * whole.calls
    assert [block.verdict for block in report.blocks].count("wrong") == 1


def test_some_gradients_alone_are_asked():
    def problem(case):
        def value_and_grad(p):
            return float(sum(np.sin(a).sum() for a in p.values())), {
                "a": np.cos(p["a"]), "b": 2 * np.cos(p["b"]), "c": 3 * np.cos(p["c"]),
            }  # fmt: skip

        return value_and_grad, {name: case.rng.normal(size=2) for name in "abc"}

    assert check_problem(problem, max_examples=1, only="a").ok
    report = check_problem(problem, max_examples=1, only=["a", "b"])
    assert [block.name for block in report.blocks] == ["a", "b"]
    assert report.reason == "gradient of b not the derivative of the loss; a right here"


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


def interrupting(problem, at):
    calls = [0]

    def interrupted(case):
        value_and_grad, params = problem(case)

        def counted(p):
            calls[0] += 1
            if calls[0] == at:
                raise KeyboardInterrupt
            return value_and_grad(p)

        return counted, params

    return interrupted


def test_ctrl_c_gives_the_report_so_far():
    with pytest.raises(Interrupted) as stopped:
        check_problem(interrupting(right, 150))
    report = stopped.value.report
    assert report.ok
    assert "interrupted before the other" in report.reason
    assert isinstance(stopped.value, KeyboardInterrupt)


def test_ctrl_c_after_the_verdict_keeps_it():
    wrong = problem_with("transpose")
    told = Told(wrong)
    whole = check_problem(told.problem)
    for at in (1, told.calls // 2, told.calls - 3):
        with pytest.raises(Interrupted) as stopped:
            check_problem(interrupting(wrong, at))
        report = stopped.value.report
        if at == 1:
            assert report.verdict == "undecided"
            assert report.reason == "interrupted before the first case was judged"
        else:
            assert report.verdict == "wrong"
            assert report.cause is None
            assert any(note.startswith("interrupted") for note in report.notes)
    assert whole.cause is not None


ARGUMENTS = [
    ({"budget": 0}, "budget: expected a number > 0 or None, got 0"),
    ({"budget": "1"}, "budget: expected a number > 0 or None, got '1'"),
    ({"budget": True}, "budget: expected a number > 0 or None, got True"),
    ({"budget": float("nan")}, "budget: expected a number > 0 or None, got nan"),
    ({"max_examples": -1}, "max_examples: expected a whole number ≥ 0, got -1"),
    ({"max_examples": 2.0}, "max_examples: expected a whole number ≥ 0, got 2.0"),
    ({"only": "b"}, "only: expected some of a, got 'b'"),
    ({"only": ["aa"]}, "only: expected some of a, got 'aa'; did you mean 'a'?"),
]


@pytest.mark.parametrize(("options", "message"), ARGUMENTS)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError) as raised:  # noqa: PT011
        check_problem(right, **options)
    assert str(raised.value) == message


def test_reports_pickle():
    for problem in (problem_with("transpose"), right):
        report = check_problem(problem, max_examples=2)
        again = pickle.loads(pickle.dumps(report))
        assert str(again) == str(report)
        assert again.to_dict() == report.to_dict()
        assert again == report
        assert again.evidence is None
    params, y = drawn(np.random.default_rng(0))
    report = check_gradients(network(y, "transpose"), params)
    assert str(pickle.loads(pickle.dumps(report))) == str(report)
    assert report.evidence is not None
