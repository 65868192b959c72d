"""Conformance: layouts as data, the intervals, right cells, liars, bad input. NumPy alone."""

from dataclasses import replace

import numpy as np
import pytest

from bpttcheck import (
    Network,
    adaptors,
    coupled_lstm,
    flax_mgu,
    gru,
    lstm,
    mgu,
    peephole_lstm,
    projection_lstm,
)
from bpttcheck.conformance import (
    LAYOUTS,
    Comparison,
    Conformance,
    Layout,
    assert_conformance,
    check_conformance,
)
from bpttcheck.conformance.array_axes import arranged, restored
from bpttcheck.conformance.layout import KINDS
from bpttcheck.conformance.weight_blocks import filled, parts
from tests.adaptors import styles_of_code as code
from tests.adaptors.styles_of_code import drawn
from tests.conformance.rows import ROWS, tanh_rnn
from tests.witnesses.running_error import rounded, units


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("seed", range(5))
def test_a_cell_of_ones_own(dtype, seed):
    report = check_conformance(*tanh_rnn(dtype=dtype, seed=seed), ROWS)
    assert report.ok, report
    assert report.unit == np.finfo(dtype).eps / 2
    assert {p.name for p in report.parts} == {"outputs", "x", "h0", "U", "W", "b"}
    assert all(p.share <= 1 for p in report.parts)
    assert_conformance(*tanh_rnn(dtype=dtype, seed=seed), ROWS)


def test_saturated_cells_of_ones_own():
    """1 − h² from a rounded h has lost its digits, and is no mistake."""
    adapted = tanh_rnn()
    params = {k: 20 * a for k, a in adapted.params.items()}
    report = check_conformance(adapted.value_and_grad, params, ROWS)
    assert not [p for p in report.parts if p.verdict == "wrong"], report


def test_a_wrong_gradient_and_a_wrong_forward():
    report = check_conformance(*tanh_rnn(slip=1 + 1e-10), ROWS)
    assert report.verdict == "wrong"
    assert [p.name for p in report.parts if p.verdict == "wrong"] == ["W"]
    assert report["W"].share > 1
    assert "W not what the reference computes; outputs, x, h0, U, b as in the ref" in report.reason
    transposed = ROWS.but(W="W")
    report = check_conformance(*tanh_rnn(), transposed)
    assert report["outputs"].verdict == "wrong"
    with pytest.raises(AssertionError, match=r"^wrong: outputs"):
        assert_conformance(*tanh_rnn(), transposed)


@pytest.mark.parametrize(("share", "verdict"), [(0.9, "right"), (1.1, "wrong")])
def test_an_entry_is_right_up_to_the_end_of_its_interval(share, verdict):
    told = check_conformance(*tanh_rnn(), ROWS)["W"]

    def backward(dh, cache):
        dx, dh0, dU, dW, db = code.backward(dh, cache)
        dW[told.index] = told.expected + share * told.bound
        return dx, dh0, dU, dW, db

    report = check_conformance(
        *adaptors.from_vjp(lambda p: code.forward(**p), backward, drawn()), ROWS
    )
    assert report["W"].verdict == report.verdict == verdict
    assert report["W"].index == told.index
    assert report["W"].share == pytest.approx(share, abs=0.05)


def test_an_array_that_holds_the_negative_of_a_weight():
    params = drawn()
    params["U"] = -params["U"]

    def backward(dh, cache):
        dx, dh0, dU, *rest = code.backward(dh, cache)
        return dx, dh0, -dU, *rest

    adapted = adaptors.from_vjp(lambda p: code.forward(**p | {"U": -p["U"]}), backward, params)
    assert check_conformance(*adapted, ROWS.but(U="-U.T")).ok
    assert check_conformance(*adapted, ROWS)["outputs"].verdict == "wrong"


