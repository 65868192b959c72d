# %% [markdown]
# # The Jacobian between states
#
# How much does each entry of a state change when an entry of an earlier state does? The answer is a
# matrix, the Jacobian. Derive it for one step and for many, see why papers print it with a
# transpose that does not belong, and what its size says about vanishing gradients. You need matrix
# products and the chain rule.
#
# ## One network, two states
#
# At each step a recurrent network multiplies by weights $W$ and then squashes each entry with an
# activation $\phi$, over and over. So there are two places to stop and call what one finds "the
# state": after the activation, which is usual, or before it.

# %% tags=["fold-input"] title="The code that draws the figure"
from IPython.display import display

from bpttcheck.figures import ACCENT, Figure
from bpttcheck.figures.svg import low, path, words
from bpttcheck.figures.unrolled_network import arrow, box

places = {"a1": 36, "h1": 132, "a2": 228, "h2": 324}
parts = [box(x, 80, low(name[0], name[1])) for name, x in places.items()]
for start, factor in (("a1", "φ"), ("h1", "W"), ("a2", "φ")):
    left = places[start]
    parts += [arrow(left + 20, 80, left + 76, 80), words(left + 48, 72, factor)]
for start, y, says in (("a1", 38, "φ, then W"), ("h1", 122, "W, then φ")):
    left, right, tip = places[start], places[start] + 192, 20 if y < 80 else -20
    parts.append(path(f"M{left} {y + tip}V{y}H{right}V{y + tip}", ACCENT, "5 4", 1.4))
    parts.append(words((left + right) / 2, y - 8 if y < 80 else y + 20, says, colour=ACCENT))
Figure(
    "states",
    "The chain a 1, h 1, a 2, h 2. An activation phi leads from each a to its h, weights W from "
    "each h to the next a. One step from a to a goes through phi and then W, one step from h to h "
    "through W and then phi.",
    tuple(parts),
    360,
    156,
)

# %% [markdown]
# $\mathbf h_t$ is the state after the activation, $\mathbf a_t$ the one before it. $U \mathbf x_t$
# is what the input of the step adds, $\mathbf b$ a bias; neither depends on an earlier state. Put
# the second equation into the first, one step earlier, and the network is written in $\mathbf a_t$
# alone, as in the third:

# %% tags=["fold-input"] title="The code that decides and prints the equations of this page"
from bpttcheck.notebook import Walk, agree

walk = Walk(
    "jacobian",
    also=[
        "rnn.preactivation",
        "rnn.hidden-gradient",
        "rnn.hidden-step",
        "rnn.state-jacobian",
        "rnn.preactivation-jacobian",
        "rnn.total-step",
    ],
)


def step(*names):
    """Show identities of the registry, printed from the Python that runs, with their evidence."""
    for name in names:
        display(walk.step(name))


def source(*names):
    """Show what the source says, and the verdicts on it."""
    display(walk.source(*names))


step("rnn.preactivation", "rnn.state", "rnn.preactivation-forward")
source("jacobian.forward")

# %% [markdown]
# "What the source says" opens on a question about [Pascanu, Mikolov and Bengio,
# arXiv:1211.5063](https://arxiv.org/abs/1211.5063), section 1.1, and its answer. The paper writes
# $\mathbf x_t$ for $\mathbf a_t$, $\mathbf u_t$ for the input and $\sigma$ for $\phi$.
#
# ## What stands in a Jacobian
#
# $\partial \mathbf u/\partial \mathbf v$ is a matrix with a row for each entry of $\mathbf u$ and a
# column for each entry of $\mathbf v$: in row $i$ and column $j$ stands
# $\partial u_i/\partial v_j$. That is *numerator layout*: the rows belong to what stands above the
# fraction. Its transpose is *denominator layout*.
#
# ## One step, in four lines
#
# ### 1. Through the weights
#
# *Because* entry $i$ of $W \mathbf z$ is the sum $\sum_j w_{ij} z_j$, and its derivative by $z_j$
# is $w_{ij}$: the Jacobian of multiplying by $W$ is $W$ itself. No transpose.

# %% tags=["hide-input"]
step("rnn.linear-jacobian")
source("jacobian.linear")

# %% [markdown]
# ### 2. Through the activation
#
# *Because* each entry is squashed by itself, entry $i$ of $\phi(\mathbf a)$ does not depend on
# $a_j$ for $j \ne i$. What is left is a diagonal with the slopes,
# $\operatorname{diag}(\phi'(\mathbf a))$.
#
# ### 3. From one $\mathbf a$ to the next
#
# *Because* of the chain rule: through the activation first, then through the weights. In numerator
# layout what comes first stands on the *right*, next to what it acts on.

