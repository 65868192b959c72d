"""Last states as outputs beside the first: their values, and what comes back through them."""

import numpy as np
import pytest

from bpttcheck import adaptors, check_conformance, lstm
from bpttcheck.conformance import Layout
from tests.refusals import refuses

T, B, m, n = 4, 2, 3, 3
SHAPES = {"U": (n, m), "W": (n, n), "b": (n,)}
NAMES = {f"{k}_{g}": shape for k, shape in SHAPES.items() for g in "ifgo"}
RNG = np.random.default_rng(0)
P = {k: RNG.normal(size=s) for k, s in NAMES.items()}
P |= {"x": RNG.normal(size=(T, B, m)), "h0": RNG.normal(size=(B, n)), "c0": RNG.normal(size=(B, n))}
OWN = {k: k for k in NAMES} | {"x": "x[T,B,m]", "h0": "h0[B,n]", "c0": "c0[B,n]"}
LAYOUT = Layout("lstm", OWN, "h[T,B,n]; h_T[1,B,n]; c_T[n,B]")


def problem(slip="", outputs=3, squash="tanh"):
    """Return an LSTM that gives out h, h_T and c_T, or the first of them, perhaps with a slip."""
    torch = pytest.importorskip("torch", reason="PyTorch is optional: pip install .[torch]")

    def run(p):
        h, c, found = p["h0"], p["c0"], []
        for x in p["x"]:
            a = {g: x @ p[f"U_{g}"].T + h @ p[f"W_{g}"].T + p[f"b_{g}"] for g in "ifgo"}
            i, f, o = (torch.sigmoid(a[g]) for g in "ifo")
            c = f * c + i * getattr(torch, squash)(a["g"])
            h = o * getattr(torch, squash)(c)
            found.append(h)
        out = c.detach() + 0 * c if slip == "c_T without gradient" else c
        end = h if slip != "c for h" else c
        return (torch.stack(found), end[None], out.T)[:outputs]

    return adaptors.from_torch(run, P)


def test_all_three_are_compared():
    report = check_conformance(*problem(), LAYOUT)
    assert report.ok, report
    assert [part.name for part in report.parts][:3] == ["outputs", "h_T", "c_T"]
    alone = check_conformance(*problem(outputs=1), LAYOUT)
    assert alone.ok
    assert "c_T" not in [part.name for part in alone.parts]


def test_what_comes_back_through_the_last_cell_is_missed():
    report = check_conformance(*problem("c_T without gradient"), LAYOUT)
    assert report.verdict == "wrong"
    assert report["outputs"].verdict == report["c_T"].verdict == "right"
    assert report["W_f"].verdict == "wrong"


def test_another_last_state():
    report = check_conformance(*problem("c for h"), LAYOUT)
    assert report["h_T"].verdict == "wrong"
    assert report["outputs"].verdict == "right"


def test_another_squash():
    relu = LAYOUT.but(squash={"g": "relu", "c": "relu"})
    report = check_conformance(*problem(squash="relu"), relu)
    assert report.ok, report
    assert check_conformance(*problem(squash="relu"), LAYOUT)["outputs"].verdict == "wrong"
    assert check_conformance(*problem(), relu)["outputs"].verdict == "wrong"


def test_what_is_refused():
    said = "outputs: expected h[T,B,n]; h_T[1,B,n]; c_T[n,B], got 2 of 3"
    refuses(lambda: check_conformance(*problem(outputs=2), LAYOUT), ValueError, said)
    said = "outputs: expected c_T[B,n] = (2, 3), got (3, 2)"
    other = LAYOUT.but(outputs="h[T,B,n]; h_T[1,B,n]; c_T[B,n]")
    refuses(lambda: check_conformance(*problem(), other), ValueError, said)
    said = (
        "outputs: expected h_T[B,n], c_T[B,n], in any order of axes and with axes 1, got 'c[B,n]'"
    )
    refuses(lambda: LAYOUT.but(outputs="h[T,B,n]; c[B,n]"), ValueError, said.replace("'c", "' c"))


def test_our_own_forward_is_the_same():
    run = lstm.forward({k: P[k] for k in NAMES} | {"V": np.eye(n)}, P["x"], h0=P["h0"], c0=P["c0"])
    outputs, _ = problem().value_and_grad.pull(P)
    assert np.allclose(outputs[2].T, run.c[-1])
