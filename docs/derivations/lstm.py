# %% [markdown]
# # The LSTM, backwards
#
# Take an LSTM back from its loss to its last weight, one path after another, on a network of two
# cells whose numbers you can change; and see what the forget gate changes.
#
# ## One step
#
# An LSTM has two states: $\mathbf c_t$, the cell, and $\mathbf h_t$, which the rest of the network
# sees. From the input and the last $\mathbf h$ it makes three gates, $\mathbf f$ (forget),
# $\mathbf i$ (input) and $\mathbf o$ (output), and a candidate $\mathbf g$. A gate is a column of
# numbers between 0 and 1 that multiplies entry by entry, $\circ$ in the picture: $\mathbf f$ says
# how much of the cell is kept, $\mathbf i$ how much of the candidate is added, $\mathbf o$ how much
# of the squashed cell is shown. The message that comes back along the cell is dashed.

# %% tags=["fold-input"] title="The code that draws the figure"
from bpttcheck.figures import gated_step

gated_step(
    "step",
    "One step of an LSTM. The cell is multiplied by the forget gate, and the candidate times the "
    "input gate is added: that is the next cell. Squashed by tanh, times the output gate, it is a "
    "new h. All gates are made from x and the last h. Along the cell a message is "
    "multiplied by the forget gate alone.",
    "c",
    "f",
    "i ∘ g",
    "gates f, i, o and g",
    ("tanh", "o"),
)

# %% [markdown]
# ## Why a cell?
#
# A vanilla RNN makes its state anew at every step: what was goes through $W$ and a slope, and so
# does every message on its way back. The LSTM *adds*. A second state, the cell, is multiplied by a
# gate and added to (1). On that straight path a message meets that gate and nothing else (2);
# $\partial^{+}$ is the derivative with the gates held fixed, without the ways round through them,
# which come below.

# %% tags=["fold-input"] title="The code that decides and prints the equations of this page"
from IPython.display import display

from bpttcheck.notebook import Walk, agree

walk = Walk(None, also=["lstm.*", "coupled_lstm.*"])


def step(*names):
    """Show identities of the registry, printed from the Python that runs, with their evidence."""
    for name in names:
        display(walk.step(name))


def mistake(name, *versions):
    """Show wrong versions of an identity, and where they fail on the numbers of this page."""
    display(walk.mistake(name, case, *versions))


step("lstm.cell", "lstm.direct-step")

# %% [markdown]
# ## The network
#
# Three gates and a candidate $\mathbf g_t$ read the input and the state before. Each has weights
# and a bias of its own; (3) is the forget gate's, and
# [i](../reference/identities/lstm.md#lstm.preactivation-i),
# [g](../reference/identities/lstm.md#lstm.preactivation-g) and
# [o](../reference/identities/lstm.md#lstm.preactivation-o) differ in the letter. A gate is squashed
# between 0 and 1, the candidate between −1 and 1. The output layer's scores are $\mathbf s_t$ here,
# since $\mathbf o_t$ is the output gate. Libraries stack the four in
# [an order of their own](gru.py#whose-gate-comes-first).

# %% tags=["hide-input"]
step("lstm.preactivation-f", "lstm.gate-f", "lstm.gate-g", "lstm.state", "lstm.output")

# %% [markdown]
# One input, two cells, two classes, three steps, and a fourth input that no loss reads. The numbers
# are enclosed in balls, a midpoint with a radius. `d(L, c[t])` is found by dual numbers on the
# forward pass alone; `agree` prints what both sides are, and fails if they are apart.

# %%
from flint import ctx

from bpttcheck.runs import lstm
from bpttcheck.runs.systems import Balls

case = lstm.Case(
    U_i=[[1], [-0.5]],
    W_i=[[0.5, -1], [0.75, 0.25]],
    b_i=[0.25, 0],
    U_f=[[0.5], [1]],
    W_f=[[-0.25, 0.5], [1, 0.5]],
    b_f=[1, 1],
    U_g=[[-1], [2]],
    W_g=[[1, 0.5], [-0.5, 0.75]],
    b_g=[0, 0.5],
    U_o=[[0.75], [0.5]],
    W_o=[[0.25, 1], [-1, 0.5]],
    b_o=[0, -0.25],
    V=[[1, 0.5], [-0.5, 1]],
    b_s=[0.25, 0],
    x=[[[1]], [[-0.5]], [[2]], [[0.25]]],
    h0=[[0.5, -0.25]],
    c0=[[1.5, -0.75]],
    y=[[[1, 0]], [[0, 1]], [[1, 0]]],
)
T = case.sizes["T"]
ctx.prec = 160  # bits
run = lstm.evaluate(case, Balls(ctx.prec))
i, f, g, o, c, h, s = (run[name] for name in "ifgochs")
d, L, V, diag, tanh, total = (run[name] for name in ("d", "L", "V", "diag", "tanh", "sum"))
every_t = range(1, T + 1)

