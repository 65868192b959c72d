"""A cell as a ``torch.autograd.Function``, its backward written by hand: one slip is in it."""

import torch


class Cell(torch.autograd.Function):
    """h_t = (1 − λ) ∘ h_{t-1} + λ ∘ tanh(x_t U + h_{t-1} W), one step."""

    @staticmethod
    def forward(ctx, x, h, U, W, rate):
        """Return the state after a step."""
        c = torch.tanh(x @ U + h @ W)
        ctx.save_for_backward(x, h, U, W, rate, c)
        return (1 - rate) * h + rate * c

    @staticmethod
    def backward(ctx, dh):
        """Return the gradients of what ``forward`` takes."""
        x, h, U, W, rate, c = ctx.saved_tensors
        da = dh * rate * (1 - c**2)
        drate = (dh * c).sum(0)
        return da @ U.T, dh * (1 - rate) + da @ W.T, x.T @ da, h.T @ da, drate


def problem(case):
    """Return the function to check and its parameters, at the sizes of a case."""
    T, B, m, n, rng = case.T, case.B, case.m, case.n, case.rng
    x, y = (torch.tensor(rng.normal(size=(T, B, k))) for k in (m, n))
    params = {"U": rng.normal(size=(m, n)), "W": rng.normal(size=(n, n)), "rate": rng.random(n)}

    def value_and_grad(arrays):
        p = {name: torch.tensor(array, requires_grad=True) for name, array in arrays.items()}
        h, loss = torch.zeros(B, n, dtype=torch.float64), 0.0
        for t in range(T):
            h = Cell.apply(x[t], h, p["U"], p["W"], p["rate"])
            loss = loss + ((h - y[t]) ** 2).sum() / 2
        loss.backward()
        return loss.item(), {name: tensor.grad.numpy() for name, tensor in p.items()}

    return value_and_grad, params
