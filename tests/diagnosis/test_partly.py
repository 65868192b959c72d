"""Partial truth: what explains some gradients exactly, though others are wrong in another way."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.cases import Case
from bpttcheck.check import gallery
from bpttcheck.check.search.problem import TELLING, check_problem
from bpttcheck.diagnosis.explanation.cause import Cause
from bpttcheck.diagnosis.mistakes.whole_result import _to_joint_norm
from tests.day import in_turn, share
from tests.diagnosis.diagnosed import found_at, named

RNN = gallery.NETWORKS["vanilla RNN"][0]
LSTM = gallery.NETWORKS["LSTM"][0]
TRANSPOSED = ("message = da @ W\n", "message = da @ W.T\n")
SCALED = ("message = da @ W\n", "message = 0.9 * da @ W\n")
ONE_STEP = ("db += da.sum(0)", "db = da.sum(0)")
STALE = ("dW += da.T @ h[t]\n", "dW += da.T @ h[t + 1]\n")


def problem(change, *edits, source=RNN):
    """Return the problem of a source with edits, each gradient g of parameter k changed."""
    end = (
        "        return loss, grads\n"
        if source == RNN
        else "        return ((s - y) ** 2).sum() / 2, d\n"
    )
    grads = end.split(", ")[-1].strip()
    edits = (*edits, (end, end.replace(grads, f"{{k: {change} for k, g in {grads}.items()}}")))
    for old, new in edits:
        assert source.count(old) == 1
        source = source.replace(old, new)
    return gallery.problem_with(source=source)


SOME = [
    ("recurrent-transpose", "V", "np.sin(g) if k == 'V' else g", [TRANSPOSED]),
    ("clipped-result + recurrent-transpose", "V",
     "np.sin(g) if k == 'V' else np.clip(g, -9.5, 9.5) if k == 'c' else g", [TRANSPOSED]),
    ("common-factor", "W", "g / B if k == 'c' else np.sin(g) if k == 'W' else g", []),
    ("common-factor", "W b", "T * g if k == 'c' else np.sin(g) if k in 'Wb' else g", []),
    ("common-factor + sign", "W", "{'b': -g, 'c': 2 * g, 'W': np.sin(g)}.get(k, g)", []),
    ("time-sum-missing", "W", "np.sin(g) if k == 'W' else g", [ONE_STEP]),
    ("state-shifted", "V U", "g + 0.1 * np.sin(9 * g) if k in 'VU' else g", [STALE]),
    ("clipped-result", "U W b h0 x", "np.clip(g, -9.5, 9.5) if k == 'c' else g", [SCALED]),
    ("sign + state-shifted + time-sum-missing", "", "-g if k == 'V' else g", [STALE, ONE_STEP]),
]  # fmt: skip


@pytest.mark.parametrize(("cause", "unexplained", "change", "edits"), share(SOME, 12))
def test_some_gradients_are_explained(cause, unexplained, change, edits):
    found = found_at(problem(change, *edits))
    assert isinstance(found, Cause)
    assert found.name == cause
    assert set(found.unexplained) == set(unexplained.split())
    assert found.explained
    assert not set(found.explained) & set(found.unexplained)
    labels = {label for e in found.explanations for m in e.mistakes for label in m.labels}
    assert not labels & set(found.unexplained)


DECOYS = [
    ("np.sin(g) if k == 'U' else g", [TRANSPOSED]),  # of the message's gradients, one is left
    ("g", [SCALED]),
    ("g", [("1 - h[t + 1] ** 2", "1 - 0.9 * h[t + 1] ** 2")]),
    ("np.clip(g / B, -0.4, 0.4)", [TRANSPOSED]),  # all of c at its limit: signs, no clip of it
    ("np.sin(g) if k == 'V' else g", [SCALED]),
    ("1.1 * g if g.ndim == 3 and case.T == 6 else g", []),  # of a factor at one point alone
    ("g + 1e-3 * np.sin(1e3 * g)", [TRANSPOSED]),
    ("g * (1 + 1e-6 * np.arange(len(g)).reshape(-1, *[1] * (g.ndim - 1)))", []),
]


@pytest.mark.parametrize(("change", "edits"), share(DECOYS, 2))
def test_what_is_not_known_gets_no_name(change, edits):
    assert named(problem(change, *edits)) == ""


@pytest.mark.parametrize(
    ("cause", "unexplained", "change", "edits"),
    [("forget-gate-missing", "V", "np.sin(g) if k == 'V' else g",
      [("dc_next = f[t] * dc", "dc_next = dc")]),
     ("common-factor", "Wf", "g / T if k == 'bo' else np.sin(g) if k == 'Wf' else g", []),
     ("", "", "g", [("dc_next = f[t] * dc", "dc_next = f[t] * np.sin(dc)")])],
)  # fmt: skip
@in_turn(2, 1)
def test_some_gradients_of_a_gated_cell_are_explained(cause, unexplained, change, edits):
    found = found_at(problem(change, *edits, source=LSTM))
    assert (found.name if isinstance(found, Cause) else "") == cause
    if cause:
        assert set(found.unexplained) == set(unexplained.split())


BEHIND = [
    ("common-factor + recurrent-transpose", "T * g", [TRANSPOSED]),
    ("common-factor + state-shifted", "g / B", [STALE]),
    ("common-factor + state-shifted + time-sum-missing", "2 * g", [STALE, ONE_STEP]),
    ("clipped-result + state-shifted", "np.clip(g, -1.5, 1.5)", [STALE]),
    ("clipped-result + recurrent-transpose + time-sum-missing", "np.clip(g, -1.5, 1.5)",
     [TRANSPOSED, ONE_STEP]),
    ("sign + state-shifted", "-g", [STALE]),
]  # fmt: skip


@pytest.mark.parametrize(("cause", "change", "edits"), share(BEHIND, 8))
@in_turn(2, 1)
def test_a_factor_or_a_clip_hides_no_mistake(cause, change, edits):
    found = found_at(problem(change, *edits))
    assert isinstance(found, Cause), found
    assert found.name == cause
    assert not found.unexplained


@in_turn(2, 1)
def test_what_is_left_is_told_and_read_by_programs():
    report = check_problem(problem("np.sin(g) if k == 'V' else g", TRANSPOSED), max_examples=1)
    text = str(report)
    assert "  V: unexplained, wrong in another way" in text
    assert "entries of W, U, x, b, h0 at" in text
    found = json.loads(json.dumps(report.to_dict()))["cause"]
    assert found["unexplained"] == ["V"]
    assert set(found["explained"]) == {"W", "U", "x", "b", "h0"}
    assert {"name", "explanations", "network", "points", "entries"} < found.keys()


@in_turn(2, 1)
def test_one_factor_in_code_that_is_no_network_of_ours():
    def made(case):
        keys = case.rng.normal(size=(case.T, case.m))

        def lie(p):
            z = np.cos(keys @ p["A"])
            dA = -keys.T @ np.sin(keys @ p["A"]) * p["s"]
            ds = z.sum(0)
            return (z.sum(0) * p["s"]).sum(), {"A": case.T * dA, "s": ds + 0.1 * np.sin(9 * ds)}

        return lie, {"A": case.rng.normal(size=(case.m, case.n)), "s": case.rng.normal(size=case.n)}

    report = check_problem(made, max_examples=1, cases={"T": (2, 6)})
    assert report.cause.name == "common-factor"
    assert report.cause.explanations[0].mistakes[0].detail == "times T"
    assert report.cause.unexplained == ("s",)


@in_turn(2)
def test_at_points_of_one_size_nothing_but_a_factor_is_said():
    case = replace(TELLING[0])
    factor = check_gradients(*problem("g / 3 if k == 'c' else np.sin(g) if k == 'W' else g")(case))
    assert factor.cause.name == "common-factor"
    assert factor.cause.unexplained == ("W",)
    report = check_gradients(*problem("np.sin(g) if k == 'W' else g", ONE_STEP)(replace(case)))
    assert report.cause is None


def test_nothing_is_left_where_all_is_explained():
    report = check_gradients(*problem("g", TRANSPOSED)(Case(T=4, B=2, m=2, n=3, p=2)))
    assert report.cause.unexplained == ()
    assert "unexplained" not in str(report)


def test_points_at_which_nothing_was_seen_bear_no_cause_out():
    """Of one entry, a limit can always be read off; at the other sizes too many are wrong."""

    def made(case):
        W = case.rng.uniform(0.2, 1.0, 1 if case.n == 1 else 500)

        def shrunk(p):
            W = np.asarray(p["W"], float)
            return float(np.sin(W).sum()), {"W": np.cos(W) * (0.9 + 0.01 * W)}

        return shrunk, {"W": W}

    report = check_problem(made, max_examples=1)
    assert report.verdict == "wrong"
    assert report["W"].shape == (1,)
    assert report.cause is None
    assert any("at one point alone" in note for note in report.notes)


def test_where_all_that_is_clipped_is_zero_nothing_is_divided_by_its_norm():
    scene = SimpleNamespace(truths={"W": np.zeros((2, 2)), "c": np.ones(2)})
    assert not _to_joint_norm(("W",), 0.5, 0.0, scene, "W").any()
