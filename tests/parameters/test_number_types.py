"""Parameters of any type of number: complex of either convention, narrow and wide floats."""

import numpy as np
import pytest

from bpttcheck import check_gradients
from tests.parameters.nested import B, W, network

COMPLEX = {"z": np.array([1 + 2j, 0.5 - 1j]), "w": 0.5 + 0.25j, "b": B[:2]}


def modulus(p, sign):
    """Return Σ |z w + b|² and gradients ∂L/∂Re ± i ∂L/∂Im."""
    y = p["z"] * p["w"] + p["b"]
    grads = {"z": 2 * y * np.conj(p["w"]), "w": (2 * y * np.conj(p["z"])).sum(), "b": 2 * y.real}
    return (abs(y) ** 2).sum(), {n: g if sign > 0 else np.conj(g) for n, g in grads.items()}


@pytest.mark.parametrize(("sign", "library"), [(1, "PyTorch"), (-1, "JAX")])
@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_complex_parameters(sign, library, dtype):
    params = COMPLEX | {"z": COMPLEX["z"].astype(dtype)}
    report = check_gradients(lambda p: modulus(p, sign), params)
    assert report.ok, report
    assert report["z"].shape == (2, 2)
    assert report["w"].shape == (2,)
    assert any(note.endswith(f"as in {library}") for note in report.notes), report.notes
    assert any(note.startswith("complex: z, w; index") for note in report.notes)

    def slipped(p):
        loss, grads = modulus(p, sign)
        return loss, grads | {"z": grads["z"] + 1e-3j}

    wrong = check_gradients(slipped, params, locate=False)
    assert [b.name for b in wrong.blocks if b.verdict == "wrong"] == ["z"]


def test_two_conventions_in_one_function_are_wrong():
    def mixed(p):
        loss, grads = modulus(p, 1)
        return loss, grads | {"w": np.conj(grads["w"])}

    report = check_gradients(mixed, COMPLEX, locate=False)
    assert report.verdict == "wrong"
    assert len([b for b in report.blocks if b.verdict == "wrong"]) == 1
    assert any("as in PyTorch; that of w is" in n or "as in JAX; that of z is" in n
               for n in report.notes)  # fmt: skip


def test_a_real_gradient_of_a_complex_array_has_no_imaginary_part():
    real = check_gradients(lambda p: (p["z"].real.sum(), {"z": np.ones(2)}), {"z": COMPLEX["z"]})
    assert real.ok, real
    assert (
        check_gradients(
            lambda p: ((p["z"].real + p["z"].imag).sum(), {"z": np.ones(2)}), {"z": COMPLEX["z"]}
        ).verdict
        == "wrong"
    )


@pytest.mark.parametrize("name", ["float16", "float32", "longdouble", "bfloat16"])
def test_float_types(name):
    dtype = pytest.importorskip("ml_dtypes").bfloat16 if name == "bfloat16" else np.dtype(name)

    def typed(p):
        b = B.astype(p["W"].dtype)
        loss, dW, _ = network(p["W"], b)
        return loss, {"W": slip * dW}

    slip = 1.0
    report = check_gradients(typed, {"W": W.astype(dtype)}, locate=False)
    assert report.ok, report
    assert report.precision == "float64"  # the code follows
    narrow = name in ("float16", "bfloat16")  # whatever else is read is rounded to that too
    slip = 2.0 if narrow else 1.001
    found = check_gradients(typed, {"W": W.astype(dtype)}, locate=False)
    assert found.verdict in (("wrong", "undecided") if narrow else ("wrong",)), found


def test_bfloat16_that_the_code_does_not_leave():
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16

    def narrow(p):
        W = p["W"].astype(bfloat16)
        h = np.sin(W.astype(np.float32)).sum()
        return bfloat16(h), {"W": np.cos(W.astype(np.float32)).astype(bfloat16)}

    report = check_gradients(narrow, {"W": W.astype(bfloat16)}, locate=False)
    assert report.verdict in ("right", "undecided"), report
    assert report.precision == "bfloat16"


def test_gradients_of_huge_numbers():
    huge = 1e307
    report = check_gradients(
        lambda p: ((p["a"] * huge).sum(), {"a": np.full(3, huge)}), {"a": B / 4}, locate=False
    )
    assert report.verdict in ("right", "undecided"), report
