"""Edits that only hide a fault are no mend."""

from bpttcheck.mend.edits.change import Change
from bpttcheck.mend.proposals import of_a_loop
from tests.mend.points import mended
from tests.planted import replaced

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
    found = mended(tmp_path, BOTH, wrong)
    assert all("numeric" not in edit.after for edit in found.edits)
    assert all("numeric" not in e.after for other in found.alternatives for e in other)


def test_a_gradient_by_differences_would_else_be_taken(tmp_path, monkeypatch):
    wrong = replaced(BOTH, "dw = db * x", "dw = db * np.arctan(7 * x + 1) ** 3", "both")
    monkeypatch.setattr("tests.mend.points.TOLERANCE", 1e-6)
    monkeypatch.setattr("bpttcheck.mend.scan.by_differences", lambda *_: False)
    found = mended(tmp_path, BOTH, wrong)
    told = [found.edits, *found.alternatives]
    assert any("numeric" in edit.after for edits in told for edit in edits)


def test_an_entry_that_is_dropped_is_no_mend(tmp_path):
    text = BOTH.replace("    return loss, {", "    grads = {").replace(
        '"b": db}', '"b": db}\n    return loss, grads'
    )
    wrong = replaced(text, "dw = db * x", "dw = db * np.arctan(7 * x + 1) ** 3", "text")
    assert mended(tmp_path, text, wrong).edits == ()


def test_no_edit_of_a_program_beyond_all_of_them(tmp_path):
    wrong = replaced(
        BOTH, "db = 3 * h**2 * x * (1 - h**2)", "db = np.cos(5 * w) - 0.37 * b", "both"
    )
    found = mended(tmp_path, BOTH, wrong)
    assert found.edits == ()
    assert [one.line for one in found.suspects][:1] == [25]


def test_what_a_loop_goes_through_is_no_place_for_a_function():
    """A copy of one gradient would be clipped in its place, and the mistake be hidden."""
    for words in ("np.exp around dw", "np.abs for np.exp"):
        assert not of_a_loop(Change((), "function", words))
    assert of_a_loop(Change((), "function", "range(T) without reversed"))
    assert of_a_loop(Change((), "index", "T - 1 for T"))
    assert not of_a_loop(Change((), "factor", "2 * dw"))
