# %% [markdown]
# # The vector RNN with a softmax
#
# Derive the gradient of every weight of a recurrent network, from its loss back to its first input:
# seven steps with a reason each, and then the loop that computes them all. You need matrix products
# and the chain rule. [The scalar RNN](scalar.py) is the same with single numbers.
#
# ## The network
#
# It reads a sequence of columns $\mathbf x_1, \ldots, \mathbf x_T$, one at each step. From that
# column and from its last state it makes a new state $\mathbf h_t$; from the state it makes a score
# for each of $p$ classes, $\mathbf o_t$. The weights $U$, $W$ and $V$ are the same at every step.
# The picture has three steps; what multiplies is written beside the arrows.

# %% tags=["fold-input"] title="The code that draws the figure"
from IPython.display import display

from bpttcheck.figures import unrolled

unrolled(
    "network",
    "The network over three steps. Each state h is made from the input x of its step, through U, "
    "and from the state before, through W; through V it makes the scores o, and these the loss. "
    "Dashed arrows go back: from the loss to the scores, through V transposed to the state, and "
    "through W transposed to the state before.",
    ["x", "h", "o", "L"],
    ["U", "V", ""],
    [None, "Vᵀ", ""],
    ("W", "Wᵀ"),
)

# %% [markdown]
# | What | Symbol | Entries |
# |:--|:--|:--|
# | input of step $t$ | $\mathbf x_t$ | $m$ |
# | state; $\mathbf h_0$ is given | $\mathbf h_t$ | $n$ |
# | what goes into the activation | $\mathbf a_t$ | $n$ |
# | scores, also called logits | $\mathbf o_t$ | $p$ |
# | probabilities of the classes | $\hat{\mathbf y}_t$ | $p$ |
# | weights into the state | $U$, $W$, $\mathbf b$ | $n \times m$, $n \times n$, $n$ |
# | weights into the scores | $V$, $\mathbf c$ | $p \times n$, $p$ |
#
# Four equations, for every step. The activation $\phi$ acts on each entry by itself; here it is
# tanh. The softmax turns the scores into positive numbers that sum to one.

# %% tags=["fold-input"] title="The code that decides and prints the equations of this page"
from bpttcheck.notebook import Walk, agree

walk = Walk(
    "vector",
    also=[
        "softmax-nll.log-softmax",
        "rnn.total-loss",
        "rnn.output-gradient",
        "rnn.hidden-gradient",
        "rnn.preactivation-gradient",
        "rnn.initial-gradient",
        "rnn.bptt-*",
    ],
)


def step(*names):
    """Show identities of the registry, printed from the Python that runs, with their evidence."""
    for name in names:
        display(walk.step(name))


def source(*names):
    """Show what the source says, and the verdicts on it."""
    display(walk.source(*names))


step("rnn.preactivation", "rnn.state", "rnn.output", "softmax-nll.softmax")
source("vector.forward", "vector.softmax-components")

# %% [markdown]
# What is folded under "What the source says" comes from a question of August 2016 about this
# network, from its answer, and from the chapter that the question works through:
# [Goodfellow, Bengio and Courville, *Deep Learning* (2016), chapter
# 10](https://www.deeplearningbook.org/contents/rnn.html), whose equation numbers stand in
# parentheses with a dot, as in (10.8).
#
# ## The loss
#
# At each step one class is right. The target $\mathbf y_t$ is the column with a 1 in its place and
# zeros elsewhere. The loss of a step, $E_t$, is minus the logarithm of the probability that the
# network gave to that class; the losses of all steps are added up, so each counts once. With the
# softmax put in, that logarithm, $\ell_i = \ln \hat y_i$, is a score less the logarithm of a sum
# (10.12 to 10.14).

# %% tags=["hide-input"]
step("rnn.total-loss", "rnn.loss-seed", "softmax-nll.log-softmax", "softmax-nll.loss-expansion")
source("vector.loss-seed", "vector.loss-expansion")

