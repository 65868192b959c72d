# %% [markdown]
# # Vanishing gradients, measured
#
# Take sentences about vanishing and exploding gradients one by one, from notes that are typical of
# many: see what each can mean, derive what holds, and measure it on random networks that you can
# change. You need [the vector RNN](vector.py), or its picture:

# %% tags=["fold-input"] title="The code that draws the figure"
from bpttcheck.figures import unrolled

unrolled(
    "network",
    "The network over three steps. Each state h is made from the input x of its step, through U, "
    "and from the state before, through W; through V it makes the outputs o, and these the loss. "
    "Messages go back from the loss to the outputs, through V transposed to the state, and through "
    "W transposed to the state before.",
    ["x", "h", "o", "L"],
    ["U", "V", ""],
    [None, "Vᵀ", ""],
    ("W", "Wᵀ"),
)

# %% [markdown]
# ## The network
#
# The state $\mathbf h_t$ is made from the input $\mathbf x_t$ and the state before, the outputs
# $\mathbf o_t$ from the state, and the loss $E_t$ of a step from its outputs. "What the source
# says" opens on the notes: their formulas as printed, how they can be read, and the verdict. They
# call the input's weights $U$ and then $A$, the state $s$ and then $h$; here they are $U$ and $h$.
# Their first form of the step is right, and the second has the same state on both sides. Their
# networks have no biases; what holds with any bias holds with none.

# %% tags=["fold-input"] title="The code that decides and prints the equations of this page"
import numpy as np
from IPython.display import display

import bpttcheck
from bpttcheck.notebook import Walk

walk = Walk(
    "notes",
    also=["rnn.output", "rnn.untied-forward", "rnn.untied-W*", "lstm.cell", "lstm.cell-jacobian"],
)


def step(*names):
    """Show identities of the registry, printed from the Python that runs, with their evidence."""
    for name in names:
        display(walk.step(name))


def source(*names):
    """Show what the source says, and the verdicts on it."""
    display(walk.source(*names))


# %% tags=["hide-input"]
step("rnn.state-update", "rnn.output")
source("notes.forward", "notes.implicit-forward")

# %% [markdown]
# The error of a sequence is the sum over its steps, so its gradient is the sum of theirs. What is
# printed as a product of two columns is an inner product.

# %% tags=["hide-input"]
step("rnn.total-nll", "rnn.gradient-sum")
source("notes.total-loss", "notes.gradient-sum")

# %% [markdown]
# ## Unrolling
#
# For the notes, BPTT is ordinary backpropagation once the network is unrolled, and so it is: give
# every step a copy of the weights, of its own, and nothing recurs. A copy acts at one step. The
# gradient of the shared weight is the sum over its copies.

# %% tags=["hide-input"]
step("rnn.untied-forward", "rnn.untied-W-copy", "rnn.untied-W")
source("notes.unrolling")

# %% [markdown]
# ## One step's loss
#
# By $V$ it is short: the output's gradient times the state of the same step. No earlier state is
# needed; without its own state it is wrong.

# %% tags=["hide-input"]
step("rnn.step-V-gradient")
source("notes.V-gradient", "notes.V-independence")

# %% [markdown]
# By $W$ it is a sum over the steps at which $W$ acted. The formula as printed leaves two things
# open, and for both there is a wrong choice. Its last factor has to be an *immediate* derivative,
# with the state before held fixed. And it has to begin at $k = 1$, because $W$ had no part in the
# first state.

# %% tags=["hide-input"]
step("rnn.step-W-gradient")
source("notes.W-gradient-sum", "notes.W-gradient-general")

# %% [markdown]
# The product of the Jacobians in it has an order, too: against the way its index runs.

# %% tags=["hide-input"]
step("rnn.state-jacobian")
source("notes.product-order")

# %% [markdown]
# ## One step back
#
# Each factor is a diagonal of slopes times $W$. A column of slopes would not compose with $W$.

