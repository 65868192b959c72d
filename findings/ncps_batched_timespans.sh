#!/bin/sh
# ncps: CfC and LTC with timespans, irregular steps of time, for each sample of a batch.
# Expected: the outputs and gradients of the samples one by one. Seen: any batch of more than one is
# an error of shapes, except where it has as many samples as there are units: then unit u takes the
# span of sample u, in every sample, and outputs and gradients are wrong, silently.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6 ncps==1.0.1
venv/bin/python - <<'PY'
from importlib.metadata import version

import torch
from ncps.torch import LTC, CfC

T, m, units = 5, 3, 4


def outputs(model, x, spans):
    return model(x, timespans=spans)[0]


print(f"ncps {version('ncps')}, torch {torch.__version__}; {units} units, {T} steps")
same = True
for kind in (CfC, LTC):
    for B in (1, 2, 3, units):
        torch.manual_seed(0)
        model = kind(m, units)
        x, spans = torch.randn(B, T, m), 0.1 + 3 * torch.rand(B, T)
        weights = [p for p in model.parameters() if p.requires_grad]
        alone = torch.cat([outputs(model, x[b : b + 1], spans[b : b + 1]) for b in range(B)])
        try:
            y = outputs(model, x, spans)
        except RuntimeError as error:
            print(f"{kind.__name__}, batch of {B}: {error}")
            same &= B not in (1, units)
            continue
        one, two = (
            torch.cat([g.flatten() for g in torch.autograd.grad(a.square().sum(), weights)])
            for a in (alone, y)
        )
        off = (y - alone).abs().max().item(), ((two - one).norm() / one.norm()).item()
        seen = f"outputs {off[0]:.0e} off, gradient {off[1]:.0%}"
        print(f"{kind.__name__}, batch of {B}, against one by one: {seen}")
        same &= max(off) < 1e-5 if B == 1 else B == units and min(off) > 0.01
        if kind is CfC and B == units:
            h = torch.zeros(B, units)
            first = [model.rnn_cell(x[:, 0], h, spans[u, 0])[0][:, u] for u in range(units)]
            alike = torch.allclose(y[:, 0], torch.stack(first, 1), atol=1e-6)
            print(f"  unit u takes the span of sample u, in every sample: {alike}")
            same &= alike
raise SystemExit(0 if same else "changed")
PY