# %% tags=["hide-input"]
step("rnn.jacobian-chain", "rnn.preactivation-step")
source("jacobian.two-by-two", "jacobian.chain-rule")

# %% [markdown]
# ### 4. From one $\mathbf h$ to the next
#
# *Because* here the weights come first, then the activation, with the slopes of the *later* step.

# %% tags=["hide-input"]
step("rnn.hidden-step")

# %% [markdown]
# ## Where a transpose belongs
#
# The paper prints $W^{\top} \operatorname{diag}(\sigma'(\mathbf x_{t-1}))$ for step 3, and the
# question asks why. **There should be no transpose.** In denominator layout the *whole* product is
# transposed, and then its factors change places, since $(A B)^{\top} = B^{\top} A^{\top}$:

# %% tags=["hide-input"]
step("rnn.preactivation-step-denominator")

# %% [markdown]
# The printed form transposes one factor and leaves the order: it is the Jacobian in neither layout.
# With a single weight that is not zero, from entry 2 to entry 1, one sees what it says instead:

# %%
import numpy as np

import bpttcheck

W = np.array([[0.0, 1.0], [0.0, 0.0]])  # entry 2 acts on entry 1
slopes = np.diag([0.25, 0.75])  # φ′ at entry 1, and at entry 2
for name, found in (
    ("numerator    W D", W @ slopes),
    ("denominator  D Wᵀ", slopes @ W.T),
    ("as printed   Wᵀ D", W.T @ slopes),
):
    print(f"{name:20}", found.tolist())
assert (W @ slopes)[0, 1] == 0.75
assert (W.T @ slopes)[1, 0] == 0.25

# %% [markdown]
# Read in numerator layout, the printed form has entry 1 act on entry 2. Read in denominator layout
# it names the right pair and gives it the slope of the wrong entry; with equal slopes, as in a
# linear network, that cannot be seen.

# %% tags=["hide-input"]
source("jacobian.transposed-numerator", "jacobian.transposed-denominator")

# %% [markdown]
# Where does the transpose come from? A gradient is a column, and going *back* it is multiplied by
# the transpose of the Jacobian. For the usual state that is
# $W^{\top} \operatorname{diag}(\phi'(\mathbf a_{t+1}))$, which looks like the printed form: the
# other state, the other direction, and the slopes of the later step. (The second term is the
# state's own output, through $V$: see [the vector RNN](vector.py#4-to-the-state-before).)

# %% tags=["hide-input"]
step("rnn.hidden-gradient")

# %% [markdown]
# ## Many steps
#
# *Because* the chain rule goes on: one factor for each step between, the latest on the left.
# Matrices do not commute, so the order is part of the statement, and a product sign alone does not
# say it.

# %% tags=["hide-input"]
step("rnn.preactivation-jacobian", "rnn.state-jacobian")

# %% [markdown]
# ## The algorithm
#
# Run forward, keep the pre-activations, and multiply from the left. Here for two states and weights
# that are not symmetric, or a transpose would not show:


# %%
def forward(W, drive, a_1):
    """Return a_1, a_2, … of a tanh network; drive is what inputs and biases add at each step."""
    a = [a_1]
    for added in drive:
        a.append(W @ np.tanh(a[-1]) + added)
    return a


def jacobian(W, a):
    """Return ∂a_T/∂a_1."""
    product = np.eye(len(W))
    for pre in a[:-1]:
        product = W @ np.diag(1 - np.tanh(pre) ** 2) @ product
    return product


weights = np.array([[0.5, -1.0], [0.75, 0.25]])
drive, start = np.array([[-0.4, 0.0], [2.1, -1.25], [0.4, -0.4]]), np.array([0.6, 0.2])
exact = jacobian(weights, forward(weights, drive, start))
print(exact.round(6))

# %% [markdown]
# Does the forward pass agree? Move each entry of $\mathbf a_1$ a little and see what becomes of
# $\mathbf a_4$:

# %%
moved = np.column_stack(
    [
        (forward(weights, drive, start + nudge)[-1] - forward(weights, drive, start - nudge)[-1])
        / 2e-5
        for nudge in 1e-5 * np.eye(2)
    ]
)
print(moved.round(6))
assert np.abs(moved - exact).max() < 1e-9

