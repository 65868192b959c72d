# %% [markdown]
# # The LSTM with coupled gates, backwards
#
# Take an LSTM in which one gate forgets and lets in, back from its loss to its last weight, on a
# network of two cells whose numbers you can change; and see how its cell weighs what it has read.
#
# ## One step
#
# An LSTM has a state that the rest of the network sees, $\mathbf h_t$, and a cell $\mathbf c_t$.
# This one makes two gates from the input and the last $\mathbf h$, columns of numbers between 0 and
# 1 that multiply entry by entry, $\circ$ in the picture, and a candidate $\mathbf g$. The forget
# gate $\mathbf f$ says how much of the cell is kept; the candidate gets the rest. The output gate
# $\mathbf o$ says how much of the squashed cell is shown. The message that comes back along the
# cell is dashed.

# %% tags=["fold-input"] title="The code that draws the figure"
from bpttcheck.figures import gated_step

gated_step(
    "step",
    "One step of an LSTM with coupled gates. The cell is multiplied by the forget gate, and the "
    "candidate times one minus that gate is added: that is the next cell. Squashed by tanh and "
    "multiplied by the output gate it is the next h. Gates and candidate are made from x and the "
    "last h. Along the cell a message is multiplied by the forget gate.",
    "c",
    "f",
    "(1 − f) ∘ g",
    "gates f, o and g",
    ("tanh", "o"),
)

# %% [markdown]
# ## One gate for two
#
# [The LSTM](lstm.py) decides twice: how much of the cell it keeps, and how much of what is new it
# lets in. Here one gate decides both, and the new takes the room that is made (1): the cell is a
# *mean* of old and new, entry by entry. Its own path is the LSTM's (2); $\partial^{+}$ is the
# derivative with the gates held fixed. Greff et al. (2017) compared eight variants of the LSTM on
# three tasks: with a quarter fewer weights, this one was not significantly worse.

# %% tags=["fold-input"] title="The code that decides and prints the equations of this page"
from IPython.display import display

from bpttcheck.notebook import Walk, agree

walk = Walk(None, also=["coupled_lstm.*"])


def step(*names):
    """Show identities of the registry, printed from the Python that runs, with their evidence."""
    for name in names:
        display(walk.step(name))


def mistake(name, *versions):
    """Show wrong versions of an identity, and where they fail on the numbers of this page."""
    display(walk.mistake(name, case, *versions))


step("coupled_lstm.cell", "coupled_lstm.direct-step")

# %% [markdown]
# ## The network
#
# Two gates and a candidate read the input and the state before. (3) is the forget gate's;
# [the candidate's](../reference/identities/coupled-lstm.md#coupled_lstm.preactivation-g) and
# [the output gate's](../reference/identities/coupled-lstm.md#coupled_lstm.preactivation-o) differ
# in the letter.

# %% tags=["hide-input"]
step(
    "coupled_lstm.preactivation-f",
    "coupled_lstm.gate-f",
    "coupled_lstm.gate-g",
    "coupled_lstm.state",
    "coupled_lstm.output",
)

# %% [markdown]
# One input, two cells, two classes, three steps, and a fourth input that no loss reads. The numbers
# are enclosed in balls, a midpoint with a radius. `d(L, c[t])` is found by dual numbers on the
# forward pass alone; `agree` prints what both sides are, and fails if they are apart.

# %%
from flint import ctx

from bpttcheck.runs.cells import coupled_lstm
from bpttcheck.runs.systems import Balls

