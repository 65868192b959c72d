# %% [markdown]
# # The scalar RNN, backwards
#
# Derive backpropagation through time where every quantity is a single number: six steps with a
# reason each, then the loop that computes them. You need the chain rule. If you would rather begin
# with a pencil, take [BPTT from zero](../tutorials/bptt-from-zero.py) first.
#
# ## The network
#
# At each step it reads a number $x_t$ and makes three others. $s_t$ mixes the input with the last
# state, $h_t$ is that, squashed by an activation $\phi$, and it is the new state; $\hat y_t$ is
# what the network predicts, made from the state by another activation $\theta$. The weights $w$ and
# $v$ are the same at every step. In the picture, values flow along the solid arrows and messages
# come back along the dashed ones, multiplied by what is written beside them.

# %% tags=["fold-input"] title="The code that draws the figure"
from IPython.display import display

from bpttcheck.figures import unrolled

unrolled(
    "network",
    "The network over three steps. Forward: each x, times v, and the state before, times w, make "
    "s; s makes h through phi, h makes the prediction through theta, and that the loss. Backward: "
    "from the loss to the prediction, on to h through theta prime, to s through phi prime, and "
    "from s to the state before through w.",
    ["x", "s", "h", "ŷ", "L"],
    ["v", "φ", "θ", ""],
    [None, "φ′", "θ′", ""],
    ("w", "w"),
    state=2,
    into=1,
)

# %% tags=["fold-input"] title="The code that decides and prints the equations of this page"
from bpttcheck.notebook import Walk, agree

walk = Walk("scalar", also=["scalar-rnn.*"])


def step(*names):
    """Show identities of the registry, printed from the Python that runs, with their evidence."""
    for name in names:
        display(walk.step(name))


def source(*names):
    """Show what the source says, and the verdicts on it."""
    display(walk.source(*names))


step("scalar-rnn.preactivation", "scalar-rnn.state", "scalar-rnn.prediction")
source("scalar.forward")

# %% [markdown]
# "What the source says" opens on a question that was put to a forum in May 2020, and on its answer;
# each has a slip, and they are where they happen.
#
# ## The loss
#
# $L$ is a function of the predictions of all $T$ steps. How it changes with each of them,
# $\partial L/\partial \hat y_t$, is known as soon as the forward pass is through: for half the
# squared error, $\tfrac12 \sum_t (\hat y_t - y_t)^2$, it is $\hat y_t - y_t$. All other derivatives
# follow from these.
#
# ## Six steps back
#
# ### 1. Through the activation
#
# *Because* $s_t$ acts on the loss through $h_t = \phi(s_t)$ and through nothing else: one way, one
# factor.

# %% tags=["hide-input"]
step("scalar-rnn.state-chain")
source("scalar.state-chain")

# %% [markdown]
# ### 2. To the state
#
# *Because* two ways lead from $h_t$ to the loss: to its own prediction, through $\theta$, and to
# the next step's $s_{t+1} = w h_t + v x_{t+1}$, through $w$. What comes back along both is added.

# %% tags=["hide-input"]
step("scalar-rnn.hidden-gradient")

# %% [markdown]
# The question has $\phi'(h_t)$ where $\theta'(h_t)$ belongs. Where both activations are the same
# function nobody notices. One step with every number zero tells them apart, if $\phi(s) = s$ and
# $\theta$ is the sigmoid: then $\hat y_1 = \tfrac12$, and with the target 0 so is
# $\partial L/\partial \hat y_1$. Times $\theta'(0) = \tfrac14$ that is ⅛; times $\phi'(0) = 1$ it
# is ½.

# %% tags=["hide-input"]
source("scalar.hidden-gradient")

# %% [markdown]
# ### 3. From one step to the one before
#
# *Because* step 2 can be put into step 1: each $\partial L/\partial s_t$ from the one after it.