# %% [markdown]
# ## A bound, which survives the wrong transpose
#
# Most readers want one thing of these products: how large they can be. The spectral norm
# $\lVert A \rVert$ is the largest factor by which $A$ makes a column longer, its largest singular
# value. The norm of a product is at most the product of the norms; that of the diagonal is its
# steepest slope, at most $\gamma$, which is 1 for tanh and ¼ for the sigmoid. A matrix and its
# transpose have the same norm, and a norm does not ask in which order the factors stand. So the
# wrong product obeys the bound of the right one, and "would still show a lot", as the answer has
# it: a lot, but not the Jacobian.

# %% tags=["hide-input"]
step("rnn.preactivation-bound", "rnn.transposed-bound")
source("jacobian.bound-survives")

# %%
a = forward(weights, drive, start)
printed = np.eye(2)
for pre in a[:-1]:
    printed = weights.T @ np.diag(1 - np.tanh(pre) ** 2) @ printed
norm = np.linalg.norm
print(f"∂a_4/∂a_1  {norm(exact, 2):.4f}")
print(f"as printed {norm(printed, 2):.4f}")
print(f"the bound  {norm(weights, 2) ** 3:.4f}")
assert norm(exact, 2) <= norm(weights, 2) ** 3 >= norm(printed, 2)

# %% [markdown]
# ## What vanishes, and when
#
# What a loss says to a state $t - k$ steps earlier is therefore at most $(\lVert W \rVert
# \gamma)^{t-k}$ times as large: it vanishes if $\lVert W \rVert \gamma < 1$. Versions of the paper
# differ here. One has the largest *eigenvalue* in the place of the largest singular value.

# %% tags=["hide-input"]
step("rnn.gradient-bound")
source("jacobian.vanishing-condition")

# %% [markdown]
# The eigenvalue reading is false, and not only by a constant: the eigenvalues of
# $W \operatorname{diag}(\phi')$ are not those of $W$. The weights below have no eigenvalue but
# zero, $W^2 = 0$; without an activation, every message would be gone after two steps. Now let ReLU
# switch the second state off at every step. $W \operatorname{diag}(1, 0)$ has the eigenvalue 2, and
# the Jacobian doubles with every step:

# %%
nilpotent = np.array([[2.0, -2.0], [2.0, -2.0]])
print("W²", (nilpotent @ nilpotent).tolist())
state, product = np.array([1.0, 0.0]), np.eye(2)
for lag in range(1, 12):
    pre = nilpotent @ state + [-1.0, -3.0]
    slopes = np.diag((pre > 0).astype(float))
    state, product = np.maximum(pre, 0), nilpotent @ slopes @ product
    if lag in (1, 2, 11):
        print(f"lag {lag:2}: state {state.tolist()}, Jacobian {product.tolist()}")
assert product[0, 0] == 2**11

# %% [markdown]
# Tanh does nearly the same, held at zero, where its slope is 1, in the first state, and saturated
# in the second: in the picture that is the line that rises. The other solid line is a network
# without input and with smaller weights, $\lVert W \rVert = 0.9$. It stays below its bound.

# %% tags=["fold-input"] title="The code that measures, and draws the figure"
from bpttcheck.figures import INK, Axis, Line, chart, play, points, scientific


def jacobians(W, b, h0, x=None, U=None, lags=24):
    """Return ∂a_{1+lag}/∂a_1 of a tanh network for lag = 0, 1, …, lags."""
    n = len(W)
    params = {"U": np.zeros((n, 1)) if U is None else U, "W": W, "V": np.ones((1, n)), "b": b}
    run = bpttcheck.rnn.forward(params, np.zeros((lags + 1, 1)) if x is None else x, h0=h0)
    found = [np.eye(n)]
    for j in range(lags):
        found.append(W @ np.diag(bpttcheck.tanh.derivative(run.a[j])) @ found[-1])
    return found


def norms(*network):
    """Return their spectral norms."""
    return [np.linalg.norm(product, 2) for product in jacobians(*network)]


saturated = np.tanh(3.0)
rising = norms(nilpotent, [2 * saturated, 3 + 2 * saturated], [0, saturated])
small = 0.9 * weights / np.linalg.norm(weights, 2)
falling = norms(small, [0.0, 0.0], [0.5, -0.25])
bound = [0.9**lag for lag in range(25)]
assert all(norm <= limit for norm, limit in zip(falling[1:], bound[1:], strict=True))
assert rising[24] > rising[12] > rising[1] > 1

