#!/bin/sh
# PyTorch: the slope of hardsigmoid in float64, on a processor.
# Expected: 1/6 to float64's accuracy. Seen: 1/6 rounded to float32, 0.16666667163372, 3e-8 off in
# every gradient; values are right, and torch.autograd.gradcheck with its defaults says so of both.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6
venv/bin/python - <<'PY'
import torch
from torch.nn.functional import hardsigmoid, hardswish

x = torch.linspace(-2.5, 2.5, 5, dtype=torch.float64, requires_grad=True)
y = hardsigmoid(x)
y.sum().backward()
value_error = (y - (x + 3) / 6).abs().max().item()
slopes = sorted(set(x.grad.tolist()))
checked = torch.autograd.gradcheck(hardsigmoid, (x,))

by_hand = x.detach().clone().requires_grad_()
(torch.clamp(by_hand + 3, 0, 6) / 6).sum().backward()
swish = x.detach().clone().requires_grad_()
hardswish(swish).sum().backward()
swish_error = (swish.grad - (2 * swish + 3) / 6).abs().max().item()

rounded = torch.tensor(1 / 6, dtype=torch.float32).item()
print(f"torch {torch.__version__}; 1/6 = {1 / 6!r}, rounded to float32 {rounded!r}")
print(f"hardsigmoid: values off by {value_error:.0e}, slopes {slopes}, gradcheck {checked}")
print(f"clamp(x + 3, 0, 6) / 6: slopes {sorted(set(by_hand.grad.tolist()))}")
print(f"hardswish: slopes off by {swish_error:.0e}")
same = value_error < 1e-15 and checked and swish_error < 1e-15
same = same and slopes == [rounded] and set(by_hand.grad.tolist()) == {1 / 6}
raise SystemExit(0 if same else "changed")
PY
