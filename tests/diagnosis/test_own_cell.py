"""A cell of the user's own: declared, it is recognised, and its mistakes are named.

Nothing is written for the two here: an LSTM whose gates look at the cell, and one whose state is
projected to fewer numbers. Their backward passes are plain NumPy.
"""

import pytest

from bpttcheck import check_gradients
from bpttcheck.activations import sigmoid, tanh
from bpttcheck.cases import Case
from bpttcheck.cells.cell import Cell, Gate
from bpttcheck.check.program.contract import cells_of
from bpttcheck.check.search.problem import check_problem
from bpttcheck.diagnosis.mistakes.bank import passes
from tests.day import in_turn, share
from tests.diagnosis.diagnosed import found_at

GATES = {
    "i": Gate("input gate", sigmoid),
    "f": Gate("forget gate", sigmoid),
    "g": Gate("candidate", tanh),
    "o": Gate("output gate", sigmoid),
}
STATES = {"h": "state", "c": "cell"}


def peephole_step(s):
    h, c = s.before("h"), s.before("c")
    i = s.gate("i", h, plus=s.weight("P_i") * c)
    f = s.gate("f", h, plus=s.weight("P_f") * c)
    c = s.state("c", f * s.carried("c") + i * s.gate("g", h))
    o = s.gate("o", h, plus=s.weight("P_o") * c)
    s.state("h", o * s.squashed("c"))


def projection_step(s):
    o, i, f, g = s.gates("oifg", s.before("h"))
    s.state("c", f * s.carried("c") + i * g)
    s.state("h", s.linear("R", o * s.squashed("c")))


PEEPHOLES = Cell(
    "peephole_lstm",
    "The LSTM with peepholes",
    GATES,
    peephole_step,
    STATES,
    path="c",
    weights={"P_i": ("n",), "P_f": ("n",), "P_o": ("n",)},
)
PROJECTION = Cell(
    "projected_lstm",
    "The LSTM with projection",
    GATES,
    projection_step,
    STATES,
    path="c",
    weights={"R": ("r", "n")},
    widths={"h": "r"},
)

SOURCE = """
import numpy as np

def sigmoid(a):
    return 1 / (1 + np.exp(-a))

def problem(case):
    rng, T, B, m, n, p = case.rng, case.T, case.B, case.m, case.n + 1, case.p
    r = n - 1 if PROJECTED else n
    q = {k + g: rng.normal(size=(n, m if k == "U" else r)) / 2 for k in "UW" for g in "ifgo"}
    q |= {"b" + g: rng.normal(size=n) / 2 for g in "ifgo"} | {"V": rng.normal(size=(p, r))}
    q |= {"R": rng.normal(size=(r, n))} if PROJECTED else {
        "P_" + g: rng.normal(size=n) for g in "ifo"}
    x, y = rng.normal(size=(T, B, m)), rng.normal(size=(T, B, p))

    def value_and_grad(q):
        look = {g: 0.0 if PROJECTED else q["P_" + g] for g in "ifo"}
        h, c, cache, loss = np.zeros((B, r)), np.zeros((B, n)), [], 0.0
        for t in range(T):
            a = {g: x[t] @ q["U" + g].T + h @ q["W" + g].T + q["b" + g] for g in "ifgo"}
            i, f = sigmoid(a["i"] + look["i"] * c), sigmoid(a["f"] + look["f"] * c)
            g, before, old = np.tanh(a["g"]), h, c
            c = f * old + i * g
            o = sigmoid(a["o"] + look["o"] * c)
            out = o * np.tanh(c)
            h = out @ q["R"].T if PROJECTED else out
            e = h @ q["V"].T - y[t]
            loss += (e ** 2).sum() / 2
            cache.append((before, old, i, f, g, o, c, out, h, e))
        d = {k: np.zeros_like(a) for k, a in q.items()}
        dh, dc = np.zeros((B, r)), np.zeros((B, n))
        for t in reversed(range(T)):
            before, old, i, f, g, o, c, out, h, e = cache[t]
            d["V"] += e.T @ h
            dh = dh + e @ q["V"]
            dout = dh
            if PROJECTED:
                d["R"] += dh.T @ out
                dout = dh @ q["R"]
            da = {"o": dout * np.tanh(c) * o * (1 - o)}
            dc = dc + dout * o * (1 - np.tanh(c) ** 2) + look["o"] * da["o"]
            da |= {"i": dc * g * i * (1 - i), "f": dc * old * f * (1 - f)}
            da |= {"g": dc * i * (1 - g ** 2)}
            for k, seen in (("i", old), ("f", old), ("o", c)):
                if not PROJECTED:
                    d["P_" + k] += (da[k] * seen).sum(0)
            for k in "ifgo":
                d["U" + k] += da[k].T @ x[t]
                d["W" + k] += da[k].T @ before
                d["b" + k] += da[k].sum(0)
            dh = sum(da[k] @ q["W" + k] for k in "ifgo")
            dc = dc * f + look["i"] * da["i"] + look["f"] * da["f"]
        return loss, d

    return value_and_grad, q
"""
SENT = 'for k in "ifgo")\n            dc'
LOOKED = ' + look["i"] * da["i"] + look["f"] * da["f"]'
MISTAKES = [
    (PEEPHOLES, "", "", ""),
    (PEEPHOLES, "gate-message-missing", LOOKED, ""),
    (PEEPHOLES, "gate-message-missing", ' + look["o"] * da["o"]', ""),
    (PEEPHOLES, "gate-message-missing", ' + look["i"] * da["i"]', ""),
    (PEEPHOLES, "recurrent-weight-missing", 'look["f"] * da["f"]', 'da["f"]'),
    (PEEPHOLES, "wrong-weight", 'look["f"] * da["f"]', 'look["i"] * da["f"]'),
    (PEEPHOLES, "cell-shifted", '("o", c)', '("o", old)'),
    (PEEPHOLES, "cell-shifted", '(("i", old)', '(("i", c)'),
    (PEEPHOLES, "time-sum-missing", 'd["P_" + k] +=', 'd["P_" + k] ='),
    (PEEPHOLES, "forget-gate-missing", "dc = dc * f +", "dc = dc +"),
    (PEEPHOLES, "cell-slope-missing", " * (1 - np.tanh(c) ** 2)", ""),
    (PEEPHOLES, "", "dc = dc * f +", "dc = np.sin(dc) * f +"),
    (PROJECTION, "", "", ""),
    (PROJECTION, "time-sum-missing", 'd["R"] +=', 'd["R"] ='),
    (PROJECTION, "state-shifted", 'd["R"] += dh.T @ out', 'd["R"] += dh.T @ c'),
    (PROJECTION, "cell-slope-missing", " * (1 - np.tanh(c) ** 2)", ""),
    (
        PROJECTION,
        "gate-message-missing",
        'for k in "ifgo")\n            dc',
        'for k in "ifo")\n            dc',
    ),
    (PROJECTION, "forget-gate-missing", "dc = dc * f +", "dc = dc +"),
    (PROJECTION, "", 'dout = dh @ q["R"]', 'dout = np.sin(dh) @ q["R"]'),
]


