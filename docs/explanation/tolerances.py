# %% [markdown]
# # Why tolerances lie
#
# A gradient is compared with a difference quotient, and `allclose` says yes. See why that says
# little, which of the usual checks can be trusted, and how far, and what to use in the place of a
# tolerance that somebody chose.
#
# ## A wrong gradient that passes
#
# Forty steps of a tanh network, and a loss that reads the last one. One backward pass is right; the
# other stops after thirty steps, so that the initial state is told nothing. What is left out is
# small, for [small is what the far past becomes](../derivations/notes.py). But the far past is what
# a recurrent network is for.

# %%
import numpy as np

import bpttcheck

T, n = 40, 8
rng = np.random.default_rng(7)
weights = {
    "U": rng.normal(size=(n, 2)),
    "W": 0.7 * np.linalg.qr(rng.normal(size=(n, n)))[0],
    "V": rng.normal(size=(3, n)),
}
x, h0 = rng.normal(size=(T, 2)), rng.normal(size=n)


def right(params):
    """Return the loss of the last step, and its gradient by the initial state."""
    run = bpttcheck.rnn.forward(weights, x, h0=params["h0"])
    ds = np.zeros_like(run.s)
    ds[-1] = bpttcheck.nll_gradient(run.s[-1], 0)
    gradient = bpttcheck.rnn.backward(weights, run, ds).dh[0]
    return float(bpttcheck.nll(run.s[-1], 0)), {"h0": gradient}


def stopped(params):
    """Return the same, but no message goes back further than thirty steps."""
    loss, gradients = right(params)
    return loss, {"h0": 0 * gradients["h0"]}


(_, exact), (_, wrong) = right({"h0": h0}), stopped({"h0": h0})
print("right   ", np.abs(exact["h0"]).max(), "at most")
print("stopped ", np.abs(wrong["h0"]).max())
print("allclose", np.allclose(wrong["h0"], exact["h0"]))
assert np.allclose(wrong["h0"], exact["h0"])

# %% [markdown]
# All of it is below `atol`, $10^{-8}$ unless one says otherwise, and so nothing is as good as the
# truth. What decides is not how small the number is, but how well the reference knows it:

# %%
report = bpttcheck.check_gradients(stopped, {"h0": h0})
print(report)
assert report.verdict == "wrong"
assert bpttcheck.check_gradients(right, {"h0": h0}).ok

# %% [markdown]
# The same comparison refuses a gradient that is right, as soon as the numbers are large, or the
# reference is a difference quotient with a step that does not suit them. A tolerance measures
# neither of the two things that matter: how far the reference itself is off, and how large the
# quantity is that one wants to see.
#
# ## Differences, and the complex step
#
# Take a single number, $\partial L/\partial w$ of a scalar network over ten steps, whose value is
# known to thirty digits from [balls](evidence.md#enclosed). A difference quotient errs in two ways:
# a large step leaves out the curvature, a small one divides the rounding of the loss by next to
# nothing. At its best step, which depends on the function, the better of the two keeps ten
# digits. The complex step subtracts nothing: its error falls with the square
# of the step until it is rounding, and stays there.

# %%
from flint import ctx

from bpttcheck.runs import scalar_rnn
from bpttcheck.runs.systems import Balls

ctx.prec = 120
inputs, wanted = rng.normal(size=(11, 1)), rng.normal(size=(10, 1))
case = scalar_rnn.Case(w=0.75, v=1.25, x=inputs, h0=[0.5], y=wanted, loss="squared_error")
run = scalar_rnn.evaluate(case, Balls(ctx.prec))
ball = run["d"](run["L"], run["w"]).value.flat[0].value
derivative = float(ball.mid())
print(ball.str(34))


def loss(w):
    """Return the loss of the same network; w may be complex."""
    h, total = 0.5, 0.0
    for t in range(10):
        h = np.tanh(w * h + 1.25 * inputs[t, 0])
        total = total + (h - wanted[t, 0]) ** 2 / 2
    return total