case = coupled_lstm.Case(
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
run = coupled_lstm.evaluate(case, Balls(ctx.prec))
f, g, o, c, h, s = (run[name] for name in "fgochs")
d, L, V, diag, ones = (run[name] for name in ("d", "L", "V", "diag", "ones"))
tanh, total = run["tanh"], run["sum"]
every_t = range(1, T + 1)

for t in every_t:
    agree(c[t], diag(f[t]) @ c[t - 1] + diag(ones - f[t]) @ g[t], f"c_{t}")

# %% [markdown]
# A gate that lets in, with $1 - \mathbf i_t$ for what is kept, is the same network with the other
# sign of $U_f$, $W_f$ and $\mathbf b_f$, since $1 - \sigma(a) = \sigma(-a)$. With the signs left as
# they are, it is another one:

# %% tags=["hide-input"]
mistake("coupled_lstm.cell", "f replaces", "nothing makes room")

# %% [markdown]
# ## From the loss to the cell
#
# $\partial L/\partial \mathbf s_t$ is prediction minus target, as for
# [the vector RNN](vector.py#on-the-outputs). As in the LSTM, two paths leave the cell: out through
# the state of its step, and on through the next forget gate.

# %% tags=["hide-input"]
step("coupled_lstm.terminal-gradient", "coupled_lstm.terminal-cell", "coupled_lstm.cell-gradient")

# %% tags=["fold"] title="The same, on the numbers of this page"
agree(d(L, h[T]), V.T @ d(L, s[T]), f"∂L/∂h_{T}")
agree(d(L, c[T]), diag(o[T]) @ diag(tanh.prime(c[T])) @ d(L, h[T]), f"∂L/∂c_{T}")
for t in range(T - 1, 0, -1):
    outward = diag(o[t]) @ diag(tanh.prime(c[t])) @ d(L, h[t])
    agree(d(L, c[t]), outward + diag(f[t + 1]) @ d(L, c[t + 1]), f"∂L/∂c_{t}")

# %% tags=["hide-input"]
mistake("coupled_lstm.cell-gradient", "the cell's own path forgotten", "f_t for f_{t+1}")

# %% [markdown]
# ## Old against new
#
# Here the coupling shows. The gate is heard twice, through what it keeps and through what it lets
# in, and the two messages have opposite signs: what it hears is the cell before *against* the
# candidate. Where the two are equal there is nothing to choose, and no message. The candidate hears
# what the gate leaves it; the output gate hears of the state alone.

# %% tags=["hide-input"]
step(*(f"coupled_lstm.gate-gradient-{k}" for k in "fgo"), "coupled_lstm.preactivation-gradient-f")

# %% tags=["fold"] title="The same, on the numbers of this page"
for t in every_t:
    agree(d(L, f[t]), diag(c[t - 1] - g[t]) @ d(L, c[t]), f"∂L/∂f_{t}")
agree(d(L, g[T]), diag(ones - f[T]) @ d(L, c[T]), f"∂L/∂g_{T}")
agree(d(L, o[T]), diag(tanh(c[T])) @ d(L, h[T]), f"∂L/∂o_{T}")

# %% [markdown]
# Taken over from the LSTM as it is, the gradient lacks the second message; taken over from a cell
# whose gate lets in, it has the wrong sign.

# %% tags=["hide-input"]
mistake("coupled_lstm.gate-gradient-f", "as if the input gate were another", "the sign")
mistake("coupled_lstm.gate-gradient-g", "f for 1 − f")

# %% [markdown]
# ## Four paths leave the state
#
# To the output, and into both gates and the candidate of the next step: one path fewer than in the
# LSTM.

# %% tags=["hide-input"]
step("coupled_lstm.hidden-gradient")

# %% tags=["fold"] title="The same, on the numbers of this page"
for t in range(T - 1, 0, -1):
    read_back = total(run[f"W_{k}"].T @ d(L, run[f"a_{k}"][t + 1]) for k in "fgo")
    agree(d(L, h[t]), V.T @ d(L, s[t]) + read_back, f"∂L/∂h_{t}")

# %% tags=["hide-input"]
mistake("coupled_lstm.hidden-gradient", "the gates held fixed", "the gates of this step")

# %% [markdown]
# ## The gradients
#
# What came back, times what the weight had been multiplied with, summed over the steps. $f$ stands
# for all three.

# %% tags=["hide-input"]
step(
    "coupled_lstm.W-gradient-f",
    "coupled_lstm.U-gradient-f",
    "coupled_lstm.b-gradient-f",
    "coupled_lstm.V-gradient",
    "coupled_lstm.b_s-gradient",
    "coupled_lstm.input-gradient",
)

# %% tags=["fold"] title="The same, on the numbers of this page"
agree(d(L, run["W_f"]), total(d(L, run["a_f"][t]) @ h[t - 1].T for t in every_t), "∂L/∂W_f")

# %% tags=["hide-input"]
mistake("coupled_lstm.W-gradient-f", "h_t for h_{t−1}")

# %% [markdown]
# ## An LSTM whose weights are tied
#
# Give an LSTM $U_i = -U_f$, $W_i = -W_f$ and $\mathbf b_i = -\mathbf b_f$. Then
# $\mathbf i_t = 1 - \mathbf f_t$, and it is this network. A weight that is used twice has the sum
# of both gradients, the second with the sign of its use: so the gradient here is the LSTM's at the
# forget gate *minus* that at the input gate, and neither alone.

# %%
from dataclasses import asdict

from bpttcheck.runs import lstm

given = {k: a for k, a in asdict(case).items() if k not in ("loss", "targets")}
let_in = {"U_i": -case.U_f, "W_i": -case.W_f, "b_i": -case.b_f}
tied = lstm.evaluate(lstm.Case(**given, **let_in), Balls(ctx.prec))
agree(tied["h"][T], h[T], f"h_{T}")
for letter in "UWb":
    at_f, at_i = (tied["d"](tied["L"], tied[f"{letter}_{k}"]) for k in "fi")
    agree(d(L, run[f"{letter}_f"]), at_f - at_i, f"∂L/∂{letter}_f")

# %% [markdown]
# ## The algorithm
#
# The LSTM's, but for the difference at the gate. Whether the candidate counts against the cell, and
# how much room it gets, are arguments, so that two mistakes can be made.

# %%
import numpy as np

import bpttcheck

x, classes = case.x[:T, 0], case.y[:, 0].argmax(axis=-1)
states = {"h0": case.h0[0], "c0": case.c0[0]}
weights = {f"{letter}_{k}": getattr(case, f"{letter}_{k}") for letter in "UWb" for k in "fgo"}
weights |= {"V": case.V, "b_s": case.b_s}


def value_and_grad(w, against=1, room=lambda f: 1 - f):
    """Return the loss of the sequence, and its gradients by the weights."""
    r = bpttcheck.coupled_lstm.forward(w, x, **states)
    ds = bpttcheck.nll_gradient(r.s, classes)
    grads, dh, dc = {name: 0 * array for name, array in w.items()}, 0, 0
    for k in reversed(range(T)):  # step t = k + 1: the state before it is r.h[k]
        dh = dh + w["V"].T @ ds[k]
        squashed = np.tanh(r.c[k + 1])
        dc = dc + dh * r.o[k] * (1 - squashed**2)
        da = {
            "f": dc * (r.c[k] - against * r.g[k]) * r.f[k] * (1 - r.f[k]),
            "g": dc * room(r.f[k]) * (1 - r.g[k] ** 2),
            "o": dh * squashed * r.o[k] * (1 - r.o[k]),
        }
        for gate, message in da.items():
            grads[f"U_{gate}"] += np.outer(message, r.x[k])
            grads[f"W_{gate}"] += np.outer(message, r.h[k])
            grads[f"b_{gate}"] += message
        grads["V"] += np.outer(ds[k], r.h[k + 1])
        grads["b_s"] += ds[k]
        dh, dc = sum(w[f"W_{gate}"].T @ da[gate] for gate in da), dc * r.f[k]
    return bpttcheck.nll(r.s, classes).sum(), grads


def packaged(w):
    """Return what the package has for it."""
    loss, grads = bpttcheck.coupled_lstm.value_and_grad(w, x, classes, **states)
    return loss, {name: grads[name] for name in w}


for name in weights:
    exact = np.array([float(z.value.mid()) for z in d(L, run[name]).value.flat])
    found = [of(weights)[1][name].ravel() for of in (value_and_grad, packaged)]
    errors = [np.abs(gradient - exact).max() for gradient in found]
    print(f"∂L/∂{name:4} off by {errors[0]:.0e} in the loop, by {errors[1]:.0e} in the package")

# %% [markdown]
# `check_gradients` knows none of this page: it differentiates the loss that it is given. What is
# wrong it compares with [the mistakes that it knows](../reference/mistakes.md), and names the one
# that explains every entry.

# %%
from functools import partial


def forward_alone(w):
    """Return the loss: differences need no gradients."""
    return bpttcheck.nll(bpttcheck.coupled_lstm.forward(w, x, **states).s, classes).sum()


for said, function in {
    "bpttcheck.coupled_lstm": packaged,
    "the loop": value_and_grad,
    "as if the input gate were another": partial(value_and_grad, against=0),
    "f for 1 − f": partial(value_and_grad, room=lambda f: f),
}.items():
    report = bpttcheck.check_gradients(function, weights, loss=forward_alone, mend=False)
    print(f"{said:34} {report.verdict}", report.cause.name if report.cause else "")
    assert report.ok == (function in (packaged, value_and_grad))

# %% [markdown]
# ## How the cell weighs what it has read
#
# A mean of means is a mean: over many steps the cell is one of all candidates and of
# $\mathbf c_0$, the one of step $k$ with the weight
# $(1 - \mathbf f_k) \circ \mathbf f_{k+1} \circ \dots \circ \mathbf f_t$, and the weights add up to
# one. So no cell leaves the range of what it has read: if $|\mathbf c_0| \le 1$, then
# $|\mathbf c_t| < 1$ ever after. The cell of an LSTM may count.

# %%
compose = run["compose"]


def weight(k):
    """Return the weight of step k in the last cell; of the initial one for k = 0."""
    past = compose(diag(f[j]) for j in range(T, k, -1)) if k < T else run["I"]
    return past @ diag(ones - f[k]) if k else past


agree(total(weight(k) @ g[k] for k in every_t) + weight(0) @ c[0], c[T], f"c_{T}")
agree(total(weight(k) @ ones for k in range(T + 1)), ones, "all weights")

# %% [markdown]
# Sixteen cells, random inputs, 40 steps; drawn is what the last steps weigh together. Move the bias
# of the forget gate. To remember for longer, the coupled cell has to take in less of each step. The
# LSTM with the same bias takes in as much as ever, and its weights add up to more and more.

# %% tags=["fold-input"] title="The code that draws the figure"
from bpttcheck.figures import ACCENT, INK, Axis, Line, chart, play

steps, noise = np.arange(1, 41), 0.3 * np.random.default_rng(1).normal(size=(40, 4))
biases = np.arange(-2, 6.5, 0.5)


def weighed(cell, bias):
    """Return by lag the weight of a candidate in the last cell, the mean of 16; the mean gate."""
    w = bpttcheck.initial_weights(
        cell, m=4, n=16, p=5, rng=np.random.default_rng(5), scale=0.5, keep=bias
    )
    r = (bpttcheck.lstm if cell == "lstm" else bpttcheck.coupled_lstm).forward(w, noise)
    new = r.i if cell == "lstm" else 1 - r.f
    after = [r.f[k + 1 :].prod(axis=0) for k in range(40)]
    return (new * after).mean(axis=1)[::-1], r.f.mean()


figures, says = [], []
for bias in biases:
    (coupled, gate), (free, _) = weighed("coupled_lstm", bias), weighed("lstm", bias)
    said = (
        f"Bias {bias:g}, gates of {gate:.2f} on average: the weights of 40 steps add up to "
        f"{coupled.sum():.2f} in the coupled cell, to {free.sum():.2f} in the LSTM's."
    ).replace("-", "−")
    title = f"What the last steps weigh together in the cell, on a logarithmic scale. {said}"
    lines = [
        Line("coupled", steps, coupled.cumsum(), ACCENT),
        Line("LSTM", steps, free.cumsum(), INK, "4 4"),
    ]
    back, size = Axis(0, 40, 10, "the last steps"), Axis(-3, 2, 1, powers=True)
    figures.append(chart("weighed", title, lines, back, size))
    says.append(said)
play("bias of the forget gate", [f"{bias:g}" for bias in biases], figures, says, start=10)

# %% [markdown]
# ## Exercises
#
# **1. With a pencil.** The forget gate is ¾ at every step. With which weights do
# $\mathbf c_0$ and the candidates of the steps 1, 2 and 3 stand in $\mathbf c_3$?
#
# ??? more "Hint"
#
#     A candidate comes in with ¼, and is then multiplied by ¾ at every later step.

# %% tags=["fold"] title="Solution"
parts = [0.75**3, 0.25 * 0.75**2, 0.25 * 0.75, 0.25]
print("c_0, g_1, g_2, g_3:", parts, "sum", sum(parts))
assert sum(parts) == 1

# %% [markdown]
# ??? more "If yours do not add up to one"
#
#     Did the last candidate get a factor ¾? Nothing comes after step 3: its weight is ¼.
#
# **2. When does nobody notice?** The loop above with `against=0` treats the gate as if another one
# let the candidate in. For which weights are all gradients right?
#
# ??? more "Hint"
#
#     What is missing is multiplied by the candidate.

# %% tags=["fold"] title="Solution"
silent = weights | {name: 0 * weights[name] for name in ("U_g", "W_g", "b_g")}
for said, w in (("as above", weights), ("no candidate", silent)):
    right, wrong = packaged(w)[1], value_and_grad(w, against=0)[1]
    off = [name for name in w if not np.allclose(right[name], wrong[name], atol=1e-14)]
    print(f"{said:13} wrong: {', '.join(off) or 'none'}")
    assert bool(off) == (said == "as above")

# %% [markdown]
# ??? more "If you said: where f is ½"
#
#     Then $\mathbf f = 1 - \mathbf f$, but the messages have opposite signs: what the gate hears is
#     $\mathbf c_{t-1} - \mathbf g_t$, and leaving $\mathbf g_t$ out is seen wherever it is not
#     zero.
#
# **3. A program.** Find weights of an LSTM whose cell counts the steps: $c_t \approx t$ after $t$
# steps. Why can the coupled one not do it?
#
# ??? more "Hint"
#
#     Forget gate and input gate both near 1, the candidate near 1. Biases alone can do that.

# %% tags=["fold"] title="Solution"
zero, open_ = np.zeros((1, 1)), np.array([20.0])
counts = {f"{letter}_{k}": zero for letter in "UW" for k in "ifgo"}
counts |= {f"b_{k}": open_ for k in "ifgo"} | {"V": zero}
cells = bpttcheck.lstm.forward(counts, np.zeros((5, 1))).c.ravel()
print("LSTM   ", cells.round(6))
fewer = {name: a for name, a in counts.items() if not name.endswith("_i")} | {"b_f": 0 * open_}
mean = bpttcheck.coupled_lstm.forward(fewer, np.zeros((5, 1))).c.ravel()
print("coupled", mean.round(6))
assert np.allclose(cells, range(6), atol=1e-6)
assert (mean < 1).all()

# %% [markdown]
# ??? more "If yours is stuck at 1"
#
#     Your input gate is $1 - f$, or your forget gate is closed: both have to be open at once, which
#     the coupled cell cannot do. Its cell is a mean of what it has read.

# %% [markdown]
# ## Every equation, on your numbers
#
# The registered statements themselves, judged on the case as you left it:

# %%
print(walk.judge(case), "equations agree")

# %% [markdown]
# That is a check at one point; the ✓ under each equation has what was done beyond it. Next: [the
# minimal gated unit](mgu.py), in which one gate does three things.