# %% tags=["hide-input"]
step("rnn.hidden-step")
source("notes.state-jacobian")

# %% [markdown]
# In the product the diagonals stand *between* the $W$, and matrices do not commute: it is not a
# power of $W$ times a product of slopes. Only its size can be bounded so, with
# $\lVert W \rVert^{t-k}$. The size of the power $W^{t-k}$ itself will not do: a power may cancel
# what the slopes keep apart.

# %% tags=["hide-input"]
step("rnn.slopes-bound")
source("notes.power-product", "notes.epsilon-power")

# %% [markdown]
# With $W^2 = 0$ the power is zero from the second step on, and still the product of the Jacobians
# may double with every step: [the state Jacobian](jacobian.py#what-vanishes-and-when) has the
# example.

# %% [markdown]
# ## The slopes
#
# Both derivatives lie in $[0, 1]$, as the notes say. For tanh that is sharp. The sigmoid never
# comes near one: what it lacks to a quarter is a square.

# %% tags=["hide-input"]
step("activations.tanh-derivative", "activations.tanh-range", "activations.tanh-peak")
source("notes.tanh-derivative")
step("activations.sigmoid-derivative", "activations.sigmoid-quarter")
source("notes.sigmoid-derivative")
step("activations.relu-zero-or-one")
source("notes.relu-derivative")

# %% [markdown]
# The two are one curve, drawn to another scale. So the sigmoid makes gradients vanish as tanh does,
# and sooner: below $\lVert W \rVert = 4$ instead of 1. Over a range around zero the slope of tanh
# is the larger one on average. At the points beyond the circle it is the smaller one.

# %% tags=["hide-input"]
step("activations.tanh-of-sigmoid", "activations.mean-slope")
source("notes.sigmoid-vanishes", "notes.tanh-preferred")


# %%
def slope(name, a):
    """Return the derivative of an activation."""
    return getattr(bpttcheck, name).derivative(np.asarray(a, dtype=float))


near, far = 1.0, 3.0  # tanh′ is the larger one at the first, the smaller one at the second
for _ in range(60):
    middle = (near + far) / 2
    larger = slope("tanh", middle) > slope("sigmoid", middle)
    near, far = (middle, far) if larger else (near, middle)
print(f"the slopes cross at a = {near:.6f}, where both are {slope('tanh', near):.6f}")

# %% tags=["fold-input"] title="The code that draws the figure"
from bpttcheck.figures import ACCENT, INK, Axis, Line, chart

at = np.linspace(0, 4, 81)
chart(
    "slopes",
    "The derivatives of tanh and of the sigmoid from 0 to 4. That of tanh falls from 1, that of "
    f"the sigmoid from a quarter. They cross at {near:.2f}; beyond, that of the sigmoid is larger.",
    [
        Line("tanh′", at, slope("tanh", at), ACCENT),
        Line("σ′", at, slope("sigmoid", at), INK, "2 3"),
    ],
    Axis(0, 4, 1, "a"),
    Axis(0, 1, 0.25),
    mark=(near, float(slope("tanh", near))),
)

# %% [markdown]
# ## What vanishes?
#
# **The far past, not the gradient.** The gradient of one step's loss is a sum over all steps before
# it. What came through $t - k$ steps is at most $(\lVert W \rVert \gamma)^{t-k}$ times what left
# the last one, where $\gamma$ is the steepest slope of the activation: 1 for tanh, a quarter for
# the sigmoid. If $\lVert W \rVert \gamma < 1$, what the loss says of the far past vanishes. The
# part of the last steps does not, and neither does the sum, which has a part of each step in it.

# %% tags=["hide-input"]
step("rnn.gradient-bound", "rnn.W-gradient-bound")
source("notes.vanishing")