chart(
    "growth",
    "The spectral norm of the Jacobian between two pre-activations of a tanh network against their "
    "lag, 0 to 24, on a logarithmic scale. With weights whose square is zero and one state "
    f"saturated it rises steadily to {rising[24]:.0e}. With weights of spectral norm 0.9 it falls "
    f"to {falling[24]:.0e}, below the bound, which is at {bound[24]:.0e}.",
    [
        Line("W² = 0, saturated", range(25), rising, ACCENT),
        Line("0.9 to the lag", range(25), bound, INK, "5 4"),
        Line("‖W‖ = 0.9", range(25), falling, INK),
    ],
    Axis(0, 24, 6, "lag"),
    Axis(-6, 8, 2, powers=True),
)

# %% [markdown]
# ## The spectrum of the product
#
# Twelve states, random weights scaled to the spectral radius 1.1, and random inputs. Below are the
# eigenvalues of $\partial \mathbf a_{1+\mathrm{lag}} / \partial \mathbf a_1$ in the complex
# plane, open circles, taken to the power of one over the lag, so that they say what happens *in a
# step*; the filled points are the eigenvalues of $W$. Without an activation the two would agree up
# to an angle for every lag. The slopes pull all of them in: most directions are lost after a few
# steps, a few last.

# %% tags=["fold-input"] title="The code that measures, and draws the figure"
rng = np.random.default_rng(1013)
recurrent = rng.normal(size=(12, 12))
recurrent *= 1.1 / np.abs(np.linalg.eigvals(recurrent)).max()
sequence, into = rng.normal(size=(25, 3)), 0.5 * rng.normal(size=(12, 3))
products = jacobians(recurrent, np.zeros(12), np.zeros(12), sequence, into)
own = np.linalg.eigvals(recurrent)


def per_step(lag):
    """Return the eigenvalues of the product, each with its modulus taken to one over the lag."""
    found = np.linalg.eigvals(products[lag]).astype(complex)
    return found / np.abs(found) * np.abs(found) ** (1 / lag)


def draw(lag):
    """Return both spectra."""
    found = per_step(lag)
    moduli = f"from {np.abs(found).min():.2f} to {np.abs(found).max():.2f}"
    return points(
        "spectrum",
        f"Eigenvalues in the complex plane with the circle of radius one. Those of W reach to 1.1. "
        f"Those of the Jacobian over {lag} steps, per step, have moduli {moduli}.",
        [
            Line("W", own.real, own.imag, INK),
            Line("product, a step", found.real, found.imag, ACCENT, "open"),
        ],
        Axis(-2, 2, 1, "real part"),
        Axis(-1.25, 1.25, 1.25, "imaginary part"),
        circle=True,
    )


lags = range(1, 25)
play(
    "lag",
    [f"{lag}" for lag in lags],
    [draw(lag) for lag in lags],
    [
        f"Over {lag} step{'s' * (lag > 1)} the largest singular value of the product is "
        f"{scientific(np.linalg.norm(products[lag], 2))}, the smallest "
        f"{scientific(np.linalg.norm(products[lag], -2))}; the largest eigenvalue has "
        f"{np.abs(per_step(lag)).max():.2f} a step."
        for lag in lags
    ],
    start=3,
)

# %% [markdown]
# ## Temporal components
#
# A weight acts at every step, so its gradient is a sum over the steps $k$: what the loss says to
# step $t$, back to step $k$, and into the weight *there*, with the state before held fixed. This
# immediate derivative is written $\partial^{+}$. The total derivative has all earlier steps in it
# already; in its place they would be counted again and again.

# %% tags=["hide-input"]
step("rnn.temporal-W", "rnn.total-step")
source("jacobian.temporal-components")

# %% [markdown]
# The same holds for [U](../reference/identities/rnn.md#rnn.temporal-U) and
# [b](../reference/identities/rnn.md#rnn.temporal-b).
#
# ## Exercises
#
# **1. With a pencil.** A linear network, $\phi(a) = a$, with $W = \begin{pmatrix} 1 & 2 \\ 0 & 1
# \end{pmatrix}$. What is $\partial \mathbf h_4/\partial \mathbf h_1$?
#
# ??? more "Hint"
#
#     Three steps, three factors $W$. Multiply twice and look at the corner.

# %% tags=["fold"] title="Solution"
corner = np.linalg.matrix_power(np.array([[1, 2], [0, 1]]), 3)
print(corner)
assert corner.tolist() == [[1, 6], [0, 1]]

# %% [markdown]
# ??? more "If you have 8, or a 6 in the other corner"
#
#     $2^3 = 8$ takes the power of each entry; powers of a matrix are products of rows and columns.
#     A 6 below the diagonal is the transpose: denominator layout.
#
# **2. Which one is it?** With $\phi = \tanh$, $W = \begin{pmatrix} 0 & 1 \\ 1 & 0 \end{pmatrix}$ is
# symmetric. Does $W^{\top} \operatorname{diag}(\phi'(\mathbf a_{t-1}))$ happen to be
# $\partial \mathbf a_t/\partial \mathbf a_{t-1}$, in either layout?
#
# ??? more "Hint"
#
#     For symmetric $W$ the transpose alone changes nothing. Which layout is left to be compared?

