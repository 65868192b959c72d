# %% [markdown]
# # The GRU, backwards
#
# Take a GRU back from its loss to its last weight, with the reset gate before the product and after
# it, on a network of two units whose numbers you can change.
#
# ## One step
#
# A GRU has one state, $\mathbf h_t$. From the input and the last state it makes two gates and a
# candidate $\mathbf g$. A gate is a column of numbers between 0 and 1 that multiplies entry by
# entry, $\circ$ in the picture. The update gate $\mathbf z$ says how much of the old state is kept;
# the candidate gets the rest. The reset gate $\mathbf r$ says how much of the old state the
# candidate may see. The message that comes back along the state is dashed.

# %% tags=["fold-input"] title="The code that draws the figure"
from bpttcheck.figures import gated_step

gated_step(
    "step",
    "One step of a GRU. The state is multiplied by the update gate, and the candidate times one "
    "minus the gate is added: that is the next state. Gates and candidate are made from x and the "
    "last state. Along the state a message is multiplied by the update gate.",
    "h",
    "z",
    "(1 − z) ∘ g",
    "gates z, r and g",
)

# %% [markdown]
# ## One state, mixed
#
# [The LSTM](lstm.py) keeps a cell beside its state. The GRU has the state alone, and *mixes*: as
# much as the update gate $\mathbf z_t$ keeps of the old one, the candidate is kept out (1). So the
# state's own path meets $\mathbf z_t$ and nothing else (2), where $\partial^{+}$ is the derivative
# with gates and candidate held fixed.

# %% tags=["fold-input"] title="The code that decides and prints the equations of this page"
from IPython.display import display

from bpttcheck.notebook import Walk, agree

walk = Walk(None, also=["gru.*"])


def step(*names):
    """Show identities of the registry, printed from the Python that runs, with their evidence."""
    for name in names:
        display(walk.step(name))


def mistake(name, *versions):
    """Show wrong versions of an identity, and where they fail on the numbers of this page."""
    display(walk.mistake(name, case if case in REGISTRY[name].domain else after, *versions))


step("gru.state", "gru.direct-step")

# %% [markdown]
# ## Before or after
#
# Two gates read the input and the state before; (3) is the update gate's, and
# [the reset gate's](../reference/identities/gru.md#gru.preactivation-r) differs in the letter. The
# candidate reads the state through the reset gate $\mathbf r_t$, and there are two forms of it. Cho
# et al. (2014) reset the state, *before* $W_g$ (5). cuDNN and PyTorch reset the product, *after*
# $W_g$, and give it a bias of its own to reset (6): one product a step for all gates.

# %% tags=["hide-input"]
step(
    "gru.preactivation-z",
    "gru.gate-z",
    "gru.candidate-before",
    "gru.candidate-after",
    "gru.gate-g",
    "gru.output",
)

# %% [markdown]
# One input, two units, two classes, three steps, and a fourth input that no loss reads; one case
# for each form. The numbers are enclosed in balls, a midpoint with a radius. `d(L, h[t])` is found
# by dual numbers on the forward pass alone; `agree` prints what both sides are, and fails if they
# are apart.

# %%
from dataclasses import replace

from flint import ctx

from bpttcheck.identities import REGISTRY
from bpttcheck.runs import gru
from bpttcheck.runs.systems import Balls

case = gru.Case(
    U_z=[[1], [-0.5]],
    W_z=[[0.5, -1], [0.75, 0.25]],
    b_z=[0.5, 0],
    U_r=[[0.5], [1]],
    W_r=[[-0.25, 0.5], [1, 0.5]],
    b_r=[0, 0.25],
    U_g=[[-1], [2]],
    W_g=[[1, 0.5], [-0.5, 0.75]],
    b_g=[0, 0.5],
    b_Wg=[0.75, -0.5],
    V=[[1, 0.5], [-0.5, 1]],
    c=[0.25, 0],
    x=[[[1]], [[-0.5]], [[2]], [[0.25]]],
    h0=[[0.5, -0.25]],
    y=[[[1, 0]], [[0, 1]], [[1, 0]]],
)
after = replace(case, reset="after")
T = case.sizes["T"]
ctx.prec = 160  # bits
both = {
    "before": gru.evaluate(case, Balls(ctx.prec)),
    "after": gru.evaluate(after, Balls(ctx.prec)),
}
every_t = range(1, T + 1)

