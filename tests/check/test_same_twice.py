"""Problems that draw at random: seeded by the case, and never right if not the same twice."""

import os
import random

import numpy as np
import pytest

from bpttcheck.cases import Case
from bpttcheck.check.search.problem import ALWAYS, check_problem
from tests.check.problems import right, sine


def drawing(how):
    """Return a problem that is wrong where |w| > 1, and draws w in some way."""

    def problem(case):
        w = how(case)
        return (lambda p: ((p["w"] ** 2).sum() / 2, {"w": np.clip(p["w"], -1, 1)})), {"w": w}

    return problem


GLOBALS = {
    "numpy": lambda case: np.random.normal(size=(case.n, case.m)),
    "random": lambda case: np.array([random.gauss(0, 1) for _ in range(case.n)]),
}


@pytest.mark.parametrize("kind", GLOBALS)
@pytest.mark.parametrize("seed", range(3))
def test_global_generators_are_seeded_by_the_case(kind, seed):
    states = random.getstate(), np.random.get_state()
    report = check_problem(drawing(GLOBALS[kind]), seed=seed, max_examples=3)
    again = check_problem(drawing(GLOBALS[kind]), seed=seed, max_examples=3)
    assert report.verdict == "wrong"
    assert report.to_dict() == again.to_dict()
    assert any(note.startswith("problem draws from global generators") for note in report.notes)
    after = random.getstate(), np.random.get_state()
    assert states[0] == after[0]
    assert all(np.array_equal(a, b) for a, b in zip(states[1], after[1], strict=True))


def test_a_point_that_is_drawn_from_global_generators():
    report = check_problem(lambda: drawing(GLOBALS["numpy"])(Case(n=9, m=9)))
    assert report.verdict == "wrong"
    assert any(note.startswith("problem draws from global generators") for note in report.notes)


def test_torch_draws_are_seeded_by_the_case():
    torch = pytest.importorskip("torch")
    before = torch.get_rng_state()
    report = check_problem(drawing(lambda case: torch.randn(case.n).numpy()), max_examples=2)
    assert report.verdict == "wrong"
    assert not any("not the same twice" in note for note in report.notes)
    assert torch.equal(before, torch.get_rng_state())


def test_a_right_problem_says_nothing_of_generators():
    assert check_problem(right, max_examples=2).notes[:1] != ("problem draws",)
    assert not any("generators" in note for note in check_problem(right, max_examples=2).notes)


COUNTER = [0]


def counted(case):
    COUNTER[0] += 1
    return np.full(case.n, 0.5 + 0.001 * COUNTER[0])


def test_a_problem_that_is_not_the_same_twice_is_never_right():
    for how in (lambda case: np.random.default_rng().uniform(-0.9, 0.9, 3), counted):
        report = check_problem(lambda case, how=how: drawing(how)(case), max_examples=2,
                               cases={"regimes": "given"})  # fmt: skip
        assert (report.verdict, report.kind) == ("undecided", "not the same twice")
        assert report.reason.startswith(
            "problem: not the same twice: called again with the same case, it returns another w; "
        )


def test_data_that_change_are_seen_in_the_loss():
    def problem(case):
        COUNTER[0] += 1
        x = float(COUNTER[0])
        return (lambda p: ((p["w"] * x).sum(), {"w": x * np.ones(2)})), {"w": np.ones(2)}

    report = check_problem(problem, max_examples=1)
    assert report.verdict == "undecided"
    assert "the loss at its parameters is" in report.reason
    alone = check_problem(lambda: problem(None))
    assert alone.verdict == "undecided"
    assert alone.reason.startswith("problem: not the same twice: called again, the loss")


def test_threads_that_add_in_another_order_are_the_same():
    def problem(case):
        COUNTER[0] += 1
        last_digit = 1 + 2.0**-52 * (COUNTER[0] % 2)
        return (lambda p: (np.sin(p["a"]).sum() * last_digit, {"a": np.cos(p["a"])})), {
            "a": np.ones(2)
        }

    assert check_problem(problem, max_examples=1).ok


def test_a_wrong_case_stays_wrong_whatever_is_drawn_next():
    """It is wrong the first time alone: the point is kept, with its arrays."""
    calls = []

    def problem(case):
        calls.append(case)
        factor = 2.0 if len(calls) == 1 else 1.0
        return sine(factor), {"a": np.random.default_rng().normal(size=case.n)}

    report = check_problem(problem, max_examples=2)
    assert report.verdict == "wrong"
    assert report.case == ALWAYS[0]
    assert report["a"].index is not None  # located, though it cannot be drawn again
    assert any(note.startswith("the problem is not the same twice") for note in report.notes)
    assert np.array_equal(report.point["a"], report.evidence.params["a"])


def test_a_gradient_of_the_wrong_shape_stays_wrong_too():
    calls = []

    def problem(case):
        calls.append(case)
        wrong = len(calls) == 1
        return (lambda p: (np.sin(p["a"]).sum(), {"a": np.cos(p["a"])[: 1 if wrong else None]})), {
            "a": np.ones(3)
        }

    report = check_problem(problem, max_examples=1)
    assert (report.verdict, report.kind) == ("wrong", "shape")
    assert report.case == ALWAYS[0]
    report.save_case(os.devnull)


def test_a_loss_that_is_not_there_the_second_time():
    calls = []

    def problem(case):
        calls.append(case)
        factor = 2.0 if len(calls) == 1 else np.nan
        return (lambda p: (np.sin(p["a"]).sum() * factor, {"a": p["a"]})), {"a": np.ones(2)}

    report = check_problem(problem, max_examples=1)
    (note,) = [one for one in report.notes if one.startswith("the problem is not the same twice")]
    assert note.endswith(f"is no finite number, where it was {float(4 * np.sin(1.0))!r}")
