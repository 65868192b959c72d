#!/bin/sh
# flash-linear-attention: naive_recurrent_comba and naive_chunk_comba, its two "reference PyTorch implementations" of
# one recurrence, Comba's, which are public.
# Expected: the same outputs, states and gradients, as of the pairs for the gated delta rule, simple GLA and gated
# delta net 2. Seen: the recurrent one lets the state decay before p reads it, h <- exp(g) h, v - p h, the chunked one
# reads the state before it decays; so does the kernel fused_recurrent_comba, by its source. Their outputs agree
# only where g is zero, and gradients not even there: a kernel that is right for one is wrong for the other.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6 transformers==5.24.0 \
    "flash-linear-attention[cpu]==0.6.0"
HF_HUB_OFFLINE=1 HF_HOME=$dir venv/bin/python -W ignore - 2>"$dir/log" <<'PY' || { cat "$dir/log"; exit 1; }
from importlib.metadata import version

import torch
from fla.ops.comba import naive_chunk_comba, naive_recurrent_comba
from fla.ops.gated_delta_rule.naive import naive_chunk_gated_delta_rule, naive_recurrent_gated_delta_rule

B, T, H, d = 2, 12, 2, 4
torch.manual_seed(0)
q, v, h0 = torch.randn(B, T, H, d), torch.randn(B, T, H, d), torch.randn(B, H, d, d)
k = torch.nn.functional.normalize(torch.randn(B, T, H, d), dim=-1)
beta, decay, weights = torch.rand(B, T, H), -torch.rand(B, T, H), torch.randn(B, T, H, d)
rest = {"initial_state": h0, "output_final_state": True}


def steps(q, k, v, p, g, beta, read_first):
    """The recurrence as a loop of our own; p reads the state before or after it decays."""
    h, out = h0, []
    for t in range(T):
        decayed = torch.exp(g[:, t])[..., None, None] * h
        read = torch.einsum("bhk,bhkv->bhv", p[:, t], h if read_first else decayed)
        h = decayed + torch.einsum("bhk,bhv->bhkv", k[:, t], beta[:, t, :, None] * (v[:, t] - read))
        out.append(torch.einsum("bhk,bhkv->bhv", d**-0.5 * q[:, t], h))
    return torch.stack(out, 1), h


forms = {
    "Comba, recurrent": lambda q, k, v, p, g, b: naive_recurrent_comba(q, k, v, p, b, g, **rest),
    "Comba, chunks of 4": lambda q, k, v, p, g, b: naive_chunk_comba(q, k, v, p, g, b, chunk_size=4, **rest),
    "loop, p reads first": lambda *a: steps(*a, True),
    "loop, decay first": lambda *a: steps(*a, False),
}
pair = {
    "gated delta rule, recurrent": lambda q, k, v, g, b: naive_recurrent_gated_delta_rule(q, k, v, b, g, **rest),
    "gated delta rule, chunks of 4": lambda q, k, v, g, b: naive_chunk_gated_delta_rule(
        q, k, v, g, b, chunk_size=4, **rest
    ),
}


def found(form, arrays):
    arrays = [a.clone().requires_grad_() for a in arrays]
    out, state = form(*arrays)
    return [out.detach(), state.detach(), *torch.autograd.grad((out * weights).sum() + state.sum(), arrays)]


def off(a, b):
    return max(((x - y).abs().max() / (1 + y.abs().max())).item() for x, y in zip(a, b))


print(f"flash-linear-attention {version('flash-linear-attention')}, torch {torch.__version__}: largest differences")
rule = [found(form, (q, k, v, decay, beta)) for form in pair.values()]
print(f"gated delta rule, recurrent and in chunks: {off(*rule):.0e}")
same = off(*rule) < 1e-4
for name, g in (("g = 0", 0 * decay), ("-1 < g < 0", decay)):
    recurrent, chunked, first, last = (found(form, (q, k, v, 0.7 * k, g, beta)) for form in forms.values())
    outputs, gradients = off(recurrent[:2], chunked[:2]), off(recurrent[2:], chunked[2:])
    print(f"Comba, {name}: recurrent and in chunks {outputs:.0e}, of gradients {gradients:.0e}", end="; ")
    print(f"recurrent and a loop with decay first {off(recurrent, last):.0e}", end="; ")
    print(f"in chunks and a loop in which p reads first {off(chunked, first):.0e}")
    same &= off(recurrent, last) < 1e-4 and off(chunked, first) < 1e-4
    same &= (outputs < 1e-4) == (name == "g = 0") and gradients > 0.01
print("For gradient checks: a reference is a claim as well. Where a library has two, compare them, with every gate at work,")
print("before a kernel is checked against one; the order of two products in a step does not show in shapes or in size.")
raise SystemExit(0 if same else "changed")
PY