# %% [markdown]
# ## One rule for columns
#
# $\partial L / \partial \mathbf u$ is a column with as many entries as $\mathbf u$: how fast the
# loss changes with each of them. All that follows uses one rule.
#
# > **If $\mathbf z = A \mathbf u$ and the loss depends on $\mathbf u$ only through $\mathbf z$,
# > then $\partial L/\partial \mathbf u = A^{\top}\, \partial L/\partial \mathbf z$.**
#
# *Because* $u_j$ enters every $z_i$, with the factor $A_{ij}$. Add up what it does through each:
# $\sum_i A_{ij}\, \partial L/\partial z_i$ is entry $j$ of
# $A^{\top}\, \partial L/\partial \mathbf z$. If there are several such ways from $\mathbf u$ to the
# loss, their columns are added.
#
# ## Seven steps back {#on-the-outputs}
#
# ### 1. To the scores
#
# *Because* the loss of a step is the logarithm of the sum of all $e^{o_k}$ less the score of the
# right class: the derivative of the first by $o_i$ is $e^{o_i}$ over that sum, which is $\hat y_i$;
# that of the second is 1 for the right class and 0 for the others (10.18).

# %% tags=["hide-input"]
step("rnn.output-gradient")

# %% [markdown]
# Prediction minus target. The entries add up to zero: what the right class asks for, the others
# pay, in proportion to their probabilities. Move the score of the right class; as the prediction
# comes right, all of them vanish.

# %% tags=["fold-input"] title="The code that draws the figure"
import numpy as np

import bpttcheck
from bpttcheck.figures import ACCENT, INK, Axis, Line, bars, play

moved = np.arange(-4, 6.5, 0.5)
others = np.array([1.0, 0.0, -0.5])  # the score of the second class is put in


def step_of(score):
    """Return the probabilities of a step, and the gradient of its loss by the scores."""
    scores = np.array([others[0], score, others[2]])
    return bpttcheck.softmax(scores), bpttcheck.nll_gradient(scores, 1)


def draw(score):
    """Return the bars of three classes."""
    probabilities, gradient = step_of(score)
    said = [
        f"class {k}: {q:.2f} and {g:.2f}"
        for k, q, g in zip((1, 2, 3), probabilities, gradient, strict=True)
    ]
    groups = [
        Line("probability", (1, 2, 3), probabilities, INK, "3 3"),
        Line("gradient", (1, 2, 3), gradient, ACCENT),
    ]
    return bars(
        "classes",
        f"Probability and gradient by the score of three classes, the second being right, with its "
        f"score at {score:g}. {'; '.join(said)}.",
        ["class 1", "2, the right one", "class 3"],
        groups,
        Axis(-1, 1, 0.5),
    )


play(
    "score of the right class",
    [f"{score:g}" for score in moved],
    [draw(score) for score in moved],
    [
        f"Score {score:g}: the right class has probability {step_of(score)[0][1]:.3f}, and its "
        f"gradient is that minus one, {step_of(score)[1][1]:.3f}.".replace("-", "−")
        for score in moved
    ],
    start=8,
)

# %% [markdown]
# The source writes the same as a matrix $M$ times the targets: row $i$ of $M \mathbf y$ is
# $\hat y_i \sum_j y_j - y_i$. Where the targets sum to one, that is prediction minus target; where
# they do not, only $M \mathbf y$ is right. A network with a single class shows it: its probability
# is 1 whatever the score, so the gradient is 0, and $1 - y$ is not.

# %% tags=["hide-input"]
step("softmax-nll.gradient-matrix", "softmax-nll.gradient-class")
source(
    "vector.output-gradient-first",
    "vector.output-gradient-matrix",
    "vector.softmax-nll",
)

# %% [markdown]
# ### 2. To the last state
#
# *Because* the last state is read by its own scores and by nothing else, and
# $\mathbf o_T = \mathbf c + V \mathbf h_T$: the rule with $A = V$ (10.19).

# %% tags=["hide-input"]
step("rnn.terminal-gradient")