# %% tags=["hide-input"]
step("scalar-rnn.recursion")
source("scalar.combined-recursion")

# %% [markdown]
# ### 4. How can it start? {#how-can-it-start}
#
# The recursion needs $\partial L/\partial s_{T+1}$ for $\partial L/\partial s_T$. *Because* the
# loss reads $T$ steps, a step after them cannot change it: that derivative is exactly zero. So the
# last step needs nothing but what the forward pass has left behind.

# %% tags=["hide-input"]
step("scalar-rnn.boundary", "scalar-rnn.terminal-hidden", "scalar-rnn.terminal-state")
source("scalar.boundary", "scalar.terminal-hidden", "scalar.terminal-state")

# %% [markdown]
# ### 5. Where does it end?
#
# At $t = 1$. *Because* $h_0$ is given, no $s_0$ has made it. It does act on $s_1$, through $w$. The
# answer lets $t$ run over $0, \ldots, T - 1$ in a network whose steps are $1, \ldots, T$; at
# $t = 0$ its equation is not false, it is about nothing.

# %% tags=["hide-input"]
step("scalar-rnn.initial-gradient")
source("scalar.range")

# %% [markdown]
# ### 6. To the weights
#
# *Because* $w$ multiplies the state *before* in $s_t$, at every step: what comes back to $s_t$
# times $h_{t-1}$, added up. $v$ multiplies the input of the same step. An input acts at one step
# only.

# %% tags=["hide-input"]
step("scalar-rnn.w-gradient", "scalar-rnn.v-gradient", "scalar-rnn.input-gradient")
source("scalar.parameter-gradients")

# %% [markdown]
# ## The algorithm
#
# The six steps are a loop of four lines that goes from the last step to the first.

# %%
from math import exp, tanh


def sigmoid(z):
    """Return 1 / (1 + e^−z)."""
    return 1 / (1 + exp(-z))


def forward(w, v, x, h0):
    """Return all states, h[0] being the given one, and the predictions; φ = tanh, θ = sigmoid."""
    h, y_hat = [h0], []
    for x_t in x:
        h.append(tanh(w * h[-1] + v * x_t))
        y_hat.append(sigmoid(h[-1]))
    return h, y_hat


def backward(w, v, x, y, h, y_hat):
    """Return the gradients of w, v and h_0 for half the squared error."""
    ds = dw = dv = 0.0  # after the last step comes nothing: step 4
    for t in reversed(range(len(x))):  # h[t] is the state before, h[t + 1] the one made here
        dh = (y_hat[t] - y[t]) * y_hat[t] * (1 - y_hat[t]) + w * ds  # step 2
        ds = dh * (1 - h[t + 1] ** 2)  # step 1
        dw, dv = dw + ds * h[t], dv + ds * x[t]  # step 6
    return {"w": dw, "v": dv, "h0": w * ds}  # step 5


w, v, h0 = 0.5, 1.5, 0.25
x, y = [1.0, -0.5, 0.25], [0.0, 1.0, 0.5]
gradients = backward(w, v, x, y, *forward(w, v, x, h0))
print(gradients)

# %% [markdown]
# Does the loss agree? Move $w$ a little, up and down:


# %%
def loss(w, v, h0):
    """Return half the squared error."""
    return sum((p - q) ** 2 for p, q in zip(forward(w, v, x, h0)[1], y, strict=True)) / 2


slope = (loss(w + 1e-5, v, h0) - loss(w - 1e-5, v, h0)) / 2e-5
print("moved  ", slope)
print("derived", gradients["w"])
assert abs(slope - gradients["w"]) < 1e-9

# %% [markdown]
# The package has it as a function over NumPy arrays, for any activation and for batches:

# %%
import bpttcheck

_, reference = bpttcheck.scalar_rnn.value_and_grad(
    {"w": w, "v": v}, x, y, h0=h0, phi="tanh", theta="sigmoid", loss="squared_error"
)
for name, mine in gradients.items():
    assert abs(float(reference[name]) - mine) < 1e-15
