#!/bin/sh
# PyTorch and JAX: the derivative of a clip to [-1, 1] at the bounds themselves.
# Expected: one convention, at least within a library. Seen: 1 for torch.clamp and 0 for
# torch hardtanh; 1/2 for jnp.clip, 0 for lax.clamp and 1 for jax.nn.hard_tanh. The values agree.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
venv/bin/python - <<'PY'
import jax
import jax.numpy as jnp
import torch
from torch.nn import functional

bounds = [-1.0, 1.0]


def in_torch(f):
    x = torch.tensor(bounds, requires_grad=True)
    y = f(x)
    y.sum().backward()
    return y.tolist(), x.grad.tolist()


def in_jax(f):
    x = jnp.array(bounds)
    return f(x).tolist(), jax.grad(lambda x: f(x).sum())(x).tolist()


runs = {
    "torch.clamp": (in_torch(lambda x: torch.clamp(x, -1, 1)), 1.0),
    "torch hardtanh": (in_torch(functional.hardtanh), 0.0),
    "jnp.clip": (in_jax(lambda x: jnp.clip(x, -1, 1)), 0.5),
    "lax.clamp": (in_jax(lambda x: jax.lax.clamp(-1.0, x, 1.0)), 0.0),
    "jax.nn.hard_tanh": (in_jax(jax.nn.hard_tanh), 1.0),
}
print(f"torch {torch.__version__}, jax {jax.__version__}; at x = -1 and x = 1")
same = True
for name, ((values, slopes), expected) in runs.items():
    print(f"{name}: values {values}, slopes {slopes}")
    same &= values == bounds and slopes == [expected, expected]
raise SystemExit(0 if same else "changed")
PY
