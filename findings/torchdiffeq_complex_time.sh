#!/bin/sh
# torchdiffeq: gradients with respect to the times, by odeint_adjoint, of a complex state.
# Expected: those of odeint and of central differences, as the gradients of y0 and of parameters are.
# Seen: those of t are wrong, in size and sign: the product of dy/dt with the gradient of y is taken
# without the conjugate, and its real part kept. With a real state all are right.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6 scipy==1.17.1 torchdiffeq==0.2.5
venv/bin/python - <<'PY'
import warnings

import torch
import torchdiffeq
from torchdiffeq import odeint, odeint_adjoint

warnings.filterwarnings("ignore", message="Casting complex values to real")
torch.set_default_dtype(torch.float64)
exact = {"rtol": 1e-10, "atol": 1e-12}


class Field(torch.nn.Module):
    def __init__(self, dtype):
        super().__init__()
        random = torch.Generator().manual_seed(0)
        self.A = torch.nn.Parameter(torch.randn(3, 3, dtype=dtype, generator=random) / 2)
        self.y0 = torch.nn.Parameter(torch.randn(3, dtype=dtype, generator=random))
        self.w = torch.randn(3, 3, dtype=dtype, generator=random)

    def forward(self, t, y):
        return self.A @ y * torch.cos(t)

    def loss(self, integrate, t):
        return (integrate(self, self.y0, t, **exact) * self.w.conj()).real.sum()


print(f"torchdiffeq {torchdiffeq.__version__}")
same = True
for dtype in (torch.float64, torch.complex128):
    f, t = Field(dtype), torch.tensor([0.0, 0.4, 1.0], requires_grad=True)
    step = 1e-4 * torch.eye(3)
    with torch.no_grad():
        quotients = torch.stack([f.loss(odeint, t + e) - f.loss(odeint, t - e) for e in step]) / 2e-4
    slopes = {}
    for integrate in (odeint, odeint_adjoint):
        slopes[integrate.__name__] = torch.autograd.grad(f.loss(integrate, t), [t, f.y0, f.A])
        print(dtype, integrate.__name__, "gradient of t", [round(g, 4) for g in slopes[integrate.__name__][0].tolist()])
    print(dtype, "differences", [round(g, 4) for g in quotients.tolist()])
    off = [(a - b).abs().max().item() for a, b in zip(*slopes.values())]
    print(f"  the adjoint's differ by {off[0]:.0e} for t, {off[1]:.0e} for y0, {off[2]:.0e} for A")
    same &= (slopes["odeint"][0] - quotients).abs().max().item() < 1e-5 and max(off[1:]) < 1e-6
    same &= off[0] > 0.1 if dtype.is_complex else off[0] < 1e-6
raise SystemExit(0 if same else "changed")
PY
