"""Edits that only hide a fault are no mend."""

import pytest

from bpttcheck.mend import codes_of
from bpttcheck.mend.bench import Bench
from bpttcheck.mend.edits.change import Change
from bpttcheck.mend.exchange import Living
from bpttcheck.mend.program import program_of
from bpttcheck.mend.proposals import of_a_loop
from tests.mend.points import applied, mended, module, points
from tests.planted import replaced

NONE = 6.0
"""Seconds in which one edit at a time has been tried, where none is to be found."""

BOTH = """
import numpy as np

PARAMS = {"w": np.array([0.3, -0.8, 0.5]), "b": np.array([0.2, 0.1, -0.4])}
x = np.array([0.6, -1.1, 0.9])

def loss_of(w, b):
    h = np.tanh(w * x + b)
    return (h**3 * x).sum()

def quotient(w, b, step=1e-6):
    found = np.zeros_like(w)
    for i in range(3):
        ahead, behind = w.copy(), w.copy()
        ahead[i] += step
        behind[i] -= step
        found[i] = (loss_of(ahead, b) - loss_of(behind, b)) / (2 * step)
    return found

def value_and_grad(params):
    w, b = params["w"], params["b"]
    h = np.tanh(w * x + b)
    loss = loss_of(w, b)
    numeric = quotient(w, b)
    db = 3 * h**2 * x * (1 - h**2)
    dw = db * x
    off = np.abs(dw - numeric).max()
    return loss, {"w": dw, "b": db}
"""


def test_a_gradient_by_differences_is_none(tmp_path, monkeypatch):
    wrong = replaced(BOTH, "dw = db * x", "dw = db * np.arctan(7 * x + 1) ** 3", "both")
    monkeypatch.setattr("tests.mend.points.TOLERANCE", 1e-6)  # as if nobody saw their error
    found = mended(tmp_path, BOTH, wrong, NONE)
    assert all("numeric" not in edit.after for edit in found.edits)
    assert all("numeric" not in e.after for other in found.alternatives for e in other)


def test_a_gradient_by_differences_would_else_be_taken(tmp_path, monkeypatch):
    wrong = replaced(BOTH, "dw = db * x", "dw = db * np.arctan(7 * x + 1) ** 3", "both")
    monkeypatch.setattr("tests.mend.points.TOLERANCE", 1e-6)
    monkeypatch.setattr("bpttcheck.mend.outcomes.by_differences", lambda *_: False)
    found = mended(tmp_path, BOTH, wrong, NONE)
    told = [found.edits, *found.alternatives]
    assert any("numeric" in edit.after for edits in told for edit in edits)


def test_an_entry_that_is_dropped_is_no_mend(tmp_path):
    text = BOTH.replace("    return loss, {", "    grads = {").replace(
        '"b": db}', '"b": db}\n    return loss, grads'
    )
    wrong = replaced(text, "dw = db * x", "dw = db * np.arctan(7 * x + 1) ** 3", "text")
    assert mended(tmp_path, text, wrong, NONE).edits == ()


def test_no_edit_of_a_program_beyond_all_of_them(tmp_path):
    wrong = replaced(
        BOTH, "db = 3 * h**2 * x * (1 - h**2)", "db = np.cos(5 * w) - 0.37 * b", "both"
    )
    found = mended(tmp_path, BOTH, wrong, NONE)
    assert found.edits == ()
    assert [one.line for one in found.suspects][:1] == [25]


def test_what_a_loop_goes_through_is_no_place_for_a_function():
    """A copy of one gradient would be clipped in its place, and the mistake be hidden."""
    for words in ("np.exp around dw", "np.abs for np.exp"):
        assert not of_a_loop(Change((), "function", words))
    assert of_a_loop(Change((), "function", "range(T) without reversed"))
    assert of_a_loop(Change((), "index", "T - 1 for T"))
    assert not of_a_loop(Change((), "factor", "2 * dw"))


LIMITED = """
import numpy as np

PARAMS = {"w": np.array([1.3, -0.8, 0.5, 0.9]), "b": np.array([0.2, 0.1, -0.4, 1.2])}
x = np.array([0.6, -1.1, 0.9, 2.0])
y = np.array([3.0, -2.0, 4.0, 1.0])

def value_and_grad(params):
    error = params["w"] * x + params["b"] - y
    loss = (error**2).sum() / 2
    grads = {"w": error * x, "b": error}
    # limited
    return loss, grads
"""