# %% [markdown]
# Below, the same 16 states and the same weights, a multiple of a rotation, run over the same random
# inputs with four activations. The loss is that of the last of 40 steps. With all singular values
# 0.95, linear states lie on the bound for $\gamma = 1$. Tanh and ReLU lose more, and the sigmoid
# most: a factor below a quarter at every step. Move $\lVert W \rVert$: what linear states send back
# grows with it without a limit; saturation holds tanh down.

# %%
T, m, n, p = 40, 4, 16, 5
rng = np.random.default_rng(2013)
rotation = np.linalg.qr(rng.normal(size=(n, n)))[0]
params = {
    "U": rng.normal(size=(n, m)) / m,
    "W": 0.95 * rotation,
    "V": rng.normal(size=(p, n)) / n**0.5,
}
x = rng.normal(size=(T, m))


def heard(phi, params=params, x=x, h0=0.0):
    """Return the norm of ∂L_T/∂h_k for lags T − k = 0, 1, …, relative to that of lag 0."""
    run = bpttcheck.rnn.forward(params, x, h0=h0, phi=phi)
    ds = np.zeros_like(run.s)
    ds[-1] = bpttcheck.nll_gradient(run.s[-1], 0)  # the loss of the last step, of class 0
    norms = np.linalg.norm(bpttcheck.rnn.backward(params, run, ds).dh, axis=-1)[::-1]
    return norms / norms[0]


measured = {phi: heard(phi) for phi in ("linear", "tanh", "relu", "sigmoid")}
for phi, norms in measured.items():
    print(f"{phi:9}" + "".join(f"  lag {lag}: {norms[lag]:.1e}" for lag in (1, 10, 20, 40)))

# %% tags=["fold-input"] title="The code that draws the figure"
from bpttcheck.figures import play, scientific

lags = np.arange(T + 1)
looks = {
    "linear": ("linear", INK, "4 4"),
    "tanh": ("tanh", ACCENT, ""),
    "relu": ("ReLU", INK, "9 4"),
    "sigmoid": ("sigmoid", INK, "2 3"),
}
BACK, SIZE = Axis(0, T, 10, "steps back from the loss"), Axis(-35, 10, 5, powers=True)


def draw(found, norm):
    """Return the lengths against the lag, for one norm of W."""
    ends = ", ".join(f"{norms[T]:.0e} for {looks[phi][0]} states" for phi, norms in found.items())
    return chart(
        "lags",
        f"The length of the gradient by the state k steps before the loss, for k from 0 to {T}, on "
        f"a logarithmic scale, relative to k = 0, with ‖W‖ = {norm:.2f}. At the end: {ends}.",
        [Line(name, lags, found[phi], colour, dash) for phi, (name, colour, dash) in looks.items()],
        BACK,
        SIZE,
    )


sizes = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.2, 1.3, 1.4, 1.5]
runs = {size: {phi: heard(phi, params | {"W": size * rotation}) for phi in looks} for size in sizes}
play(
    "‖W‖",
    [f"{size:g}" for size in sizes],
    [draw(found, size) for size, found in runs.items()],
    [
        f"‖W‖ = {size:.2f}: after {T} steps a linear message is {scientific(found['linear'][T])} "
        f"of what it was, one through tanh {scientific(found['tanh'][T])}."
        for size, found in runs.items()
    ],
    start=sizes.index(0.95),
)

# %% [markdown]
# The sum behaves otherwise. However long the sequence, the gradient of $W$ by the loss of its last
# step is about as large; what vanishes from it is the part of the first steps:

# %%
print("steps   ‖∂L_T/∂W‖   part of step 2")
for steps in (5, 10, 20, T):
    run = bpttcheck.rnn.forward(params, x[:steps], phi="tanh")
    ds = np.zeros_like(run.s)
    ds[-1] = bpttcheck.nll_gradient(run.s[-1], 0)
    gradients = bpttcheck.rnn.backward(params, run, ds)
    second = np.outer(gradients.da[1], run.h[1])  # ∂L_T/∂a_2 h_1ᵀ; step 1 has none, h_0 = 0
    print(f"{steps:5}   {np.linalg.norm(gradients.dW, 2):9.5f}   {np.linalg.norm(second, 2):.1e}")

