# %% [markdown]
# # The minimal gated unit, backwards
#
# Take a cell that has a single gate back from its loss to its last weight, on a network of two
# units whose numbers you can change; and see what it costs that the gate does three things.
#
# ## One step
#
# The minimal gated unit has one state, $\mathbf h_t$, one gate and a candidate $\mathbf g$. The
# gate $\mathbf f$ is a column of numbers between 0 and 1 that multiplies entry by entry, $\circ$ in
# the picture. What it takes from the old state it gives to the candidate, and the candidate sees
# only that much of the old state. The message that comes back along the state is dashed.

# %% tags=["fold-input"] title="The code that draws the figure"
from bpttcheck.figures import gated_step

gated_step(
    "step",
    "One step of a minimal gated unit. The state is multiplied by one minus the gate, and the "
    "candidate times the gate is added: that is the next state. Gate and candidate are made from x "
    "and the last state. Along the state a message is multiplied by one minus the gate.",
    "h",
    "1 − f",
    "f ∘ g",
    "gate f and g",
)

# %% [markdown]
# ## One gate, three uses
#
# [The GRU](gru.py) has two gates, one for what is kept and one for what the candidate reads. Zhou
# et al. (2016) make them one: $\mathbf f_t$ says how much of the state goes, how much of the
# candidate comes (1), and how much of the state the candidate may read (5). The state's own path
# meets what the gate leaves (2); $\partial^{+}$ is the derivative with gate and candidate held
# fixed.

# %% tags=["fold-input"] title="The code that decides and prints the equations of this page"
from IPython.display import display

from bpttcheck.notebook import Walk, agree

walk = Walk(None, also=["mgu.*"])


def step(*names):
    """Show identities of the registry, printed from the Python that runs, with their evidence."""
    for name in names:
        display(walk.step(name))


def mistake(name, *versions):
    """Show wrong versions of an identity, and where they fail on the numbers of this page."""
    display(walk.mistake(name, case, *versions))


step("mgu.state", "mgu.direct-step")

# %% [markdown]
# ## The network
#
# Two weight matrices read the input and two the state, half as many as in the LSTM. The gate reads
# the state before (3), the candidate what the gate lets through of it (5).

# %% tags=["hide-input"]
step("mgu.preactivation-f", "mgu.gate-f", "mgu.preactivation-g", "mgu.gate-g", "mgu.output")

# %% [markdown]
# One input, two units, two classes, three steps, and a fourth input that no loss reads. The numbers
# are enclosed in balls, a midpoint with a radius. `d(L, h[t])` is found by dual numbers on the
# forward pass alone; `agree` prints what both sides are, and fails if they are apart.

# %%
from flint import ctx

from bpttcheck.runs.cells import mgu
from bpttcheck.runs.systems import Balls

case = mgu.Case(
    U_f=[[0.5], [1]],
    W_f=[[-0.25, 0.5], [1, 0.5]],
    b_f=[0, 0.25],
    U_g=[[-1], [2]],
    W_g=[[1, 0.5], [-0.5, 0.75]],
    b_g=[0, 0.5],
    V=[[1, 0.5], [-0.5, 1]],
    b_s=[0.25, 0],
    x=[[[1]], [[-0.5]], [[2]], [[0.25]]],
    h0=[[0.5, -0.25]],
    y=[[[1, 0]], [[0, 1]], [[1, 0]]],
)
T = case.sizes["T"]
ctx.prec = 160  # bits
run = mgu.evaluate(case, Balls(ctx.prec))
f, g, h, s = (run[name] for name in "fghs")
d, L, V, W_g, diag, ones, total = (run[k] for k in ("d", "L", "V", "W_g", "diag", "ones", "sum"))
every_t = range(1, T + 1)

for t in every_t:
    reads = diag(f[t]) @ h[t - 1]
    agree(run["a_g"][t], run["U_g"] @ run["x"][t] + W_g @ reads + run["b_g"], f"a^g_{t}")
    agree(h[t], diag(ones - f[t]) @ h[t - 1] + diag(f[t]) @ g[t], f"h_{t}")

# %% [markdown]
# The gate is called a forget gate, and open it forgets: the other way round than in the LSTM, where
# an open forget gate keeps. Either slip runs, trains, and is another network.

# %% tags=["hide-input"]
mistake("mgu.state", "f keeps")
mistake("mgu.preactivation-g", "not let through")

# %% [markdown]
# ## From the loss to the candidate
#
# $\partial L/\partial \mathbf s_t$ is prediction minus target, as for
# [the vector RNN](vector.py#on-the-outputs), and the last state is read by the output layer alone.
# From a state, the candidate hears as much as the gate lets it in.