for t in every_t:
    agree(c[t], diag(f[t]) @ c[t - 1] + diag(i[t]) @ g[t], f"c_{t}")
    agree(h[t], diag(o[t]) @ tanh(c[t]), f"h_{t}")

# %% [markdown]
# Forward mistakes run, train, and are another network. The gates are easily exchanged, being alike
# in shape; and the cell is squashed on its way out, inside the gate.

# %% tags=["hide-input"]
mistake("lstm.cell", "input and forget gate exchanged", "the forget gate left out")
mistake("lstm.state", "the cell not squashed", "squashed outside")

# %% [markdown]
# ## From the loss to the last cell
#
# $\partial L/\partial \mathbf s_t$ is prediction minus target, as for
# [the vector RNN](vector.py#on-the-outputs). At the last step the output layer alone reads the
# state, and the state alone reads the cell.

# %% tags=["hide-input"]
step("lstm.terminal-gradient", "lstm.terminal-cell")

# %% tags=["fold"] title="The same, on the numbers of this page"
agree(d(L, h[T]), V.T @ d(L, s[T]), f"∂L/∂h_{T}")
agree(d(L, c[T]), diag(o[T]) @ diag(tanh.prime(c[T])) @ d(L, h[T]), f"∂L/∂c_{T}")

# %% [markdown]
# ## Two paths leave the cell
#
# A cell makes its own state, and it stays, as far as the *next* forget gate lets it. The slope is
# $1 - \tanh^2 \mathbf c_t$. It is neither $1 - \mathbf c_t^2$, which would need the cell to be
# squashed already, nor that of the state, which has the output gate in it.

# %% tags=["hide-input"]
step("lstm.cell-gradient")

# %% tags=["fold"] title="The same, on the numbers of this page"
for t in range(T - 1, 0, -1):
    outward = diag(o[t]) @ diag(tanh.prime(c[t])) @ d(L, h[t])
    agree(d(L, c[t]), outward + diag(f[t + 1]) @ d(L, c[t + 1]), f"∂L/∂c_{t}")

# %% tags=["hide-input"]
mistake("lstm.cell-gradient", "the cell's own path forgotten", "f_t for f_{t+1}", "not forgotten")
mistake("lstm.cell-gradient", "tanh′ of the cell missing", "tanh′ of the state")

# %% [markdown]
# ## Five paths leave the state
#
# The state is read by the output layer of its step, and by the three gates and the candidate of the
# next. Leave those of the next step out, as the algorithm of 1997 did on purpose, and what comes
# back is no longer the gradient.

# %% tags=["hide-input"]
step("lstm.hidden-gradient")


# %%
def read_back(t):
    """Return what the gates and the candidate of a step send to the state before."""
    return total(run[f"W_{k}"].T @ d(L, run[f"a_{k}"][t]) for k in "ifgo")


for t in range(T - 1, 0, -1):
    agree(d(L, h[t]), V.T @ d(L, s[t]) + read_back(t + 1), f"∂L/∂h_{t}")

# %% tags=["hide-input"]
mistake(
    "lstm.hidden-gradient",
    "the gates held fixed",
    "the output gate forgotten",
    "the gates of this step",
)

# %% [markdown]
# ## Into the gates
#
# A gate is heard through what it multiplies: its partner in (1) and in the state. For the forget
# gate that is the cell *before*. The output gate alone hears the state's message, not the cell's.
# Then comes the slope of what squashed it, $f (1 - f)$ for a gate.

# %% tags=["hide-input"]
step(*(f"lstm.gate-gradient-{k}" for k in "ifgo"), "lstm.preactivation-gradient-f")

# %% tags=["fold"] title="The same, on the numbers of this page"
slope = diag(f[T]) @ (run["ones"] - f[T])
agree(d(L, f[T]), diag(c[T - 1]) @ d(L, c[T]), f"∂L/∂f_{T}")
agree(d(L, run["a_f"][T]), diag(slope) @ d(L, f[T]), f"∂L/∂a^f_{T}")

