"""Complex gradients: which of two conventions a function follows is asked of its loss."""

import numpy as np
import pytest

from bpttcheck import check_gradients

SIGNS = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])


def slopes_that_cancel(conjugate):
    """Return a loss whose slopes along the imaginary parts add up to nothing, and a point."""

    def value_and_grad(given):
        z = given["z"]
        gradient = 2 * z.real + 1j * SIGNS
        return float((z.real**2).sum() + (SIGNS * z.imag).sum()), {
            "z": gradient.conj() if conjugate else gradient
        }

    return value_and_grad, {"z": np.random.default_rng(0).normal(size=(6, 2)) @ [1, 1j]}


@pytest.mark.parametrize("conjugate", [False, True])
def test_the_convention_is_found_where_the_slopes_add_up_to_nothing(conjugate):
    report = check_gradients(*slopes_that_cancel(conjugate), locate=False, mend=False)
    assert report.verdict == "right", report
    told = "∂L/∂Re − i ∂L/∂Im, as in JAX" if conjugate else "∂L/∂Re + i ∂L/∂Im, as in PyTorch"
    assert f"complex gradients are {told}" in report.notes