# %% tags=["hide-input"]
step("mgu.terminal-gradient", "mgu.gate-gradient-g", "mgu.preactivation-gradient-g")

# %% tags=["fold"] title="The same, on the numbers of this page"
agree(d(L, h[T]), V.T @ d(L, s[T]), f"∂L/∂h_{T}")
for t in every_t:
    agree(d(L, g[t]), diag(f[t]) @ d(L, h[t]), f"∂L/∂g_{t}")

# %% tags=["hide-input"]
mistake("mgu.gate-gradient-g", "1 − f for f", "the gate forgotten")

# %% [markdown]
# ## Three uses, three messages
#
# The gate hears of every use. What it takes away and what it lets in make a difference, new against
# old. The third message comes from inside the candidate: it has gone through $W_g^{\top}$, and
# meets the state that the gate had scaled. Without it, nothing before the output layer has the
# right gradient.

# %% tags=["hide-input"]
step("mgu.gate-gradient-f", "mgu.preactivation-gradient-f")

# %% tags=["fold"] title="The same, on the numbers of this page"
for t in every_t:
    inside = diag(h[t - 1]) @ W_g.T @ d(L, run["a_g"][t])
    agree(d(L, f[t]), diag(g[t] - h[t - 1]) @ d(L, h[t]) + inside, f"∂L/∂f_{t}")

# %% tags=["hide-input"]
mistake("mgu.gate-gradient-f", "what the candidate sees forgotten")

# %% [markdown]
# ## Four paths leave the state
#
# To the output; past the next gate; through it; and into the next candidate, as far as the gate
# lets the candidate read.

# %% tags=["hide-input"]
step("mgu.hidden-gradient")

# %% tags=["fold"] title="The same, on the numbers of this page"
for t in range(T - 1, 0, -1):
    kept = V.T @ d(L, s[t]) + diag(ones - f[t + 1]) @ d(L, h[t + 1])
    by_f = run["W_f"].T @ d(L, run["a_f"][t + 1])
    by_g = diag(f[t + 1]) @ W_g.T @ d(L, run["a_g"][t + 1])
    agree(d(L, h[t]), kept + by_f + by_g, f"∂L/∂h_{t}")

# %% tags=["hide-input"]
mistake("mgu.hidden-gradient", "the candidate reads all", "the candidate forgotten")

# %% [markdown]
# ## The gradients
#
# What came back, times what the weight had been multiplied with, summed over the steps: for $W_f$
# the state, for $W_g$ what the gate let through of it.

# %% tags=["hide-input"]
step(
    "mgu.W-gradient-f",
    "mgu.W-gradient-g",
    "mgu.U-gradient-f",
    "mgu.b-gradient-f",
    "mgu.V-gradient",
    "mgu.b_s-gradient",
    "mgu.input-gradient",
)

# %% tags=["fold"] title="The same, on the numbers of this page"
reads = {t: diag(f[t]) @ h[t - 1] for t in every_t}
agree(d(L, W_g), total(d(L, run["a_g"][t]) @ reads[t].T for t in every_t), "∂L/∂W_g")

# %% tags=["hide-input"]
mistake("mgu.W-gradient-g", "not let through", "h_t for h_{t−1}")

# %% [markdown]
# ## A GRU whose weights are tied
#
# Give a GRU, reset before the product, the gate's weights for its reset gate, and for its update
# gate the same with the other sign: since $1 - \sigma(a) = \sigma(-a)$, it keeps
# $1 - \mathbf f_t$, and is this network. A weight that is used twice has the sum of both gradients,
# each with the sign of its use: the reset gate's *minus* the update gate's.

# %%
from bpttcheck.runs import gru

same = {name: getattr(case, name) for name in ("U_g", "W_g", "b_g", "V", "x", "h0", "y")}
gates = {f"{letter}_r": getattr(case, f"{letter}_f") for letter in "UWb"}
gates |= {f"{letter}_z": -getattr(case, f"{letter}_f") for letter in "UWb"}
tied = gru.evaluate(gru.Case(**same, **gates, c=case.b_s, b_Wg=[0, 0]), Balls(ctx.prec))
agree(tied["h"][T], h[T], f"h_{T}")
for letter in "UWb":
    reset, update = (tied["d"](tied["L"], tied[f"{letter}_{k}"]) for k in "rz")
    agree(d(L, run[f"{letter}_f"]), reset - update, f"∂L/∂{letter}_f")

