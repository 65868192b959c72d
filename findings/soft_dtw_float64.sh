#!/bin/sh
# tslearn and pysdtw: soft-DTW losses for PyTorch, whose backward pass is written by hand, in float64.
# Expected: values and gradients to float64's accuracy, as tslearn's soft_dtw has. Seen: the table of the
# recurrence is rounded to float32 on the way, and the result called float64. The backward pass divides
# differences of its entries by gamma: gradients are right to three or five digits, so a check by
# differences rejects them: of float64 inputs, gradcheck fails.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6 scipy==1.17.1 \
  numba==0.68.1 scikit-learn==1.9.1 statsmodels==0.15.0 tslearn==0.10.0 pysdtw==0.0.5
venv/bin/python - <<'PY'
import warnings
from importlib.metadata import version

warnings.simplefilter("ignore")
import torch
from pysdtw import SoftDTW
from torch.autograd import gradcheck
from tslearn.metrics import SoftDTWLossPyTorch

T = 40
torch.manual_seed(0)
x, y = torch.randn(2, 1, T, 2, dtype=torch.float64).cumsum(2)
x.requires_grad_()


def reference(x, y, gamma):
    """The recurrence in float64, which PyTorch differentiates."""
    d = (x[0, :, None] - y[0]).square().sum(-1)
    R = {(0, 0): d.new_zeros(())}
    for i in range(1, len(d) + 1):
        for j in range(1, len(d) + 1):
            before = [R[k] for k in ((i - 1, j - 1), (i - 1, j), (i, j - 1)) if k in R]
            R[i, j] = d[i - 1, j - 1] - gamma * torch.logsumexp(-torch.stack(before) / gamma, 0)
    return R[len(d), len(d)]


print(f"tslearn {version('tslearn')}, pysdtw {version('pysdtw')}, torch {torch.__version__}; {T} steps")
same = True
for gamma in (1.0, 0.1, 0.01):
    value = reference(x, y, gamma)
    (slope,) = torch.autograd.grad(value, x)
    for name, loss in (
        ("tslearn", SoftDTWLossPyTorch(gamma=gamma)),
        ("pysdtw", SoftDTW(gamma=gamma, use_cuda=False)),
    ):
        seen = loss(x, y).sum()
        (grad,) = torch.autograd.grad(seen, x)
        off = abs(seen / value - 1).item(), ((grad - slope).abs().max() / slope.abs().max()).item()
        errors = f"{off[0]:.0e}, of the gradient {off[1]:.0e}"
        print(f"{name}, gamma {gamma}, {seen.dtype}: relative error {errors}")
        same &= seen.dtype == grad.dtype == torch.float64
        same &= seen.item() == seen.float().item()
        same &= 1e-6 < off[1] and (gamma > 0.01 or off[1] > 1e-3)
short = x[:, :6].detach().requires_grad_(), y[:, :6]
for name, f in (
    ("reference", lambda x: reference(x, short[1], 1.0)),
    ("tslearn", lambda x: SoftDTWLossPyTorch()(x, short[1])),
    ("pysdtw", lambda x: SoftDTW(use_cuda=False)(x, short[1])),
):
    ok = gradcheck(f, short[:1], raise_exception=False)
    print(f"gradcheck of {name}: {ok}")
    same &= ok == (name == "reference")
print("Every value is a float32, though its type says float64.")
raise SystemExit(0 if same else "changed")
PY
