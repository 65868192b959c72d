#!/bin/sh
# higher: innerloop_ctx of a PyTorch optimizer made with maximize=True, or of Adam with decoupled_weight_decay=True.
# Expected: the steps of that optimizer, of which higher makes "a differentiable version", or a refusal, as of AdamW;
# lr, momentum, nesterov, weight_decay and the rest of the options are carried out. Seen: steps, and
# the gradients through them, are those without the option, silently, in all eight optimizers that have maximize: an
# inner loop that should climb goes down.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6 higher==0.2.1
venv/bin/python -W ignore - <<'PY'
from importlib.metadata import version

import higher
import torch
from torch import optim

torch.set_default_dtype(torch.float64)
torch.manual_seed(0)
x, w0 = torch.randn(4, 3), torch.randn(2, 3)


def model():
    net = torch.nn.Linear(3, 2, bias=False)
    net.weight.data.copy_(w0)
    return net


def loss(net):
    return (net(x) ** 2).mean()


def own(make, options, steps=3):
    net = model()
    opt = make(net.parameters(), lr=0.1, **options)
    for _ in range(steps):
        opt.zero_grad()
        loss(net).backward()
        opt.step()
    return net.weight.detach(), loss(net).item()


def differentiable(make, options, steps=3):
    net = model()
    with higher.innerloop_ctx(net, make(net.parameters(), lr=0.1, **options)) as (fast, opt):
        for _ in range(steps):
            opt.step(loss(fast))
        return next(fast.parameters()).detach(), loss(fast).item()


makes = (optim.SGD, optim.Adam, optim.Adadelta, optim.Adagrad, optim.Adamax, optim.ASGD, optim.RMSprop, optim.Rprop)
cases = [(make, {"maximize": True}) for make in makes] + [(optim.Adam, {"weight_decay": 0.5, "decoupled_weight_decay": True})]
carried = [(optim.SGD, {"momentum": 0.9, "nesterov": True}), (optim.SGD, {"momentum": 0.9, "dampening": 0.3})]
carried += [(optim.Adam, {"amsgrad": True, "weight_decay": 0.5}), (optim.RMSprop, {"centered": True, "momentum": 0.5})]
print(f"higher {version('higher')}, torch {torch.__version__}: three steps; the loss before is {loss(model()).item():.4f}")
same = True
for make, options in carried + cases:
    (w, after), (found, value) = own(make, options), differentiable(make, options)
    without = {k: v for k, v in options.items() if k not in ("maximize", "decoupled_weight_decay")}
    off, off_without = (abs(found - w).max().item() for w in (w, own(make, without)[0]))
    print(f"{make.__name__} {options}: loss {after:.4f}, by higher {value:.4f}; weights {off:.1e} off,", end=" ")
    print(f"{off_without:.1e} off those without the option" if without != options else "carried out")
    same &= off_without < 1e-4 and (off < 1e-4 if without == options else off > 1e-3)
try:
    differentiable(optim.AdamW, {})
    same = False
except ValueError as error:
    print("AdamW:", error)
print("For gradient checks: backpropagation through a training loop is checked against differences of the loop with the")
print("optimizer itself; differences of higher's own loop agree with its gradients, as both leave the option out.")
raise SystemExit(0 if same else "changed")
PY
