#!/bin/sh
# xLSTM: the states (C, n, m) of the mLSTM's backends in plain PyTorch, chunkwise_simple, which returns
# those after the last step, and recurrent_step_stabilized_simple, which goes on from states.
# Expected: the same states, as outputs are the same. Seen: C and n of the first are sqrt(d) times
# those of the second, d the width of a head, as one divides queries by sqrt(d) and the other keys:
# steps that go on after chunks (a prompt, then a word at a time) are wrong, silently.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6
venv/bin/pip install -q --disable-pip-version-check --no-deps xlstm==2.0.6
venv/bin/python - <<'PY'
from importlib.metadata import version
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path

import torch

# The backends alone: importing the package looks for the compiled ones.
path = Path(find_spec("xlstm").submodule_search_locations[0], "blocks/mlstm/backends.py")
spec = spec_from_file_location("backends", path)
backends = module_from_spec(spec)
spec.loader.exec_module(backends)

torch.set_default_dtype(torch.float64)
B, H, T, cut = 2, 3, 16, 8


def steps(q, k, v, i, f, states):
    parts = []
    for t in range(q.shape[2]):
        at = [a[:, :, t : t + 1].clone() for a in (q, k, v, i, f)]
        h, states = backends.recurrent_step_stabilized_simple(*states, *at)
        parts.append(h)
    return torch.cat(parts, 2), states


def chunks(q, k, v, i, f):
    return backends.chunkwise_simple(
        q, k, v, i[..., 0], f[..., 0], chunk_size=4, return_last_state=True
    )


def off(a, b):
    return ((a - b).abs().max() / b.abs().max()).item()


print(f"xlstm {version('xlstm')}, torch {torch.__version__}; {T} steps, handed over after {cut}")
same = True
for width in (4, 64):
    torch.manual_seed(0)
    shapes = [(B, H, T, width)] * 3 + [(B, H, T, 1)] * 2
    whole = [torch.randn(shape) for shape in shapes]
    first, rest = [a[:, :, :cut] for a in whole], [a[:, :, cut:] for a in whole]
    zeros = [torch.zeros(B, H, width, n) for n in (width, 1)] + [torch.zeros(B, H, 1, 1)]
    h = backends.parallel_stabilized_simple(*whole)
    alone = off(steps(*whole, zeros)[0], h), off(chunks(*whole)[0], h)
    _, (C, n, m) = chunks(*first)
    _, (C_step, n_step, m_step) = steps(*first, zeros)
    n = n.unsqueeze(-1)
    handed = off(steps(*rest, (C, n, m))[0], h[:, :, cut:])
    root = width**0.5
    scaled = off(steps(*rest, (C / root, n / root, m))[0], h[:, :, cut:])
    ratios = [(a / b).mean().item() for a, b in ((C, C_step), (n, n_step))]
    print(f"Head of {width}: against the parallel form, steps {alone[0]:.0e} off, chunks {alone[1]:.0e};")
    seen = f"{ratios[0]:.4f} and {ratios[1]:.4f} times those of steps, m {off(m, m_step):.0e} off"
    print(f"  C and n of chunks are {seen}")
    print(f"  steps after chunks: {handed:.2f} off; with C and n divided by {root:g}: {scaled:.0e}")
    same &= max(alone) < 1e-4 and scaled < 1e-4 and handed > 0.2 and off(m, m_step) < 1e-12
    same &= all(abs(r - root) < 1e-6 * root for r in ratios)
raise SystemExit(0 if same else "changed")
PY
