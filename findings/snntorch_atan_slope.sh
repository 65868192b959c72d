#!/bin/sh
# snnTorch: the surrogate gradient atan, against the two formulas that its documentation prints,
# S = arctan(pi U alpha / 2) / pi and dS/dU = 1 / (pi (1 + (pi U alpha / 2)^2)).
# Expected: they agree with each other and with the code. Seen: the code has the slope of that S; the
# slope printed is too small by pi alpha / 2, which is pi at the default alpha of 2, for every spike on
# the way back: a network that is ported by it has other gradients, and values that agree.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check snntorch==1.0.0 torch==2.13.0 numpy==2.4.6
venv/bin/python - <<'PY'
import math
from importlib.metadata import version

import snntorch
import torch
from snntorch import surrogate


def printed(u, alpha):
    return 1 / math.pi / (1 + (math.pi * u * alpha / 2) ** 2)


def slope_of_printed(u, alpha):
    v = u.clone().requires_grad_()
    (torch.arctan(math.pi * v * alpha / 2) / math.pi).sum().backward()
    return v.grad


def gradient(w, slope):
    """Of the sum of spikes in four steps of a neuron whose spikes are fed back to it."""
    w = w.clone().requires_grad_()
    cell = snntorch.Leaky(beta=0.9, threshold=0.5, reset_mechanism="none", spike_grad=slope)
    membrane, spikes, loss = torch.zeros(1), torch.zeros(1), 0.0
    for x in (0.3, 0.4, 0.2, 0.5):
        spikes, membrane = cell(w * (x + spikes), membrane)
        loss = loss + spikes.sum()
    loss.backward()
    return loss.item(), w.grad.item()


class Printed(torch.autograd.Function):
    @staticmethod
    def forward(ctx, u):
        ctx.save_for_backward(u)
        return (u > 0).float()

    @staticmethod
    def backward(ctx, g):
        return g * printed(ctx.saved_tensors[0], 2.0)


u = torch.linspace(-2, 2, 9)
print(f"snntorch {version('snntorch')}, torch {torch.__version__}: slopes at U = 0")
same = all(s in surrogate.ATan.__doc__ for s in ("\\text{arctan}(πU \\frac{α}{2})", "\\frac{1}{π}"))
for alpha in (1.0, 2.0, 4.0):
    v = u.clone().requires_grad_()
    surrogate.atan(alpha=alpha)(v).sum().backward()
    ratio = v.grad / printed(u, alpha)
    peaks = [x[4].item() for x in (v.grad, slope_of_printed(u, alpha), printed(u, alpha))]
    print(f"alpha {alpha:g}: code {peaks[0]:.4f}, of the S printed {peaks[1]:.4f}, printed {peaks[2]:.4f}")
    same &= bool(torch.allclose(v.grad, slope_of_printed(u, alpha), rtol=1e-5))
    same &= bool(torch.allclose(ratio, torch.tensor(math.pi * alpha / 2), rtol=1e-4))
w = torch.tensor([1.5])
(ours, code), (theirs, ported) = gradient(w, surrogate.atan()), gradient(w, Printed.apply)
print(f"four steps, one neuron: {ours:g} spikes, dL/dw {code:.4f}; with the slope printed", end=" ")
print(f"{theirs:g} spikes, dL/dw {ported:.4f}")
same &= ours == theirs and code > 2 * ported
raise SystemExit(0 if same else "changed")
PY