# %% [markdown]
# ## What explodes
#
# With linear states, an eigenvalue above one is enough: the Jacobian grows at least as its power.
# With tanh it is not, since saturated states pass hardly anything on. And training shows an
# explosion only where the states are not zero: the part of the gradient that belongs to step $k$ is
# as large as its message times $\mathbf h_{k-1}$.

# %% tags=["hide-input"]
step("rnn.linear-growth", "rnn.W-part-norm")
source("notes.exploding")

# %%
large = params | {"W": 1.5 * rotation}
for phi, inputs, words in (
    ("linear", x, "linear states"),
    ("tanh", 0.01 * x, "tanh, small inputs"),
    ("tanh", 10 * x, "tanh, large inputs"),
):
    print(f"‖W‖ = 1.5, {words:20} lag 10: {heard(phi, large, inputs)[10]:8.1e}   ", end="")
    print(f"lag {T}: {heard(phi, large, inputs)[T]:8.1e}")

silent = bpttcheck.rnn.forward(large, np.zeros_like(x), phi="tanh")  # x = 0 and h_0 = 0
ds = np.zeros_like(silent.s)
ds[-1] = bpttcheck.nll_gradient(silent.s[-1], 0)
unheard = bpttcheck.rnn.backward(large, silent, ds)
growth = np.linalg.norm(unheard.dh[0]) / np.linalg.norm(unheard.dh[-1])
print(f"x = 0, h_0 = 0: the message grows by {growth:.1e}, ∂L/∂W is {np.abs(unheard.dW).max()}")
assert growth > 1e6
assert not unheard.dW.any()

# %% [markdown]
# ## What is said to help
#
# ### Clipping
#
# A maximum on the gradient bounds the step. Clipped by its norm, a gradient keeps its direction.
# Clipped entry by entry it does not, and may still be $\sqrt n$ times as long as the limit.

# %% tags=["hide-input"]
step("clipping.norm-limit", "clipping.norm-direction", "clipping.value-length")
source("notes.clipping")

# %%
g = np.array([30.0, 1.0])
print("g       ", g)
print("by norm ", bpttcheck.clip_by_norm(g, 1.0))
print("by value", bpttcheck.clip_by_value(g, 1.0))

# %% [markdown]
# ### ReLU
#
# A slope of one shrinks nothing, and a slope of zero lets nothing through. Which it is, each unit's
# pre-activation says; in the first figure about half of them are off at every step. What is left is
# $W$, on the rows that are on: if that shrinks a message, no activation helps.

# %% tags=["hide-input"]
step("rnn.relu-jacobian")
source("notes.relu-solution")

# %%
run = bpttcheck.rnn.forward(params, x, phi="relu")
print(f"units that are on: {(run.a > 0).mean():.0%}")

# %% [markdown]
# ### LSTM and GRU
#
# A gated cell is not passed through $W$ and an activation at every step: it is multiplied by a gate
# and added to. So there is a path on which a message meets gates and nothing else. In
# [an LSTM](lstm.py) these are the forget gates, in [a GRU](gru.py) the update gates, here the ones
# that *keep*.

# %% tags=["hide-input"]
step("lstm.cell", "lstm.direct-path", "gru.direct-path")

# %% [markdown]
# No weight and no slope shrinks a message there; gates below one do, at every step. The LSTM of
# 1997 had no forget gate, and on its path nothing is lost:

# %% tags=["hide-input"]
step("lstm.carousel")
source("notes.gated-solution")

# %% [markdown]
# This path is not the whole Jacobian. The gates and the candidate read the state before, and so the
# cell before. What goes round that way meets weights and slopes again:

# %% tags=["hide-input"]
step("lstm.cell-jacobian")