# %% tags=["hide-input"]
mistake("lstm.gate-gradient-f", "c[t] for c[t - 1]", "the other state")
mistake("lstm.preactivation-gradient-f", "the gate for its derivative", "the slope at the gate")

# %% [markdown]
# ## The gradients
#
# What is left is as for any network: what came back, times what the weight had been multiplied
# with, summed over the steps. Once more $f$ stands for all four.

# %% tags=["hide-input"]
step(
    "lstm.W-gradient-f",
    "lstm.U-gradient-f",
    "lstm.b-gradient-f",
    "lstm.V-gradient",
    "lstm.b_s-gradient",
    "lstm.input-gradient",
    "lstm.initial-gradient",
    "lstm.initial-cell",
)

# %% tags=["fold"] title="The same, on the numbers of this page"
agree(d(L, run["W_f"]), total(d(L, run["a_f"][t]) @ h[t - 1].T for t in every_t), "∂L/∂W_f")
agree(d(L, h[0]), read_back(1), "∂L/∂h_0")
agree(d(L, c[0]), diag(f[1]) @ d(L, c[1]), "∂L/∂c_0")

# %% tags=["hide-input"]
mistake("lstm.W-gradient-f", "h_t for h_{t−1}", "the cell for the state")

# %% [markdown]
# ## The algorithm
#
# Two messages go back: `dh` through the gates and `dc` along the cell. The slope of the squashed
# cell, and whether to go along the cell, are arguments, so that two mistakes can be made.

# %%
import numpy as np

import bpttcheck

classes = case.y[:, 0].argmax(axis=-1)
states = {"h0": case.h0[0], "c0": case.c0[0]}
weights = {f"{letter}_{k}": getattr(case, f"{letter}_{k}") for letter in "UWb" for k in "ifgo"}
weights |= {"V": case.V, "b_s": case.b_s}


def value_and_grad(given, slope=lambda c: 1 - np.tanh(c) ** 2, along=1):
    """Return the loss of the sequence, and its gradients by the weights that are given."""
    w = weights | given
    r = bpttcheck.lstm.forward(w, case.x[:T, 0], **states)
    ds = bpttcheck.nll_gradient(r.s, classes)
    grads, dh, dc = {name: 0 * array for name, array in w.items()}, 0, 0
    for k in reversed(range(T)):  # step t = k + 1: the state before it is r.h[k]
        dh = dh + w["V"].T @ ds[k]
        dc = dc + r.o[k] * slope(r.c[k + 1]) * dh
        da = {
            "i": dc * r.g[k] * r.i[k] * (1 - r.i[k]),
            "f": dc * r.c[k] * r.f[k] * (1 - r.f[k]),
            "g": dc * r.i[k] * (1 - r.g[k] ** 2),
            "o": dh * np.tanh(r.c[k + 1]) * r.o[k] * (1 - r.o[k]),
        }
        for gate, message in da.items():
            grads[f"U_{gate}"] += np.outer(message, r.x[k])
            grads[f"W_{gate}"] += np.outer(message, r.h[k])
            grads[f"b_{gate}"] += message
        grads["V"] += np.outer(ds[k], r.h[k + 1])
        grads["b_s"] += ds[k]
        dh, dc = sum(w[f"W_{gate}"].T @ da[gate] for gate in da), along * dc * r.f[k]
    return bpttcheck.nll(r.s, classes).sum(), {name: grads[name] for name in given}


def packaged(given):
    """Return what the package has for it."""
    loss, grads = bpttcheck.lstm.value_and_grad(weights | given, case.x[:T, 0], classes, **states)
    return loss, {name: grads[name] for name in given}


for name in weights:
    exact = np.array([float(z.value.mid()) for z in d(L, run[name]).value.flat])
    found = [of(weights)[1][name].ravel() for of in (value_and_grad, packaged)]
    errors = [np.abs(gradient - exact).max() for gradient in found]
    print(f"∂L/∂{name:4} off by {errors[0]:.0e} in the loop, by {errors[1]:.0e} in the package")

# %% [markdown]
# `check_gradients` knows none of this page: it differentiates the loss that it is given.

# %%
from functools import partial

