"""Adaptors for NumPy code whose parameters are nested; what they pass on; what they refuse."""

from dataclasses import dataclass

import numpy as np
import pytest

from bpttcheck import adaptors, check_gradients
from bpttcheck.check.program.tree import Tree
from tests.adaptors import styles_of_code as code
from tests.adaptors.adapted_styles import ALL, H0, WEIGHTS, X

NESTED = {"cell": {"U": WEIGHTS["U"], "W": WEIGHTS["W"]}, "b": [WEIGHTS["b"]], "phi": "tanh"}
NAMES = ["cell.U", "cell.W", "b[0]"]


def flat(p):
    return {"U": p["cell"]["U"], "W": p["cell"]["W"], "b": p["b"][0]}


def forward(p):
    return code.forward(X, H0, **flat(p))


def in_order(dh, cache, slip=1.0):
    return code.backward(dh, cache, slip)[2:]


def in_structure(dh, cache, slip=1.0):
    dU, dW, db = in_order(dh, cache, slip)
    return {"cell": {"U": dU, "W": dW}, "b": [db]}


def by_name(dh, cache, slip=1.0):
    return dict(zip(NAMES, in_order(dh, cache, slip), strict=True))


def with_none(dh, cache, slip=1.0):
    return (*in_order(dh, cache, slip), None)


@pytest.mark.parametrize("backward", [in_order, in_structure, by_name, with_none])
def test_gradients_in_order_in_the_structure_or_by_name(backward):
    report = check_gradients(*adaptors.from_vjp(forward, backward, NESTED))
    assert report.ok, report
    assert [b.name for b in report.blocks] == NAMES
    assert "passed on, not checked: phi (str)" in report.notes
    wrong = adaptors.from_vjp(forward, lambda *given: backward(*given, 1.001), NESTED)
    report = check_gradients(*wrong, locate=False)
    assert {b.name for b in report.blocks if b.verdict == "wrong"} == {"cell.W"}


@pytest.mark.parametrize("backward", [in_order, in_structure, by_name, with_none])
def test_a_loss_and_gradients(backward):
    def run(p):
        h, cache = forward(p)
        return (h**2).sum(), backward(2 * h, cache)

    assert check_gradients(*adaptors.from_function(run, NESTED)).ok


def test_another_order():
    adapted = adaptors.from_vjp(
        forward, lambda dh, cache: in_order(dh, cache)[::-1], NESTED, returns=NAMES[::-1]
    )
    assert check_gradients(*adapted, locate=False).ok


def test_a_cell():
    def step(p, x, h):
        return code.step_forward(x, h, **flat(p))

    for message in (lambda rest: rest, lambda rest: (by_name_of(rest),)):

        def back(dh, cache, message=message):
            dx, dh0, *rest = code.step_backward(dh, cache)
            return dx, dh0, *message(rest)

        report = check_gradients(*adaptors.from_cell(step, back, NESTED, X, H0), locate=False)
        assert report.ok, report
        assert [b.name for b in report.blocks] == [*NAMES, "x", "h0"]


def by_name_of(rest):
    return {"cell": dict(zip("UW", rest[:2], strict=True)), "b": rest[2:]}


AT_A_CALL = [
    (lambda dh, cache: {"cell": {"U": 1.0}, "b": []},
     "ValueError: backward: gradients.cell: expected the names U, W, got U"),
    (lambda dh, cache: in_order(dh, cache)[:2],
     "ValueError: backward: expected 3 gradients (cell.U, cell.W, b[0]), got 2"),
    (lambda dh, cache: 1.0,
     "TypeError: backward: expected the gradients of cell.U, cell.W, b[0], got one float"),
]  # fmt: skip


@pytest.mark.parametrize(("backward", "message"), AT_A_CALL, ids=[m for _, m in AT_A_CALL])
def test_what_shows_at_a_call(backward, message):
    report = check_gradients(*adaptors.from_vjp(forward, backward, NESTED))
    assert (report.verdict, report.kind) == ("undecided", "raised")
    assert report.reason == f"value_and_grad: raised {message}"


def test_outputs_that_are_masked_arrays_are_refused():
    adapted = adaptors.from_vjp(lambda p: (np.ma.array([1.0]), None), in_order, ALL)
    assert check_gradients(*adapted).reason.endswith(
        "TypeError: outputs: expected plain arrays, got a numpy.ma.MaskedArray"
    )


def test_complex_outputs_of_a_forward_pass():
    """Real cotangents do for either convention; that imaginary parts are not seen is said."""
    z = np.array([1 + 2j, 0.5 - 1j])
    for sign in (1, -1):
        adapted = adaptors.from_vjp(
            lambda p: (p["z"] ** 2, p["z"]),
            lambda d, z, sign=sign: {"z": d * 2 * (np.conj(z) if sign > 0 else z)}, {"z": z},
        )  # fmt: skip
        report = check_gradients(*adapted, locate=False)
        assert report.ok, report
        assert any(
            note.startswith("complex outputs are weighted with real") for note in report.notes
        )


@dataclass
class Cell:
    W: object
    size: int = 4


@pytest.mark.parametrize("kind", ["dicts", "lists", "fields"])
def test_nested_parameters_of_an_object(kind):
    """Of dictionaries of dictionaries, lists of dictionaries, dataclasses; texts among them."""
    built = {
        "dicts": lambda W, b: {"cell": {"W": W, "name": "cell"}, "b": b, "none": None},
        "lists": lambda W, b: [{"W": W}, [b]],
        "fields": lambda W, b: {"cell": Cell(W), "b": [b]},
    }[kind]

    class Nested:
        def __init__(self):
            self.params, self.grads = built(np.full((2, 3), 0.5), np.ones(3)), None

    def run(own):
        leaves = list(Tree(own.params).arrays().values())
        h = np.sin(X[:, :, :2].reshape(-1, 2) @ leaves[0] + leaves[1])
        da = np.cos(X[:, :, :2].reshape(-1, 2) @ leaves[0] + leaves[1])
        own.grads = built(X[:, :, :2].reshape(-1, 2).T @ da, slip * da.sum(axis=0))
        return h.sum()

    for slip, verdict in ((1.0, "right"), (1.1, "wrong")):  # noqa: B007
        report = check_gradients(
            *adaptors.from_object(Nested(), run, params="params", gradients="grads"), locate=False
        )
        assert report.verdict == verdict, report
