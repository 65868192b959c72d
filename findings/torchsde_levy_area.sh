#!/bin/sh
# torchsde: the Levy areas that BrownianInterval draws, levy_area_approximation="davie" and "foster", for
# its solver log_ode.
# Expected: the second moments of the area, which both approximations are made to have: its variance is
# h^2 / 4 over a step of length h. Seen: h^2 / 3 by "davie" and 0.22 h^2 by "foster". Given W and H,
# the noise that is added should have the variance h^2 / 12 on average; it has twice that and 0.64 times.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6 scipy==1.17.1 torchsde==0.2.6
venv/bin/python - <<'PY'
import torch
import torchsde

N = 400_000
torch.manual_seed(0)
print(f"torchsde {torchsde.__version__}, {N} samples, float64")


def moments(kind, h):
    area = torchsde.BrownianInterval(
        0.0, h, size=(N, 2), dtype=torch.float64, levy_area_approximation=kind, entropy=1
    )
    W, U, A = area(0.0, h, return_U=True, return_A=True)
    H = U / h - W / 2
    of_HW = H[:, 0] * W[:, 1] - W[:, 0] * H[:, 1]
    parts = {"W": W[:, 0] / h**0.5, "H": H[:, 0] / h**0.5, "A": A[:, 0, 1] / h, "A given W, H": (A[:, 0, 1] - of_HW) / h}
    return {name: x.var().item() for name, x in parts.items()}


exact = {"W": 1, "H": 1 / 12, "A": 1 / 4, "A given W, H": 1 / 12}
seen = {"davie": {"A": 1 / 3, "A given W, H": 1 / 6}, "foster": {"A": 0.22, "A given W, H": 0.8 / 15}}
same = True
for kind, values in seen.items():
    for h in (1.0, 0.25):
        for name, value in moments(kind, h).items():
            print(f"{kind}, h = {h}: variance of {name} in units of h: {value:.4f}; exact {exact[name]:.4f}")
            same &= abs(value / {**exact, **values}[name] - 1) < 0.02
raise SystemExit(0 if same else "changed")
PY
