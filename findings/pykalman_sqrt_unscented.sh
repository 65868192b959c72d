#!/bin/sh
# pykalman: AdditiveUnscentedKalmanFilter of pykalman.sqrt, the square-root form, which "should be preferred" to the
# standard one for its accuracy, of a linear model.
# Expected: the Kalman filter, as an unscented transform of a linear function is exact; so say pykalman's own
# standard unscented filter, to rounding. Seen: so it does as long as all covariances are diagonal; where states are
# correlated, means and covariances are others, by much of their size, silently. If the covariance that it begins
# with is correlated they are wrong from the first measurement on. BiermanKalmanFilter and CholeskyKalmanFilter,
# its neighbours, are exact.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check pykalman==0.11.2 numpy==2.4.6 scipy==1.17.1
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
import pykalman
from pykalman import sqrt

y = np.random.default_rng(0).normal(size=(6, 2))


def exact(F, H, Q, R, m, P, z):
    """Means and covariances given the measurements so far, by the textbook's formulas."""
    means, covariances = [], []
    for t, observed in enumerate(z):
        if t:
            m, P = F @ m, F @ P @ F.T + Q
        gain = P @ H.T @ np.linalg.inv(H @ P @ H.T + R)
        m, P = m + gain @ (observed - H @ m), P - gain @ H @ P
        means, covariances = [*means, m], [*covariances, P]
    return np.array(means), np.array(covariances)


one, two, tied = np.eye(1), np.eye(2), np.array([[1.0, 0.8], [0.8, 1.0]])
models = {
    "one state": (0.9 * one, one, one, one, np.zeros(1), one),
    "two states, uncorrelated": (0.9 * two, two, 0.3 * two, 0.4 * two, np.zeros(2), two),
    "two states, correlated by the transition": (np.array([[1, 0.1], [-0.2, 0.9]]), two, two, two, np.zeros(2), two),
    "two states, correlated from the start": (0.9 * two, two, 0.3 * two, 0.4 * two, np.zeros(2), tied),
}
print(f"pykalman {version('pykalman')}, numpy {np.__version__}: largest difference from the exact filter")
same = True
for name, (F, H, Q, R, m, P) in models.items():
    z = y[:, : len(H)]
    means, covariances = exact(F, H, Q, R, m, P, z)
    for kind in (pykalman.AdditiveUnscentedKalmanFilter, sqrt.AdditiveUnscentedKalmanFilter):
        f = kind(lambda x, F=F: F @ x, lambda x, H=H: H @ x, Q, R, m, P)
        found, spread = (np.asarray(a) for a in f.filter(z))
        square_root = "sqrt" in kind.__module__
        off, apart = abs(spread - covariances).max(axis=(1, 2)), abs(found - means).max()
        print(
            f"{name}, {'square-root' if square_root else 'standard'}: means {apart:.1e}, covariances {off.max():.1e}; "
            f"first covariance {np.round(spread[0], 3).tolist()}, exact {np.round(covariances[0], 3).tolist()}"
        )
        wrong = square_root and ", correlated" in name
        same &= min(apart, off.max()) > 1e-2 if wrong else max(apart, off.max()) < 1e-9
        same &= (off[0] > 0.1) == (wrong and name.endswith("start"))
    for kind in (sqrt.BiermanKalmanFilter, sqrt.CholeskyKalmanFilter):
        f = kind(F, H, Q, R, initial_state_mean=m, initial_state_covariance=P)
        same &= abs(f.filter(z)[0] - means).max() < 1e-9
print("For gradient checks: the gradient of a likelihood by this filter can agree with differences of it and fit")
print("another model; try a filter on a linear model, where all filters have to agree, before differentiating it.")
raise SystemExit(0 if same else "changed")
PY