# %% [markdown]
# ## The algorithm
#
# Two mistakes can be made: not to tell the gate what the candidate read through it, and to send
# back to the state what the gate had kept from the candidate.

# %%
import numpy as np

import bpttcheck

x, classes, h0 = case.x[:T, 0], case.y[:, 0].argmax(axis=-1), case.h0[0]
weights = {f"{letter}_{k}": getattr(case, f"{letter}_{k}") for letter in "UWb" for k in "fg"}
weights |= {"V": case.V, "b_s": case.b_s}


def value_and_grad(w, told=1, let_through=lambda f: f):
    """Return the loss of the sequence, and its gradients by the weights."""
    r = bpttcheck.mgu.forward(w, x, h0=h0)
    ds = bpttcheck.nll_gradient(r.s, classes)
    grads, dh = {name: 0 * array for name, array in w.items()}, 0
    for k in reversed(range(T)):  # step t = k + 1: the state before it is r.h[k]
        f, g, h = r.f[k], r.g[k], r.h[k]
        dh = dh + w["V"].T @ ds[k]
        dg = dh * f * (1 - g**2)  # of the pre-activation, as df below
        read = w["W_g"].T @ dg
        df = (dh * (g - h) + told * read * h) * f * (1 - f)
        for gate, message, met in (("f", df, h), ("g", dg, f * h)):
            grads[f"U_{gate}"] += np.outer(message, r.x[k])
            grads[f"W_{gate}"] += np.outer(message, met)
            grads[f"b_{gate}"] += message
        grads["V"] += np.outer(ds[k], r.h[k + 1])
        grads["b_s"] += ds[k]
        dh = (1 - f) * dh + w["W_f"].T @ df + let_through(f) * read
    return bpttcheck.nll(r.s, classes).sum(), grads


def packaged(w):
    """Return what the package has for it."""
    loss, grads = bpttcheck.mgu.value_and_grad(w, x, classes, h0=h0)
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
    return bpttcheck.nll(bpttcheck.mgu.forward(w, x, h0=h0).s, classes).sum()


for said, function in {
    "bpttcheck.mgu": packaged,
    "the loop": value_and_grad,
    "the gate not told": partial(value_and_grad, told=0),
    "the candidate reads all": partial(value_and_grad, let_through=lambda f: 1),
}.items():
    report = bpttcheck.check_gradients(function, weights, loss=forward_alone, mend=False)
    print(f"{said:24} {report.verdict}", report.cause.name if report.cause else "")
    assert report.ok == (function in (packaged, value_and_grad))

# %% [markdown]
# ## What it costs
#
# Over many steps the state's own path is the product of what the gates leave. It is one of four
# ways from a state to the next; the others go through weights and slopes.

# %% tags=["hide-input"]
step("mgu.direct-path", "mgu.state-jacobian")
mistake("mgu.state-jacobian", "the gate held fixed in the candidate")

# %% [markdown]
# How large is each? Sixteen units, the last of ten steps. Move the bias of the gate. A unit that
# keeps its state lets little of the candidate in, and lets the candidate read little: in the way by
# $\mathbf g$ the gate stands twice, so that way closes with the square of the gate. In the GRU it
# closes once.

# %% tags=["fold-input"] title="The code that draws the figure"
from bpttcheck.figures import ACCENT, INK, Axis, Line, bars, play

noise = np.random.default_rng(1).normal(size=(10, 4))
ways, biases = ["kept", "by f", "by g", "f in g"], np.arange(-5, 5.5, 0.5)


def draw(cell, keep):
    """Return weights for 16 units, biased to keep."""
    return bpttcheck.initial_weights(cell, m=4, n=16, p=5, rng=np.random.default_rng(5), keep=keep)


def of_mgu(bias):
    """Return the norms of the four parts of the last step's Jacobian, in the order of the ways."""
    w = draw("mgu", -bias)
    r = bpttcheck.mgu.forward(w, noise)
    h, f, g = r.h[-2], r.f[-1], r.g[-1]
    slope, new = np.diag(f * (1 - f)) @ w["W_f"], np.diag(f * (1 - g**2)) @ w["W_g"]
    parts = np.diag(1 - f), np.diag(g - h) @ slope, new @ np.diag(f), new @ np.diag(h) @ slope
    return [float(np.linalg.norm(part, 2)) for part in parts]