# %% tags=["fold"] title="Solution"
swap, D = np.array([[0.0, 1.0], [1.0, 0.0]]), np.diag([0.25, 0.75])
print("numerator  ", np.array_equal(swap.T @ D, swap @ D))
print("denominator", np.array_equal(swap.T @ D, D @ swap.T))
assert np.array_equal(swap.T @ D, swap @ D)
assert not np.array_equal(swap.T @ D, D @ swap.T)

# %% [markdown]
# ??? more "If you said: in both"
#
#     A symmetric $W$ makes the printed form right in numerator layout. In the other one the factors
#     have to change places, and $W D \ne D W$ unless the slopes are equal.
#
# **3. A program.** Write the Jacobian between the *usual* states, $\partial \mathbf h_T/\partial
# \mathbf h_1$, for the network above, and check it against `jacobian`: the two are related by the
# slopes at both ends.
#
# ??? more "Hint"
#
#     $\mathbf h_T$ is made from $\mathbf a_T$, and $\mathbf a_2$ from $\mathbf h_1$: one factor
#     $\operatorname{diag}(\phi')$ more on the left, one fewer on the right.


# %% tags=["fold"] title="Solution"
def of_states(W, a):
    """Return ∂h_T/∂h_1: the slopes of each later step, times W."""
    product = np.eye(len(W))
    for pre in a[1:]:
        product = np.diag(1 - np.tanh(pre) ** 2) @ W @ product
    return product


first, last = (np.diag(1 - np.tanh(pre) ** 2) for pre in (a[0], a[-1]))
print(of_states(weights, a))
assert np.allclose(of_states(weights, a) @ first, last @ exact, rtol=1e-12)

# %% [markdown]
# ??? more "If yours has T factors"
#
#     Between step 1 and step $T$ lie $T - 1$ steps. The slopes at $\mathbf a_1$ belong to the state
#     before, not to what happens after it.
#
# ## The evidence
#
# The steps once more, on numbers that are not rounded away:
# [balls](../explanation/evidence.md), each a midpoint with a radius that certainly holds the exact
# value. `d(a[4], a[1])` comes from dual numbers on the forward pass alone.

# %% tags=["fold"] title="The same network, in balls"
from flint import ctx

from bpttcheck.runs import rnn
from bpttcheck.runs.systems import Balls

case = rnn.Case(
    U=[[1], [-0.5]],
    W=[[0.5, -1], [0.75, 0.25]],
    V=[[1, 0.5]],
    b=[0.125, -0.25],
    c=[0],
    x=[[[1]], [[-0.5]], [[2]], [[0.25]], [[0]]],  # x_1, …, x_T, and x_{T+1}
    h0=[[0.5, -0.25]],
    y=[[[0]], [[1]], [[0.5]], [[-1]]],
    phi="tanh",
    loss="squared_error",
    targets="any",
)
T = case.sizes["T"]
ctx.prec = 120  # bits
run = rnn.evaluate(case, Balls(ctx.prec))
W_, a_, h_, E_ = (run[name] for name in "WahE")
d, diag, phi = (run[name] for name in ("d", "diag", "phi"))
agree(d(a_[2], h_[1]), W_, "∂a_2/∂h_1")
agree(d(a_[2], a_[1]), W_ @ diag(phi.prime(a_[1])), "∂a_2/∂a_1")
agree(d(h_[2], h_[1]), diag(phi.prime(a_[2])) @ W_, "∂h_2/∂h_1")
factors = [W_ @ diag(phi.prime(a_[j])) for j in (3, 2, 1)]
agree(d(a_[4], a_[1]), factors[0] @ factors[1] @ factors[2], "∂a_4/∂a_1")

components = [
    run["inner"](d(E_[T], a_[T]), d(a_[T], a_[k]) @ run["immediate"](a_[k], W_[2, 1]))
    for k in range(1, T + 1)
]
agree(d(E_[T], W_[2, 1]), run["sum"](components), f"∂E_{T}/∂w_21")

# %% [markdown]
# Every equation of this page, as it is registered, on these numbers, and what became of the claims
# ([the ledger](../reference/claims.md#jacobian) has them line by line):

# %%
print(walk.judge(case), "equations agree")

# %% tags=["hide-input"]
walk.summary()