def problem_of(cell, old="", new=""):
    assert not old or SOURCE.count(old) == 1
    space = {"PROJECTED": cell is PROJECTION}
    exec(SOURCE.replace(old, new), space)
    return space["problem"]


@pytest.mark.parametrize(("cell", "cause", "old", "new"), share(MISTAKES, 8))
@in_turn(2)
def test_a_mistake_in_a_cell_of_ones_own(cell, cause, old, new):
    found = found_at(problem_of(cell, old, new), cells=[cell])
    assert (found.name if hasattr(found, "name") else "") == cause
    assert f"the cell {cell.name!r}" in str(found) or "within the bound" in found


def test_what_is_not_passed_is_not_known():
    assert found_at(problem_of(PEEPHOLES, LOOKED, "")) is None


@in_turn(3)
def test_a_cell_is_passed_to_the_check():
    case = Case(T=4, B=2, m=2, n=2, p=3, regime="no zeros", seed=1)
    value_and_grad, params = problem_of(PEEPHOLES, LOOKED, "")(case)
    report = check_gradients(value_and_grad, case.applied(params), cell=PEEPHOLES, mend=False)
    assert report.cause.name == "gate-message-missing"
    assert "recognised as the cell 'peephole_lstm', squared error: " in str(report)
    assert "right, of the cells that are known: ∂L/∂h_{t−1} has a term W_kᵀ ∂L/∂a_k" in str(report)
    with pytest.raises(TypeError, match=r"^cell: expected a bpttcheck\.Cell, got 'peepholes'$"):
        check_gradients(value_and_grad, params, cell="peepholes")


@in_turn(2, 1)
def test_a_problem_has_its_cell_beside_it():
    problem = problem_of(PEEPHOLES, "dc = dc * f +", "dc = dc +")
    problem.cell = PEEPHOLES
    report = check_problem(problem, max_examples=1, mend=False)
    assert report.cause.name == "forget-gate-missing"


def test_a_cell_of_that_name_in_the_file_is_the_problems():
    problem = problem_of(PEEPHOLES, "dc = dc * f +", "dc = dc +")
    assert cells_of(problem) == ()
    problem.__globals__["cell"] = "a word that a file may use for anything"
    assert cells_of(problem) == ()
    problem.__globals__["cell"] = PEEPHOLES
    assert cells_of(problem) == (PEEPHOLES,)


def test_a_bank_for_every_edge():
    told = {(p.cause, p.detail) for p in passes(PEEPHOLES)}
    assert ("gate-message-missing", "in what a_o tells c") in told
    assert ("gate-message-sign", "in what a_f tells c_{t−1}") in told