for form, run in both.items():
    z, h, g, r, diag = (run[name] for name in ("z", "h", "g", "r", "diag"))
    reads = diag(r[T]) @ h[T - 1]
    product = diag(r[T]) @ (run["W_g"] @ h[T - 1] + run["b_Wg"])
    reset = run["W_g"] @ reads if form == "before" else product
    agree(run["a_g"][T], run["U_g"] @ run["x"][T] + reset + run["b_g"], f"a^g_{T}")
    agree(h[T], diag(z[T]) @ h[T - 1] + diag(run["ones"] - z[T]) @ g[T], f"h_{T}, {form}")

# %% tags=["hide-input"]
mistake("gru.candidate-before", "reset on the wrong side", "the reset forgotten")
mistake("gru.candidate-after", "reset on the wrong side", "the bias outside")

# %% [markdown]
# The forms have the same weights but for $\mathbf b_{Wg}$, and are different networks: a diagonal
# does not commute with $W_g$. With one unit it does, so that a test with one unit and no
# $\mathbf b_{Wg}$ cannot tell them apart:

# %%
import numpy as np

import bpttcheck

weights = {f"{letter}_{k}": getattr(case, f"{letter}_{k}") for letter in "UWb" for k in "zrg"}
weights |= {"V": case.V, "b_s": case.c}
x, classes, h0 = case.x[:T, 0], case.y[:, 0].argmax(axis=-1), case.h0[0]
small = {
    name: a if name == "b_s" else a[:, :1] if name == "V" else a[:1] for name, a in weights.items()
}
small |= {f"W_{k}": small[f"W_{k}"][:, :1] for k in "zrg"}
for n, w in ((2, weights), (1, small)):
    losses = [
        bpttcheck.gru.value_and_grad(w, x, classes, h0=h0[:n], reset=form)[0] for form in both
    ]
    print(f"n = {n}: loss {losses[0]:.6f} before, {losses[1]:.6f} after")

# %% [markdown]
# Which way the update gate goes is a convention, too: in Chung et al. (2014) it replaces where ours
# keeps. Since $1 - \sigma(a) = \sigma(-a)$, the same network has $U_z$, $W_z$ and $\mathbf b_z$
# with the other sign. Left as they are, they mean this:

# %% tags=["hide-input"]
mistake("gru.state", "z replaces, as in Chung et al. 2014", "nothing given up")

# %% [markdown]
# ## From the loss to the gates
#
# $\partial L/\partial \mathbf o_t$ is prediction minus target, as for
# [the vector RNN](vector.py#on-the-outputs), and the last state is read by the output layer alone.
# From a state, the update gate hears what it trades: the state before against the candidate. The
# candidate hears what the gate leaves it.

# %% tags=["hide-input"]
step(
    "gru.terminal-gradient",
    "gru.gate-gradient-z",
    "gru.gate-gradient-g",
    "gru.preactivation-gradient-z",
    "gru.preactivation-gradient-g",
)

# %% tags=["fold"] title="The same, on the numbers of this page"
run = both["before"]
d, L, h, z, g, r, diag, total = (run[k] for k in ("d", "L", "h", "z", "g", "r", "diag", "sum"))
agree(d(L, h[T]), run["V"].T @ d(L, run["o"][T]), f"∂L/∂h_{T}")
for t in every_t:
    agree(d(L, z[t]), diag(h[t - 1] - g[t]) @ d(L, h[t]), f"∂L/∂z_{t}")

# %% tags=["hide-input"]
mistake("gru.gate-gradient-z", "the candidate forgotten", "h_t for h_{t−1}")
mistake("gru.gate-gradient-g", "z for 1 − z", "the gate forgotten")

# %% [markdown]
# ## Through the reset
#
# The reset gate hears through what it scales. Before the product that is the state, and the message
# has come through $W_g^{\top}$ first; after it, it is the product with its bias.

# %% tags=["hide-input"]
step("gru.gate-gradient-r-before", "gru.gate-gradient-r-after")

# %% tags=["fold"] title="The same, on the numbers of this page"
for form, run in both.items():
    d, W_g, a_g, h = run["d"], run["W_g"], run["a_g"], run["h"]
    message = d(run["L"], a_g[T])
    scaled = diag(h[T - 1]) @ W_g.T @ message
    if form == "after":
        scaled = diag(W_g @ h[T - 1] + run["b_Wg"]) @ message
    agree(d(run["L"], run["r"][T]), scaled, f"∂L/∂r_{T}")

# %% tags=["hide-input"]
mistake("gru.gate-gradient-r-before", "reset on the wrong side", "W for Wᵀ")
mistake("gru.gate-gradient-r-after", "reset on the wrong side", "the bias forgotten")

