# %% [markdown]
# # Where does the gradient go?
#
# Move three sliders and see how much of what a loss says is left after so many steps back, for four
# kinds of recurrent networks. Every curve is computed by the functions of the package when the page
# is built.
#
# ‖W‖ is the size of the weights between the states. The bias opens the gate that keeps, in the LSTM
# and the GRU. T is how many steps you look back.

# %% tags=["fold-input"] title="The code that measures, and draws the figure"
import numpy as np

import bpttcheck
from bpttcheck.figures import ACCENT, INK, Axis, Curves, Slider, explore

T, m, n, p = 100, 4, 16, 5
x = 0.3 * np.random.default_rng(1).normal(size=(T, m))
rotation = bpttcheck.orthogonal(n, np.random.default_rng(2013))
norms, biases = (0.5, 0.7, 0.9, 1.0, 1.1, 1.3, 1.5), (-2, 0, 1, 2, 3, 5)
lags = range(0, T + 1, 4)


def left(network, weights, by="dh", **options):
    """Return the length of the message to each state, by lag, relative to the last one."""
    run = network.forward(weights, x, **options)
    ds = np.zeros_like(run.s)
    ds[-1] = bpttcheck.nll_gradient(run.s[-1], 0)  # the loss of the last step alone
    gradients = network.backward(weights, run, ds)
    lengths = np.linalg.norm(getattr(gradients, by), axis=-1)[::-1]
    return (lengths / lengths[0])[:: lags.step]


def weights_of(gates, norm, biased="", bias=0.0):
    """Return weights: a multiple of one rotation for each gate, and one gate's bias."""
    rng = np.random.default_rng(5)
    drawn = {"V": rng.normal(size=(p, n)) / n**0.5}
    for gate in gates:
        drawn[f"U{gate}"] = rng.normal(size=(n, m)) / m
        drawn[f"W{gate}"] = norm * rotation
        drawn[f"b{gate}"] = np.full(n, float(bias) if gate == biased else 0.0)
    return drawn


def plain(phi):
    """Return the curves of a vanilla RNN, one for each norm."""
    curves = [left(bpttcheck.rnn, weights_of([""], norm), phi=phi) for norm in norms]
    return np.array(curves)[:, None]


def gated(network, gates, biased, by):
    """Return the curves of a gated cell, for each norm and each bias of the gate that keeps."""
    return np.array(
        [
            [left(network, weights_of(gates, norm, biased, bias), by) for bias in biases]
            for norm in norms
        ]
    )


found = {
    "RNN, tanh": (plain("tanh"), INK, "4 4"),
    "RNN, ReLU": (plain("relu"), INK, "9 4"),
    "LSTM": (gated(bpttcheck.lstm, ("_i", "_f", "_g", "_o"), "_f", "dc"), ACCENT, ""),
    "GRU": (gated(bpttcheck.gru, ("_z", "_r", "_g"), "_z", "dh"), ACCENT, "2 3"),
}
at_one, two = norms.index(1.0), biases.index(2)
ends = {name: ys[at_one, min(two, ys.shape[1] - 1), -1] for name, (ys, _, _) in found.items()}
explore(
    "where-the-gradient-goes",
    "The length of the gradient by the state against the number of steps back from the loss, on a "
    "logarithmic scale, for an RNN with tanh, one with ReLU, an LSTM and a GRU. At a norm of 1 and "
    "a bias of 2, left after 100 steps: "
    + ", ".join(f"{end:.0e} ({name})" for name, end in ends.items())
    + ".",
    "‖W‖ 1, bias of the gate that keeps 2: "
    + ", ".join(f"{name} {end:.0e}" for name, end in ends.items()),
    [Curves(name, *look) for name, look in found.items()],
    [Slider("‖W‖", norms, at_one), Slider("bias of the gate that keeps", biases, two)],
    lags,
    Axis(-16, 8, 4, powers=True),
    Slider("T", (20, 40, 60, 80, 100), 4),
)

# %% [markdown]
# ## What you see
#
# The loss is that of the last step. It tells the last state how it should have been different; that
# is a column of numbers, the message, and its length is 1 at the left edge. Each step back
# multiplies it by a matrix. The figure shows what is left.
#
# - **‖W‖** is the largest factor by which the weights between the states make a column longer. Here
#   they are a multiple of a rotation, which makes every column longer by the same factor.
# - **The bias of the gate that keeps** moves the forget gate of the LSTM and the update gate of the
#   GRU: at 0 they are near ½, at 5 near 0.99. The RNNs have no gate and do not move.
# - **T** is how far back you look.
#
# With ‖W‖ below 1 the RNNs forget, each step by about the same factor, which is a straight line on
# this scale. Above 1 the message may grow. Tanh holds it down where states saturate. ReLU passes it
# where a unit is on and stops it where one is off, so that here it fades even at ‖W‖ = 1.3. In the
# gated cells a message also goes past the weights, through the gate alone: with an open gate it
# hardly fades. The way through the weights comes on top of that, so these can grow, too.

