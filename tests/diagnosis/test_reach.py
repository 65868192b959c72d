"""What a diagnosis finds in reach of a function: it runs no code of theirs, and has an end."""

import functools
from types import SimpleNamespace

import numpy as np
import pytest

from bpttcheck.check import check_gradients as checking
from bpttcheck.check import gallery
from bpttcheck.check.cause.diagnose import diagnosed
from bpttcheck.check.program.clock import Clock
from bpttcheck.check.program.reach import reachable
from bpttcheck.check.search.problem import check_problem
from bpttcheck.diagnosis.recognition import recognise
from bpttcheck.diagnosis.recognition.layouts import sequences
from bpttcheck.diagnosis.recognition.roles import ArraySlot, Reading
from tests.day import in_turn
from tests.diagnosis.diagnosed import named

X = np.arange(6.0).reshape(2, 3)
RAN = []


class Liar:
    """Answers every question with code of its own, which is what may not run."""

    def __getattribute__(self, name):
        RAN.append(name)
        raise RuntimeError(name)

    def __getattr__(self, name):
        RAN.append(name)
        return lambda *given: None

    def _ran(self, *given):
        RAN.append("method")
        raise RuntimeError

    __iter__ = __len__ = __getitem__ = __array__ = __bool__ = __eq__ = __repr__ = __str__ = _ran
    __hash__ = object.__hash__
    __class__ = property(_ran)


class Proxy:
    """Answers every attribute, ``__dict__`` too, and holds nothing."""

    __slots__ = ()

    def __getattr__(self, name):
        RAN.append(name)
        return lambda *given: None


class OwnDict:
    def __init__(self):
        self.x = X

    @property
    def __dict__(self):
        RAN.append("__dict__")
        return 3


class Meta(type):
    def __eq__(cls, other):
        RAN.append("==")
        return True

    def __hash__(cls):
        return 0

    def __instancecheck__(cls, other):
        RAN.append("isinstance")
        return True


class Odd(metaclass=Meta):
    pass


class Numbered(dict):
    def items(self):
        RAN.append("items")
        return []

    __iter__ = keys = values = items


class Listed(list):
    def __iter__(self):
        RAN.append("iter")
        return iter(())


class Slotted:
    __slots__ = ("empty", "x")

    def __init__(self):
        self.x = X


def odd_names():
    held = SimpleNamespace()
    held.__dict__[3] = X
    held.__dict__[Liar()] = X + 1
    return held


@pytest.mark.parametrize(
    ("make", "count"),
    [(Liar, 0), (Proxy, 0), (OwnDict, 0), (Odd, 0), (Slotted, 1), (odd_names, 2),
     (lambda: Numbered(a=X), 1), (lambda: Listed([[1.0, 2.0], [3.0, 4.0]]), 3),
     (lambda: {Liar(): X, 1j: X + 1}, 2), (lambda: [Liar(), X], 1), (lambda: [[Liar()]], 0),
     (lambda: np.array([{1: X}], dtype=object), 0), (lambda: (1 << 5000, "text"), 0),
     (lambda: functools.partial(max, X, k=X + 1), 2), (lambda: Liar, 0), (lambda: True, 0),
     (lambda: np.ma.masked_array(X), 1), (lambda: {"a": {"b": Slotted()}}, 1)],
)  # fmt: skip
def test_nothing_in_reach_is_run(make, count):
    thing = make()

    def function():
        return thing

    RAN.clear()
    found = reachable(function)
    assert not RAN
    assert len(found) == count
    assert all(type(a) is np.ndarray for a in found.values())


def test_what_holds_itself_has_an_end():
    loop = [1.0]
    loop.append(loop)
    ring = {"x": X}
    ring["ring"] = ring
    found = reachable(lambda: (loop, ring))
    assert [a.shape for a in found.values() if a.ndim] == [(2, 3)]


