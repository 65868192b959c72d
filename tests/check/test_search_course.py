"""The course of a check: the verdict first, then places and cause; calls, and Ctrl-C."""

import pickle

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.check import Interrupted
from bpttcheck.check.search import course as steps
from bpttcheck.check.search.problem import check_problem
from tests.check.problems import Told, problem_with, right_of_two, sine
from tests.day import in_turn
from tests.diagnosis.mistaken_rnn import drawn, network

pytestmark = pytest.mark.usefixtures("causes")


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


@in_turn(2)
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


@in_turn(2)
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
        check_problem(interrupting(right_of_two, 150))
    report = stopped.value.report
    assert report.ok
    assert "interrupted before the other" in report.reason
    assert isinstance(stopped.value, KeyboardInterrupt)


@in_turn(2, 1)
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
        check_problem(right_of_two, **options)
    assert str(raised.value) == message


@in_turn(2, 1)
def test_reports_pickle():
    for problem in (problem_with("transpose"), right_of_two):
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
