#!/bin/sh
# PyTorch: gradcheck(fast_mode=True) of a backward pass that is wrong in one entry of 1,000.
# Expected: seen at most seeds, if the sign of the entry is wrong: a random projection hits it.
# Seen: accepted at every one of 20 seeds, wrong sign, zero or twice as large; the full mode refuses.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6
venv/bin/python - <<'PY'
import torch


class Sine(torch.autograd.Function):
    factor = 1.0

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.sin(x)

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        dx = dy * torch.cos(x)
        dx[0] = dx[0] * Sine.factor
        return dx


def accepted(size, fast, seeds):
    found = 0
    for seed in range(seeds):
        torch.manual_seed(seed)
        x = torch.randn(size, dtype=torch.float64, requires_grad=True)
        check = torch.autograd.gradcheck
        found += check(Sine.apply, (x,), fast_mode=fast, raise_exception=False)
    return found


print(f"torch {torch.__version__}; one entry of the gradient times a factor")
same = True
for factor in (-1.0, 0.0, 2.0):
    Sine.factor = factor
    small, large, full = accepted(10, True, 20), accepted(1000, True, 20), accepted(1000, False, 1)
    print(f"× {factor:g}: of 20 seeds accepted, 10 entries {small}, 1,000 entries {large}", end="")
    print(f"; full mode, 1,000 entries, of 1: {full}")
    same &= small <= 4 and large == 20 and full == 0
raise SystemExit(0 if same else "changed")
PY