# %% tags=["fold"] title="The numbers behind these sentences"
for name, (ys, _, _) in found.items():
    small, large = ys[norms.index(0.5)], ys[norms.index(1.5)]
    print(f"{name:10} left after 100 steps, ‖W‖ 0.5: {small[..., -1].ravel()[[0, -1]]}")
    print(f"{'':10}                       ‖W‖ 1.5: {large[..., -1].ravel()[[0, -1]]}")
assert found["RNN, tanh"][0][norms.index(0.9), 0, -1] < 0.9**100
assert found["RNN, ReLU"][0][norms.index(1.3), 0, -1] < 1e-6
lstm = found["LSTM"][0]
assert lstm[at_one, biases.index(5), -1] > 1e3 * lstm[at_one, biases.index(0), -1]

# %% [markdown]
# ## Exercises
#
# **1. With a pencil.** Linear states, $W$ is 0.9 times a rotation. What is left of a message after
# 100 steps? After how many steps is half of it left?
#
# ??? more "Hint"
#
#     A rotation changes no length. A logarithm turns the second question into a division.

# %% tags=["fold"] title="Solution"
after = left(bpttcheck.rnn, weights_of([""], 0.9), phi="linear")[-1]
print(
    f"left: {after:.3g}, which is 0.9 to the 100; half after {np.log(0.5) / np.log(0.9):.1f} steps"
)
assert np.isclose(after, 0.9**100, rtol=1e-12)
assert 0.9**6 > 0.5 > 0.9**7

# %% [markdown]
# ??? more "If you have 5 steps, 10 steps, or 90"
#
#     5 takes a tenth of the *first* length away each time: ½ is five times 0.1. But the second step
#     takes a tenth of what is left. After 10 steps a third is left, and that is another question:
#     $1/(1 - 0.9)$ is where a length falls to about $1/e$. 90 multiplies by the number of steps.
#
# **2. How open?** In an LSTM, the way through the cell alone multiplies the message by the forget
# gate, which is $\sigma(b)$ if nothing but its bias $b$ acts on it. Which bias leaves half of a
# message after 100 steps? And what does $b = 2$ leave, where the gate is 0.88?
#
# ??? more "Hint"
#
#     Which gate leaves half after 100 steps? Then go from the gate back to its bias.

# %% tags=["fold"] title="Solution"
gate = 0.5 ** (1 / 100)
bias = np.log(gate / (1 - gate))
print(f"gate {gate:.4f}, bias {bias:.2f}; a bias of 2 leaves {(1 / (1 + np.exp(-2))) ** 100:.0e}")
print("the LSTM of the figure with W = 0, whose inputs act on the gate as well:")
GATES = ("_i", "_f", "_g", "_o")
for given in (2, bias):
    ends_at = left(bpttcheck.lstm, weights_of(GATES, 0.0, "_f", given), "dc")[-1]
    print(f"bias {given:.2f}: {ends_at:.1e}")
assert np.isclose((1 / (1 + np.exp(-bias))) ** 100, 0.5)
assert abs(ends_at - 0.5) < 0.02

# %% [markdown]
# ??? more "If you have 0.993 or 2"
#
#     0.993 is the gate, not its bias. And 2 looks open: of each step's message 88 % are kept. A
#     hundred steps see it a hundred times; it is 3 in a million that arrives.
#
# **3. A program.** Find the ‖W‖ at which ReLU neither fades nor grows over the 100 steps, to within
# 0.05. Guess it first.
#
# ??? more "Hint"
#
#     ReLU passes a message where a unit is on. If half of them are on and it is spread evenly over
#     all, by which factor does its length shrink?

# %% tags=["fold"] title="Solution"
for norm in np.arange(1.0, 2.0, 0.05):
    weights = weights_of([""], norm)
    end = left(bpttcheck.rnn, weights, phi="relu")[-1]
    on = (bpttcheck.rnn.forward(weights, x, phi="relu").h[1:] > 0).mean()
    print(f"‖W‖ {norm:.2f}: left {end:.0e}, units on {100 * on:.0f} %, 1/√share {on**-0.5:.2f}")
    if end > 1:
        break
assert 2**0.5 < on**-0.5 < norm < 2

# %% [markdown]
# ??? more "If you said 1, or √2"
#
#     1 is right for linear states: ReLU has the slope 1, but not everywhere. √2 is half of the
#     units on, a message spread evenly over all of them: its squared length is halved. Here fewer
#     are on, and the message does not spread evenly. Where the weights are random, rather than one
#     rotation, and the layer is wide, √2 is what it comes to: the factor 2 in the variance with
#     which layers of ReLU are often begun.

# %% [markdown]
# Derived: [one step and many](jacobian.py), [what vanishes and what does not](notes.py), [the
# LSTM's gates](lstm.py). Measured, with more kinds of weights: [Vanishing, measured](measured.py).