# %% [markdown]
# ### 3. Through the activation
#
# *Because* each entry of $\mathbf h_t$ is made from the same entry of $\mathbf a_t$ alone, so each
# is multiplied by the slope $\phi'$ there; a diagonal matrix does just that. For tanh the slope is
# $1 - h^2$, which the forward pass has already.

# %% tags=["hide-input"]
step("rnn.preactivation-gradient")

# %% [markdown]
# ### 4. To the state before
#
# *Because* two ways lead from $\mathbf h_t$ to the loss: through its own scores, with $V$, and
# through $\mathbf a_{t+1} = \mathbf b + W \mathbf h_t + U \mathbf x_{t+1}$, with $W$. The rule
# takes each back, and the two columns are added (10.20, 10.21). This is where the gradient goes
# back through time: the term with $W^\top$ is the message from the step after, and the last step
# gets none. How messages fade from step to step is another page: [Vanishing gradients](notes.py).

# %% tags=["hide-input"]
step("rnn.hidden-gradient", "rnn.hidden-gradient-tanh")
source("vector.hidden-gradient")

# %% [markdown]
# ### 5. To the initial state
#
# *Because* only the first step reads it, and it has no scores of its own.

# %% tags=["hide-input"]
step("rnn.initial-gradient")

# %% [markdown]
# ### 6. To the weights of the state
#
# *Because* $w_{ij}$ multiplies entry $j$ of the state *before* in entry $i$ of $\mathbf a_t$. So at
# step $t$ its derivative is entry $i$ of $\partial L/\partial \mathbf a_t$ times that entry of the
# state: all of them together are a column times a row. The same weight acts at every step, and what
# it does there is added up; the first step reads $\mathbf h_0$, and adds nothing where that is
# zero. $U$ multiplies the input in the place of the state, and $\mathbf b$
# multiplies 1 (10.23, 10.25 to 10.28).

# %% tags=["hide-input"]
step("rnn.W-gradient", "rnn.U-gradient", "rnn.b-gradient")
source("vector.W-gradient", "vector.U-gradient", "vector.b-gradient")

# %% [markdown]
# ### 7. To the weights of the scores
#
# *Because* $V$ multiplies the state of the *same* step, and $\mathbf c$ multiplies 1 (10.22,
# 10.24).

# %% tags=["hide-input"]
step("rnn.V-gradient", "rnn.c-gradient")
source("vector.V-gradient", "vector.c-gradient")

# %% [markdown]
# ## The algorithm
#
# Go from the last step to the first and carry one column along, `message`: what the next step sends
# back. At the end it is the gradient of the initial state.


# %%
def forward(x, h0, U, W, V, b, c):
    """Return all states, h[0] being the given one, and the probabilities of every step."""
    h, y_hat = [h0], []
    for x_t in x:
        h.append(np.tanh(b + W @ h[-1] + U @ x_t))
        o = c + V @ h[-1]
        y_hat.append(np.exp(o) / np.exp(o).sum())
    return h, y_hat


def backward(x, y, h, y_hat, U, W, V, b, c):
    """Return the gradient of every weight and of the initial state."""
    dU, dW, dV, db, dc = (np.zeros_like(weight) for weight in (U, W, V, b, c))
    message = np.zeros_like(b)  # after the last step comes nothing
    for t in reversed(range(len(x))):  # h[t] is the state before step t, h[t + 1] the one it made
        do = y_hat[t] - y[t]  # step 1
        dh = V.T @ do + message  # steps 2 and 4
        da = (1 - h[t + 1] ** 2) * dh  # step 3
        dW, dU, db = dW + np.outer(da, h[t]), dU + np.outer(da, x[t]), db + da  # step 6
        dV, dc = dV + np.outer(do, h[t + 1]), dc + do  # step 7
        message = W.T @ da  # for step 4, in the end for step 5
    return {"U": dU, "W": dW, "V": dV, "b": db, "c": dc, "h0": message}


# %% [markdown]
# A small one, to change and run on this page, is [at the end](#change-it). Here are the numbers of
# the page. The sizes are the question's: 4 inputs, 5 states, 3 classes; the numbers
# are ours, since the question has none.