steps = 10.0 ** -np.arange(0, 16.25, 0.25)
off = {
    "forward difference": [(loss(0.75 + s) - loss(0.75)) / s - derivative for s in steps],
    "central difference": [(loss(0.75 + s) - loss(0.75 - s)) / (2 * s) - derivative for s in steps],
    "complex step": [loss(0.75 + 1j * s).imag / s - derivative for s in steps],
}
off = {name: np.abs(errors) / abs(derivative) for name, errors in off.items()}
for name, errors in off.items():
    print(f"{name:20} best {errors.min():.0e} at step {steps[errors.argmin()]:.0e}")
assert 1e-12 < off["central difference"].min() < 1e-9 < off["forward difference"].min()
assert off["complex step"][-1] < 1e-14

# %% tags=["fold-input"] title="The code that draws the figure"
from bpttcheck.figures import ACCENT, INK, Axis, Line, chart

radius = float((ball.rad() / abs(ball)).mid())
looks = {
    "forward difference": ("forward difference", INK, "2 3"),
    "central difference": ("central difference", INK, "6 4"),
    "complex step": ("complex step", ACCENT, ""),
}
chart(
    "steps",
    "Relative error of the derivative against the step, from 1 down to 1e-16, both on logarithmic "
    "scales. The differences fall, turn and rise again, in a V: forward at best "
    f"{off['forward difference'].min():.0e}, central {off['central difference'].min():.0e}. The "
    f"complex step falls to rounding and stays. The ball has no step; its radius is {radius:.0e}.",
    [
        *(
            Line(word, steps, np.maximum(off[name], 1e-17), *look)
            for name, (word, *look) in looks.items()
        ),
        Line("ball, its radius", [1, 1e-16], [radius, radius], INK, "9 3"),
    ],
    Axis(0, -16, -4, "step", powers=True),
    Axis(-40, 0, 10, powers=True),
)

# %% [markdown]
# So [`check_gradients`](../reference/api/checking.md#bpttcheck.check_gradients) takes no tolerance.
# It measures the rounding of the loss it is given, bounds the curvature that the step leaves out,
# and says for each parameter how large an error would have been found. What it cannot see it calls
# undecided.
#
# It begins with all gradients at once. Along a random direction through all parameters the loss has
# a slope, and so has the claimed gradient; if the two agree along two directions, each gradient is
# right, up to a bound. Where that bound says too little of some gradient, which is small beside the
# others, it gets directions of its own.
#
# A gap between the two slopes is not yet a mistake. A kink beside the point makes one, and so do a
# step that was too long and stairs that rounding leaves in a loss. But those depend on the step.
# The gap of a wrong gradient is the same at every smaller step, down to where noise hides it, and
# it is still there at longer ones. Two directions in which it is many times its bound, or three in
# which it is beyond it, make the verdict *wrong*.
#
# ## The error of a formula
#
# The backward pass has an error of its own. $1 - h^2$ is the slope of tanh, as an equation. In
# floating point $h$ has been rounded to a number near 1 by then, and the subtraction lays that
# rounding bare: the more the state saturates, the fewer digits are right, and beyond $a \approx 19$
# the result is zero. The package computes the slope from the pre-activation instead.

# %%
from flint import arb

at = np.arange(0.25, 24.25, 0.25)
ctx.prec = 200
true = [1 / arb(a).cosh() ** 2 for a in at]


def lost(slopes):
    """Return the relative errors of some slopes of tanh."""
    pairs = zip(slopes, true, strict=True)
    return [float((abs(arb(float(s)) - t) / t).mid()) for s, t in pairs]


naive, stable = lost(1 - np.tanh(at) ** 2), lost(bpttcheck.tanh.derivative(at))
for a in (1, 5, 10, 15, 20):
    k = int(np.flatnonzero(at == a)[0])
    print(f"a = {a:2}   1 − h²: {naive[k]:.0e}   from a: {stable[k]:.0e}")