def test_other_axes():
    """Batch first, an axis of length one, and the last state alone."""
    params = drawn()
    params["x"] = params["x"].swapaxes(0, 1).copy()
    params["h0"] = params["h0"].T[None].copy()

    def forward(p):
        own = {**p, "x": p["x"].swapaxes(0, 1), "h0": p["h0"][0].T}
        h, cache = code.forward(**own)
        return h[-1].T, (cache, h)

    def backward(dlast, kept):
        dh = np.zeros_like(kept[1])
        dh[-1] = dlast.T
        dx, dh0, *rest = code.backward(dh, kept[0])
        return dx.swapaxes(0, 1), dh0.T[None], *rest

    layout = ROWS.but(x="x[B,T,m]", h0="h0[1,n,B]", outputs="h_T[n,B]")
    report = check_conformance(*adaptors.from_vjp(forward, backward, params), layout)
    assert report.ok, report
    assert report["outputs"].shape == (4, 2)


@pytest.mark.parametrize("begins", [0.0, 1.0])
def test_states_and_biases_that_are_left_out_are_zero(begins):
    """Somebody's cell may begin at zero and have no bias; one that begins elsewhere is another."""
    params = drawn()
    rest = {"h0": np.full_like(params.pop("h0"), begins), "b": np.zeros_like(params.pop("b"))}

    def backward(dh, cache):
        dx, _, dU, dW, _ = code.backward(dh, cache)
        return dx, dU, dW

    report = check_conformance(
        *adaptors.from_vjp(lambda p: code.forward(**p, **rest), backward, params), ROWS
    )
    assert {part.name for part in report.parts} == {"outputs", "x", "U", "W"}
    assert report.verdict == ("wrong" if begins else "right"), report
    assert report["outputs"].verdict == report.verdict


def gated(module, cell, seed, **options):
    """Return our own cell in the reference's names, as somebody's code."""
    T, B, m, n = 4, 2, 3, 4
    rng = np.random.default_rng(seed)
    sizes = {"n": n, "m": m, "r": 3}
    declared = KINDS[cell] if isinstance(cell, str) else cell.cell
    params = {k: rng.normal(size=[sizes[s] for s in axes])
              for k, axes in declared.axes.items() if "p" not in axes}  # fmt: skip
    width = {f"{k}0": declared.width(k) for k in declared.states}
    states = {k: rng.normal(size=(B, sizes[s])) for k, s in width.items()}
    weights = tuple(params)
    last = {"V": np.eye(sizes[width["h0"]])}

    def forward(p):
        run = module.forward(
            {k: p[k] for k in weights} | last, p["x"], **{k: p[k] for k in states}, **options
        )
        return run.h[1:], run

    def backward(dh, run):
        given = {k: params[k] for k in weights} | last
        found = module.backward(given, run, dh)
        initial = {k: getattr(found, f"d{k[0]}")[0] for k in states}
        return {**found.weights, **initial, "x": found.dx}

    everything = {**params, "x": rng.normal(size=(T, B, m)), **states}
    own = {k: k for k in params} | {"x": "x[T,B,m]"} | {k: f"{k}[B,{s}]" for k, s in width.items()}
    layout = Layout(cell, own, outputs=f"h[T,B,{width['h0']}]")
    return adaptors.from_vjp(forward, backward, everything), layout


MINE = Network(replace(mgu.cell, name="mine"))
"""A cell of one's own, which has no name here."""

GATED = [
    (lstm, "lstm", {}, {"W_i": "W_f", "W_f": "W_i"}),
    (gru, "gru", {"reset": "before"}, {"U_z": "-U_z"}),
    (gru, "gru, reset after", {"reset": "after"}, {"b_g": "b_Wg", "b_Wg": "b_g"}),
    (mgu, "mgu", {}, {"U_f": "-U_f"}),
    (coupled_lstm, "coupled_lstm", {}, {"W_o": "W_f", "W_f": "W_o"}),
    (coupled_lstm, "coupled_lstm", {}, {"h0": "c0[B,n]", "c0": "h0[B,n]"}),
    (peephole_lstm, "peephole_lstm", {}, {"P_i": "P_f", "P_f": "P_i"}),
    (projection_lstm, "projection_lstm", {}, {"R": "-R"}),
    (flax_mgu, "flax_mgu", {}, {"b_g": "b_Wg", "b_Wg": "b_g"}),
    (MINE, MINE, {}, {"U_f": "-U_f"}),
]


