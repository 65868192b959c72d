"""PyTorch as a witness: autograd, which differentiates operations, and its own recurrent cell."""

import numpy as np
import pytest

from bpttcheck import rnn
from bpttcheck.arithmetic.balls import precision
from bpttcheck.cells.forward import equations
from tests.witnesses.rounding import CASES, FORMULAS, contain, enclosed, problem, rounded, sharp

torch = pytest.importorskip("torch", reason="PyTorch is an optional witness: pip install .[torch]")

PHI = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu, "linear": lambda a: a}


def autograd(params, x, y, *, h0, phi, loss, reduction, mask, before=False):
    """Return the loss and its gradients; ``before`` reads h_{t−1} for h_t, a mistake."""
    leaves = {k: torch.tensor(v, requires_grad=True) for k, v in (*params.items(), ("x", x))}
    leaves["h0"] = torch.tensor(h0, requires_grad=True)
    h, total = leaves["h0"], torch.zeros((), dtype=torch.float64)
    zero = torch.zeros((), dtype=torch.float64)
    taken = np.ones(x.shape[:2], dtype=bool) if mask is None else mask
    for t in range(len(x)):
        a = leaves["x"][t] @ leaves["U"].T + h @ leaves["W"].T + leaves.get("b", zero)
        moves = torch.tensor(taken[t])
        last, h = h, torch.where(moves[:, None], PHI[phi](a), h)
        o = (last if before else h) @ leaves["V"].T + leaves.get("b_s", zero)
        target = torch.tensor(y[t])
        if loss == "nll":
            losses = torch.nn.functional.cross_entropy(o, target, reduction="none")
        else:
            losses = ((o - target) ** 2).sum(dim=-1) / 2
        total = total + torch.where(moves, losses, zero).sum()
    if reduction == "mean":
        total = total / int(taken.sum())
    total.backward()
    return total.detach().numpy(), {k: v.grad.numpy() for k, v in leaves.items()}


@pytest.mark.parametrize(("phi", "loss", "reduction", "biases", "masked", "initial"), CASES)
@pytest.mark.parametrize("seed", [0, 1])
def test_autograd_and_bptt_lie_in_the_same_intervals(
    seed, phi, loss, reduction, biases, masked, initial
):
    params, x, y, h0, mask = problem(seed, loss=loss, biases=biases, masked=masked, initial=initial)
    options = {"h0": h0, "phi": phi, "loss": loss, "reduction": reduction, "mask": mask}
    intervals, gradients = enclosed(params, x, y, **options)
    for value, grads in (
        rnn.value_and_grad(params, x, y, **options),
        autograd(params, x, y, **options),
    ):
        assert contain(intervals, value)
        assert set(grads) == {*params, "h0", "x"}
        for name, gradient in gradients.items():
            assert contain(gradient, grads[name]), name
    assert all(sharp(gradient) for gradient in gradients.values())


@pytest.mark.parametrize("phi", ["tanh", "relu"])
def test_a_liar_is_outside(phi):
    params, x, y, h0, _ = problem(0, loss="nll", biases=True, masked=True, initial=True)
    options = {"h0": h0, "phi": phi, "loss": "nll", "reduction": "sum", "mask": None}
    intervals, gradients = enclosed(params, x, y, **options)
    value, grads = autograd(params, x, y, **options, before=True)
    assert not contain(intervals, value)
    assert not any(contain(gradients[k], g) for k, g in grads.items())
    _, grads = autograd(params, x, y, **options)
    assert not contain(gradients["W"], grads["W"].T.copy())
    assert not contain(gradients["W"], grads["W"] * (1 + 1e-10))
    _, grads = autograd(params, x, y, **options | {"reduction": "mean"})
    assert not any(contain(gradients[k], g) for k, g in grads.items())


@pytest.mark.parametrize("phi", ["tanh", "relu"])
def test_the_forward_is_that_of_torchs_own_cell(phi):
    """torch.nn.RNN has two biases: b is their sum."""
    params, x, _, h0, _ = problem(2, loss="nll", biases=True, masked=False, initial=True)
    n, m = params["U"].shape
    cell = torch.nn.RNN(m, n, nonlinearity=phi, dtype=torch.float64)
    half = params["b"] / 2
    with torch.no_grad():
        for name, value in (("weight_ih_l0", params["U"]), ("weight_hh_l0", params["W"]),
                            ("bias_ih_l0", half), ("bias_hh_l0", params["b"] - half)):  # fmt: skip
            getattr(cell, name).copy_(torch.tensor(value))
        theirs = cell(torch.tensor(x), torch.tensor(h0)[None])[0].numpy()
    with precision(200):
        weights = {k: rounded(v) for k, v in params.items()}
        cell = rnn.kind(phi=FORMULAS[phi])
        h = equations(cell, weights, rounded(x), {"h": rounded(h0)}).h[1:]
    assert contain(h, theirs)
    assert contain(h, rnn.forward(params, x, h0=h0, phi=phi).h[1:])
    assert sharp(h)
    assert not contain(h, theirs[::-1].copy())
