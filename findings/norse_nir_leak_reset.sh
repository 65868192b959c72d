#!/bin/sh
# norse: from_nir of NIR's neurons LIF and CubaLIF, NIR being the format by which spiking networks are exchanged.
# Expected: NIR's equations, tau_syn I' = -I + w_in S, tau_mem v' = v_leak - v + R I, and v = v_reset after a spike, or a
# warning, as from_nir gives where R of a LIF is not 1. Seen, silently: the current of a CubaLIF leaks to v_leak, too, and
# begins there, so that v tends to v_leak + R (w_in S + v_leak); and v_reset is left out of both neurons, which begin
# again at 0. With v_leak = 0 and v_reset = 0 the trajectories are those of the equations.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6 nir==1.0.8 nirtorch==2.6 norse==1.1.0
venv/bin/python -W ignore - 2>"$dir/log" <<'PY' || { cat "$dir/log"; exit 1; }
from importlib.metadata import version

import nir
import norse.torch
import numpy as np
import torch

dt, T, tau_syn, tau_mem, w_in, S = 1e-4, 2000, 0.01, 0.03, 1.5, 0.4


def imported(node):
    size = np.array([1])
    nodes = {"input": nir.Input({"input": size}), "n": node, "output": nir.Output({"output": size})}
    return norse.torch.from_nir(nir.NIRGraph(nodes, [("input", "n"), ("n", "output")]), dt=dt)


def trajectory(node, x, steps):
    """The voltages after each step of a constant input, and where spikes were."""
    module, state, v, spikes = imported(node), None, [], []
    for _ in range(steps):
        z, state = module(torch.tensor([[x]]), state)
        inner = state.state["n"]
        while isinstance(inner, tuple) and not hasattr(inner, "v"):
            inner = inner[-1]  # of a CubaLIF: the current, then the neuron
        v.append(inner.v.item())
        spikes.append(bool(z.item()))
    return np.array(v), np.array(spikes)


def vector(**values):
    return {k: np.array([float(v)]) for k, v in values.items()}


def solution(R, v_leak, current_leak):
    """v(t) from v_leak on for a constant S, the current going from current_leak to w_in S + current_leak."""
    t = dt * np.arange(1, T + 1)
    mem, syn = np.exp(-t / tau_mem), np.exp(-t / tau_syn)
    ramp = 1 - (tau_mem * mem - tau_syn * syn) / (tau_mem - tau_syn)
    return v_leak + R * (w_in * S * ramp + current_leak * (1 - mem))


print(f"norse {version('norse')}, nir {version('nir')}: CubaLIF, constant input, a threshold that is never reached")
same = True
for v_leak in (0.0, 0.2):
    for R in (1.0, 2.0):
        names = vector(tau_syn=tau_syn, tau_mem=tau_mem, r=R, v_leak=v_leak, w_in=w_in, v_threshold=100, v_reset=0)
        v, _ = trajectory(nir.CubaLIF(**names), S, T)
        true, seen = (solution(R, v_leak, leak) for leak in (0.0, v_leak))
        off, explained = abs(v - true).max(), abs(v - seen).max()
        print(f"v_leak {v_leak}, R {R}: v ends at {v[-1]:.4f}, by the equations {true[-1]:.4f}; differences at most", end=" ")
        print(f"{off:.1e}, and {explained:.1e} if the current leaks to v_leak")
        same &= explained < 0.01 and (off < 0.01) == (v_leak == 0) and (off < 0.01 or off > 0.15)
print("After a spike, v_threshold 0.5:")
for v_reset in (0.0, -0.3):
    lif = nir.LIF(**vector(tau=tau_mem, r=1, v_leak=0, v_threshold=0.5, v_reset=v_reset))
    names = vector(tau_syn=tau_syn, tau_mem=tau_mem, r=1, v_leak=0, w_in=1, v_threshold=0.5, v_reset=v_reset)
    for name, node in (("LIF", lif), ("CubaLIF", nir.CubaLIF(**names))):
        v, spikes = trajectory(node, 1.0, 800)
        after = v[spikes]
        print(f"v_reset {v_reset}, {name}: {spikes.sum()} spikes, v = {after.min():.4f} to {after.max():.4f}")
        same &= spikes.sum() > 1 and abs(after).max() < 1e-6
print("For gradient checks: a network that was trained elsewhere and imported is another function; compare the voltages with")
print("the format's equations, with every parameter other than its default, before its gradients.")
raise SystemExit(0 if same else "changed")
PY