assert max(stable) < 4 * 2.0**-52
assert naive[-1] == 1

# %% tags=["fold-input"] title="The code that draws the figure"
chart(
    "saturation",
    "Relative error of the slope of tanh against the pre-activation a, from 0 to 24, on a "
    "logarithmic scale. Computed as 1 minus h squared it rises steadily from 1e-16, and from 19 on "
    "it is 1: nothing is right. Computed from a it stays below four units in the last place.",
    [
        Line("1 − h²", at, np.maximum(naive, 1e-18), INK, "5 4"),
        Line("from a", at, np.maximum(stable, 1e-18), ACCENT),
    ],
    Axis(0, 24, 6, "a"),
    Axis(-18, 0, 6, powers=True),
)

# %% [markdown]
# Compared entry by entry with a relative tolerance, the two disagree wildly; with an absolute one
# they agree. Neither says which is wrong. To know that, one of them has to come with a bound.
#
# ## What is granted
#
# Code that runs over balls can be compared with itself: the derivative of its own loss, to 30
# digits, with the gradient that it returns. It is tempting to call every difference a mistake, and
# it would be one of ours. `1.0 / 7`, the mean of the data and a standardised input are floats. They
# are rounded before a parameter meets them, and stay so while everything else runs over balls. A
# right gradient then differs from the derivative in the last digits:

# %%
data, wanted = rng.normal(size=(7, 3)), rng.normal(size=7)


def mean_loss(params, slip=0.0):
    """Return the mean squared error of seven examples and its gradient, one entry off by a slip."""
    prediction = np.tanh(data @ params["w"])
    slope = (1.0 / 7) * 2 * (prediction - wanted) * (1 - prediction**2)
    gradient = data.T @ slope
    gradient[0] = gradient[0] + slip
    return ((prediction - wanted) ** 2).mean(), {"w": gradient}


point = {"w": rng.normal(size=3)}
report = bpttcheck.check_gradients(mean_loss, point)
print(report)
assert report.ok

# %% [markdown]
# So rounding is granted, and a formula is wrong only beyond what it can do. As rounding count
#
# - **the program's own**: four times the spread of eight runs in which every operation is rounded
#   at random, and every constant that is no short fraction varied likewise; where the code cannot
#   run so, the noise that its gradients show beside the point;
# - **constants** that were rounded up to 32 times before a parameter meets them, which no run
#   shows: $2 \cdot 2^5 \cdot 2^{-53}$ of the terms, added up with random signs;
# - **underflow**, an absolute term: $2^{-1074}$ for each product, $2^{-1022}$ for each entry, so
#   that subnormal numbers, and zeros that are reached by degrees, are no mistakes;
# - **float32**: 64 roundings of it, of a program that keeps its gradients in float32, or reads
#   float32 data beside parameters that were widened to float64.
#
# What is granted could hide a mistake, so the report says how large one would have to be: *found if
# ≥* is four times the bound. That is a promise, and it is tested by planting an error of that size
# and asking again:

# %%
smallest = 4 * report["w"].floor
planted = bpttcheck.check_gradients(lambda params: mean_loss(params, smallest), point, locate=False)
print(f"found if ≥ {smallest:.1e}; planted, it is {planted.verdict}")
assert planted.verdict == "wrong"

# %% [markdown]
# `python -m benchmarks.magnitudes` does that at magnitudes from $10^{-300}$ to $10^{300}$;
# [what it found](checkers.md#at-any-magnitude) is counted with the rest.
#
# ## What to put in its place
#
# - **A bound that is derived.** Each reference function states its accuracy; a ball has a radius.
# - **No rounding at all.** Rational identities are decided [in a finite field](evidence.md#exact),
#   where two numbers are equal or they are not.
# - **A check that is seen to fail.** Every identity is tried on wrong versions of itself, and a
#   check that lets one of them pass is reported.