print("the same:", ", ".join(gradients))

# %% [markdown]
# ## Change it
#
# The algorithm once more, with eight steps and a box to write in; your browser runs it. The figure
# shows all $h_t$ and all $\partial L/\partial h_t$, dashed those of the run before. Guess first:
#
# - $w = 2$ in the place of 0.9: do the messages reach further back, or less far? And $w = -0.9$?
# - Start with `ds = 1.0` in the place of 0. Which gradients are wrong?
# - Write the slip of step 2: `(1 - h[t + 1] ** 2)` in the place of `y_hat[t] * (1 - y_hat[t])`.
# - Let the last step alone have a loss: change `loss` *and* the loop.

# %% tags=["run"] title="The algorithm of the scalar RNN"
from math import exp, tanh

from bpttcheck.plain import report

w, v, h0 = 0.9, 1.5, 0.25
x = [1.0, -0.5, 0.25, 0.0, 0.5, 0.0, -0.25, 0.0]
y = [0.0, 1.0, 0.5, 0.0, 0.0, 0.5, 0.5, 1.0]
T = len(x)


def forward(w, v, x, h0):
    """Return all states, h_0 first, and the predictions."""
    h, y_hat = [h0], []
    for x_t in x:
        h.append(tanh(w * h[-1] + v * x_t))
        y_hat.append(1 / (1 + exp(-h[-1])))
    return h, y_hat


def loss(w, v, h0):
    """Return half the squared error."""
    _, y_hat = forward(w, v, x, h0)
    return sum((y_hat[t] - y[t]) ** 2 / 2 for t in range(T))


h, y_hat = forward(w, v, x, h0)
dh = [0.0] * (T + 1)
ds = dw = dv = 0.0  # step 4
for t in range(T - 1, -1, -1):  # h[t + 1] is the state that x[t] made
    dh[t + 1] = (y_hat[t] - y[t]) * y_hat[t] * (1 - y_hat[t]) + w * ds  # step 2
    ds = dh[t + 1] * (1 - h[t + 1] ** 2)  # step 1
    dw, dv = dw + ds * h[t], dv + ds * x[t]  # step 6
dh[0] = w * ds  # step 5

gradients = {"w": dw, "v": dv, "h0": dh[0]}
report(loss, {"w": w, "v": v, "h0": h0}, gradients, h, dh)

# %% [markdown]
# ## Without a recursion
#
# Unrolled, the recursion is a sum over the predictions still to come. Each is multiplied by
# $w\, \phi'$ once for every step that its message passes on the way back; between two states the
# same product is their derivative. It is what vanishes, or explodes.

# %% tags=["hide-input"]
step("scalar-rnn.closed-form", "scalar-rnn.state-jacobian")
source("scalar.closed-form")

# %% [markdown]
# Here is that product over 20 steps, on one sequence of inputs, for the $w$ that you choose. With
# linear states it is $w$ to the lag. Tanh multiplies it by a slope at every step: a large $w$ also
# drives the states to where the slopes are small.

# %% tags=["fold-input"] title="The code that measures, and draws the figure"
import numpy as np

from bpttcheck.figures import ACCENT, INK, Axis, Line, chart, play, scientific

far = 20
inputs = np.random.default_rng(1).normal(size=far)
weights = [0.2, 0.4, 0.6, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4, 1.6, 2.0]


def reached(phi, weight):
    """Return ∂h_T/∂h_{T−lag}, lag by lag."""
    params = {"w": weight, "v": 0.5}
    one = bpttcheck.scalar_rnn.forward(params, inputs, phi=phi)
    only_last = np.zeros(far)
    only_last[-1] = 1.0
    return bpttcheck.scalar_rnn.backward(params, one, only_last).dh[::-1]


