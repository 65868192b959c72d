"""The verdict over many cases: what one case says of the others, and what it does not."""

import subprocess
import sys

import numpy as np
import pytest

from bpttcheck.cases import Case
from bpttcheck.check.search.common import where
from bpttcheck.check.search.problem import ALWAYS, check_problem
from bpttcheck.check.search.tally import by_name
from bpttcheck.check.search.visits import Visits
from tests.check.problems import right, sine


def examples(report):
    return [group["example"] for group in report.search["undecided"]]


def raising_at(unwanted):
    def problem(case):
        if unwanted(case):
            raise IndexError("out of range")
        return right(case)

    return problem


def test_right_where_one_step_raises():
    report = check_problem(raising_at(lambda case: case.T == 1), max_examples=20)
    counts = report.search["cases"]
    assert report.verdict == "right"
    assert counts["right"] + counts["undecided"] == report.search["planned"] == 26
    line = raising_at.__code__.co_firstlineno + 3
    said = f"T = 1 raises IndexError at test_search_verdict.py:{line}"
    assert report.reason == f"at {counts['right']} of 26 cases; {said}"
    assert str(report).splitlines()[0] == f"right at {counts['right']} of 26 cases; {said}"
    (group,) = report.search["undecided"]
    assert (group["where"], group["cases"]) == ("T = 1", counts["undecided"])
    assert group["example"]["T"] == 1


def test_a_single_case_is_its_own_example():
    lone = ALWAYS[3]
    report = check_problem(raising_at(lambda case: case == lone), max_examples=6)
    (line,) = report.search["lines"]
    assert line.startswith(f"{lone}: problem: raised")


def test_what_raises_in_the_backward_pass_is_named_with_its_line():
    def problem(case):
        def value_and_grad(p):
            return np.sin(p["a"]).sum(), {"a": np.cos(p["a"]) + [0.0][case.T > 3]}

        return value_and_grad, right(case)[1]

    report = check_problem(problem, max_examples=20)
    line = problem.__code__.co_firstlineno + 2
    assert report.reason.endswith(f"; T ≥ 4 raises IndexError at test_search_verdict.py:{line}")
    assert report.ok


def test_a_kink_in_one_regime():
    def problem(case):
        params = right(case)[1]
        tie = case.applied(params)["a"] if case.regime == "saturated" else 0.5

        def value_and_grad(p):
            return float(np.sin(p["a"]).sum() + np.abs(p["a"] - tie).sum()), {
                "a": np.cos(p["a"]) + np.sign(p["a"] - tie)
            }

        return value_and_grad, params

    report = check_problem(problem, max_examples=12)
    assert report.ok, report
    assert report.reason.split("; ")[1].startswith("saturated: ")
    assert not any(case["regime"] != "saturated" for case in examples(report))


def test_nothing_but_saturation_is_seen():
    report = check_problem(raising_at(lambda case: case.regime != "saturated"), max_examples=12)
    assert report.verdict == "undecided"
    assert "none of T ≥ 2 and ordinary values could be seen" in report.reason
    assert "; not saturated raises IndexError at " in report.reason


@pytest.mark.parametrize(("most", "steps"), [(1, ""), (2, "T ≥ 2 and ")])
def test_of_one_step_no_more_are_asked(most, steps):
    saturated = raising_at(lambda case: case.regime != "saturated")
    report = check_problem(saturated, max_examples=6, cases={"T": (1, most)})
    assert f"none of {steps}ordinary values could be seen" in report.reason


def test_one_sequence_at_a_time_is_right():
    report = check_problem(raising_at(lambda case: case.B > 1), max_examples=20)
    assert report.ok
    assert "; B ≥ 2 raises IndexError at " in report.reason


def test_code_that_raises_everywhere():
    report = check_problem(raising_at(lambda case: True), max_examples=3)
    line = raising_at.__code__.co_firstlineno + 3
    assert report.verdict == "undecided"
    assert report.kind == "raised"
    where = f"raises IndexError at test_search_verdict.py:{line} at all 9 cases"
    assert report.reason.startswith(f"{where}: ")  # and what was said there, the same everywhere
    assert len(report.reason) > len(where) + 4


def kinked_in_b(case):
    """A parameter b of which nothing can be seen, where there are more than four steps."""

    def value_and_grad(p):
        b = {"b": np.zeros(1)} if "b" in p else {}
        return float(np.sin(p["a"]).sum() + abs(sum(p.get("b", [0.0])))), {"a": np.cos(p["a"])} | b

    return value_and_grad, right(case)[1] | ({"b": np.zeros(1)} if case.T > 4 else {})


