#!/bin/sh
# FlashRNN: gradients of the sLSTM of backend "vanilla_fwbw", whose backward pass is written by hand,
# against those of "vanilla", which PyTorch differentiates.
# Expected: the same, of whichever of the states (h, c, n, m) that it returns. Seen: the same for h,
# wrong for c, n and m, silently: the stabilizer m is taken for a constant, which it may be only where
# it cancels, in c / n. An initial m gets the gradient zero even of a loss of h.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6 einops==0.8.2 \
  packaging==26.4 setuptools==80.9.0
venv/bin/pip install -q --disable-pip-version-check --no-deps flashrnn==1.0.8
venv/bin/python - <<'PY'
import logging
from importlib.metadata import version

logging.disable(logging.WARNING)
import torch
from flashrnn.flashrnn.flashrnn import flashrnn

B, T, N, D = 2, 5, 1, 4  # batch, steps, heads, units of a head
torch.manual_seed(0)
shapes = {"Wx": (B, T, 4, N, D), "R": (4, N, D, D), "b": (4, N, D), "states": (4, B, 1, N, D)}
given = {k: torch.randn(s) for k, s in shapes.items()}
given["states"][2] = 1 + given["states"][2].abs()
along = {k: torch.randn(s) for k, s in shapes.items()}


def loss(p, state, backend):
    all_states, _ = flashrnn(**p, function="slstm", backend=backend, dtype="float32")
    return all_states["hcnm".index(state)].sin().sum()


def gradients(state, backend):
    p = {k: v.clone().requires_grad_() for k, v in given.items()}
    loss(p, state, backend).backward()
    return {k: v.grad for k, v in p.items()}


def slope(g):
    return sum((g[k] * along[k]).sum().item() for k in g)


def quotient(state):
    step = 2**-7
    ends = ({k: v + s * step * along[k] for k, v in given.items()} for s in (1, -1))
    up, down = (loss(p, state, "vanilla_fwbw").item() for p in ends)
    return (up - down) / (2 * step)


print(f"flashrnn {version('flashrnn')}, torch {torch.__version__}; a loss of one state, its derivative")
print("along a direction: central difference | vanilla | vanilla_fwbw; largest difference of the two")
same = True
for state in "hcnm":
    truth, seen = gradients(state, "vanilla"), gradients(state, "vanilla_fwbw")
    weights = max((seen[k] - truth[k]).abs().max().item() for k in ("Wx", "R", "b"))
    m = (seen["states"] - truth["states"])[3].abs().max().item()
    difference = quotient(state)
    print(f"{state}: {difference:.3f} | {slope(truth):.3f} | {slope(seen):.3f}", end="; ")
    print(f"of Wx, R, b {weights:.1e}, of the initial m {m:.1e}")
    same &= abs(difference - slope(truth)) < 0.02 * (1 + abs(difference)) and m > 0.01
    same &= weights < 1e-5 if state == "h" else weights > 0.1
raise SystemExit(0 if same else "changed")
PY