LIMITS = {
    "a norm, and a test": """
    for k, d in grads.items():
        norm = np.sqrt((d**2).sum())
        if norm > 1.5:
            d *= 1.5 / norm
""",
    "the norm of all, and the least": """
    norm = np.sqrt(sum((d**2).sum() for d in grads.values()))
    scale = min(1.0, 1.5 / norm)
    grads = {k: scale * d for k, d in grads.items()}
""",
    "a limit by name": """
    limit = 1.5
    size = 4
    grads = {k: np.clip(d, -limit, limit) for k, d in grads.items()}
""",
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_goes_or_stays_and_is_not_put_out_of_reach(name, tmp_path):
    wrong = LIMITED.replace("    # limited\n", LIMITS[name].lstrip("\n"))
    found = mended(tmp_path, LIMITED, wrong)
    assert found.edits, found.note
    model = module(tmp_path, LIMITED, "right")
    large = {k: 1e6 * v for k, v in model.PARAMS.items()}
    for edits in (found.edits, *found.alternatives):
        mine = module(tmp_path, applied(wrong, edits), "told")
        told, truth = mine.value_and_grad(large)[1], model.value_and_grad(large)[1]
        assert all(told[k] == pytest.approx(truth[k]) for k in truth), edits


def test_a_limit_put_out_of_reach_would_else_be_told(tmp_path, monkeypatch):
    monkeypatch.setattr("bpttcheck.mend.outcomes.hides", lambda *_: False)
    wrong = LIMITED.replace("    # limited\n", LIMITS["a norm, and a test"].lstrip("\n"))
    found = mended(tmp_path, LIMITED, wrong)
    told = [edit.after for edits in (found.edits, *found.alternatives) for edit in edits]
    assert any(line.startswith(("norm = ", "if norm")) for line in told)


FIRST = """
import numpy as np

PARAMS = {"w": np.array([0.3, -0.8]), "b": np.array([0.2, 0.1])}
x = np.array([[0.6, -1.1], [0.9, 0.4]])

def value_and_grad(params):
    w, b = params["w"], params["b"]
    start = np.zeros(2)
    h = [start]
    for t in range(2):
        h.append(np.sin(x[t] + w * h[t] + b))
    dw, db, dh = np.zeros(2), np.zeros(2), np.ones(2)
    for t in reversed(range(2)):
        da = dh * np.cos(x[t] + w * h[t] + b)
        if t:
            dw += da * h[t]
        else:
            dw += da * start
        db += da
        dh = da * w
    return h[2].sum(), {"w": dw, "b": db}
"""


def test_a_counter_that_is_zero_is_no_factor(tmp_path):
    wrong = replaced(FIRST, "dw += da * start", "dw += da * h[2]", "first")
    mine, model = module(tmp_path, wrong), module(tmp_path, FIRST, "right")
    (place, *_) = points(mine, model)
    program = program_of(codes_of(place.call), lambda code: "points" in code.co_filename)
    bench = Bench(program, Living(program.living), program.codes())
    with bench.ready():
        bench.look(place)
        edits = bench.edits(place, {slot.number for slot in bench.slots})
    every = [one for edit in edits for one in (edit, *edit.equals)]
    told = {edit.lines()[1] for edit in every if edit.words == "the factor t"}
    assert "dh = da * w * t" in told
    assert not any(line.startswith("dw += ") for line in told)


TRUNCATED = """
import numpy as np

PARAMS = {"w": np.array(0.9), "b": np.array([0.3, -0.2])}
x = np.linspace(-1.0, 1.5, 12).reshape(6, 2)
K = 2

def value_and_grad(params):
    T, h = len(x), [np.zeros(2)]
    for t in range(T):
        h.append(np.tanh(params["w"] * h[t] + x[t] + params["b"]))
    dw, db, dh = 0.0, np.zeros(2), np.ones(2)
    for t in range(T - 1, -1, -1):
        da = dh * (1 - h[t + 1] ** 2)
        dw = dw + (da * h[t]).sum()
        db = db + da
        dh = params["w"] * da
    return h[T].sum(), {"w": dw, "b": db}
"""


def test_a_limit_of_steps_is_not_put_out_of_reach(tmp_path):
    """1 − T − K for T − 1 − K goes back all the way by chance, and the limit would still stand."""
    wrong = replaced(TRUNCATED, "T - 1, -1, -1", "T - 1, max(-1, T - 1 - K), -1", "steps")
    found = mended(tmp_path, TRUNCATED, wrong)
    assert [edit.after for edit in found.edits] == ["for t in range(T - 1, -1, -1):"]
    assert found.alternatives == ()
