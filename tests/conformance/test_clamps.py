"""Activations that are straight between two bounds, and arguments that are clipped."""

import numpy as np
import pytest

from bpttcheck import adaptors, check_conformance
from bpttcheck.conformance import LAYOUTS, Layout
from bpttcheck.conformance.clamps import activation
from tests.refusals import refusals, refuses

T, B, M, N = 4, 2, 3, 3
GRU = LAYOUTS["torch.nn.GRU"].but(outputs="h[T,B,n]", hx="h0[B,n]")
KERAS_2, PYTORCH = "hard_sigmoid(0.2, 0.5)", "hard_sigmoid(1/6, 1/2)"


def problem(gate, candidate="tanh", clip=None, dtype="float64", scale=1.0, **changed):
    """Return a GRU of PyTorch's arrays with other activations."""
    torch = pytest.importorskip("torch", reason="PyTorch is optional: pip install .[torch]")
    known = {
        KERAS_2: lambda a: torch.clamp(0.2 * a + 0.5, 0, 1),
        PYTORCH: lambda a: torch.clamp(a + 3, 0, 6) / 6,
        "hard_tanh": torch.nn.functional.hardtanh,
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
    }

    def squashed(name, a):
        return known[name](a if clip is None else torch.clamp(a, -clip, clip))

    def run(p):
        h, found = p["hx"], []
        for x in p["input"]:
            a = (x @ p["weight_ih_l0"].T + p["bias_ih_l0"]).chunk(3, -1)
            q = (h @ p["weight_hh_l0"].T + p["bias_hh_l0"]).chunk(3, -1)
            r, z = squashed(gate, a[0] + q[0]), squashed(gate, a[1] + q[1])
            h = z * h + (1 - z) * squashed(candidate, a[2] + r * q[2])
            found.append(h)
        return torch.stack(found)

    rng = np.random.default_rng(0)
    shapes = {"weight_ih_l0": (3 * N, M), "weight_hh_l0": (3 * N, N)}
    shapes |= {"bias_ih_l0": (3 * N,), "bias_hh_l0": (3 * N,), "input": (T, B, M), "hx": (B, N)}
    arrays = {k: scale * rng.normal(size=s) for k, s in shapes.items()} | changed
    return adaptors.from_torch(run, {k: a.astype(dtype) for k, a in arrays.items()})


def layout(gate, candidate="tanh", clip=None):
    return GRU.but(squash={"r": gate, "z": gate, "g": candidate}, clip=clip)


FORMS = [
    ((KERAS_2, "tanh", None), "float32", 1.0),
    ((PYTORCH, "hard_tanh", None), "float64", 1.0),
    (("sigmoid", "tanh", 0.7), "float32", 5.0),
]


@pytest.mark.parametrize(("form", "dtype", "scale"), FORMS)
def test_each_is_right_under_its_own_layout_alone(form, dtype, scale):
    adapted = problem(*form, dtype=dtype, scale=scale)
    assert check_conformance(*adapted, layout(*form)).verdict == "right"
    for other, *_ in FORMS:
        if other != form:
            code, params = adaptors.from_outputs(
                lambda p: adapted.value_and_grad.pull(p)[0], adapted[1]
            )
            assert check_conformance(code, params, layout(*other)).verdict == "wrong"


def test_a_kink_within_an_interval_decides_no_gradient():
    """At α a + β = 1, whether the slope there is α, as PyTorch's clamp has it, or nothing."""
    flat = {"weight_ih_l0": np.zeros((3 * N, M)), "weight_hh_l0": np.zeros((3 * N, N))}
    biases = {"bias_ih_l0": np.repeat([2.5, 2.5, 0.5], N), "bias_hh_l0": np.zeros(3 * N)}
    report = check_conformance(*problem(KERAS_2, **flat, **biases), layout(KERAS_2))
    assert report["outputs"].verdict == "right"
    assert report["bias_ih_l0"].verdict == "undecided"
    assert not [part for part in report.parts if part.verdict == "wrong"]
    clipped = check_conformance(
        *problem("sigmoid", clip=2.5, **flat, **biases), layout("sigmoid", clip=2.5)
    )
    assert clipped["bias_ih_l0"].verdict == "undecided"
    assert not [part for part in clipped.parts if part.verdict == "wrong"]


def test_a_slope_of_another_convention_shows_in_the_gradients_alone():
    """One sixth that was rounded to float32, in float64: of 3e-8."""
    coarse = layout(f"hard_sigmoid({float(np.float32(1 / 6))!r}, 1/2)")
    report = check_conformance(*problem(PYTORCH), coarse)
    assert report.verdict == "wrong"


def test_values_and_slopes():
    a = np.array([-4.0, -2.5, 0.0, 1.0, 2.5, 4.0])
    keras = activation("squash", KERAS_2)
    assert np.array_equal(keras(a), np.clip(0.2 * a + 0.5, 0, 1))
    assert np.array_equal(keras.prime(a), [0, 0, 0.2, 0.2, 0, 0])


BAD = [
    (lambda: Layout("lstm", {}, squash={"g": "hard_sigmoid"}), ValueError,
     "squash['g']: expected one of tanh, sigmoid, relu, linear, hard_tanh, hard_sigmoid(1/6, 1/2)"),
    (lambda: Layout("lstm", {}, squash={"g": "hard_sigmoid(1/0, 1)"}), ValueError,
     "squash['g']: expected one of tanh, sigmoid, relu, linear, hard_tanh, hard_sigmoid(1/6, 1/2)"),
    (lambda: Layout("rnn", {}, phi="softsign"), ValueError, "phi: expected one of tanh, sigmoid,"),
    (lambda: GRU.but(clip=0), ValueError, "clip: expected a finite number > 0, got 0"),
]  # fmt: skip


@refusals(BAD)
def test_refused(call, kind, message):
    refuses(call, kind, message)