# %% [markdown]
# How much of the past a gated cell hears is thus decided by its gates, and their bias is a number
# that one sets. Below, the message between the cells of LSTMs whose gates and candidate all have
# the weights of the first figure; only the bias of the forget gate differs. With bias 0 about half
# of the message stays at each step, and this LSTM forgets sooner than the tanh network. With bias 2
# about $\sigma(2)$ of it stays, 88 %.

# %%
shared = {f"{letter}_{gate}": params[letter] for letter in "UW" for gate in "ifgo"}


def heard_by_cell(bias):
    """Return the norm of ∂L_T/∂c_k by lag, in full and past the gates, and the mean forget gate."""
    weights = shared | {"V": params["V"], "b_f": np.full(n, bias or 0.0)}
    if bias is None:
        weights = {name: weight for name, weight in weights.items() if not name.endswith("_f")}
    run = bpttcheck.lstm.forward(weights, x, forget=bias is not None)
    ds = np.zeros_like(run.s)
    ds[-1] = bpttcheck.nll_gradient(run.s[-1], 0)
    full = bpttcheck.lstm.backward(weights, run, ds).dc
    gates = np.ones_like(run.g) if bias is None else run.f
    past_gates = np.array([full[T] * gates[k:].prod(axis=0) for k in range(T + 1)])
    lengths = [np.linalg.norm(messages, axis=-1)[::-1] for messages in (full, past_gates)]
    return lengths[0] / lengths[0][0], lengths[1] / lengths[1][0], gates.mean()


kept = {bias: heard_by_cell(bias) for bias in (0.0, 2.0, None)}
for bias, (full, past_gates, gate) in kept.items():
    name = "no forget gate" if bias is None else f"bias {bias:g}, mean gate {gate:.2f}"
    print(f"{name:24} lag 10: {full[10]:.0e}   lag {T}: {full[T]:.0e}", end="")
    print(f"   direct path alone: {past_gates[T]:.0e}")

# %% tags=["fold-input"] title="The code that draws them"
gates = {
    0.0: ("LSTM, bias 0", INK, ""),
    2.0: ("LSTM, bias 2", ACCENT, ""),
    None: ("no forget gate", INK, "4 4"),
}
chart(
    "gates",
    f"The length of the gradient by the cell k steps before the loss, for k from 0 to {T}, on a "
    "logarithmic scale, relative to k = 0. At the end: "
    + ", ".join(f"{kept[bias][0][T]:.0e} for {gates[bias][0]}" for bias in kept)
    + f", {measured['tanh'][T]:.0e} for the tanh network.",
    [
        *(Line(name, lags, kept[bias][0], *look) for bias, (name, *look) in gates.items()),
        Line("tanh network", lags, measured["tanh"], INK, "9 4"),
    ],
    BACK,
    Axis(-10, 2, 2, powers=True),
)

# %% [markdown]
# ## Exercises
#
# **1. With a pencil.** A scalar network with $w = 1.2$ and sigmoid states. Can its gradients
# explode? At most how much is left after ten steps?
#
# ??? more "Hint"
#
#     One step multiplies by $w\, \sigma'(s)$, and the slope of the sigmoid is at most a quarter.

# %% tags=["fold"] title="Solution"
print("a step: at most", 1.2 / 4, " ten steps: at most", (1.2 / 4) ** 10)
assert abs(float(bpttcheck.sigmoid.derivative(0.0)) - 0.25) < 1e-15

# %% [markdown]
# ??? more "If you said yes, because w is larger than one"
#
#     The weight alone decides for linear states only. For sigmoid states $|w|$ has to be above 4.
#
# **2. Find the mistake.** "The largest eigenvalue of $W$ is 0.5, so the gradients vanish, and each
# step makes them shorter." Give a $W$ with two states for which the first step makes a message
# longer.
#
# ??? more "Hint"
#
#     Take ½ on the diagonal and something large beside it. How long is $W^{\top} (1, 0)^{\top}$?

