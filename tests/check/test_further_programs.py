"""Programs of kinds that public code has: right ones are right, wrong ones wrong, at any seed."""

import pytest

from bpttcheck.check.search.problem import check_problem
from tests.check.further_programs import PROGRAMS
from tests.day import share

TODAY = share(PROGRAMS, 2)


@pytest.mark.parametrize("slip", [False, True], ids=["right", "wrong"])
@pytest.mark.parametrize("program", TODAY, ids=[one.__name__ for one in TODAY])
def test_a_kind_of_public_code(program, slip):
    def problem(case):
        return program(case, slip)

    for seed in range(2):
        report = check_problem(problem, seed=seed, max_examples=2, verdict_only=True)
        assert report.verdict == ("wrong" if slip else "right"), str(report)