# %% tags=["fold-input"] title="The numbers"
from bpttcheck.runs import rnn

case = rnn.Case(
    U=[
        [0.5, -0.25, 0, 0.25],
        [0, 0.75, -0.5, 0],
        [-0.5, 0, 0.25, 0.5],
        [0.25, 0.5, 0, -0.75],
        [0, -0.5, 0.75, 0.25],
    ],
    W=[
        [0.5, -0.25, 0, 0.25, 0],
        [0, 0.25, -0.5, 0, 0.75],
        [-0.25, 0, 0.5, -0.5, 0.25],
        [0.75, 0, 0.25, 0.25, 0],
        [0, 0.5, 0, -0.25, -0.5],
    ],
    V=[
        [1, -0.5, 0, 0.25, 0.5],
        [-0.5, 0.75, 0.5, 0, -1],
        [0, 0.25, -0.75, 1, 0.5],
    ],
    b=[0.1, -0.2, 0, 0.3, -0.1],
    c=[0.2, 0, -0.3],
    x=[[[1, 0, -1, 2]], [[0.5, -1, 0, 1]], [[-1, 2, 0.5, 0]], [[0, 1, 1, -1]]],
    h0=[[0.25, -0.5, 0, 0.5, 0.125]],
    y=[[[0, 1, 0]], [[1, 0, 0]], [[0, 0, 1]]],  # a class for each of T = 3 steps
    phi="tanh",
)

# %%
T = case.sizes["T"]
x, y, h0 = case.x[:T, 0], case.y[:, 0], case.h0[0]
weights = {name: getattr(case, name) for name in "UWVbc"}
h, y_hat = forward(x, h0, **weights)
gradients = backward(x, y, h, y_hat, **weights)
print(gradients["W"].round(3))

# %% [markdown]
# Does the loss agree? Move one weight a little, up and down, and see what the loss does:


# %%
def loss(**changed):
    """Return the loss of the sequence with some of the weights changed."""
    _, y_hat = forward(x, h0, **weights | changed)
    return -sum(np.log(y_hat[t] @ y[t]) for t in range(T))


small = np.zeros_like(weights["W"])
small[0, 2] = 1e-5
slope = (loss(W=weights["W"] + small) - loss(W=weights["W"] - small)) / 2e-5
print("moved  ", slope)
print("derived", gradients["W"][0, 2])
assert abs(slope - gradients["W"][0, 2]) < 1e-8

# %% [markdown]
# The package has the same loop as a function, for batches and other activations. It names the
# scores `s` and their bias `b_s`, because [in an LSTM](lstm.py) $\mathbf o_t$ is a gate and
# $\mathbf c_t$ the cell.

# %%
params = {name: weights[name] for name in "UWVb"} | {"b_s": weights["c"]}
_, reference = bpttcheck.rnn.value_and_grad(params, x, y.argmax(axis=-1), h0=h0)
for name, mine in gradients.items():
    theirs = reference["b_s" if name == "c" else name]
    assert np.allclose(mine, theirs, rtol=1e-12, atol=1e-14), name
print("the same to the last digits:", ", ".join(gradients))

# %% [markdown]
# With a mask, steps that a shorter sequence of a batch does not have are left out: see
# [Import a reference function](../how-to/import-a-reference.md#sequences-of-unequal-length).
#
# ## The long way, and where the factor goes
#
# The question goes another way to the last state: through the probabilities. It differentiates
# $\hat y_1$ by $h_1$ with the quotient rule, and finds a factor $-\hat y_1$ in front. In step 2
# there is none. Where does it go?
#
# First the quotient rule, with every score written out:

# %% tags=["hide-input"]
step("rnn.prediction-quotient")
source("vector.quotient-expansion")

# %% [markdown]
# The slip is in an index: under a sum over $k$, the exponentials keep the *first* row of $V$. The
# lines after it name the scores and are right. Sorted, and for any class $i$:

