#!/bin/sh
# minGRU-pytorch: minLSTM continued from the state that it returned, return_next_prev_hidden, prev_hidden.
# Expected: a sequence in pieces gives the outputs and gradients of the whole, as with minGRU. Seen:
# so it does in pieces of one step; in a longer piece the parallel form puts the state through g, which
# is for candidates, and begins from h + 1/2: outputs and gradients are others, silently.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6 einops==0.8.2 \
  minGRU-pytorch==0.2.1
venv/bin/python - <<'PY'
from importlib.metadata import version

import torch
from minGRU_pytorch.minGRU import minGRU
from minGRU_pytorch.minLSTM import minLSTM

torch.set_default_dtype(torch.float64)
T = 8
x = torch.randn(2, T, 4, generator=torch.Generator().manual_seed(0))


def outputs(model, length, added=None):
    parts, state = [], None
    for i, part in enumerate(x.split(length, dim=1)):
        if i == added:
            state = state + 0.5
        out, state = model(part, prev_hidden=state, return_next_prev_hidden=True)
        parts.append(out)
    return torch.cat(parts, 1)


print(f"minGRU-pytorch {version('minGRU-pytorch')}, torch {torch.__version__}, {T} steps")
print("Largest error against the whole sequence at once, relative: of outputs, of the weights' gradient")
found = {}
for kind in (minGRU, minLSTM):
    torch.manual_seed(0)
    model = kind(4)
    seen = {}
    for length in (T, 1, 2, 4):
        y = outputs(model, length)
        (grad,) = torch.autograd.grad(y.square().sum(), model.parameters())
        seen[length] = y.detach(), grad
    for length in (1, 2, 4):
        pairs = zip(seen[length], seen[T], strict=True)
        errors = [((a - b).abs().max() / b.abs().max()).item() for a, b in pairs]
        found[kind.__name__, length] = min(errors), max(errors)
        print(f"{kind.__name__}, pieces of {length}: {errors[0]:.0e}, {errors[1]:.0e}")
right = [found["minGRU", k] for k in (1, 2, 4)] + [found["minLSTM", 1]]
wrong = [found["minLSTM", k] for k in (2, 4)]
print("Pieces of more than one step give minLSTM other outputs and gradients, single steps do not.")
same = all(high < 1e-12 for _, high in right) and all(low > 0.05 for low, _ in wrong)
half = torch.allclose(outputs(model, 1, added=4), outputs(model, 4), rtol=1e-12)
print("minLSTM in pieces of 4 is single steps with 1/2 added to the state after the fourth:", half)
raise SystemExit(0 if same and half else "changed")
PY
