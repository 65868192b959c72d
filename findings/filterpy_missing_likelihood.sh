#!/bin/sh
# filterpy: log_likelihood of a Kalman filter after update(None), which stands for a missing measurement.
# Expected: 0, nothing having been observed, so that the sum over the steps is the log-likelihood of the
# measurements there are. Seen: that of a measurement that hits the forecast exactly, of the
# spread that the last real one had. Parameters fitted by the sum are wrong: here the best variance
# of the noise is smaller the more is missing. States and covariances are right.
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
from filterpy.kalman import KalmanFilter
from scipy.stats import multivariate_normal

steps = 60
random = np.random.default_rng(0)
walk = np.cumsum(random.normal(0, 0.5, steps))
y = walk + random.normal(0, 1, steps)


def totals(noise, present):
    kalman = KalmanFilter(1, 1)
    kalman.x, kalman.P, kalman.F, kalman.H = np.zeros((1, 1)), np.eye(1), np.eye(1), np.eye(1)
    kalman.Q, kalman.R = np.eye(1) * 0.25, np.eye(1) * noise
    total = 0.0
    for z, here in zip(y, present):
        kalman.predict()
        kalman.update(z if here else None)
        total += kalman.log_likelihood
    times = np.arange(1, steps + 1)
    joint = 1 + 0.25 * np.minimum.outer(times, times) + noise * np.eye(steps)
    return total, multivariate_normal(np.zeros(present.sum()), joint[np.ix_(present, present)]).logpdf(y[present])


print(f"filterpy {version('filterpy')}, random walk of variance 0.25 a step, noise of variance 1, {steps} steps")
grid = np.linspace(0.05, 3, 60)
same = True
for share in (0.0, 0.3, 0.6):
    present = np.random.default_rng(1).random(steps) >= share
    present[0] = True
    summed, exact = np.array([totals(r, present) for r in grid]).T
    one = totals(1.0, present)
    print(f"{steps - present.sum()} missing: sum {one[0]:.3f}, exact {one[1]:.3f} at noise 1;", end=" ")
    best = grid[summed.argmax()], grid[exact.argmax()]
    print(f"best noise by the sum {best[0]:.2f}, by the exact {best[1]:.2f}")
    if share:
        same &= abs(one[0] - one[1]) > 5 and best[0] < 0.7 * best[1]
    else:
        same &= abs(one[0] - one[1]) < 1e-9 and best[0] == best[1]
raise SystemExit(0 if same else "changed")
PY