# %% [markdown]
# ## Five paths leave the state
#
# To the output; past the next update gate; into both gates; into the candidate. Only the last has
# two forms: a message goes back in the opposite order, and so the diagonal of $\mathbf r_{t+1}$
# stands on the *other* side of $W_g^{\top}$ than in the way forward it stood of $W_g$.

# %% tags=["hide-input"]
step("gru.hidden-gradient-before", "gru.hidden-gradient-after")

# %% tags=["fold"] title="The same, on the numbers of this page"
for form, run in both.items():
    d, L, h, r, V, W_g = (run[k] for k in ("d", "L", "h", "r", "V", "W_g"))
    kept = V.T @ d(L, run["o"][1]) + diag(run["z"][2]) @ d(L, h[2])
    gates = run["W_z"].T @ d(L, run["a_z"][2]) + run["W_r"].T @ d(L, run["a_r"][2])
    message, reset = d(L, run["a_g"][2]), diag(r[2])
    new = reset @ W_g.T @ message if form == "before" else W_g.T @ reset @ message
    agree(d(L, h[1]), kept + gates + new, "∂L/∂h_1")

# %% tags=["hide-input"]
mistake(
    "gru.hidden-gradient-before",
    "reset on the wrong side",
    "the direct path forgotten",
    "1 − z for z",
)
mistake("gru.hidden-gradient-after", "reset on the wrong side", "the gates held fixed")

# %% [markdown]
# ## The gradients
#
# What came back, times what the weight had been multiplied with. For $W_g$ that is the state
# already reset, or the message is reset instead. No reset stands before the input.

# %% tags=["hide-input"]
step(
    "gru.W-gradient-z",
    "gru.W_g-gradient-before",
    "gru.W_g-gradient-after",
    "gru.b_Wg-gradient",
    "gru.U-gradient-g",
    "gru.b-gradient-g",
    "gru.V-gradient",
    "gru.c-gradient",
    "gru.input-gradient",
)

# %% tags=["fold"] title="The same, on the numbers of this page"
run = both["before"]
d, L, h, r, a_g = (run[name] for name in ("d", "L", "h", "r", "a_g"))
reads = {t: diag(r[t]) @ h[t - 1] for t in every_t}
agree(d(L, run["W_g"]), total(d(L, a_g[t]) @ reads[t].T for t in every_t), "∂L/∂W_g")

# %% tags=["hide-input"]
mistake("gru.W_g-gradient-before", "the reset forgotten", "reset on the wrong side")
mistake("gru.W_g-gradient-after", "the reset forgotten")
mistake("gru.b_Wg-gradient", "the reset forgotten")

# %% [markdown]
# ## The algorithm
#
# With the reset before the product. Two mistakes can be made: to reset on the wrong side on the way
# back, and to forget the path past the update gate.


# %%
def value_and_grad(given, wrong_side=False, past=1):
    """Return the loss of the sequence, and its gradients by the weights that are given."""
    w = weights | given
    r = bpttcheck.gru.forward(w, x, h0=h0)
    ds = bpttcheck.nll_gradient(r.s, classes)
    grads, dh = {name: 0 * array for name, array in w.items()}, 0
    for k in reversed(range(T)):  # step t = k + 1: the state before it is r.h[k]
        dh = dh + w["V"].T @ ds[k]
        dg = dh * (1 - r.z[k]) * (1 - r.g[k] ** 2)  # of the pre-activation, as the next two
        read = w["W_g"].T @ dg
        dr = read * r.h[k] * r.r[k] * (1 - r.r[k])
        dz = dh * (r.h[k] - r.g[k]) * r.z[k] * (1 - r.z[k])
        for gate, message in (("z", dz), ("r", dr), ("g", dg)):
            grads[f"U_{gate}"] += np.outer(message, r.x[k])
            grads[f"W_{gate}"] += np.outer(message, r.r[k] * r.h[k] if gate == "g" else r.h[k])
            grads[f"b_{gate}"] += message
        grads["V"] += np.outer(ds[k], r.h[k + 1])
        grads["b_s"] += ds[k]
        back = w["W_g"].T @ (r.r[k] * dg) if wrong_side else r.r[k] * read
        dh = past * r.z[k] * dh + w["W_z"].T @ dz + w["W_r"].T @ dr + back
    return bpttcheck.nll(r.s, classes).sum(), {name: grads[name] for name in given}


def packaged(given):
    """Return what the package has for it."""
    loss, grads = bpttcheck.gru.value_and_grad(weights | given, x, classes, h0=h0)
    return loss, {name: grads[name] for name in given}


