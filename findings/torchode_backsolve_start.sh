#!/bin/sh
# torchode: gradients by BacksolveAdjoint and JointBacksolveAdjoint where t_start is earlier than the first t_eval.
# Expected: those of AutoDiffAdjoint, as the values are; all three take the same InitialValueProblem, in which the
# start and the times of the outputs are given apart. Seen: the way back ends at the first t_eval, not at
# t_start: "the gradient of y0" is that of the state there, and what parameters do before it is left out,
# silently. With one time asked for, the gradient of y0 is that of the output, unchanged, and parameters get zero.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6 torchode==1.0.1
venv/bin/python -W ignore - <<'PY'
from importlib.metadata import version

import torch
import torchode as to

torch.set_default_dtype(torch.float64)


class Rate(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.a = torch.nn.Parameter(torch.tensor([0.7, -0.4]))

    def forward(self, t, y):
        return -self.a * y * torch.cos(t).unsqueeze(-1) + 0.3 * y.flip(-1)


def gradients(adjoint, start, times):
    rate = Rate()
    term = to.ODETerm(rate)
    method = to.Tsit5(term=term)
    controller = to.IntegralController(1e-10, 1e-10, term=term)
    options = (method, controller) if adjoint is to.AutoDiffAdjoint else (term, method, controller)
    y0 = torch.tensor([[1.0, 0.5]], requires_grad=True)
    t = torch.tensor([times])
    problem = to.InitialValueProblem(y0=y0, t_start=torch.tensor([start]), t_end=t[:, -1], t_eval=t)
    loss = (adjoint(*options).solve(problem).ys ** 2).sum()
    loss.backward()
    return loss.item(), torch.cat([y0.grad.ravel(), rate.a.grad])


def differences(start, times):
    """The same loss by means of our own: Runge-Kutta steps of 1e-3, and central differences of it."""

    def loss(p):
        y, t, total = p[:2], start, 0.0
        rate = lambda t, y: -p[2:] * y * torch.cos(torch.tensor(t)) + 0.3 * y.flip(-1)
        for end in times:
            n = max(1, round((end - t) * 1000))
            h = (end - t) / n
            for k in range(n):
                k1 = rate(t + k * h, y)
                k2 = rate(t + (k + 0.5) * h, y + h / 2 * k1)
                k3 = rate(t + (k + 0.5) * h, y + h / 2 * k2)
                y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + rate(t + (k + 1) * h, y + h * k3))
            t, total = end, total + (y**2).sum()
        return total

    p, h = torch.tensor([1.0, 0.5, 0.7, -0.4]), 1e-5
    return torch.stack([(loss(p + e) - loss(p - e)) / (2 * h) for e in torch.eye(4) * h])


print(f"torchode {version('torchode')}, torch {torch.__version__}: gradients of y0 and of the parameters")
same = True
for start, times, adjoints in (
    (0.0, [0.0, 0.5, 1.0], (to.BacksolveAdjoint, to.JointBacksolveAdjoint)),
    (0.0, [0.3, 0.5, 1.0], (to.BacksolveAdjoint, to.JointBacksolveAdjoint)),
    (0.0, [1.0], (to.BacksolveAdjoint,)),
):
    true = differences(start, times)
    value, auto = gradients(to.AutoDiffAdjoint, start, times)
    print(f"t_start {start}, t_eval {times}: differences {true.numpy().round(4)}")
    print("  AutoDiffAdjoint", auto.numpy().round(4))
    same &= bool(abs(auto - true).max() < 1e-5)
    for adjoint in adjoints:
        again, found = gradients(adjoint, start, times)
        print(f"  {adjoint.__name__}", found.numpy().round(4))
        right = bool(abs(found - true).max() < 1e-5)
        same &= abs(value - again) < 1e-6 and right == (times[0] == start)
        if len(times) == 1:
            same &= bool((found[2:] == 0).all())
print("For gradient checks: compare adjoints with differences at output times that leave out the start, too;")
print("with t_eval[0] = t_start, as in most examples, nothing shows. Asking for the start as well mends it.")
raise SystemExit(0 if same else "changed")
PY