def draw(weight):
    """Return both products against the lag."""
    linear, tanh = reached("linear", weight), reached("tanh", weight)
    return chart(
        "product",
        f"The derivative of a state by the state k steps before, for k from 0 to {far} and w = "
        f"{weight}, on a logarithmic scale: {linear[-1]:.0e} at the end for linear states, "
        f"{tanh[-1]:.0e} for tanh.",
        [
            Line("linear", range(far + 1), linear, INK, "4 4"),
            Line("tanh", range(far + 1), tanh, ACCENT),
        ],
        Axis(0, far, 5, "steps back"),
        Axis(-16, 8, 4, powers=True),
    )


assert np.allclose(reached("linear", 0.8), 0.8 ** np.arange(far + 1), rtol=1e-14)
play(
    "w",
    [f"{weight:g}" for weight in weights],
    [draw(weight) for weight in weights],
    [
        f"w = {weight:g}: over {far} steps a factor of "
        f"{scientific(reached('linear', weight)[-1])} for linear states, of "
        f"{scientific(reached('tanh', weight)[-1])} for tanh."
        for weight in weights
    ],
    start=3,
)

# %% [markdown]
# ## Forward instead of backward
#
# Real-time recurrent learning (Williams and Zipser, 1989) never goes back. Beside each state it
# carries that state's derivative by a weight, starting from zero, and adds up the gradient of the
# loss as it goes. The multiplications come in the other order; the sum is the same.

# %% tags=["hide-input"]
step("scalar-rnn.rtrl-recursion")

# %%
h, y_hat = forward(w, v, x, h0)
dh_dw = dL_dw = 0.0
for t in range(len(x)):
    dh_dw = (1 - h[t + 1] ** 2) * (h[t] + w * dh_dw)
    dL_dw += (y_hat[t] - y[t]) * y_hat[t] * (1 - y_hat[t]) * dh_dw
print(dL_dw, gradients["w"])
assert abs(dL_dw - gradients["w"]) < 1e-15

# %% [markdown]
# More of it: [RTRL](../explanation/rtrl.md).
#
# ## Exercises
#
# **1. With a pencil.** Let both activations do nothing, $\phi(s) = s$ and $\theta(h) = h$, with
# $w = 2$, $v = 1$, $h_0 = 0$, the inputs 1 and 0, the targets 0 and 0. What is
# $\partial L/\partial w$?
#
# ??? more "Hint"
#
#     The states are 1 and 2, and they are the predictions. Start at the end:
#     $\partial L/\partial s_2 = 2$.

# %% tags=["fold"] title="Solution"
ds_2 = 2.0  # prediction minus target
ds_1 = 1.0 + 2 * ds_2  # its own, and what comes back through w
dw = ds_2 * 1.0 + ds_1 * 0.0  # times the state before: h_1 = 1, h_0 = 0
print(dw)
assert dw == 2.0
_, check = bpttcheck.scalar_rnn.value_and_grad(
    {"w": 2.0, "v": 1.0}, [1.0, 0.0], [0.0, 0.0], phi="linear", theta="linear"
)
assert check["w"] == dw

# %% [markdown]
# ??? more "If you have 9, 4 or 5"
#
#     9 takes the state of the *same* step: $2 \cdot 2 + 5 \cdot 1$. 4 is
#     $\partial L/\partial s_2$ times $h_2$ alone. 5 is $\partial L/\partial v$.
#
# **2. Does it matter?** Somebody starts the loop with $\partial L/\partial s_{T+1} = 1$. Which of
# the gradients come out wrong, and how far back does the mistake reach?
#
# ??? more "Hint"
#
#     The recursion is linear in what it starts with. By what has the extra 1 been multiplied when
#     it arrives at step $t$?

# %% tags=["fold"] title="Solution"
extra, reached = 1.0, []
for t in reversed(range(len(x))):
    extra *= w * (1 - h[t + 1] ** 2)
    reached.append(extra)