for name, function in {
    "bpttcheck.lstm": packaged,
    "the loop": value_and_grad,
    "1 − c² for 1 − tanh² c": partial(value_and_grad, slope=lambda c: 1 - c**2),
    "no path along the cell": partial(value_and_grad, along=0),
}.items():
    point = {name: weights[name] for name in ("W_f", "V", "b_g")}
    report = bpttcheck.check_gradients(function, point, locate=False)
    print(f"{name:23} {report.verdict}: {report.reason}")
    assert report.ok == (function in (packaged, value_and_grad))

# %% [markdown]
# ## The forget gate: without, with, coupled
#
# **1997.** The first LSTM had none. With $\mathbf f_t = \mathbf 1$ the cell's own path is the
# identity over any number of steps, and nothing leaves the cell again. **2000.** With the gate it
# is the product of the gates. **Coupled.** What is forgotten makes room for what is new, so that
# one gate hears the cell before *against* the candidate: [more on its page](coupled-lstm.py).

# %%
from dataclasses import fields, replace

from bpttcheck.runs.cells import coupled_lstm

# %% tags=["hide-input"]
step("lstm.carousel", "lstm.direct-path", "coupled_lstm.cell", "coupled_lstm.gate-gradient-f")

# %% tags=["fold"] title="The same, on the numbers of this page"
first = replace(case, forget="none")
old = lstm.evaluate(first, Balls(ctx.prec))
agree(old["direct"](old["c"][T], old["c"][0]), old["I"], "1997")
gates = run["compose"](diag(f[t]) for t in range(T, 0, -1))
agree(run["direct"](c[T], c[0]), gates, "2000")
shared = {k.name: getattr(case, k.name) for k in fields(coupled_lstm.Case)}
one = coupled_lstm.evaluate(coupled_lstm.Case(**shared), Balls(ctx.prec))
against = one["c"][T - 1] - one["g"][T]
agree(one["d"](one["L"], one["f"][T]), diag(against) @ one["d"](one["L"], one["c"][T]), "coupled")

# %% tags=["hide-input"]
mistake("lstm.direct-path", "with a weight matrix", "with a squashing slope")

# %% [markdown]
# This path is not the whole Jacobian: the gates read the state, and the state reads the cell. What
# goes round that way meets weights and slopes as in any RNN.

# %% tags=["hide-input"]
step("lstm.cell-by-state", "lstm.state-by-cell", "lstm.cell-jacobian")
mistake("lstm.cell-jacobian", "the direct path alone")

# %% [markdown]
# ## What the gates keep
#
# Sixteen cells, random inputs, a loss at the last of 40 steps. Move the bias of the forget gate:
# what goes past the gates fades with their product, and what goes round comes on top of it. Without
# a forget gate, as in 1997, nothing fades on the way past the gates.
# [More is measured here](measured.py#when-an-lstm-keeps-a-gradient).

# %% tags=["fold-input"] title="The code that draws the figure"
from bpttcheck.figures import ACCENT, INK, Axis, Line, chart, play, scientific

lags, noise = np.arange(41), 0.3 * np.random.default_rng(1).normal(size=(40, 4))


def heard(**options):
    """Return by lag the length of the cell's message, whole and past the gates; the mean gate."""
    made = bpttcheck.initial_weights(
        "lstm", m=4, n=16, p=5, rng=np.random.default_rng(5), scale=0.5, **options
    )
    forget = options.get("forget", True)
    r = bpttcheck.lstm.forward(made, noise, forget=forget)
    ds = np.zeros_like(r.s)
    ds[-1] = bpttcheck.nll_gradient(r.s[-1], 0)
    whole = bpttcheck.lstm.backward(made, r, ds).dc
    gates = r.f if forget else np.ones_like(r.g)
    past = np.array([whole[-1] * gates[k:].prod(axis=0) for k in lags])
    lengths = [np.linalg.norm(z, axis=-1)[::-1] for z in (whole, past)]
    return lengths[0] / lengths[0][0], lengths[1] / lengths[1][0], gates.mean()


without, biases = heard(forget=False)[0], np.arange(-2, 6.5, 0.5)
figures, says = [], []
for bias in biases:
    whole, past, gate = heard(keep=bias)
    title = (
        f"The length of the cell's message against the lag, on a logarithmic scale, with a forget "
        f"gate biased by {bias:g}: {whole[-1]:.0e} of it is left after 40 steps, {past[-1]:.0e} "
        f"past the gates alone; without a forget gate {without[-1]:.1f}."
    )
    lines = [
        Line("whole", lags, whole, ACCENT),
        Line("past the gates", lags, past, INK, "4 4"),
        Line("no forget gate (1997)", lags, without, INK, "2 3"),
    ]
    back, size = Axis(0, 40, 10, "steps back from the loss"), Axis(-12, 2, 2, powers=True)
    figures.append(chart("kept", title, lines, back, size))
    said = f"Bias {bias:g}, gates of {gate:.2f} on average: {scientific(whole[-1])} of the message"
    says.append(f"{said} is left after 40 steps.".replace("-", "−"))