def of_gru(bias):
    """Return those of a GRU whose update gate keeps as much; its reset gate is not biased."""
    w = draw("gru", -bias)
    r = bpttcheck.gru.forward(w, noise)
    h, z, reset, g = r.h[-2], r.z[-1], r.r[-1], r.g[-1]
    by_z = np.diag((h - g) * z * (1 - z)) @ w["W_z"]
    new = np.diag((1 - z) * (1 - g**2)) @ w["W_g"]
    by_r = new @ np.diag(h * reset * (1 - reset)) @ w["W_r"]
    parts = np.diag(z), by_z, new @ np.diag(reset), by_r
    return [float(np.linalg.norm(part, 2)) for part in parts]


closing = [of(-5)[2] / of(-4)[2] for of in (of_mgu, of_gru)]
assert closing[0] < 0.2 < closing[1]  # σ(−5) is 0.37 of σ(−4), its square 0.14
figures, says = [], []
for bias in biases:
    ours, theirs = of_mgu(bias), of_gru(bias)
    pairs = zip(ways, ours, theirs, strict=True)
    found = ", ".join(f"{way} {one:.2g} against {other:.2g}" for way, one, other in pairs)
    found = f"gate biased by {bias:g}, this unit against the GRU: {found}.".replace("-", "−")
    lines = [Line("MGU", range(4), ours, ACCENT), Line("GRU", range(4), theirs, INK, "3 3")]
    title = f"Norms of the four ways from a state to the next, {found}"
    figures.append(bars("ways", title, ways, lines, Axis(0, 1, 0.25)))
    says.append(found[0].upper() + found[1:])
play("bias of the gate", [f"{bias:g}" for bias in biases], figures, says, start=6)

# %% [markdown]
# ## Exercises
#
# **1. With a pencil.** A gate is ¼ at every step. What is left, after two steps, of a message that
# goes past the gate?
#
# ??? more "Hint"
#
#     Here the gate says what goes, not what stays.

# %% tags=["fold"] title="Solution"
print((1 - 0.25) ** 2)
assert (1 - 0.25) ** 2 == 9 / 16

# %% [markdown]
# ??? more "If you have 1/16"
#
#     That is the LSTM's convention, where a forget gate of ¼ keeps a quarter. This gate takes a
#     quarter away.
#
# **2. When does nobody notice?** The loop above with `told=0` does not tell the gate what the
# candidate read through it. Which gradients are wrong for $T = 1$? And if $\mathbf h_0 = 0$?
#
# ??? more "Hint"
#
#     The missing message is multiplied by the state before.

# %% tags=["fold"] title="Solution"
whole, T = (T, x, classes, h0), 1  # the loop reads these
x, classes = x[:1], classes[:1]
for h0 in (whole[3], 0 * whole[3]):
    right, wrong = packaged(weights)[1], value_and_grad(weights, told=0)[1]
    off = [name for name in weights if not np.allclose(right[name], wrong[name], atol=1e-14)]
    print("h_0 =", h0, "wrong:", ", ".join(off) or "none")
    assert {name[-1] for name in off} == (set("f") if h0.any() else set())
T, x, classes, h0 = whole

# %% [markdown]
# ??? more "If you said: all of them"
#
#     With one step there is nothing before it that could hear a wrong message, and $V$ and the
#     candidate hear nothing from the gate.
#
# **3. A program.** Count the numbers that are learned, $V$ and $\mathbf b_s$ apart, in an LSTM, a
# GRU and this unit, for $m$ inputs and $n$ units. Check your formula on weights of the package.
#
# ??? more "Hint"
#
#     Each gate and each candidate has a $U$, a $W$ and a bias. The package's GRU has one bias more.

# %% tags=["fold"] title="Solution"
m, n, counted = 3, 5, {}
for cell in ("lstm", "gru", "mgu"):
    drawn = bpttcheck.initial_weights(cell, m=m, n=n, p=2, rng=np.random.default_rng(0))
    counted[cell] = sum(a.size for name, a in drawn.items() if name not in ("V", "b_s", "b_Wg"))
print(counted, "each (m + n + 1) n =", (m + n + 1) * n, "times 4, 3 and 2")
assert list(counted.values()) == [(m + n + 1) * n * k for k in (4, 3, 2)]

# %% [markdown]
# ??? more "If you have 3, 2 and 1 times as many"
#
#     You have counted the gates. The candidate has weights of its own.

# %% [markdown]
# ## Every equation, on your numbers
#
# The registered statements themselves, judged on the case as you left it:

# %%
print(walk.judge(case), "equations agree")

# %% [markdown]
# That is a check at one point; the ✓ under each equation has what was done beyond it. How this unit
# came to be in the package, in less than 40 lines, is told in [Add a
# cell](../how-to/add-a-cell.md).
