"""A mistake of the forward pass is mended apart: the loss is another one then."""

import linecache

import numpy as np

from bpttcheck.check import check_problem
from bpttcheck.check.gallery import problem_with
from tests.day import in_turn
from tests.mend.points import module

GATES = """
import numpy as np

def forward(w, x):
    g = 1 / (1 + np.exp(-(x @ w["G"] + w["a"])))
    c = np.tanh(x @ w["C"] + w["a"])
    return g, c

def value_and_grad(w, x, y):
    g, c = forward(w, x)
    error = g * c - y
    dg = error * c * g * (1 - g)
    dc = error * g * (1 - c**2)
    grads = {"G": x.T @ dg, "a": dg.sum(0), "C": x.T @ dc, "b": dc.sum(0)}
    return (error**2).sum() / 2, grads

def problem(case):
    m, n = case.m, case.n
    x, y = case.rng.normal(size=(case.B, m)), case.rng.normal(size=(case.B, n))
    w = {k: case.rng.normal(size=s) for k, s in (("G", (m, n)), ("C", (m, n)), ("a", n), ("b", n))}
    return lambda p: value_and_grad(p, x, y), w

problem.cases = dict(T=(2, 3))
"""


@in_turn(6)
def test_a_bias_of_another_gate(tmp_path):
    report = check_problem(module(tmp_path, GATES).problem, max_examples=1)
    mend = report.mend
    assert [edit.after for edit in mend.edits] == ['c = np.tanh(x @ w["C"] + w["b"])']
    assert mend.changes_loss
    assert not mend.partial
    lines = [*mend.lines()]
    assert lines[0].startswith("mend of the forward pass: mine.py, line 6, in forward")
    assert any("the loss is another one then" in line for line in lines)
    fixed = module(tmp_path, GATES.replace('w["C"] + w["a"]', 'w["C"] + w["b"]'))
    assert check_problem(fixed.problem, max_examples=1).ok


@in_turn(3, 1)
def test_a_backward_pass_that_can_be_mended_is(tmp_path):
    wrong = GATES.replace('w["C"] + w["a"]', 'w["C"] + w["b"]').replace("dg.sum(0)", "dc.sum(0)")
    mend = check_problem(module(tmp_path, wrong).problem, max_examples=1).mend
    assert mend.edits
    assert not mend.changes_loss
    assert np.all([edit.function == "value_and_grad" for edit in mend.edits])


@in_turn(2)
def test_a_loss_that_depends_on_less_is_none():
    """Of a forward pass that forgets its states, the zeros that come here would be right."""
    report = check_problem(problem_with("do[t] @ V + message", "message ** 3"), max_examples=1)
    assert report.mend.edits == ()
    (first, *_) = report.mend.suspects
    assert linecache.getline(first.file, first.line).strip() == "dh = message ** 3"
    assert "it is zero whenever it runs" in first.why


@in_turn(2)
def test_what_no_step_gives_its_message_is_put_there():
    """That is the backward pass, and the loss what it was."""
    report = check_problem(problem_with("do[t] @ V + message", "message"), max_examples=1)
    (edit,) = report.mend.edits
    assert edit.after == "dh = message + do[t] @ V"
    assert not report.mend.partial
    assert not report.mend.changes_loss


@in_turn(2, 1)
def test_the_counter_of_a_loop_that_is_over_is_none_of_the_next():
    """The forward pass has left t = T − 1, which is right where the way back begins, by chance."""
    report = check_problem(problem_with("range(T - 1, -1", "range(T - 2, -1"), max_examples=1)
    assert [edit.after for edit in report.mend.edits] == ["for t in range(T - 1, -1, -1):"]