play("bias of the forget gate", [f"{bias:g}" for bias in biases], figures, says, start=4)

# %% [markdown]
# ## Exercises
#
# **1. With a pencil.** All forget gates are ½. What is left of a message that goes back along the
# cell from $\mathbf c_4$ to $\mathbf c_1$, the gates held fixed? And which bias makes a forget gate
# of 0.99, where its weights are zero?
#
# ??? more "Hint"
#
#     One factor for each step between. For the bias, solve $\sigma(b) = 0.99$.

# %% tags=["fold"] title="Solution"
print("left:", 0.5**3, " bias:", np.log(0.99 / 0.01))
assert abs(bpttcheck.sigmoid(np.log(99.0)) - 0.99) < 1e-12

# %% [markdown]
# ??? more "If you have 1/16, or a bias of 0.99"
#
#     From cell 1 to cell 4 there are three steps; 1/16 counts the cells. And 0.99 is the gate,
#     after the sigmoid: a bias of 0.99 makes a gate of 0.73, which keeps 4 % over ten steps.
#
# **2. How far does it show?** The loop above with `along=0` sends nothing back along the cell.
# Which gradients are right all the same for $T = 1$, and which for $T = 2$?
#
# ??? more "Hint"
#
#     The last step has no step after it. At the step before, only the cell's message is wrong: who
#     hears the cell, and who hears $\mathbf h$ alone?

# %% tags=["fold"] title="Solution"
every_class, wrong = classes, {}
for T in (1, 2, 3):  # the loop reads both of these
    classes = every_class[:T]
    right, cut = packaged(weights)[1], value_and_grad(weights, along=0)[1]
    wrong[T] = [k for k in weights if not np.allclose(right[k], cut[k], rtol=1e-9, atol=1e-14)]
    print(f"T = {T}: wrong are", ", ".join(wrong[T]) or "none")
assert not wrong[1]
assert {name[-1] for name in wrong[2]} == set("ifg")  # o hears h alone, and that is right
assert set(weights) - set(wrong[3]) == {"V", "b_s"}

# %% [markdown]
# ??? more "If you said: only the forget gate's are wrong"
#
#     The message along the cell ends in *everything* that made the cell: the input gate and the
#     candidate hear it as well.
#
# **3. A program.** Some write $\mathbf h_t = \mathbf o_t \circ \mathbf c_t$, without the tanh.
# Change the forward pass and two factors of the loop, and have it checked.
#
# ??? more "Hint"
#
#     Which two factors of the backward pass are there because of that tanh? One is its slope.


# %% tags=["fold"] title="Solution"
def without_tanh(w):
    """Return loss and gradients of an LSTM whose cell is not squashed on its way out."""
    h, c, kept = states["h0"], states["c0"], []
    for x_t in case.x[:T, 0]:
        a = {k: w[f"U_{k}"] @ x_t + w[f"W_{k}"] @ h + w[f"b_{k}"] for k in "ifgo"}
        gate = {k: np.tanh(a[k]) if k == "g" else 1 / (1 + np.exp(-a[k])) for k in "ifgo"}
        before, c = (h, c), gate["f"] * c + gate["i"] * gate["g"]
        h = gate["o"] * c
        kept.append((x_t, *before, gate, c, h))
    scores = np.array([w["V"] @ step_[-1] + w["b_s"] for step_ in kept])
    ds, dh, dc = bpttcheck.nll_gradient(scores, classes), 0, 0
    grads = {name: np.zeros_like(array, dtype=float) for name, array in w.items()}
    for k in reversed(range(T)):
        x_t, h, c, gate, made, out = kept[k]
        grads["V"], grads["b_s"] = grads["V"] + np.outer(ds[k], out), grads["b_s"] + ds[k]
        dh = dh + w["V"].T @ ds[k]
        dc = dc + gate["o"] * dh  # no slope of tanh
        of_gate = {"i": dc * gate["g"], "f": dc * c, "g": dc * gate["i"], "o": dh * made}
        slopes = {j: 1 - gate[j] ** 2 if j == "g" else gate[j] * (1 - gate[j]) for j in "ifgo"}
        da = {j: of_gate[j] * slopes[j] for j in "ifgo"}
        for j, message in da.items():
            grads[f"U_{j}"] += np.outer(message, x_t)
            grads[f"W_{j}"] += np.outer(message, h)
            grads[f"b_{j}"] += message
        dh, dc = sum(w[f"W_{j}"].T @ da[j] for j in da), dc * gate["f"]
    return bpttcheck.nll(scores, classes).sum(), grads