# %% tags=["hide-input"]
step("rnn.prediction-compact", "rnn.prediction-component", "rnn.prediction-row")
source("vector.prediction-jacobian-first", "vector.prediction-jacobian-row")

# %% [markdown]
# $\mathrm e(i)$ is the column with a 1 in place $i$. So the factor $-\hat y_i$ does stand in the
# derivative of a probability. Stacked, the rows for $i = 1, \ldots, p$ are a matrix with $V$ on the
# right:

# %% tags=["hide-input"]
step("rnn.prediction-jacobian")
source("vector.prediction-jacobian-stacked")

# %% [markdown]
# Now the loss. It reaches the state through all probabilities, so the chain rule is a sum over
# them; and its own derivative by $\hat y_i$ is $-y_i/\hat y_i$, with the probability *below* the
# line. The two meet, and **the factor cancels**:
#
# $$
# -\frac{y_i}{\hat y_i} \cdot \bigl(-\hat y_i\, V^{\top} (\hat{\mathbf y} - \mathbf e_i)\bigr)
# = y_i\, V^{\top} (\hat{\mathbf y} - \mathbf e_i)
# $$
#
# Add this up over $i$. Since the targets sum to one, $V^{\top} (\hat{\mathbf y} - \mathbf y)$ is
# left: steps 1 and 2.

# %% tags=["hide-input"]
step("rnn.prediction-chain", "rnn.prediction-weighted", "rnn.prediction-cancelled")
source("vector.answer-chain", "vector.answer-cancellation", "vector.stray-factor")

# %% [markdown]
# In the numbers of this page, class by class: what the loss says to a probability, what the
# probability says to $h_1$, and their product. The right class has it all.

# %%
V, last, right = weights["V"], y_hat[-1], y[-1]
print("class   −y/ŷ      ∂ŷ/∂h_1     product")
products = []
for i in range(3):
    said, heard = 0 - right[i] / last[i], -last[i] * (V[:, 0] @ last - V[i, 0])
    products.append(said * heard + 0.0)
    print(f"{i + 1:3}   {said:9.5f}  {heard:9.5f}   {products[-1]:9.5f}")
print("sum", sum(products), " step 2", (V.T @ (last - right))[0])
assert np.isclose(sum(products), (V.T @ (last - right))[0], rtol=1e-12)

# %% [markdown]
# ### Entry by entry
#
# The question also writes the forward equations out. There the biases carry the step as an index,
# $b_i^{(t)}$, although the network has one $\mathbf b$ for all steps; and the $3 \times 5$ matrix
# $V$ stands before a column of four.

# %% tags=["hide-input"]
step("rnn.preactivation-components", "rnn.output-components")
source("vector.preactivation-components", "vector.output-components")

# %% [markdown]
# ## Exercises
#
# **1. With a pencil.** One step, one state, one input, two classes: $T = n = m = 1$, $p = 2$. The
# weights are 1 but for $V = (1, 0)^{\top}$, there are no biases, $h_0 = x_1 = 0$, and class 2 is
# right. What is $\partial L/\partial h_1$?
#
# ??? more "Hint"
#
#     The state is $\tanh 0 = 0$, so both scores are 0. Steps 1 and 2 are all you need.

# %% tags=["fold"] title="Solution"
V_1 = np.array([[1.0], [0.0]])
scores = V_1 @ np.zeros(1)
do = np.exp(scores) / np.exp(scores).sum() - [0, 1]
print("∂L/∂o =", do, " ∂L/∂h =", V_1.T @ do)
assert (V_1.T @ do).item() == 0.5

# %% [markdown]
# ??? more "If you have −¼, ¼ or −½"
#
#     A quarter has the factor $\hat y = \tfrac12$ that
#     [cancels](#the-long-way-and-where-the-factor-goes). Minus one half is target minus prediction:
#     the loss falls when the state falls, so the derivative is positive.
#
# **2. In which order?** Somebody writes step 4 with $D\, W^{\top}$ in the place of $W^{\top} D$,
# where $D = \operatorname{diag}(\phi'(\mathbf a_{t+1}))$. The shapes fit. For which networks does
# nobody notice?
#
# ??? more "Hint"
#
#     When do two square matrices commute if one of them is diagonal? Entry $(i, j)$ of one product
#     is $d_i w_{ji}$, of the other $w_{ji} d_j$.