for name in weights:  # the bias of the outputs is c in the statements
    by = run["c" if name == "b_s" else name]
    exact = np.array([float(e.value.mid()) for e in d(L, by).value.flat])
    found = [of(weights)[1][name].ravel() for of in (value_and_grad, packaged)]
    errors = [np.abs(gradient - exact).max() for gradient in found]
    print(f"∂L/∂{name:4} off by {errors[0]:.0e} in the loop, by {errors[1]:.0e} in the package")

# %% [markdown]
# `check_gradients` knows none of this page: it differentiates the loss that it is given.

# %%
from functools import partial

for name, function in {
    "bpttcheck.gru": packaged,
    "the loop": value_and_grad,
    "reset on the wrong side": partial(value_and_grad, wrong_side=True),
    "no path past the gate": partial(value_and_grad, past=0),
}.items():
    point = {name: weights[name] for name in ("W_z", "V", "b_g")}
    report = bpttcheck.check_gradients(function, point, locate=False)
    print(f"{name:24} {report.verdict}: {report.reason}")
    assert report.ok == (function in (packaged, value_and_grad))

# %% [markdown]
# ## What the gates keep
#
# Over many steps the state's own path is the product of update gates. It is one of four ways from a
# state to the next; the others go through weights and slopes.

# %% tags=["hide-input"]
step("gru.direct-path", "gru.state-jacobian-before", "gru.state-jacobian-after")
mistake("gru.state-jacobian-before", "the direct path alone", "the reset gate held fixed")

# %% [markdown]
# How large is each? Sixteen units, the last of ten steps. Move the bias of the update gate: as it
# opens, the kept part takes over, and the two ways through the candidate close together. A unit
# that keeps cannot take in what is new at the same time; a cell of an LSTM, with two gates, can.

# %% tags=["fold-input"] title="The code that draws the figure"
from bpttcheck.figures import ACCENT, INK, Axis, Line, bars, play

noise = np.random.default_rng(1).normal(size=(10, 4))
ways, biases = ["kept", "by z", "by g", "by r"], np.arange(-5, 5.5, 0.5)


def sizes(bias, form):
    """Return the norms of the four parts of the last step's Jacobian, in the order of the ways."""
    w = bpttcheck.initial_weights(
        "gru", m=4, n=16, p=5, rng=np.random.default_rng(5), keep=bias, reset=form
    )
    s = bpttcheck.gru.forward(w, noise, reset=form)
    h, z, r, g, W_g = s.h[-2], s.z[-1], s.r[-1], s.g[-1], w["W_g"]
    slope, R = np.diag(r * (1 - r)) @ w["W_r"], np.diag(r)
    by_g, by_r = (W_g @ R, W_g @ np.diag(h)) if form == "before" else (R @ W_g, np.diag(s.q_g[-1]))
    new, by_z = np.diag((1 - z) * (1 - g**2)), np.diag((h - g) * z * (1 - z)) @ w["W_z"]
    parts = np.diag(z), by_z, new @ by_g, new @ by_r @ slope
    return [float(np.linalg.norm(part, 2)) for part in parts]


figures, says = [], []
for bias in biases:
    first, second = sizes(bias, "before"), sizes(bias, "after")
    found = ", ".join(
        f"{way} {one:.2f} or {other:.2f}"
        for way, one, other in zip(ways, first, second, strict=True)
    )
    found = f"update gate biased by {bias:g}, reset before or after: {found}.".replace("-", "−")
    lines = [
        Line("reset before", range(4), first, ACCENT),
        Line("reset after", range(4), second, INK, "3 3"),
    ]
    title = f"Norms of the four ways from a state to the next, {found}"
    figures.append(bars("ways", title, ways, lines, Axis(0, 1, 0.25)))
    says.append(found[0].upper() + found[1:])
play("bias of the update gate", [f"{bias:g}" for bias in biases], figures, says, start=10)

# %% [markdown]
# ## Whose gate comes first
#
# Libraries keep one matrix for all gates, each in an order of its own; read in another's order, the
# weights fit, and are another network. For the GRU they also differ in the form, as data:

# %%
from bpttcheck.cells.orders import by_gate, order, stacked

torch = stacked(order("torch", "gru"), weights, reset="before")
for library in ("torch", "cudnn", "equinox", "keras", "onnx"):
    ours = order(library, "gru")
    wrong = by_gate(
        replace(order("torch", "gru"), gates=ours.gates), *torch.values(), reset="before"
    )
    loss, _ = bpttcheck.gru.value_and_grad(weights | wrong, x, classes, h0=h0)
    print(
        f"{library:8} LSTM {order(library, 'lstm').gates}   GRU {ours.gates}, reset {ours.reset:6}",
        end="",
    )
    print(f"   PyTorch's GRU in this order: loss {loss:.6f}")

