#!/bin/sh
# PyTorch: gradcheck of a function with two outputs, one of them detached.
# Expected: refused, as the detached output's numerical derivative is not zero (alone it is
# refused). Seen: accepted, in slow and fast mode: outputs that need no gradient are skipped if
# any other needs one, so a cell that returns (h, c) with a detached c passes.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6
venv/bin/python - <<'PY'
import torch
from torch.autograd import gradcheck

torch.manual_seed(0)
cell = torch.nn.LSTMCell(3, 2, dtype=torch.float64)
x = torch.randn(1, 3, dtype=torch.float64, requires_grad=True)


def both(x):
    h, c = cell(x)
    return h, c.detach()


def alone(x):
    return cell(x)[1].detach()


print(f"torch {torch.__version__}")
print("gradcheck accepts (h, c.detach()) and refuses c.detach() alone:")
same = True
for fast in (False, True):
    accepted = [bool(gradcheck(f, x, fast_mode=fast, raise_exception=False)) for f in (both, alone)]
    print(f"fast_mode={fast}: (h, c.detach()) {accepted[0]}, c.detach() alone {accepted[1]}")
    same &= accepted == [True, False]
raise SystemExit(0 if same else "changed")
PY
