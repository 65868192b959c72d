#!/bin/sh
# norse: lif_adjoint_step, a "single euler forward and adjoint backward step" of a leaky integrate-and-fire neuron
# with exponential synapses, which takes the place of lif_step.
# Expected: where no neuron spikes all is linear and smooth, so its gradients tend to those of the steps
# as dt gets small. Seen: they tend to tau_mem / tau_syn times those, to twice with the default constants and to
# half with the two exchanged: what goes back from the voltage to the current is divided by tau_syn, and
# going forward it is divided by tau_mem. The values are the same as lif_step's.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6
venv/bin/pip install -q --disable-pip-version-check norse==1.1.0 nir==1.0.4 nirtorch==2.0.2 torch==2.13.0 numpy==2.4.6
venv/bin/python -W ignore - <<'PY'
from importlib.metadata import version

import torch

torch.set_default_dtype(torch.float64)
from norse.torch.functional.adjoint.lif_adjoint import lif_adjoint_step
from norse.torch.functional.lif import LIFParameters, LIFState, lif_step

W = torch.tensor([[0.1, 0.05, 0.2], [0.15, 0.1, 0.02]])
R, time = torch.zeros(2, 2), 5e-3
defaults = LIFParameters()
print(f"norse {version('norse')}, torch {torch.__version__}; default time constants:", end=" ")
print(f"synapse {1 / float(defaults.tau_syn_inv):.3f} s, membrane {1 / float(defaults.tau_mem_inv):.3f} s")


def run(step, w, dt, p):
    """The squared voltages after 5 ms, with input spikes at the start and in the middle."""
    steps, s, spikes = round(time / dt), LIFState(*(torch.zeros(1, 2) for _ in range(3))), 0
    x = torch.zeros(steps, 1, 3)
    x[0], x[steps // 2] = torch.tensor([1.0, 1, 0]), torch.tensor([0.0, 1, 1])
    for x_t in x:
        z, s = step(x_t, s, w, R, p, dt)
        spikes += int(z.sum())
    return (s.v**2).sum(), spikes


def ratio(dt, p):
    """The gradient by the adjoint step over that by central differences of lif_step, entry by entry."""
    w = W.clone().requires_grad_()
    loss, spikes = run(lif_adjoint_step, w, dt, p)
    loss.backward()
    h, differences = 1e-6, torch.zeros(6)
    for k, e in enumerate(torch.eye(6).view(6, 2, 3) * h):
        differences[k] = (run(lif_step, W + e, dt, p)[0] - run(lif_step, W - e, dt, p)[0]) / (2 * h)
    agree = float(abs(loss - run(lif_step, W, dt, p)[0]))
    return w.grad / differences.view(2, 3), spikes, agree


same = True
for name, p, limit in (
    ("as by default", defaults, 2.0),
    ("equal constants", defaults._replace(tau_syn_inv=defaults.tau_mem_inv), 1.0),
    ("exchanged", defaults._replace(tau_syn_inv=defaults.tau_mem_inv, tau_mem_inv=defaults.tau_syn_inv), 0.5),
):
    errors = []
    for dt in (1e-3, 1e-4, 1e-5):
        by, spikes, agree = ratio(dt, p)
        errors.append(float(abs(by / limit - 1).max()))
        between = f"{float(by.min()):.4f} to {float(by.max()):.4f}"
        print(f"{name}, dt {dt}: gradients {between} times the differences; {spikes} spikes, losses {agree:.0e} apart")
        same &= spikes == 0 and agree < 1e-12
    same &= errors[2] < errors[1] / 5 < errors[0] / 20
print("For gradient checks: compare where nothing spikes, at several dt; an error that stays as dt shrinks is no")
print("discretization. Surrogate gradients cannot be the reference, as they differ from differences by design.")
raise SystemExit(0 if same else "changed")
PY