# %% [markdown]
# ## Exercises
#
# **1. With a pencil.** An update gate is 0.9 at every step. After how many steps is less than a
# tenth left of what goes past the gates? Which bias makes such a gate, where its weights are zero?
#
# ??? more "Hint"
#
#     $0.9^k < 0.1$ means $k > \ln 0.1 / \ln 0.9$. For the bias, solve $\sigma(b) = 0.9$.

# %% tags=["fold"] title="Solution"
print("steps:", np.log(0.1) / np.log(0.9), " bias:", np.log(0.9 / 0.1))
assert 0.9**21 > 0.1 > 0.9**22

# %% [markdown]
# ??? more "If you have 9 steps"
#
#     $1 - 9 \cdot 0.1 = 0.1$ takes a tenth of the *first* message away at every step. A gate takes
#     a tenth of what is left.
#
# **2. One unit.** The loop above with `wrong_side=True` resets on the wrong side of $W_g^{\top}$.
# Does a test with a single unit find it?
#
# ??? more "Hint"
#
#     With one unit, $W_g$ and the reset gate are numbers.

# %% tags=["fold"] title="Solution"
two, h0 = h0, h0[:1]  # the loop reads it
right, wrong = value_and_grad(small)[1], value_and_grad(small, wrong_side=True)[1]
print("one unit: equal", all(np.array_equal(right[name], wrong[name]) for name in small))
assert all(np.allclose(right[name], wrong[name], rtol=1e-14) for name in small)
h0 = two
right, wrong = value_and_grad(weights)[1], value_and_grad(weights, wrong_side=True)[1]
print("two units: equal", all(np.allclose(right[name], wrong[name]) for name in weights))
assert not np.allclose(right["W_g"], wrong["W_g"])

# %% [markdown]
# ??? more "If you said yes, because r differs at every step"
#
#     It does, but numbers commute: $r \cdot w = w \cdot r$. Tests of backward passes need at least
#     two units, and sizes that differ from each other.
#
# **3. A program.** Take the convention in which the gate *replaces*,
# $\mathbf h_t = (1 - \mathbf z_t) \circ \mathbf h_{t-1} + \mathbf z_t \circ \mathbf g_t$. Show that
# the same network has $U_z$, $W_z$ and $\mathbf b_z$ with the other sign, and that their gradients
# change sign too.
#
# ??? more "Hint"
#
#     $1 - \sigma(a) = \sigma(-a)$. For the gradient, move one entry and see what the loss does.


# %% tags=["fold"] title="Solution"
def replacing(w):
    """Return the loss of the network whose gate replaces, reset before the product."""
    h, scores = h0, []
    for x_t in x:
        z, r = (bpttcheck.sigmoid(w[f"U_{k}"] @ x_t + w[f"W_{k}"] @ h + w[f"b_{k}"]) for k in "zr")
        g = np.tanh(w["U_g"] @ x_t + w["W_g"] @ (r * h) + w["b_g"])
        h = (1 - z) * h + z * g
        scores.append(w["V"] @ h + w["b_s"])
    return bpttcheck.nll(np.array(scores), classes).sum()


other = weights | {f"{letter}_z": -weights[f"{letter}_z"] for letter in "UWb"}
loss, grads = value_and_grad(weights)
nudge = np.array([1e-5, 0.0])
slope = (
    replacing(other | {"b_z": other["b_z"] + nudge})
    - replacing(other | {"b_z": other["b_z"] - nudge})
) / 2e-5
print(loss, replacing(other), " gradients", grads["b_z"][0], slope)
assert abs(loss - replacing(other)) < 1e-14
assert abs(slope + grads["b_z"][0]) < 1e-9

# %% [markdown]
# ??? more "If the losses differ"
#
#     All three change sign, the bias too, and only those of $\mathbf z$: the reset gate has no
#     convention.

# %% [markdown]
# ## Every equation, on your numbers
#
# The registered statements themselves, judged on both cases as you left them:

# %%
print(walk.judge(case, after), "equations agree")

# %% [markdown]
# That is a check at one point; the ✓ under each equation has what was done beyond it. With one gate
# less, the LSTM becomes [the LSTM with coupled gates](coupled-lstm.py), and the GRU [the minimal
# gated unit](mgu.py).