def test_a_parameter_that_is_never_seen_clearly():
    report = check_problem(kinked_in_b, max_examples=6, cases={"regimes": "given"})
    assert report.verdict == "undecided"
    counts = report.search["cases"]
    assert counts["right"] > 1
    where = f"right at {counts['right']} of {sum(counts.values())} cases; b: never seen clearly; "
    assert report.reason.startswith(f"{where}T ≥ ")
    assert all(case["T"] > 4 for case in examples(report))


def test_parameters_that_are_refused_at_some_cases():
    def some(case):
        return sine(), {"a": case.rng.normal(size=case.n)[: 0 if case.T == 1 else None]}

    report = check_problem(some, max_examples=6)
    assert report.ok
    assert "T = 1: expected at least one entry, got shape (0,)" in report.reason
    with pytest.raises(ValueError, match=r"params\['a'\]: expected at least one entry"):
        check_problem(lambda case: (sine(), {"a": np.zeros(0)}))


def test_evidence_of_right_cases_is_dropped():
    visits = Visits(right, 0, {})
    visits.at(ALWAYS[0])
    assert visits.seen[ALWAYS[0]].evidence is None
    wrong = Visits(lambda case: (sine(2.0), right(case)[1]), 0, {})
    assert wrong.at(ALWAYS[0]).evidence is not None


def test_right_in_a_headline_is_right_here():
    def problem(case):
        def lie(p):
            return (np.sin(p["a"]) + np.cos(p["b"])).sum(), {
                "a": 2 * np.cos(p["a"]), "b": -np.sin(p["b"]) * (1 + (case.T > 1)),
            }  # fmt: skip

        return lie, {name: case.rng.normal(size=2) for name in "ab"}

    report = check_problem(problem, max_examples=1)
    assert report.case.T == 1
    assert report.reason == "gradient of a not the derivative of the loss; b right here"


def test_a_neighbour_of_a_failing_case_that_raises():
    def problem(case):
        if case.T == 1:
            raise IndexError("too short")
        return sine(2.0), right(case)[1]

    report = check_problem(problem, max_examples=1)
    line = problem.__code__.co_firstlineno + 2
    said = f"raises IndexError at test_search_verdict.py:{line}"
    assert report.case.T == 2
    assert report.search["lines"][0] == f"not decided at T = 1, all else equal: {said}"


def test_where_gradients_are_wrong_among_the_cases_seen():
    visits = Visits(lambda case: (sine(1 + (case.B > 1)), right(case)[1]), 0, {})
    for case in ALWAYS:
        visits.at(case)
    assert list(by_name(visits)) == ["a: wrong at B ≥ 2, right at the 2 other cases that asked it"]


def cases(*sizes, regime="given"):
    return [Case(T=T, B=B, regime=regime) for T, B in sizes]


COMMON = [
    (cases((1, 1), (1, 2)), cases((2, 1), (3, 2)), "T = 1"),
    (cases((2, 1), (3, 2)), cases((1, 1), (1, 2)), "T ≥ 2"),
    (cases((2, 1), (3, 1)), cases((2, 2), (3, 2), (1, 2)), "B = 1"),
    (cases((1, 1)), cases((1, 2), (2, 1), (1, 3)), str(Case(T=1, B=1))),
    (cases((2, 1), regime="saturated"), cases((2, 1), (1, 1)), "saturated"),
    (cases((1, 2), (1, 3), (1, 4)), cases((1, 1), (2, 1), (2, 2)), "T = 1 and B ≥ 2"),
    (cases((1, 2), (1, 3)), cases((1, 1), (2, 1), (2, 2)), "T = 1 (2 of 3)"),
    (cases((1, 1), (2, 2)), [], "all 2 cases"),
]


@pytest.mark.parametrize(("some", "others", "words"), COMMON)
def test_what_cases_have_in_common(some, others, words):
    assert where(some, [*some, *others]) == words


def test_nothing_is_written_to_the_folder(tmp_path):
    code = (
        "import numpy as np; from bpttcheck.check import check_problem\n"
        "def problem(case):\n"
        "    a = case.rng.normal(size=case.n)\n"
        "    return (lambda p: (np.sin(p['a']).sum(), {'a': 2 * np.cos(p['a'])})), {'a': a}\n"
        "print(check_problem(problem).verdict)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "wrong\n"
    assert list(tmp_path.iterdir()) == []