# %% tags=["fold"] title="Solution"
D = np.diag(1 - h[2] ** 2)
for name, W_ in (("W", weights["W"]), ("diagonal", np.diag([1.0, 2, 3, 4, 5]))):
    print(f"{name:9}", np.abs(W_.T @ D - D @ W_.T).max())
print("linear   ", np.abs(weights["W"].T @ np.eye(5) - np.eye(5) @ weights["W"].T).max())
assert np.abs(weights["W"].T @ D - D @ weights["W"].T).max() > 0.1
# Equal where w_ji (d_i − d_j) = 0 for all i, j: one state, diagonal W, or equal slopes, as of
# linear states. With zero biases and tiny inputs all slopes of tanh are nearly 1, too.

# %% [markdown]
# ??? more "If you said: for symmetric W"
#
#     $W = W^{\top}$ hides a *missing* transpose, which is another slip. Here the order is wrong:
#     $W D$ and $D W$ differ for symmetric $W$ as well.
#
# **3. A program.** Let the loss be that of the last step alone. Change `backward` in one place, and
# check it against the differences of that loss.
#
# ??? more "Hint"
#
#     The other steps have scores, but no loss reads them. What is $\partial L/\partial \mathbf o_t$
#     there?


# %% tags=["fold"] title="Solution"
def backward_of_last(x, y, h, y_hat, **weights):
    """Return the gradients of the loss of the last step: the others send nothing back."""
    told = [guess if t == len(x) - 1 else y[t] for t, guess in enumerate(y_hat)]
    return backward(x, y, h, told, **weights)  # ŷ − y is zero where ŷ is y


last_only = backward_of_last(x, y, h, y_hat, **weights)


def last_loss(W):
    """Return the loss of the last step."""
    return -np.log(forward(x, h0, **weights | {"W": W})[1][-1] @ y[-1])


slope = (last_loss(weights["W"] + small) - last_loss(weights["W"] - small)) / 2e-5
print(slope, last_only["W"][0, 2])
assert abs(slope - last_only["W"][0, 2]) < 1e-8

# %% [markdown]
# ??? more "If your differences disagree for V alone"
#
#     You have cut the message and left $\partial L/\partial \mathbf o_t$ of the earlier steps in
#     $V$'s sum. Both have to go.
#
# ## The evidence
#
# Every derivative in the equations above, checked on the numbers of this page without rounding
# away: the forward pass runs in [ball arithmetic](../explanation/evidence.md), where each result is
# a midpoint with a radius that certainly holds the exact value, and `d(L, W)` comes from dual
# numbers on that forward pass alone. The loop above, in the same arithmetic, has to meet it.

# %% tags=["fold"] title="All gradients, in balls"
from flint import ctx

from bpttcheck.runs.systems import Balls

ctx.prec = 160  # bits
run = rnn.evaluate(case, Balls(ctx.prec))
d, L, ball = run["d"], run["L"], {name: run[name] for name in "UWVbc"}


def in_balls():
    """Return the gradients that the seven steps give, in balls."""
    a, h, x, V, W = (run[name] for name in "ahxVW")
    message, sums = 0 * h[T], {name: 0 * weight for name, weight in ball.items()}
    for t in range(T, 0, -1):
        do = run["y_hat"][t] - run["y"][t]
        da = run["diag"](run["phi"].prime(a[t])) @ (V.T @ do + message)
        parts = {"U": da @ x[t].T, "W": da @ h[t - 1].T, "V": do @ h[t].T, "b": da, "c": do}
        sums = {name: sums[name] + part for name, part in parts.items()}
        message = W.T @ da
    return sums | {"h0": message}


found = in_balls()
for name, gradient in found.items():
    agree(d(L, ball.get(name, run["h"][0])), gradient, f"∂L/∂{name}")