report = bpttcheck.check_gradients(without_tanh, weights, locate=False)
print(report.verdict, report.reason)
assert report.ok

# %% [markdown]
# ??? more "If only the output gate's gradients are wrong"
#
#     The gate multiplies the cell itself now, so `dh` is multiplied by $\mathbf c_t$ on its way to
#     the gate, not by $\tanh \mathbf c_t$.

# %% [markdown]
# ## Change it
#
# An LSTM of one cell, in plain Python and a box to write in; your browser runs it. It reads a 1 and
# then zeros, and ought to have it in its last state. The figure shows the cell $c_t$ and
# $\partial L/\partial c_t$, dashed those of the run before. Guess first:
#
# - The second number of `b` is the bias of the forget gate. What becomes of the messages at 5, and
#   at −2?
# - In the line of `message`, leave out `f *`. Is any gradient still right?
# - Put `c[t + 1]` in the place of `c[t]` in the line of the forget gate.
# - Leave out `+ message` in the line of `dc`: only what goes through the states comes back.

# %% tags=["run"] title="An LSTM of one cell"
from math import exp, tanh

from bpttcheck.plain import report

x = [1.0] + 9 * [0.0]
target = 1.0  # for the last state
T = len(x)

# Of the gates i, f, g, o: what multiplies the input and the state before, and the bias.
u = [2.0, 0.0, 2.0, 0.5]
w = [-0.5, 0.25, 0.5, 0.25]
b = [-1.0, 2.0, 0.0, 1.0]


def sigmoid(z):
    """Return 1 / (1 + e^−z)."""
    return 1 / (1 + exp(-z))


def forward(u, w, b):
    """Return all states and cells, those before the first step first, and the gates."""
    h, c, gates = [0.0], [0.0], []
    for t in range(T):
        a = [u[k] * x[t] + w[k] * h[t] + b[k] for k in range(4)]
        i, f, g, o = sigmoid(a[0]), sigmoid(a[1]), tanh(a[2]), sigmoid(a[3])
        gates.append((i, f, g, o))
        c.append(f * c[t] + i * g)
        h.append(o * tanh(c[t + 1]))
    return h, c, gates


def loss(u, w, b):
    """Return half the square of the last state's error."""
    h, _, _ = forward(u, w, b)
    return (h[T] - target) ** 2 / 2


h, c, gates = forward(u, w, b)
dc, du, dw, db = [0.0] * (T + 1), [0.0] * 4, [0.0] * 4, [0.0] * 4
dh, message = h[T] - target, 0.0
for t in range(T - 1, -1, -1):  # c[t + 1] is the cell that x[t] made
    i, f, g, o = gates[t]
    squashed = tanh(c[t + 1])
    dc[t + 1] = dh * o * (1 - squashed**2) + message
    da = [
        dc[t + 1] * g * i * (1 - i),
        dc[t + 1] * c[t] * f * (1 - f),
        dc[t + 1] * i * (1 - g**2),
        dh * squashed * o * (1 - o),
    ]
    for k in range(4):
        du[k] += da[k] * x[t]
        dw[k] += da[k] * h[t]
        db[k] += da[k]
    message = f * dc[t + 1]
    dh = sum(w[k] * da[k] for k in range(4))
dc[0] = message

report(loss, {"u": u, "w": w, "b": b}, {"u": du, "w": dw, "b": db}, c, dc, "c")

# %% [markdown]
# ## Every equation, on your numbers
#
# The registered statements themselves, judged on the case as you left it, with a forget gate,
# without one, and coupled:

# %%
print(walk.judge(case, first, coupled_lstm.Case(**shared)), "equations agree")

# %% [markdown]
# That is a check at one point; the ✓ under each equation has what was done beyond it. Next: [the
# GRU](gru.py).
