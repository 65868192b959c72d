#!/bin/sh
# s5-pytorch: S5(liquid=True) continued from the state that it returned, return_state, state.
# Expected: a sequence in pieces gives the outputs and gradients of the whole, as with liquid=False and
# as single steps of forward_rnn do. Seen: the first step of every piece that is given a state
# multiplies it by Lambda, not by Lambda + B u: outputs and gradients are others, silently.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6 scipy==1.17.1 \
  einops==0.8.2 s5-pytorch==0.2.1
venv/bin/python - <<'PY'
import io
from contextlib import redirect_stdout
from importlib.metadata import version

import torch
from s5 import S5

T = 8
x = torch.randn(2, T, 4, generator=torch.Generator().manual_seed(0))


def pieces(model, length):
    parts, state = [], None
    for part in x.split(length, dim=1):
        out, state = model(part, state=state, return_state=True)
        parts.append(out)
    return torch.cat(parts, 1)


def steps(model, without=()):
    """Single steps; those of `without` leave the input out of the state's factor."""
    liquid, state, parts = model.seq.liquid, torch.zeros(2, 4, dtype=torch.complex64), []
    for t in range(T):
        model.seq.liquid = liquid and t not in without
        pairs = [model.seq.forward_rnn(x[b, t], state[b]) for b in range(2)]
        parts.append(torch.stack([y for y, _ in pairs]))
        state = torch.stack([s for _, s in pairs])
    model.seq.liquid = liquid
    return torch.stack(parts, 1)


print(f"s5-pytorch {version('s5-pytorch')}, torch {torch.__version__}, {T} steps, dt 0.1 to 1")
print("Largest error against the whole sequence at once, relative: of outputs, of the gradient of B")
found = {}
for liquid in (False, True):
    torch.manual_seed(0)
    model = S5(4, 4, liquid=liquid, dt_min=0.1, dt_max=1.0)
    seen = {}
    for name, y in (
        ("whole", model(x)),
        ("single steps", steps(model)),
        ("pieces of 4", pieces(model, 4)),
        ("pieces of 1", pieces(model, 1)),
        ("single steps, the fifth without", steps(model, {4})),
    ):
        (grad,) = torch.autograd.grad(y.square().sum(), [model.seq.B])
        seen[name] = y.detach(), grad
    for name in list(seen)[1:]:
        pairs = zip(seen[name], seen["whole"], strict=True)
        errors = [((a - b).abs().max() / b.abs().max()).item() for a, b in pairs]
        found[liquid, name] = min(errors), max(errors)
        print(f"liquid={liquid}, {name}: {errors[0]:.0e}, {errors[1]:.0e}")
    alike = torch.allclose(seen["pieces of 4"][0], seen["single steps, the fifth without"][0], atol=1e-6)
    found[liquid, "alike"] = alike
print("Pieces of 4 are steps, the fifth with Lambda in place of Lambda + B u:", found[True, "alike"])
right = [found[liquid, "single steps"] for liquid in (False, True)] + [found[False, "pieces of 4"]]
wrong = [found[True, name] for name in ("pieces of 4", "pieces of 1")]
same = all(high < 1e-5 for _, high in right) and all(low > 0.005 for low, _ in wrong)
raise SystemExit(0 if same and found[True, "alike"] else "changed")
PY
