"""State Jacobians of the vanilla RNN, immediate and total derivatives: those of the witnesses."""

import numpy as np
import pytest

from bpttcheck import rnn, sigmoid
from bpttcheck.arithmetic.dual import duals
from bpttcheck.arithmetic.finite_field import Element, key, random_residues, residues
from bpttcheck.bptt.state_jacobians import immediate_of, jacobian_of, total_of
from bpttcheck.cells.forward import equations
from bpttcheck.runs.rnn_evaluation import RNNEvaluation
from bpttcheck.runs.rnn_model import MODEL, Case
from bpttcheck.runs.systems import Field
from tests.refusals import refusals, refuses


def case(T=3, B=2, m=2, n=3, p=1, phi="arbitrary"):
    shapes = ((n, m), (n, n), (p, n), n, p, (T + 1, B, m), (B, n), (T, B, p))
    return Case(*(np.zeros(s) for s in shapes), phi=phi, loss="squared_error", targets="any")


@pytest.fixture(scope="module")
def evaluated():
    """A network whose φ is a symbol: what holds here holds for every activation."""
    system, given = Field("jacobians"), case()
    with system.active():
        symbols = MODEL.evaluate(given, system)
        yield symbols, RNNEvaluation(given, system, None)


def same(left, right):
    return all(a == b for a, b in zip(left.flat, right.flat, strict=True))


@pytest.mark.parametrize(("t", "k"), [(t, k) for t in range(4) for k in range(t + 1)])
def test_the_jacobian_of_h_is_the_witnesses(evaluated, t, k):
    symbols, e = evaluated
    computed = jacobian_of(e.weights, e.run, t, k, "h", "h")
    witness = symbols["d"](symbols["h"][t], symbols["h"][k]).value
    assert same(computed, witness)
    if t > k:
        assert not same(computed.mT, witness), "the transpose must be seen"


@pytest.mark.parametrize(("t", "k"), [(t, k) for t in range(1, 5) for k in range(1, t + 1)])
def test_the_jacobian_of_a_is_the_witnesses(evaluated, t, k):
    symbols, e = evaluated
    computed = jacobian_of(e.weights, e.run, t, k, "a", "a")
    assert same(computed, symbols["d"](symbols["a"][t], symbols["a"][k]).value)


@pytest.mark.parametrize("weight", ["U", "W", "b"])
@pytest.mark.parametrize("state", ["h", "a"])
def test_immediate_and_total_derivatives_are_the_witnesses(evaluated, weight, state):
    symbols, e = evaluated
    immediate = symbols["immediate"]
    for k in (1, 3):
        computed = immediate_of(e.weights, e.run, k, weight, state)
        total = total_of(e.weights, e.run, k, weight)
        for index in np.ndindex(*e.weights[weight].shape):
            under = symbols[weight][(*(i + 1 for i in index), 1)[:2]]
            column = immediate(symbols[state][k], under).value[..., 0]
            assert same(computed[(..., *index)], column)
            witness = symbols["d"](symbols["h"][k], under).value[..., 0]
            assert same(total[(..., *index)], witness)
            if k > 1 and state == "h":
                assert not same(column, witness), "immediate is not total"


def network(random, T=4, B=3, m=2, n=3, p=2):
    shapes = {"U": (n, m), "W": (n, n), "V": (p, n), "b": n, "b_s": p}
    return {k: random.standard_normal(s) for k, s in shapes.items()}, random.standard_normal(
        (T, B, m)
    )


def test_layouts_are_transposes_of_each_other():
    params, x = network(np.random.default_rng(0))
    run = rnn.forward(params, x)
    numerator = rnn.state_jacobian(params, run, 3, 1)
    denominator = rnn.state_jacobian(params, run, 3, 1, layout="denominator")
    assert numerator.shape == (3, 3, 3)
    np.testing.assert_array_equal(denominator, numerator.mT)
    assert (rnn.state_jacobian(params, run, 2, 2) == np.eye(3)).all()


def test_a_single_sequence_has_no_axis_of_sequences():
    params, x = network(np.random.default_rng(1))
    one = rnn.forward(params, x[:, 0])
    all_of_them = rnn.forward(params, x)
    for function, arguments in (
        (rnn.state_jacobian, (4, 0)),
        (rnn.immediate_derivative, (2, "W")),
        (rnn.total_derivative, (4, "U")),
    ):
        got = function(params, one, *arguments)
        expected = function(params, all_of_them, *arguments)[0]
        assert got.shape == expected.shape
        bound = np.spacing(np.abs(expected).max()) * 16  # another order of the same 3-term sums
        assert np.abs(got - expected).max() <= bound


