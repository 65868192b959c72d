"""An epsilon in the loss that the gradient leaves out: named, and looked through."""

import functools

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.cases import Case
from bpttcheck.check.program.renewed import Renewed
from bpttcheck.check.search.problem import check_problem
from tests.day import in_turn, share

EPSILON = 1e-9
CASE = Case(T=5, B=3, m=2, n=3, p=2, seed=1)


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def logged(q, eps=1e-8):
    return -np.log(q + eps)


def regression(case, loss, slip=lambda g: g):
    rng, k = case.rng, case.p + 1
    x, y = rng.normal(size=(case.B, case.m)), rng.integers(k, size=case.B)
    rows = np.arange(case.B)

    def value_and_grad(p):
        q = softmax(x @ p["W"])
        d = q - np.eye(k)[y]
        return loss(q)[rows, y].sum(), {"W": slip(x.T @ d)}

    return value_and_grad, {"W": rng.normal(size=(case.m, k))}


def in_closure(case):
    eps = 1e-7
    return regression(case, lambda q: -np.log(q + eps))


def in_global(case):
    return regression(case, lambda q: -np.log(q + EPSILON))


def in_default(case):
    return regression(case, logged)


def in_keyword(case):
    return regression(case, functools.partial(logged, eps=1e-10))


def in_division(case):
    weights = case.rng.normal(size=case.m)

    def value_and_grad(p):
        norm = np.sqrt((p["w"] ** 2).sum())
        along = weights @ p["w"]
        return along / (norm + 1e-6), {"w": weights / norm - along * p["w"] / norm**3}

    return value_and_grad, {"w": case.rng.normal(size=case.m)}


class Model:
    """Holds its epsilon, or has it in the text of a method."""

    def __init__(self, case, held):
        self.case, self.held, self.eps = case, held, 1e-9
        rng = case.rng
        self.x, self.y = rng.normal(size=(case.B, case.m)), rng.integers(3, size=case.B)

    def penalty(self, q):
        return -np.log(q + (self.eps if self.held else 1e-8))

    def step(self, p):
        q = softmax(self.x @ p["W"])
        rows = np.arange(self.case.B)
        return self.penalty(q)[rows, self.y].sum(), {"W": self.x.T @ (q - np.eye(3)[self.y])}


def of_method(case, held=False):
    return Model(case, held).step, {"W": case.rng.normal(size=(case.m, 3))}


def held_by_object(case):
    return of_method(case, True)


@pytest.mark.parametrize(
    ("make", "epsilon"),
    [(in_closure, "1e-07"), (in_global, "1e-09"), (in_default, "1e-08"), (in_keyword, "1e-10"),
     (in_division, "1e-06"), (of_method, "1e-08"), (held_by_object, "1e-09")],
)  # fmt: skip
def test_an_epsilon_is_named_wherever_it_stands(make, epsilon):
    report = check_gradients(*make(CASE))
    assert report.verdict == "wrong"
    assert report.cause.name == "loss-epsilon"
    told = f"a small constant that the gradient leaves out: {epsilon}; the gradient is that of the"
    assert told in str(report)
    assert "to " in report.cause.explanations[0].mistakes[0].detail


def test_the_search_names_it_too():
    report = check_problem(in_closure, max_examples=1)
    assert report.cause.name == "loss-epsilon"
    assert report.cause.points == 2


def rnn(case, bug):
    rng, T, B, m, n, p = case.rng, case.T, case.B, case.m, case.n, case.p + 1
    params = {"U": rng.normal(size=(n, m)), "W": rng.normal(size=(n, n)) / np.sqrt(n)}
    params |= {"V": rng.normal(size=(p, n)), "b": np.zeros(n)}
    x, y = rng.normal(size=(T, B, m)), rng.integers(0, p, (T, B))

    def value_and_grad(w):
        h, loss, d = [np.zeros((B, n))], 0.0, []
        for t in range(T):
            h.append(np.tanh(x[t] @ w["U"].T + h[-1] @ w["W"].T + w["b"]))
            q = softmax(h[-1] @ w["V"].T)
            loss += logged(q)[np.arange(B), y[t]].sum()
            d.append(q - np.eye(p)[y[t]])
        g, message = {k: np.zeros_like(a) for k, a in w.items()}, 0.0
        for t in reversed(range(T)):
            da = (d[t] @ w["V"] + message) * (1 - h[t + 1] ** 2)
            g["V"] += d[t].T @ h[t + 1]
            g["U"] += da.T @ x[t]
            g["W"] += da.T @ h[t]
            g["b"] += da.sum(0)
            message = {"": da @ w["W"], "T": da @ w["W"].T, "?": 0.9 * da @ w["W"]}[bug]
        return loss, g

    return value_and_grad, params


@pytest.mark.parametrize(
    ("bug", "cause"),
    share([("", "loss-epsilon"), ("T", "loss-epsilon + recurrent-transpose"), ("?", "")], 3),
)
@in_turn(2, 1)
def test_what_is_behind_it_is_named(bug, cause):
    report = check_problem(lambda case: rnn(case, bug), max_examples=1)
    assert report.verdict == "wrong"
    assert (report.cause.name if report.cause else "") == cause


@pytest.mark.parametrize(
    "make",
    [
        lambda case: regression(case, lambda q: -np.log(q), lambda g: g * (1 + 1e-9)),
        lambda case: regression(case, lambda q: -np.log(q + 0.0 * 1e-8), np.sin),
        lambda case: regression(case, lambda q: -np.log(q + 1e-8), lambda g: g + 1e-3 * np.sin(g)),
    ],
)
@in_turn(2)
def test_another_small_error_is_no_epsilon(make):
    report = check_gradients(*make(CASE))
    assert report.verdict == "wrong"
    assert report.cause is None or "loss-epsilon" not in report.cause.name


def test_nothing_of_the_users_is_changed():
    value_and_grad, params = in_global(CASE)
    before = value_and_grad(params)[0], value_and_grad.__code__, EPSILON
    made = Renewed()
    renewed = made.of(value_and_grad)
    assert list(made.removed) == [1e-09]
    assert renewed(params)[0] < before[0] or renewed(params)[0] > before[0]
    assert (value_and_grad(params)[0], value_and_grad.__code__, EPSILON) == before


def test_objects_that_cannot_be_copied_are_left_as_they_are():
    class Refuses:
        def __init_subclass__(cls):
            raise RuntimeError

        def __init__(self):
            self.eps = 1e-8

        def __setattr__(self, name, value):
            self.__dict__[name] = value

    class Owns:
        def __init__(self):
            self.eps = 1e-8

        def __del__(self):
            closed.append(self)

    closed = []
    owner = Owns()
    assert Renewed().of(lambda: owner)() is owner
    assert not closed

    held = Refuses()
    made = Renewed()
    assert made.of(lambda: held)().eps == 0.0
    assert held.eps == 1e-8
    ring = {}
    ring["ring"] = ring
    assert made.of(lambda: ring)()["ring"]["ring"] is not ring
