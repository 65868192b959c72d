"""Problems over cases, and a listener to what a check says of its course."""

import numpy as np

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


def right(case):
    return sine(), {"a": case.rng.normal(size=case.n)}


def right_of_two(case):
    return sine(), {"a": case.rng.normal(size=2)}
