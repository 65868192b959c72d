"""The diagnosis of gated cells: the planted mistake is named, nothing else is."""

import itertools

import numpy as np
import pytest

from bpttcheck import check_gradients, coupled_lstm, gru, lstm, mgu
from bpttcheck.cases import Case
from bpttcheck.diagnosis.explanation import changed, explain, partly
from tests.day import in_turn, share
from tests.diagnosis import mistaken_coupled, mistaken_gru, mistaken_lstm, mistaken_mgu
from tests.diagnosis.diagnosed import named
from tests.diagnosis.mistaken import built, mistakes

STYLES = (
    mistaken_lstm.STYLES | mistaken_gru.STYLES | mistaken_coupled.STYLES | mistaken_mgu.STYLES
)  # fmt: skip
MISTAKES = mistakes(STYLES)


@pytest.mark.parametrize(("style", "cause", "old", "new"), share(MISTAKES, 70))
def test_a_mistake_in_somebody_elses_style(style, cause, old, new):
    assert named(built(STYLES, style, old, new)) == cause


@pytest.mark.parametrize("style", share(STYLES, 6))
def test_right_code_has_no_cause(style):
    assert named(built(STYLES, style)) == ""


@pytest.mark.parametrize(("style", "seed"), share(itertools.product(STYLES, range(3)), 24))
@in_turn(2, 1)
def test_what_is_not_known_has_no_cause(style, seed):
    """Noise in one gradient, at three sizes of error."""

    def problem(case):
        value_and_grad, params = built(STYLES, style)(case)
        name = list(params)[(5 * seed) % len(params)]
        noise = np.random.default_rng([seed, case.seed]).normal(size=params[name].shape)

        def lie(given):
            loss, grads = value_and_grad(given)
            return loss, grads | {name: grads[name] * (1 + 10.0 ** -(2 + 3 * seed) * noise)}

        return lie, params

    assert named(problem) == ""


CELLS = {
    "LSTM": ("ifgo", lstm), "LSTM without forget gate": ("igo", lstm), "GRU": ("zrg", gru),
    "coupled LSTM": ("fgo", coupled_lstm), "MGU": ("fg", mgu),
}  # fmt: skip


def reference(cell, T=5, B=2, m=3, n=4, p=2, **options):
    """Return ``value_and_grad`` of ours with the message to U_g's bias changed, and a point."""
    rng = np.random.default_rng(4)
    gates, module = CELLS[cell]
    params = {f"U_{k}": rng.normal(size=(n, m)) for k in gates}
    params |= {f"W_{k}": rng.normal(size=(n, n)) / 2 for k in gates}
    params |= {f"b_{k}": rng.normal(size=n) for k in gates} | {"V": rng.normal(size=(p, n))}
    x, y = rng.normal(size=(T, B, m)), rng.normal(size=(T, B, p))
    wrong = gates[1]

    def value_and_grad(given):
        value, grads = module.value_and_grad(given, x, y, loss="squared_error", **options)
        grads = {name: grads[name] for name in given}
        return value, grads | {f"b_{wrong}": 0.7 * grads[f"b_{wrong}"]}

    return value_and_grad, params


@pytest.mark.parametrize(
    ("cell", "options", "told"),
    share(
        [
            ("LSTM", {}, "recognised as an LSTM, squared error: "),
            ("LSTM", {"reduction": "mean"}, "recognised as an LSTM, squared error: "),
            ("GRU", {}, "recognised as a GRU, reset before the product, z keeps the state"),
            ("GRU", {"reset": "after"}, "recognised as a GRU, reset after the product, z keeps"),
            (
                "LSTM without forget gate",
                {"forget": False},
                "recognised as an LSTM without forget gate, squared",
            ),
            (
                "coupled LSTM",
                {},
                "recognised as an LSTM with coupled gates, f keeps the cell, squared",
            ),
            ("MGU", {}, "recognised as a minimal gated unit, squared error: "),
        ],
        2,
    ),
)
@in_turn(2)
def test_our_own_cells_are_recognised(cell, options, told):
    report = check_gradients(*reference(cell, **options))
    assert report.verdict == "wrong"
    assert report.cause.name == "common-factor"
    assert told in str(report)
    assert f"b_{CELLS[cell][0][1]}" in str(report.cause)


@in_turn(2)
def test_what_belongs_to_one_array_is_told_together():
    case = Case(T=5, B=3, m=2, n=4, p=3, regime="no zeros", seed=1)
    problem = built(STYLES, "LSTM, fused", "dh * o * (1 - tc ** 2)", "dh * o")
    value_and_grad, params = problem(case)
    report = check_gradients(value_and_grad, case.applied(params))
    assert report.cause.name == "cell-slope-missing"
    assert "[lstm.cell-gradient]" in str(report)
    assert "weight_hh (W_i, W_f, W_g, W_o)" in str(report)


@pytest.mark.parametrize("order", share(["oifg", "gifo", "fogi"], 3))
@in_turn(2, 1)
def test_gates_in_any_order(order):
    value_and_grad, params = reference("LSTM")

    def split(fused):
        return {
            f"{letter}_{gate}": part
            for letter in "UWb"
            for gate, part in zip(order, np.split(fused[letter], 4), strict=True)
        } | {"V": fused["V"]}

    def of_fused(fused):
        value, grads = value_and_grad(split(fused))
        return value, joined(grads)

    def joined(parts):
        found = {k: np.concatenate([parts[f"{k}_{gate}"] for gate in order]) for k in "UWb"}
        return found | {"V": parts["V"]}

    report = check_gradients(of_fused, joined(params))
    assert report.cause.name == "common-factor"
    assert f"b_f = b {order.index('f') + 1} of 4" in str(report)


SAME = {  # said in other words, and as true
    "gates-swapped": {"names-swapped"},
    "sign": {"common-factor"},
    "update-sign": {"gate-slope-of-another-function"},  # s ∘ (s − 1)
    "gate-message-sign": {"coupling-sign + sign"},  # both are, but for the message
    "coupling-sign": {"gate-slope-of-another-function"},
    "coupling-forgotten": {"stale-cache"},  # c_0 = 0 at every step
    "gate-use-missing": {"stale-cache"},
    "time-sum-missing | zero": {"common-factor | stale-cache"},  # by 0; h_0 = 0 at every step
    "recurrent-message-dropped": {
        "recurrent-terms-missing",
        "recurrent-terms-missing + recurrent-truncated",
    },
}


@pytest.mark.parametrize(
    ("style", "cause", "old", "new"),
    share([mistake for mistake in MISTAKES if mistake[1]], 180),
)
@in_turn(2)
def test_a_mistake_that_is_not_in_the_bank_gets_no_other_name(style, cause, old, new, monkeypatch):
    """Leave one out: with its own name taken away, nothing else may be named."""

    def without(make):
        return lambda *given: tuple(one for one in make(*given) if one.cause not in named_so)

    named_so = cause.split(" | ")
    changes = changed.changes
    monkeypatch.setattr(
        changed, "changes", lambda points: (c for c in changes(points) if c.cause not in named_so)
    )
    for name in ("passes", "sums", "plain", "proposed"):
        for module in (explain, changed, partly):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, without(getattr(module, name)))
    assert named(built(STYLES, style, old, new)) in {"", *SAME.get(cause, ())}