# %% tags=["fold"] title="Solution"
sheared = np.array([[0.5, 8.0], [0.0, 0.5]])
message = np.array([1.0, 0.0])
for lag in (1, 2, 10, 20):
    print(f"lag {lag:2}: {np.linalg.norm(np.linalg.matrix_power(sheared.T, lag) @ message):.1e}")
assert np.linalg.norm(sheared.T @ message) > 8  # longer, although it vanishes in the end
assert np.linalg.norm(np.linalg.matrix_power(sheared.T, 20) @ message) < 1e-3

# %% [markdown]
# ??? more "If you looked for a W with an eigenvalue above one"
#
#     The sentence is about one whose eigenvalues are below one. They say what happens in the end;
#     the singular values say what the first step can do.
#
# **3. A program.** Measure how much of $\partial L_T/\partial W$ is left when only the last $k$
# steps are heard, for the tanh network of the first figure. How many steps give 99 % of its length?
#
# ??? more "Hint"
#
#     `gradients.da[k]` times `run.h[k]`, a column times a row, is the part of step $k + 1$.

# %% tags=["fold"] title="Solution"
run = bpttcheck.rnn.forward(params, x, phi="tanh")
ds = np.zeros_like(run.s)
ds[-1] = bpttcheck.nll_gradient(run.s[-1], 0)
gradients = bpttcheck.rnn.backward(params, run, ds)
parts = np.einsum("ti,tj->tij", gradients.da, run.h[:-1])[::-1]  # the last step first
whole = np.linalg.norm(gradients.dW)
missing = [np.linalg.norm(gradients.dW - parts[:k].sum(axis=0)) / whole for k in range(T + 1)]
enough = next(k for k in range(T + 1) if missing[k] <= 0.01)
print("steps:", enough, " missing:", f"{missing[enough]:.1e}")
assert np.allclose(parts.sum(axis=0), gradients.dW)
assert 5 < enough < T

# %% [markdown]
# ??? more "If your parts do not add up to the gradient"
#
#     Each message meets the state *before* its step: `run.h[0]` is the initial state.

# %% [markdown]
# ## The claims once more
#
# As decided when this page was built, [line by line](../reference/claims.md#notes) in the ledger:

# %% tags=["hide-input"]
walk.summary()

# %% [markdown]
# ## Every equation, on other numbers
#
# The registered statements themselves, judged at a case of your own, with tanh, ReLU and linear
# states:

# %%
from dataclasses import replace

from bpttcheck.runs import activations, clipping, gru, lstm, rnn

case = rnn.Case(
    U=[[1], [-0.5]],
    W=[[0.5, -1], [0.75, 0.25]],
    V=[[1, 0.5], [0, -1]],
    b=[0, 0],
    c=[0, 0],
    x=[[[1]], [[-0.5]], [[2]], [[0.25]]],
    h0=[[0.5, -0.25]],
    y=[[[1, 0]], [[0, 1]], [[1, 0]]],
)
cases = [replace(case, phi=phi) for phi in ("tanh", "relu", "linear")]
points = activations.Case(a=[-1, 0.5, 3]), clipping.Case(g=[[3, -4]], limit=1.0)


def gated(model, gates, **others):
    """Return the same sequence for a gated cell, every gate with the weights of the case."""
    given = {f"{name}_{gate}": getattr(case, name) for name in "UWb" for gate in gates}
    return model.Case(**given, V=case.V, x=case.x, h0=case.h0, y=case.y, **others)


with_forget = gated(lstm, "ifgo", b_s=case.c, c0=[[0.5, 0.25]])
cells = with_forget, replace(with_forget, forget="none"), gated(gru, "zrg", c=case.c, b_Wg=[1, 0])
print(walk.judge(*cases, *cells, *points), "equations agree")

# %% [markdown]
# That is a check at a few points; the ✓ under each equation has what was done beyond it.
