#!/bin/sh
# dynamax: num_iter of extended_kalman_filter and conditional_moments_gaussian_filter, the "number of
# linearizations around posterior for update step" of the iterated filters.
# Expected: of a linear model every linearization is the same, so any num_iter gives the Kalman filter;
# of one exponential measurement the iterations tend to the mode of the posterior, with its curvature.
# Seen: each iteration begins with the posterior of the one before and takes the same measurement in once
# more, as if it had been made num_iter times: covariances shrink towards zero, means go to the measurement,
# and log-likelihoods of later steps are wrong, with their gradients. With num_iter=1, the default, all is right.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check dynamax==1.0.3 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
venv/bin/python - <<'PY'
from importlib.metadata import version

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
from dynamax.generalized_gaussian_ssm import EKFIntegrals, ParamsGGSSM, conditional_moments_gaussian_filter
from dynamax.nonlinear_gaussian_ssm import ParamsNLGSSM, extended_kalman_filter

steps, R, Q = 5, 0.5, 0.3
y = np.random.default_rng(0).normal(size=(steps, 1))


def extended(a, num_iter, h=lambda x: x, y=y):
    model = ParamsNLGSSM(jnp.zeros(1), jnp.eye(1), lambda x: a * x, Q * jnp.eye(1), h, R * jnp.eye(1))
    return extended_kalman_filter(model, jnp.array(y), num_iter=num_iter)


def moments(a, num_iter):
    noise = lambda x: R * jnp.eye(1)
    model = ParamsGGSSM(jnp.zeros(1), jnp.eye(1), lambda x: a * x, Q * jnp.eye(1), lambda x: x, noise)
    return conditional_moments_gaussian_filter(model, EKFIntegrals(), jnp.array(y), num_iter=num_iter)


def kalman(a, repeats):
    """The log-likelihood, means and variances, each measurement taken in so many times."""
    m, P, log_likelihood, means, variances = 0.0, 1.0, 0.0, [], []
    for z in y.ravel():
        S = P + R
        log_likelihood -= ((z - m) ** 2 / S + np.log(2 * np.pi * S)) / 2
        m, P = (m / P + repeats * z / R) / (1 / P + repeats / R), 1 / (1 / P + repeats / R)
        means, variances = [*means, m], [*variances, P]
        m, P = a * m, a * a * P + Q
    return log_likelihood, np.array(means), np.array(variances)


def apart(found, true):
    values = (found.marginal_loglik, found.filtered_means[:, 0], found.filtered_covariances[:, 0, 0])
    return max(float(abs(f - t).max()) for f, t in zip(values, true, strict=True))


a, step = 0.9, 1e-5
print(f"dynamax {version('dynamax')}, x' = 0.9 x + noise, y = x + noise: largest difference from the Kalman filter")
same = True
for name, filtered in (("extended", extended), ("conditional moments", moments)):
    for num_iter in (1, 2, 5):
        once, again = (apart(filtered(a, num_iter), kalman(a, k)) for k in (1, num_iter))
        slope = float(jax.grad(lambda a, f=filtered, n=num_iter: f(a, n).marginal_loglik)(a))
        true = (kalman(a + step, 1)[0] - kalman(a - step, 1)[0]) / (2 * step)
        print(
            f"{name}, num_iter={num_iter}: {once:.1e}, and {again:.1e} from one that takes each measurement in "
            f"{num_iter} x; slope of the log-likelihood in a {slope:.4f}, true {true:.4f}"
        )
        same &= again < 1e-9 and (once < 1e-9) == (abs(slope - true) < 1e-6) == (num_iter == 1)
print("one measurement, 2.5, of exp(x) + noise:")
root = 1.0
for _ in range(99):  # Newton's method for the mode, the zero of x - (2.5 - exp x) exp x / R
    e = np.exp(root)
    root -= (root - (2.5 - e) * e / R) / (1 - (2.5 - 2 * e) * e / R)
for num_iter in (1, 10, 100):
    found = extended(a, num_iter, jnp.exp, np.array([[2.5]]))
    variance = float(found.filtered_covariances[0, 0, 0])
    print(f"num_iter={num_iter}: mean {float(found.filtered_means[0, 0]):.4f}, variance {variance:.5f}")
curvature = 1 / (1 + np.exp(2 * root) / R)
print(f"the mode {root:.4f}, variance by a linearization there {curvature:.5f}")
print("For gradient checks: the slope is that of the value, so differences agree with it; the value is wrong. A")
print("linear model, where any number of iterations has to say the same, shows it.")
same &= variance < curvature / 10
raise SystemExit(0 if same else "changed")
PY
