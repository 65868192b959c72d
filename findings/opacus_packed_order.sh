#!/bin/sh
# Opacus: per-sample gradients of DPLSTM, DPGRU and DPRNN for a packed batch, enforce_sorted=False.
# Expected: row b of grad_sample belongs to sample b, as outputs and final states do, and as the rows of
# the layers before and after do. Seen: rows are in the order of decreasing length. So a sample's
# norm over all layers is made of several samples', and clipping by it clips others. Sums are right.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check opacus==1.6.0 torch==2.13.0 numpy==2.4.6
venv/bin/python - <<'PY'
import warnings

warnings.simplefilter("ignore")
import opacus
import torch
from opacus.grad_sample import GradSampleModule
from opacus.layers import DPGRU, DPLSTM, DPRNN
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

lengths = torch.tensor([2, 5, 3])
T, B, m, n = 5, 3, 4, 6


class Tagger(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.before, self.layer, self.after = nn.Linear(m, m), layer, nn.Linear(n, 1)

    def forward(self, x, lengths):
        x = self.before(x)
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        state = self.layer(packed)[1]
        h = state[0] if isinstance(state, tuple) else state
        return self.after(h[-1])


def gradients(model, x, lengths):
    model.zero_grad()
    model(x, lengths).square().sum().backward()
    return {k: p.grad.clone() for k, p in model.named_parameters()}


print(f"opacus {opacus.__version__}, torch {torch.__version__}; lengths {lengths.tolist()}")
same = True
x = torch.randn(B, T, m, generator=torch.Generator().manual_seed(0))
for kind in (DPLSTM, DPGRU, DPRNN):
    torch.manual_seed(0)
    model = Tagger(kind(m, n, batch_first=True))
    alone = [gradients(model, x[b : b + 1, : lengths[b]], lengths[b : b + 1]) for b in range(B)]
    module = GradSampleModule(model, loss_reduction="sum")
    module(x, lengths).square().sum().backward()
    order = {}
    for name, p in model.named_parameters():
        place = name.split(".")[0]
        off = [[(row - one[name]).abs().max() for one in alone] for row in p.grad_sample]
        nearest = tuple(min(range(B), key=row.__getitem__) for row in off)
        same &= all(row[b] < 1e-5 for row, b in zip(off, nearest, strict=True))
        order.setdefault(place, set()).add(nearest)
    seen = ", ".join(f"{place} {sorted(rows)}" for place, rows in order.items())
    print(f"{kind.__name__}: samples that the rows of grad_sample belong to: {seen}")
    same &= order == {"before": {(0, 1, 2)}, "layer": {(1, 2, 0)}, "after": {(0, 1, 2)}}
raise SystemExit(0 if same else "changed")
PY
