#!/bin/sh
# PyTorch: the gradient of ctc_loss of log_softmax where a class is masked by a logit of -inf.
# Expected: the loss is finite and differentiable in the other logits, so their gradients are finite,
# as those of cross_entropy are. Seen: every step that has a masked class has NaN for all classes, in
# or out of the target, zero_infinity=True or not; a logit of -1e4 has the same loss and right gradients.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6
venv/bin/python - <<'PY'
import torch
from torch.nn.functional import cross_entropy, ctc_loss

T, classes = 6, 5
logits = torch.randn(T, classes, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
labels = torch.tensor([1, 2])


def ctc(x, **options):
    lengths = torch.tensor([T]), torch.tensor([len(labels)])
    return ctc_loss(x.log_softmax(-1).unsqueeze(1), labels[None], *lengths, **options)


def gradient(loss, x):
    x = x.clone().requires_grad_()
    value = loss(x)
    return value.item(), torch.autograd.grad(value, x)[0]


def quotients(loss, x, step=1e-6):
    rows = torch.zeros_like(x)
    for i in (x > -1e3).nonzero():
        e = torch.zeros_like(x)
        e[tuple(i)] = step
        rows[tuple(i)] = (loss(x + e) - loss(x - e)) / (2 * step)
    return rows


def masked(fill, where):
    x = logits.clone()
    x[where] = fill
    return x


print(f"torch {torch.__version__}, float64, {T} steps, labels {labels.tolist()} of {classes} classes, blank 0")
losses = {
    "cross_entropy": lambda x: cross_entropy(x, torch.tensor([1, 1, 0, 0, 2, 2])),
    "ctc_loss": ctc,
    "ctc_loss, zero_infinity": lambda x: ctc(x, zero_infinity=True),
}
places = {
    "class 4, which no target has": (slice(None), 4),
    "class 4 at step 3 alone": (2, 4),
    "class 2, a label, at step 1 alone": (0, 2),
}
same = True
for name, loss in losses.items():
    for place, where in places.items():
        (value, grad), (finite, slope) = (
            gradient(loss, masked(fill, where)) for fill in (-torch.inf, -1e4)
        )
        off = (slope - quotients(loss, masked(-torch.inf, where))).abs().max().item()
        steps = grad.isnan().any(1).nonzero().flatten() + 1
        print(f"{name}, {place}: loss {value:.6f}, NaN at steps {steps.tolist()};")
        print(f"  of -1e4: loss {finite:.6f}, gradient {off:.0e} off central differences of -inf")
        expected = [] if name == "cross_entropy" else list(range(1, T + 1))
        same &= abs(value - finite) < 1e-12 and off < 1e-8
        at = where[0] if isinstance(where[0], int) else None
        same &= steps.tolist() == (expected if at is None else [t for t in expected if t == at + 1])
raise SystemExit(0 if same else "changed")
PY
