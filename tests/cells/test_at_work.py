"""A declared cell: a reference for somebody's code, in the registry, in few lines; its cases."""

import ast
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import bpttcheck
from bpttcheck import adaptors, runs, strategies
from bpttcheck.conformance import Layout, check_conformance
from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from bpttcheck.verification.paste import source_of


def own_mgu(seed, slip=1.0):
    """Return an adapted MGU as somebody writes it: rows, fused weights, slopes from the values."""
    random = np.random.default_rng(seed)
    T, B, m, n = 3, 2, 2, 3
    params = {"gate": random.normal(size=(m + n, n)), "new": random.normal(size=(m + n, n)),
              "bias": random.normal(size=2 * n), "x": random.normal(size=(T, B, m)),
              "h0": random.normal(size=(B, n))}  # fmt: skip

    def forward(p):
        states, kept = [p["h0"]], []
        for x in p["x"]:
            h = states[-1]
            f = 1 / (1 + np.exp(-(np.hstack([x, h]) @ p["gate"] + p["bias"][:n])))
            g = np.tanh(np.hstack([x, f * h]) @ p["new"] + p["bias"][n:])
            states.append(h + f * (g - h))
            kept.append((x, h, f, g))
        return np.stack(states[1:]), (p, kept)

    def backward(dstates, made):
        p, kept = made
        grads = {k: np.zeros_like(a) for k, a in p.items()}
        dh = np.zeros_like(p["h0"])
        for t in range(T - 1, -1, -1):
            x, h, f, g = kept[t]
            dh = dh + dstates[t]
            dg = dh * f * (1 - g * g)
            into = dg @ p["new"].T
            df = (dh * (g - h) + slip * into[:, m:] * h) * f * (1 - f)
            back = df @ p["gate"].T
            grads["new"] += np.hstack([x, f * h]).T @ dg
            grads["gate"] += np.hstack([x, h]).T @ df
            grads["bias"] += np.concatenate([df.sum(0), dg.sum(0)])
            grads["x"][t] = into[:, :m] + back[:, :m]
            dh = dh * (1 - f) + into[:, m:] * f + back[:, m:]
        return {**grads, "h0": dh}

    def pulled(dstates, made):
        grads = backward(dstates, made)
        return tuple(grads[k] for k in params)

    return adaptors.from_vjp(forward, pulled, params)


FUSED = Layout("mgu", {"gate": "U_f.T; W_f.T", "new": "U_g.T; W_g.T", "bias": "b_f; b_g",
                       "x": "x[T,B,m]", "h0": "h0[B,n]"})  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_a_declared_cell_is_a_reference_for_somebody_s_code(seed):
    report = check_conformance(*own_mgu(seed), FUSED)
    assert report.verdict == "right", report
    report = check_conformance(*own_mgu(seed, slip=0.999), FUSED)
    assert report.verdict == "wrong"
    assert report["outputs"].verdict == "right"
    assert report["gate"].verdict == "wrong"


def code_lines(path):
    """Return the lines that are neither blank, comment nor docstring."""
    source = path.read_text(encoding="utf-8")
    told = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Module | ast.FunctionDef) and ast.get_docstring(node)
        for line in range(node.body[0].lineno, node.body[0].end_lineno + 1)
    }
    return [
        text
        for i, text in enumerate(source.splitlines(), 1)
        if text.strip() and i not in told and not text.strip().startswith("#")
    ]


def test_a_cell_takes_less_than_forty_lines_and_has_everything():
    root = Path(bpttcheck.__file__).parent
    for name in ("mgu", "coupled_lstm", "peephole_lstm", "projection_lstm", "flax_mgu"):
        assert len(code_lines(root / "cells" / f"{name}.py")) < 40, name
    mine = {i.id for i in REGISTRY if i.model == "mgu"}
    assert len(mine) == 36
    assert "mgu" in strategies.BY_MODEL
    assert MODELS["mgu"].exact_cases()


def test_cases_of_a_cell_are_pickled_and_pasted():
    case = runs.mgu.exact_cases()[0]
    again = pickle.loads(pickle.dumps(case))
    assert type(again) is type(case)
    pasted = eval(source_of(case), {"mgu": runs.mgu})
    for name, value in vars(case).items():
        assert np.array_equal(getattr(again, name), value)
        assert np.array_equal(getattr(pasted, name), value)
    with pytest.raises(ValueError, match=r"W_f: expected \(n, n\) = "):
        replace(case, W_f=[[1.0]])