print("added to ∂L/∂s, last step first:", [round(part, 4) for part in reached])
assert all(part != 0 for part in reached)  # all gradients are wrong, the far ones by less

# %% [markdown]
# ??? more "If you said: only the last step"
#
#     The last step's mistake is a message like any other: it goes back through $w\, \phi'$ and
#     arrives everywhere. It fades as messages fade, so at long lags it may be too small to see.
#
# **3. A program.** Let $v$ have a value of its own at each step, $v_1, \ldots, v_T$. Change the
# loop so that it returns all of their gradients, and show that they add up to $\partial L/\partial
# v$.
#
# ??? more "Hint"
#
#     Which line of the loop adds up over the steps?


# %% tags=["fold"] title="Solution"
def gradients_of_each_v(w, x, y, h, y_hat):
    """Return ∂L/∂v_1, …, ∂L/∂v_T."""
    ds, dv = 0.0, [0.0] * len(x)
    for t in reversed(range(len(x))):
        dh = (y_hat[t] - y[t]) * y_hat[t] * (1 - y_hat[t]) + w * ds
        ds = dh * (1 - h[t + 1] ** 2)
        dv[t] = ds * x[t]  # in the place of the sum
    return dv


each = gradients_of_each_v(w, x, y, h, y_hat)
print(each, sum(each))
assert abs(sum(each) - gradients["v"]) < 1e-15

# %% [markdown]
# ??? more "If your parts do not add up"
#
#     Look at the order: `dv[t]` has to be set after `ds` of the same step, and with `x[t]`, the
#     input that $v_t$ has multiplied.
#
# ## The evidence
#
# The derivatives of the six steps once more, with nothing rounded away:
# [balls](../explanation/evidence.md), each a midpoint with a radius that certainly holds the exact
# value. `d(L, s[t])` comes from dual numbers on the forward pass alone and knows nothing of the
# equations. The input has one step more than the loss reads, so that step 4 speaks of one that
# exists.

# %% tags=["fold"] title="The same network, in balls"
from flint import ctx

from bpttcheck.runs import scalar_rnn
from bpttcheck.runs.systems import Balls

case = scalar_rnn.Case(
    w=0.5,
    v=1.5,
    x=[[1], [-0.5], [0.25], [2]],  # x_1, …, x_T, and x_{T+1}
    h0=[0.25],
    y=[[0], [1], [0.5]],
    phi="tanh",  # or "sigmoid", "relu", "linear"
    theta="sigmoid",
    loss="squared_error",
)
T = len(case.y)
ctx.prec = 120  # bits
run = scalar_rnn.evaluate(case, Balls(ctx.prec))
d, L, phi, theta = (run[name] for name in ("d", "L", "phi", "theta"))
ds, dw = 0, 0
for t in range(T, 0, -1):
    dh = d(L, run["y_hat"][t]) * theta.prime(run["h"][t]) + ds * run["w"]
    ds = dh * phi.prime(run["s"][t])
    dw = dw + ds * run["h"][t - 1]
    agree(d(L, run["h"][t]), dh, f"∂L/∂h_{t}")
    agree(d(L, run["s"][t]), ds, f"∂L/∂s_{t}")
agree(d(L, run["w"]), dw, "∂L/∂w")
agree(d(L, run["h"][0]), run["w"] * ds, "∂L/∂h_0")
agree(d(L, run["s"][T + 1]), 0, f"∂L/∂s_{T + 1}")

# %% [markdown]
# The package's own loop is held against the same derivatives:

# %% tags=["hide-input"]
step("scalar-rnn.bptt-states", "scalar-rnn.bptt-w", "scalar-rnn.bptt-v")

# %% [markdown]
# Every equation of this page, as it is registered, at every step of the case above; and the claims
# of question and answer ([the ledger](../reference/claims.md#scalar) has them line by line):

# %%
print(walk.judge(case), "equations agree")

# %% tags=["hide-input"]
walk.summary()