# %% [markdown]
# The package's own loop is held against the same derivatives, for every weight and every step:

# %% tags=["hide-input"]
step("rnn.bptt-states", "rnn.bptt-hidden", "rnn.bptt-W", "rnn.bptt-U", "rnn.bptt-V")

# %% [markdown]
# Now every equation of this page, as it is registered, at every step and entry of the case above:

# %%
from bpttcheck.runs import softmax_nll

scores = [weights["c"] + weights["V"] @ h[T]]
print(walk.judge(case, softmax_nll.Case(o=scores, y=case.y[T - 1])), "equations agree")

# %% [markdown]
# "Your derivation is indeed correct", says the answer. Line by line, from the question, the answer
# and the book ([the ledger](../reference/claims.md#vector) has each):

# %% tags=["hide-input"]
walk.summary()

# %% [markdown]
# ## Change it
#
# Two states, one input and two classes, in plain Python and a box to write in; your browser runs
# it. The figure shows both entries of each state and of each message, the second one paler, and
# dashed those of the run before. $W$ is 0.9 times a rotation: messages turn on their way back.
# Guess first:
#
# - Leave out the transpose in `times(transposed(W), da)`. Which gradients are wrong, and which one
#   does not notice? Then make $W$ symmetric.
# - Put `h[t + 1]` in the place of `h[t]` in the line of `dW`.
# - Multiply $W$ by 2. The messages grow, until tanh has its say.
# - Leave out the message, `+ message[i]`. Which gradient is still right, and why?

# %% tags=["run"] title="A vector RNN with two states"
from math import exp, log, tanh

from bpttcheck.plain import report

U = [1.0, -0.5]
W = [[0.54, -0.72], [0.72, 0.54]]
V = [[1.0, 0.5], [-1.0, 0.5]]
x = [1.0, 0.0, -0.5, 0.0, 0.25, 0.0]
right = [0, 0, 1, 1, 0, 1]  # the class of each step
T, n, p = len(x), 2, 2


def times(A, u):
    """Return A u."""
    return [sum(row[j] * u[j] for j in range(len(u))) for row in A]


def transposed(A):
    """Return A with rows and columns exchanged."""
    return [[row[j] for row in A] for j in range(len(A[0]))]


def forward(U, W, V):
    """Return all states, h_0 first, and the probabilities of every step."""
    h, y_hat = [[0.0] * n], []
    for t in range(T):
        a = times(W, h[t])
        h.append([tanh(a[i] + U[i] * x[t]) for i in range(n)])
        e = [exp(score) for score in times(V, h[t + 1])]
        y_hat.append([part / sum(e) for part in e])
    return h, y_hat


def loss(U, W, V):
    """Return minus the logarithms of what the right classes were given."""
    _, y_hat = forward(U, W, V)
    return -sum(log(y_hat[t][right[t]]) for t in range(T))


h, y_hat = forward(U, W, V)
dh = [[0.0] * n for _ in range(T + 1)]
dU, dW, dV = [0.0] * n, [[0.0] * n for _ in range(n)], [[0.0] * n for _ in range(p)]
message = [0.0] * n
for t in range(T - 1, -1, -1):  # h[t + 1] is the state that x[t] made
    do = [y_hat[t][k] - (k == right[t]) for k in range(p)]  # step 1
    back = times(transposed(V), do)  # step 2
    dh[t + 1] = [back[i] + message[i] for i in range(n)]  # step 4
    da = [dh[t + 1][i] * (1 - h[t + 1][i] ** 2) for i in range(n)]  # step 3
    for i in range(n):
        dU[i] += da[i] * x[t]  # step 6
        for j in range(n):
            dW[i][j] += da[i] * h[t][j]
    for k in range(p):
        for j in range(n):
            dV[k][j] += do[k] * h[t + 1][j]  # step 7
    message = times(transposed(W), da)
dh[0] = message  # step 5

report(loss, {"U": U, "W": W, "V": V}, {"U": dU, "W": dW, "V": dV}, h, dh)
