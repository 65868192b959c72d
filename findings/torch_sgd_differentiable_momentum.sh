#!/bin/sh
# PyTorch: torch.optim.SGD(momentum=..., differentiable=True), gradients through the steps with respect to the weights
# before them, against differences.
# Expected: those of the loop, as without momentum and as of Adam, AdamW, RAdam, Adadelta and RMSprop; differentiable
# says whether "autograd should occur through the optimizer step". Seen: the first step's gradient is detached where it
# is put in the momentum buffer, so that what it depends on is left out of all later steps, silently: after one step of
# plain momentum the step counts as a constant. Values are right.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6
venv/bin/python -W ignore - <<'PY'
import torch
from torch import optim

torch.set_default_dtype(torch.float64)
start, direction = torch.tensor([0.7, -0.4, 1.1]), torch.tensor([0.3, 1.0, -0.5])


def loss(w):
    return 0.1 * (w**4).sum() + (w[0] * w[1]) ** 2


def trained(make, options, w, steps):
    """The loss after the steps; its gradient goes back through all of them to w."""
    w = w.clone()
    opt = make([w], lr=0.05, differentiable=True, **options)
    for _ in range(steps):
        inner = w.clone()  # the step writes in w
        w.grad = torch.autograd.grad(loss(inner), inner, create_graph=True)[0]
        opt.step()
    return loss(w), w


def by_hand(w, steps, momentum, detached):
    v = None
    for _ in range(steps):
        inner = w.clone()
        g = torch.autograd.grad(loss(inner), inner, create_graph=True)[0]
        v = (g.detach() if detached else g) if v is None else momentum * v + g
        w = w - 0.05 * v
    return loss(w)


def slope(f):
    w = start.clone().requires_grad_()
    return (torch.autograd.grad(f(w), w)[0] @ direction).item()


def difference(f, h=1e-5):
    ends = (f((start + s * h * direction).requires_grad_()).item() for s in (1, -1))
    return (next(ends) - next(ends)) / (2 * h)


print(f"torch {torch.__version__}: slope along one direction, by autograd and by differences")
same = True
for make, options in (
    (optim.SGD, {}),
    (optim.SGD, {"momentum": 0.9}),
    (optim.SGD, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    (optim.Adam, {}),
    (optim.AdamW, {"weight_decay": 0.3}),
    (optim.RAdam, {}),
    (optim.Adadelta, {}),
    (optim.RMSprop, {}),
):
    for steps in (1, 3, 8):
        f = lambda w: trained(make, options, w, steps)[0]
        found, true = slope(f), difference(f)
        right = abs(found - true) < 1e-6 * (1 + abs(true))
        print(f"{make.__name__} {options}, {steps} steps: {found:.6f}, {true:.6f}", "" if right else "wrong")
        same &= right != ("momentum" in options)
for steps in (1, 3, 8):
    found = slope(lambda w: trained(optim.SGD, {"momentum": 0.9}, w, steps)[0])
    whole, cut = (slope(lambda w: by_hand(w, steps, 0.9, detached)) for detached in (False, True))
    true = difference(lambda w: trained(optim.SGD, {"momentum": 0.9}, w, steps)[0])
    print(f"a loop of our own, {steps} steps: {whole:.6f}; with the first gradient detached {cut:.6f}")
    same &= abs(whole - true) < 1e-6 and abs(cut - found) < 1e-10
print("For gradient checks: backpropagation through training steps is backpropagation through time with the optimizer's")
print("state as the state; compare it with differences from the weights before the first step, with momentum.")
raise SystemExit(0 if same else "changed")
PY
