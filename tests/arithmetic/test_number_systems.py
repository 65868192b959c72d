"""The same source lines over every number system."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck import nll_gradient, scalar_rnn, softmax
from bpttcheck.arithmetic.balls import balls, exactly, precision
from bpttcheck.arithmetic.complex_step import derivative_of, perturbed
from bpttcheck.arithmetic.dual import duals, tangent_of
from bpttcheck.arithmetic.finite_field import Element, random_residues, residues

SMOOTH = ["tanh", "sigmoid", "linear"]
NAMES = [*SMOOTH, "relu"]


def problem(T, B, seed):
    random = np.random.default_rng(seed)
    x, y = random.standard_normal((2, T, B))
    w, v = random.standard_normal(2)
    return w, v, x, y


def spread(values):
    """Return the largest difference between runs of the same computation with its input nudged."""
    return np.max([np.abs(a - values[0]) for a in values[1:]], axis=0)


@given(T=st.integers(1, 9), B=st.integers(1, 3), seed=st.integers(0, 2**32 - 1),
       phi=st.sampled_from(SMOOTH), theta=st.sampled_from(SMOOTH))  # fmt: skip
def test_floats_lie_beside_balls_by_their_own_sensitivity(T, B, seed, phi, theta):
    """The error is that of some nearby input: a few ulp of every number, T steps long."""
    w, v, x, y = problem(T, B, seed)
    random = np.random.default_rng(seed)

    def gradients(nudge):
        def moved(a):
            return np.asarray(a) * (1 + nudge * random.choice([-1.0, 1.0], np.shape(a)))

        params = {"w": moved(w), "v": moved(v)}
        grads = scalar_rnn.value_and_grad(params, moved(x), moved(y), phi=phi, theta=theta)[1]
        return np.array([grads["w"], grads["v"]])

    got = gradients(0.0)
    # Nudges of 2⁻³⁰ measure the sensitivity above the roundings; 2⁻⁵³ is what each rounding does,
    # 8 of them a step and sequence.
    sensitivity = spread([got, *(gradients(2.0**-30) for _ in range(8))]) / 2.0**-30
    bound = (8 * T * B + 8) * 2.0**-53 * (sensitivity + np.abs(got))
    with precision(300):
        given_balls = {"w": balls(w), "v": balls(v)}
        _, exact = scalar_rnn.value_and_grad(given_balls, balls(x), balls(y), phi=phi, theta=theta)
        for i, name in enumerate(("w", "v")):
            miss = abs(exactly(got[i]) - exact[name][()].value)
            assert float(miss.upper()) <= bound[i]


@given(T=st.integers(1, 9), seed=st.integers(0, 2**32 - 1), phi=st.sampled_from(NAMES))
def test_the_complex_step_through_forward_is_the_gradient(T, seed, phi):
    w, v, x, y = problem(T, 1, seed)
    with precision(200):
        inputs = {"w": duals(balls(w), balls(1.0)), "v": balls(v)}
        run = scalar_rnn.forward(inputs, balls(x), phi=phi)
        error = run.y_hat - balls(y)
        exact = float(tangent_of(np.atleast_1d((error * error).sum() * 0.5))[0].value.mid())
    run = scalar_rnn.forward({"w": perturbed(np.array(w), np.array(1.0)), "v": v}, x, phi=phi)
    step = derivative_of(((run.y_hat - y) ** 2).sum() * 0.5)
    # The sum of the moduli of what is added up, 8 roundings a step.
    dh = derivative_of(run.h[1:])
    amplified = (np.abs(w) + 1) ** T * np.abs(dh).max()
    terms = (np.abs(run.y_hat.real - y) * np.abs(dh)).sum() + amplified
    assert abs(exact - step) <= (8 * T + 8) * 2.0**-53 * (terms + abs(exact))


@given(T=st.integers(1, 6), B=st.integers(1, 3), phi=st.sampled_from(["tanh", "sigmoid"]))
def test_bptt_is_the_dual_of_the_forward_in_the_field(T, B, phi):
    x, y = random_residues("x", (T, B)), random_residues("y", (T, B))
    w, v = random_residues("w, v", (2,))
    params = {"w": np.array(w, dtype=object), "v": np.array(v, dtype=object)}
    _, grads = scalar_rnn.value_and_grad(params, x, y, phi=phi, theta="tanh")
    params["w"] = duals(params["w"], residues(1))
    dual_loss, _ = scalar_rnn.value_and_grad(params, x, y, phi=phi, theta="tanh")
    assert grads["w"][()] == dual_loss[()].tangent


def test_the_field_has_no_branches_to_follow():
    w = residues(3)
    with pytest.raises(ArithmeticError, match="finite field: numbers have no sign"):
        scalar_rnn.forward({"w": w, "v": w}, residues([1, 2]), phi="relu")


def test_softmax_in_the_field_is_the_textbook_formula():
    o = residues([1, 2, 3])
    e = [Element(i).exp() for i in (1, 2, 3)]
    total = e[0] + e[1] + e[2]
    assert all(a == b / total for a, b in zip(softmax(o), e, strict=True))
    assert nll_gradient(o, 1)[1] == e[1] / total - 1


def test_a_result_that_is_an_object_array_stays_one():
    with precision(100):
        loss, grads = scalar_rnn.value_and_grad({"w": balls(1), "v": balls(2)}, [1.0], [0.0])
    assert loss.dtype == object
    assert all(np.asarray(g).dtype == object for g in grads.values())
