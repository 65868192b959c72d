#!/bin/sh
# filterpy: FixedLagSmoother, whose xSmooth[k] is "the kth time step", smoothed by N later measurements.
# Expected: the mean of the state given the measurements up to k + N (or k + N - 1), as the model is
# linear and Gaussian; it is never worse than the filter. Seen: the mean given the measurements up to no
# step at all, and worse than the filter that it smooths where measurements are accurate: corrections begin
# with the covariance after the measurement, not that before it. The filter, x, is exact.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check filterpy==2.0.0 numpy==2.4.6 scipy==1.17.1
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
from filterpy.kalman import FixedLagSmoother

steps, lag, runs = 30, 4, 60
F, H = np.array([[1.0, 0.1], [-0.2, 0.9]]), np.array([[1.0, 0.3]])
Q, R = np.array([[0.3, 0.1], [0.1, 0.2]]), np.array([[0.1]])

# The joint covariance of all states, from which every conditional mean follows by linear algebra.
P = np.eye(2)
joint = np.zeros((steps, 2, steps, 2))
for t in range(steps):
    P = X = F @ P @ F.T + Q
    for s in range(t, steps):
        joint[s, :, t], joint[t, :, s] = X, X.T
        X = F @ X
joint = joint.reshape(2 * steps, -1)
observe = np.kron(np.eye(steps), H)
of_y = observe @ joint @ observe.T + np.kron(np.eye(steps), R)


def mean(t, y, last):
    n = min(last, steps - 1) + 1
    gain = np.linalg.solve(of_y[:n, :n], (observe @ joint)[:n, 2 * t : 2 * t + 2]).T
    return gain @ y[:n]


random = np.random.default_rng(0)
names = ["filter, x", "xSmooth", *(f"exact, {later} later" for later in range(lag + 2))]
values = {name: [] for name in names}
truth = []
for _ in range(runs):
    states = random.multivariate_normal(np.zeros(2 * steps), joint)
    y = observe @ states + random.normal(0, R[0, 0] ** 0.5, steps)
    smoother = FixedLagSmoother(2, 1, N=lag)
    smoother.x, smoother.P, smoother.F, smoother.H, smoother.Q, smoother.R = np.zeros((2, 1)), np.eye(2), F, H, Q, R
    filtered = []
    for z in y:
        smoother.smooth(z)
        filtered.append(smoother.x.ravel().copy())
    inner = range(lag + 1, steps - lag - 1)
    truth += [states[2 * t : 2 * t + 2] for t in inner]
    values["filter, x"] += [filtered[t] for t in inner]
    values["xSmooth"] += [smoother.xSmooth[t].ravel() for t in inner]
    for later in range(lag + 2):
        values[f"exact, {later} later"] += [mean(t, y, t + later) for t in inner]
values = {name: np.array(rows) for name, rows in values.items()}
print(f"filterpy {version('filterpy')}, N = {lag}, {len(truth)} states of {runs} runs")
error, apart = {}, {}
for name, rows in values.items():
    error[name] = np.sqrt(((rows - truth) ** 2).mean())
    apart[name] = abs(rows - values["xSmooth"]).max()
    print(f"{name}: error {error[name]:.4f} (root of mean square), at most {apart[name]:.2f} from xSmooth")
same = abs(values["filter, x"] - values["exact, 0 later"]).max() < 1e-9
same &= min(apart[f"exact, {later} later"] for later in range(lag + 2)) > 0.5
same &= error["xSmooth"] > 1.05 * error["filter, x"] > error["filter, x"] > error[f"exact, {lag} later"]
raise SystemExit(0 if same else "changed")
PY