def test_a_masked_step_passes_the_state_on():
    params, x = network(np.random.default_rng(2))
    mask = np.ones((4, 3), dtype=bool)
    mask[2, 1] = False
    run = rnn.forward(params, x, mask=mask)
    step = rnn.state_jacobian(params, run, 3, 2)
    np.testing.assert_array_equal(step[1], np.eye(3))
    assert not (step[0] == np.eye(3)).all()
    assert (rnn.immediate_derivative(params, run, 3, "W")[1] == 0).all()
    np.testing.assert_array_equal(
        rnn.total_derivative(params, run, 3, "W")[1], rnn.total_derivative(params, run, 2, "W")[1]
    )


def test_pascanus_convention_starts_from_a_preactivation():
    """x_t = W σ(x_{t−1}) + W_in u_t + b: with a_0 given, a is his x, from the first step on."""
    random = np.random.default_rng(3)
    params, u = network(random)
    a0 = random.standard_normal((3, 3))
    run = rnn.forward(params, u, a0=a0, phi="sigmoid")
    state = a0
    for t in range(4):
        state = (1 / (1 + np.exp(-state))) @ params["W"].T + u[t] @ params["U"].T + params["b"]
        np.testing.assert_array_almost_equal_nulp(run.a[t], state, nulp=64)
        state = run.a[t]


def test_the_gradient_of_an_initial_preactivation_is_exact():
    sizes = {"U": (3, 2), "W": (3, 3), "V": (2, 3), "b": (3,), "b_s": (2,), "a0": (1, 3)}
    sizes |= {"x": (3, 1, 2), "y": (3, 1, 2)}
    with key("a0"):
        drawn = {name: random_residues(name, shape) for name, shape in sizes.items()}
        a0, x, y = (drawn.pop(name) for name in ("a0", "x", "y"))
        _, grads = rnn.value_and_grad(drawn, x, y, a0=a0, phi="sigmoid", loss="squared_error")
        for i in range(3):
            turned = duals(a0, residues(np.eye(3)[[i]]))
            start = {"h": sigmoid.value(turned)}
            s = equations(rnn.kind(phi=sigmoid), drawn, x, start).s
            exact = sum(
                ((z.value - t) * z.tangent for z, t in zip(s.flat, y.flat, strict=False)),
                Element(0),
            )
            assert exact == grads["a0"][0, i]
    assert set(grads) == {*drawn, "h0", "a0", "x"}


STEP = "expected a step"
BAD = [
    (lambda p, r: rnn.state_jacobian(p, r, 5, 0), ValueError, f"t: {STEP} 0 ≤ t ≤ 4, got 5"),
    (lambda p, r: rnn.state_jacobian(p, r, 2, 3), ValueError, f"k: {STEP} 0 ≤ k ≤ 2, got 3"),
    (
        lambda p, r: rnn.state_jacobian(p, r, 2, 0, state="a"),
        ValueError,
        f"k: {STEP} 1 ≤ k ≤ 2, got 0",
    ),
    (
        lambda p, r: rnn.state_jacobian(p, r, 2.0, 0),
        TypeError,
        f"t: {STEP}, a whole number, got float",
    ),
    (
        lambda p, r: rnn.state_jacobian(p, r, 2, 1, layout="rows"),
        ValueError,
        "layout: expected one of numerator, denominator, got 'rows'",
    ),
    (
        lambda p, r: rnn.state_jacobian(p, r, 2, 1, state="s"),
        ValueError,
        "state: expected one of h, a, got 's'",
    ),
    (
        lambda p, r: rnn.immediate_derivative(p, r, 1, "V"),
        ValueError,
        "weight: expected one of U, W, b, got 'V'",
    ),
    (
        lambda p, r: rnn.total_derivative(p, "run", 1, "W"),
        TypeError,
        "run: expected what rnn.forward returned, got str",
    ),
    (
        lambda p, r: rnn.forward(p, r.x, h0=1.0, a0=1.0),
        ValueError,
        "h0, a0: expected one of them, got both",
    ),
    (
        lambda p, r: rnn.forward(p, r.x, a0=np.ones(4)),
        ValueError,
        "a0: expected (B, n) = (3, 3), got (4,)",
    ),
]


@refusals(BAD)
def test_bad_input_is_named(call, kind, message):
    params, x = network(np.random.default_rng(4))
    run = rnn.forward(params, x)
    refuses(lambda: call(params, run), kind, message)


def test_preactivations_of_masked_steps_have_no_jacobian():
    params, x = network(np.random.default_rng(5))
    run = rnn.forward(params, x, mask=np.array([[1, 0, 1], [0, 1, 0], [1, 1, 1], [1, 0, 0]]))
    with pytest.raises(ValueError, match="state: expected a state for a run with a mask, got 'a'"):
        rnn.state_jacobian(params, run, 2, 1, state="a")


def test_a_jacobian_that_overflows_is_refused():
    params, x = network(np.random.default_rng(6))
    params |= {"W": np.abs(params["W"]) * 1e160, "b": 0 * params["b"]}
    run = rnn.forward(params, 0 * x, phi="linear")
    with pytest.raises(OverflowError, match="state_jacobian: overflows float64"):
        rnn.state_jacobian(params, run, 4, 0)
