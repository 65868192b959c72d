#!/bin/sh
# mlstm_kernels: gradients of the kernels in plain PyTorch whose backward pass is written by hand, "native_custbw" of
# "chunkwise" and "parallel" and "native_stablef_custbw", against "native_autograd".
# Expected: the gradients of what they put out, h = numerator / max(|n q|, exp(-m)); the kernels are offered as the
# same function, faster or slower. Seen: the outputs are the same, but the denominator is taken for a constant: gradients
# of q, k, i and f are wrong by as much as their size, and those of n_initial and m_initial are zero, silently; that of
# v is right. A norm of each head without eps makes the denominator irrelevant: after it all but that of m_initial are
# right, and after layer_norm with its eps of 1e-5 to 1e-4. The documentation names no such condition.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6 mlstm_kernels==2.0.6
venv/bin/python -W ignore - <<'PY'
from importlib.metadata import version

import torch
from mlstm_kernels.torch import get_mlstm_kernel

B, H, T, d = 1, 2, 16, 4
names = ("q", "k", "v", "i", "f", "c_initial", "n_initial", "m_initial")
shapes = ((B, H, T, d),) * 3 + ((B, H, T),) * 2 + ((B, H, d, d), (B, H, d), (B, H, 1))
torch.manual_seed(0)
point = [torch.randn(s, dtype=torch.float64) for s in shapes]
weights = torch.randn(B, H, T, d, dtype=torch.float64)
follows = {
    "nothing": lambda h: h,
    "tanh": torch.tanh,
    "norm of each head": lambda h: h / h.square().mean(-1, keepdim=True).sqrt(),
    "layer_norm of each head": lambda h: torch.nn.functional.layer_norm(h, (d,)),
}


def loss(kernel, arrays, after):
    options = {"chunk_size": 4} if "chunkwise" in kernel else {}
    h = get_mlstm_kernel(kernel)(**dict(zip(names, arrays)), **options)
    return h, (follows[after](h) * weights.to(h.dtype)).sum()


def gradients(kernel, after, count, dtype):
    arrays = [a.to(dtype).requires_grad_() for a in point[:count]]
    h, value = loss(kernel, arrays, after)
    return h.detach(), torch.autograd.grad(value, arrays)


def differences(after, count):
    """Along one direction for each array, by central differences of the outputs in float64."""
    found = []
    for k in range(count):
        ends = []
        for step in (1e-5, -1e-5):
            moved = [a + step * directions[k] if j == k else a for j, a in enumerate(point[:count])]
            ends.append(loss("chunkwise--native_autograd", moved, after)[1])
        found.append((ends[0] - ends[1]) / 2e-5)
    return torch.stack(found)


directions = [torch.randn_like(a) for a in point]
print(f"mlstm_kernels {version('mlstm_kernels')}, torch {torch.__version__}, on a processor: relative errors of gradients,")
print("against native_autograd in float64, which is compared with differences")
same = True
for kernel, count in (
    ("chunkwise--native_autograd", 8),
    ("chunkwise--native_custbw", 8),
    ("parallel--native_custbw", 5),
    ("parallel--native_stablef_custbw", 5),
):
    for after in follows:
        h, true = gradients("chunkwise--native_autograd", after, count, torch.float64)
        along = torch.stack([(g * e).sum() for g, e in zip(true, directions)])
        same &= bool(((along - differences(after, count)).abs() < 1e-6 * (1 + along.abs())).all())
        again, found = gradients(kernel, after, count, torch.float32)
        pairs = [(n, a, b) for n, a, b in zip(names, found, true) if n != "n_initial" or "norm" not in after]
        errors = {n: (abs(a - b).max() / abs(b).max()).item() for n, a, b in pairs}  # after a norm n has no effect
        print(f"{kernel}, then {after}:", ", ".join(f"{n} {e:.0e}" for n, e in errors.items()))
        same &= torch.allclose(again.double(), h, atol=1e-4)
        for n, e in errors.items():
            if kernel.endswith("autograd") or n in ("v", "c_initial"):
                same &= e < 1e-5
            elif n == "m_initial" or "norm" not in after:
                same &= e > 0.1
            else:
                same &= 1e-6 < e < 1e-2 if after.startswith("layer") else e < 1e-5
        if not kernel.endswith("autograd"):
            same &= not any(g.any() for g in found[6:])
print("For gradient checks: a kernel that is right for the loss it was tried with, one with a norm in it here, is not right")
print("for others. Check a backward pass with a random direction of outputs, before anything that follows it.")
raise SystemExit(0 if same else "changed")
PY
