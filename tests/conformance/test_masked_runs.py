"""Runs of BPTT that leave steps out, of every cell: two derivations of the same."""

from itertools import product

import numpy as np
import pytest

from bpttcheck import Network, adaptors
from bpttcheck.conformance import Layout, check_conformance
from bpttcheck.conformance.layout import KINDS
from tests.day import share

T, LENGTHS = 5, np.array([5, 2, 3])
SIZES = {"B": len(LENGTHS), "T": T, "m": 3, "n": 4, "r": 2}
TAKEN = np.arange(T)[:, None] < LENGTHS


def masked(name, dtype, taken=TAKEN):
    """Return a cell as our loops run it, and its layout."""
    cell, rng = KINDS[name], np.random.default_rng(0)
    network, width = Network(cell), cell.width("h")
    axes = {k: symbols for k, symbols in cell.axes.items() if "p" not in symbols}
    states = {f"{k}0": ("B", cell.width(k)) for k in cell.states}
    params = {
        k: rng.normal(size=[SIZES[s] for s in symbols]).astype(dtype)
        for k, symbols in (axes | states | {"x": ("T", "B", "m")}).items()
    }
    read = {"V": np.eye(SIZES[width], dtype=dtype)}

    def forward(p):
        weights = {k: p[k] for k in axes} | read
        run = network.forward(weights, p["x"], mask=taken, **{k: p[k] for k in states})
        return run.s, (weights, run)

    def backward(ds, cache):
        found = network.backward(*cache, ds)
        steps = {f"{k}0": found.steps[k][0] for k in cell.states}
        return {**{k: found.weights[k] for k in axes}, **steps, "x": found.dx}

    arrays = {k: k for k in axes} | {k: f"{k}[B,{n}]" for k, (_, n) in states.items()}
    layout = Layout(name, arrays | {"x": "x[T,B,m]"}, f"h[T,B,{width}]", padded="repeated")
    return adaptors.from_vjp(forward, backward, params), layout


ASKED = list(product(KINDS, ["float32", "float64"]))


@pytest.mark.parametrize(("name", "dtype"), share(ASKED, 3))
def test_a_step_that_is_left_out_moves_nothing(name, dtype):
    adapted, layout = masked(name, dtype)
    report = check_conformance(*adapted, layout, lengths=LENGTHS)
    assert report.verdict == "right", report
    more = TAKEN | (np.arange(T)[:, None] == LENGTHS)  # a step too many
    assert (
        check_conformance(*masked(name, dtype, more)[0], layout, lengths=LENGTHS).verdict == "wrong"
    )