@in_turn(2, 1)
def test_a_proxy_in_reach_is_no_obstacle():
    proxy = Proxy()

    def problem(case):
        x = case.rng.normal(size=(case.T, case.m))

        def lie(p):
            h = np.tanh(x @ p["W"])
            return (h.sum() if proxy else 0.0), {"W": x.T @ (1 - h)}

        return lie, {"W": case.rng.normal(size=(case.m, case.n))}

    report = check_problem(problem, max_examples=1)
    assert report.verdict == "wrong"


MENTIONED = 60
SHAPES = ("(T, B, m)", "(T, B, p)", "(B, n)", "(T, B, n)", "(n,)", "(n, n)", "(T, B)")


def with_globals(forward="", backward=""):
    """Return the gallery's LSTM, changed, in whose reach are sixty more arrays."""
    source = gallery.NETWORKS["LSTM"][0]
    shapes = ", ".join(SHAPES)
    names = [f"other{k}" for k in range(MENTIONED)]
    drawn = f"    sizes = [{shapes}]\n    extra = [rng.normal(size=sizes[k % {len(SHAPES)}]) "
    drawn += f"for k in range({MENTIONED})]\n"
    drawn += "".join(f"    {name} = extra[{k}]\n" for k, name in enumerate(names))
    held = f"        {', '.join(names)}\n"
    for old, new in (
        ("\n    def value_and_grad(q):\n", f"\n{drawn}    def value_and_grad(q):\n{held}"),
        ("h[t + 1] = o[t] * np.tanh(c[t + 1])", forward),
        ("dc_next = f[t] * dc", backward),
    ):
        assert source.count(old) == 1
        source = source.replace(old, new or old)
    return gallery.problem_with(source=source)


def test_sixty_arrays_in_reach_hide_nothing():
    assert named(with_globals(backward="dc_next = dc")) == "forget-gate-missing"


@in_turn(4)
def test_sixty_arrays_in_reach_are_read_in_a_few_ways_alone(monkeypatch):
    """Of a cell that is not ours, whose readings are as many as the arrays allow."""
    count = []
    tried = recognise._Recognition.fitting
    monkeypatch.setattr(
        recognise._Recognition, "fitting", lambda self, one: (count.append(1), tried(self, one))[1]
    )
    assert named(with_globals("h[t + 1] = o[t] * np.sin(c[t + 1])")) == ""
    assert 100 < len(count) < 6000


class Stopped(Clock):
    """A clock that is over once it was asked so often."""

    def __init__(self, asked):
        self.asked = asked

    @property
    def left(self):
        self.asked -= 1
        return float(self.asked > 0)


@pytest.mark.parametrize(
    ("asked", "doing"),
    [(1, "further points were asked"), (3, "the arrays in reach were read as a network"),
     (60, "the mistakes that are known were compared with the gradients")],
)  # fmt: skip
def test_a_budget_that_is_over_is_said(asked, doing):
    params = {"U": np.ones((3, 2)), "W": np.eye(3) / 2, "V": np.ones((1, 3)), "b": np.zeros(3)}
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(5, 2, 2)), rng.normal(size=(5, 2, 1))

    def lie(p):
        h, states = np.zeros((2, 3)), []
        for x_t in x:
            h = np.tanh(x_t @ p["U"].T + h @ p["W"].T + p["b"])
            states.append(h)
        e = np.stack(states) @ p["V"].T - y
        return (e**2).sum() / 2, {k: np.sin(7 * a) + 1 for k, a in p.items()}

    report = checking(lie, params, locate=False)
    assert report.verdict == "wrong"
    found = diagnosed(report, lambda r: [], list, {}, Stopped(asked))
    assert found.cause is None
    assert found.notes[-1] == f"no cause is named: the budget was over while {doing}"


def test_a_reading_by_classes_is_given_up_where_there_are_others():
    cell = SimpleNamespace(gates=("a",))
    layout = next(one for one in sequences(np.array([0, 2, 1]), 3) if "indices" in one.name)
    reading = Reading(cell, (("x", ArraySlot("data", "x", layout)),))
    assert reading.rebound({}, {"x": np.array([0, -1])}) is None