@pytest.mark.parametrize(("module", "cell", "options", "lie"), GATED)
def test_our_own_cells_and_liars(module, cell, options, lie):
    """A layout with two gates, a sign or two biases exchanged is another cell."""
    adapted, layout = gated(module, cell, 0, **options)
    report = check_conformance(*adapted, layout)
    assert report.ok, report
    lying = check_conformance(*adapted, layout.but(**lie))
    assert lying["outputs"].verdict == "wrong"


def test_reset_before_is_not_reset_after():
    adapted, layout = gated(gru, "gru", 0, reset="before")
    other = Layout("gru, reset after", layout.arrays)
    assert check_conformance(*adapted, layout).ok
    assert check_conformance(*adapted, other)["outputs"].verdict == "wrong"


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts_hold_every_weight(name):
    """What is assembled from weights is taken apart to the same weights; biases may be summed."""
    layout = LAYOUTS[name]
    axes, sizes = layout.weights, {"n": 3, "m": 2, "r": 4}
    rng = np.random.default_rng(0)
    weights = {k: rng.normal(size=[sizes[s] for s in symbols]) for k, symbols in axes.items()}
    found = {k: [] for k in weights}
    for array, rows in layout.blocks.items():
        whole = filled(rows, weights)
        for weight, part in parts(rows, whole, axes, sizes, array):
            found[weight].append(part)
    for weight, each in found.items():
        assert each or len(axes[weight]) == 1, weight
        constant = sum(part for part in each if np.ptp(part) == 0)
        assert all(
            np.allclose(part + constant, weights[weight], rtol=1e-15)
            for part in each
            if np.ptp(part)
        )
    expected = {"x", "h0", "c0"} if "lstm" in layout.cell else {"x", "h0"}
    assert set(layout.sequences()) == ({"x"} if name == "thinc.LSTM" else expected)


def test_axes_there_and_back():
    array = np.arange(24.0).reshape(2, 3, 4)
    for axes in (("T", "B", "n"), ("B", "1", "n", "T"), ("n", "B", "T", "1")):
        turned = arranged(array, "TBn", axes)
        assert turned.shape == tuple({"T": 2, "B": 3, "n": 4, "1": 1}[a] for a in axes)
        assert np.array_equal(restored(turned, "TBn", axes, "x"), array)


def test_intervals_hold_sums_in_any_order_and_are_narrow():
    rng = np.random.default_rng(0)
    for dtype, unit in ((np.float64, 2.0**-53), (np.float32, 2.0**-24)):
        a, b = (rng.normal(size=40).astype(dtype) for _ in range(2))
        interval = (rounded(a, units(unit, 40)) * rounded(b, units(unit, 40))).sum()
        for _ in range(50):
            order = rng.permutation(40)
            total = dtype(0)
            for i in order:
                total = dtype(total + a[i] * b[i])
            assert interval.contains(float(total))
        scale = float(np.abs(a * b).sum())
        assert not interval.contains(float(total) + 50 * 41 * unit * scale)
        assert (1 / rounded(b, units(unit, 1)))[0].contains(float(1 / np.float64(b[0])))
    with pytest.raises(ArithmeticError):
        (rounded([0.0], units(2.0**-53, 1)) + 0.0 * rounded([1.0], units(2.0**-53, 1)) - 1 + 1)[
            0
        ].is_positive()


def test_too_wide_an_interval_is_undecided():
    report = check_conformance(*tanh_rnn(T=20, dtype=np.float16), ROWS)
    assert report.verdict == "undecided"
    assert "rounding can move it by" in report.reason


def test_no_digit_is_shown_that_the_bound_leaves_open():
    part = Comparison("W", (1,), "right", (0,), 0.123456789, 0.123456789, 1e-5, 0.5)
    assert "0.123457  0.1235 ± 1e-05  0.5" in str(Conformance("right", "", (part,)))
    part = replace(part, bound=1e-10)
    assert "0.123456789  0.123456789 ± 1e-10" in str(Conformance("right", "", (part,)))


def test_what_a_person_and_a_program_read():
    report = check_conformance(*tanh_rnn(slip=1.5), ROWS)
    text = str(report)
    assert text.startswith("wrong: W not what the reference computes")
    assert "error / bound" in text
    found = report.to_dict()
    assert found["verdict"] == "wrong"
    assert {p["name"] for p in found["parts"]} == {"outputs", "x", "h0", "U", "W", "b"}
