#!/bin/sh
# FlashRNN: gradient_recurrent_cut and gradient_recurrent_clipval on the backends in plain PyTorch,
# "vanilla" and "vanilla_fwbw", which the compiled ones are compared with.
# Expected: an option is carried out or refused. Seen: the cut changes nothing, silently, in both, and
# so does the clip in "vanilla": gradients are the full ones. (The clip is a TypeError in "vanilla_fwbw".)
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
from flashrnn.flashrnn.flashrnn import FlashRNNConfig, flashrnn

B, T, N, D = 2, 5, 1, 4  # batch, steps, heads, units of a head


def given():
    torch.manual_seed(0)
    shapes = {"Wx": (B, T, 4, N, D), "R": (4, N, D, D), "b": (4, N, D)}
    return {k: torch.randn(s).requires_grad_() for k, s in shapes.items()}


def gradients(backend, **options):
    p = given()
    kinds = {f"dtype{k}": "float32" for k in ("", "_b", "_r", "_w")}
    config = FlashRNNConfig(
        backend=backend, function="lstm", num_heads=N, head_dim=D, batch_size=B, **kinds, **options
    )
    h = flashrnn(p["Wx"], p["R"], p["b"], config=config)[0][0]
    h.square().sum().backward()
    return {k: v.grad for k, v in p.items()}


def formulas(cut):
    p = given()
    h = c = torch.zeros(B, N, D)
    loss = 0
    for t in range(T):
        back = h.detach() if cut else h
        a = p["Wx"][:, t] + torch.einsum("gnop,bnp->bgno", p["R"], back) + p["b"]
        i, f, z, o = a.unbind(1)
        c = f.sigmoid() * c + i.sigmoid() * z.tanh()
        h = o.sigmoid() * c.tanh()
        loss = loss + h.square().sum()
    loss.backward()
    return {k: v.grad for k, v in p.items()}


def far(a, b):
    return max((a[k] - b[k]).abs().max().item() for k in a)


print(f"flashrnn {version('flashrnn')}, torch {torch.__version__}: LSTM, largest difference")
full, cut = formulas(False), formulas(True)
print(f"formulas differentiated automatically, cut or not: {far(full, cut):.2g}")
same = far(full, cut) > 0.1
for backend, options in (
    ("vanilla", {}),
    ("vanilla", {"gradient_recurrent_cut": True}),
    ("vanilla_fwbw", {}),
    ("vanilla_fwbw", {"gradient_recurrent_cut": True}),
    ("vanilla", {"gradient_recurrent_clipval": 1e-3}),
):
    seen = gradients(backend, **options)
    print(f"{backend}, {options or 'no option'}: from full {far(seen, full):.0e}", end="")
    print(f", from cut {far(seen, cut):.2g}")
    same &= far(seen, full) < 1e-4
try:
    gradients("vanilla_fwbw", gradient_recurrent_clipval=1e-3)
    same = False
except TypeError as error:
    print("vanilla_fwbw, gradient_recurrent_clipval: TypeError,", error)
raise SystemExit(0 if same else "changed")
PY
