#!/bin/sh
# braintrace: online gradients of its LSTMCell by D_RTRL and SnAp with vjp_method="single-step", as is the default.
# Expected: after one step there is no past to approximate, so any of them is the gradient; of more steps, SnAp "at or
# above a group's diameter saturates to full within-group RTRL", so it is that of backpropagation through time.
# So it is of ValinaRNNCell, and of LSTMCell with "multi-step". Seen: with "single-step" the gradients of the LSTM's
# input and forget gates and of its candidate are twice the true ones, exactly so for one step, silently; the
# output gate's are right there. The way from c to h of the same step is counted in both states' traces.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6 brainstate==0.5.4 \
    braintrace==0.2.6
HOME=$dir venv/bin/python -W ignore - 2>"$dir/log" <<'PY' || { cat "$dir/log"; exit 1; }
from importlib.metadata import version

import jax

jax.config.update("jax_enable_x64", True)
import brainstate
import braintrace
import jax.numpy as jnp
import numpy as np

brainstate.environ.set(precision=64)
m, n = 2, 4
rng = np.random.default_rng(0)
inputs, targets = rng.normal(size=(7, m)), rng.normal(size=(7, n))
cells = {"ValinaRNNCell": {"activation": "tanh"}, "LSTMCell": {}}


def cell(name):
    brainstate.random.seed(0)
    return getattr(braintrace.nn, name)(m, n, **cells[name])


def arrays(gradients):
    """Of each parameter's path, its weights alone; every path ends in a dictionary of weight and bias."""
    return {path[0]: np.asarray(g["weight"]) for path, g in gradients.items()}


def whole(name, T):
    """Backpropagation through time, by JAX, and a difference of the loss along one direction."""
    model = cell(name)
    brainstate.nn.init_all_states(model)
    parameters = model.states(brainstate.ParamState)

    def loss():
        brainstate.nn.init_all_states(model)
        return sum(jnp.mean((model.update(jnp.array(inputs[t])) - targets[t]) ** 2) for t in range(T))

    found, slope, ends = arrays(brainstate.transform.grad(loss, parameters)()), 0.0, []
    kept = {path: p.value for path, p in parameters.items()}
    draw = np.random.default_rng(1)
    directions = {path: draw.normal(size=p["weight"].shape) for path, p in kept.items()}
    for step in (1e-5, -1e-5):
        for path, p in parameters.items():
            p.value = kept[path] | {"weight": kept[path]["weight"] + step * directions[path]}
        ends.append(float(loss()))
    slope = sum((found[path[0]] * d).sum() for path, d in directions.items())
    return found, abs(slope - (ends[0] - ends[1]) / 2e-5)


def online(name, T, method, **options):
    learner = braintrace.compile(cell(name), method, jnp.array(inputs[0]), **options)
    step = lambda x, y: jnp.mean((learner(x) - y) ** 2)
    return arrays(learner.etrace_grad(jnp.array(inputs[:T]), jnp.array(targets[:T]), step_fn=step, reduction="sum"))


print(f"braintrace {version('braintrace')}, brainstate {version('brainstate')}, jax {jax.__version__}:", end=" ")
print("gradients of weights, as multiples of the true ones, and their largest relative errors")
same = True
for name in cells:
    for T in (1, 7):
        true, off = whole(name, T)
        same &= off < 1e-7
        for method, options in ((braintrace.D_RTRL, {}), (braintrace.SnAp, {"n": 9})):
            if T > 1 and method is braintrace.D_RTRL:
                continue  # an approximation there
            for vjp in ({}, {"vjp_method": "multi-step"}):
                found = online(name, T, method, **options, **vjp)
                print(f"{name}, T = {T}, {method.__name__} {options | vjp}:", end=" ")
                for gate, g in true.items():
                    if not np.any(g):
                        continue  # of the forget gate, c being zero before the first step
                    factor, error = (found[gate] * g).sum() / (g**2).sum(), abs(found[gate] - g).max() / abs(g).max()
                    print(f"{gate} {factor:.3f} ({error:.0e})", end=" ")
                    doubled = name == "LSTMCell" and not vjp and gate != "Wo"
                    if doubled:
                        same &= abs(factor - 2) < (1e-9 if T == 1 else 0.2)
                    elif name == "LSTMCell" and not vjp and T > 1:
                        same &= error > 0.01  # of the output gate, what comes back through the others
                    else:
                        same &= error < 1e-9
                print()
print("For gradient checks: an online method that is exact for a plain network and approximate for others is told from a wrong")
print("one by its limits: one step, or traces that are wide enough. An optimizer that scales gradients hides a factor.")
raise SystemExit(0 if same else "changed")
PY
