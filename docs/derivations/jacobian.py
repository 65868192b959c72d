# %% [markdown]
# # The Jacobian between states
#
# Work out how one state of a recurrent network answers to an earlier one, on a network of two
# states that you can change: in both layouts, over one step and over many.
#
# ## Why $W^{\top}$?
#
# **It should not be there.** With the network written as
# $\mathbf x_t = W \sigma(\mathbf x_{t-1}) + \ldots$, an earlier entry passes $\sigma$ first, then
# the weights: $W \operatorname{diag}(\sigma')$, with row $i$ for entry $i$ of the later state (1).
# The printed $W^{\top} \operatorname{diag}(\sigma')$ is this in neither layout. The other layout
# transposes the *whole* product, and then the factors change places:
# $\operatorname{diag}(\sigma')\, W^{\top}$ (2).
#
# Where a factor like the printed one does belong is the other convention,
# $\mathbf h_t = \sigma(W \mathbf h_{t-1} + \ldots)$: there it takes a gradient one step back (3),
# with the slopes of the *later* step.

# %% tags=["fold-input"] title="The code that decides and prints the equations of this page"
from IPython.display import display

from bpttcheck.notebook import Walk, agree, show

walk = Walk(
    "jacobian",
    also=["rnn.preactivation", "rnn.hidden-gradient", "rnn.hidden-step", "rnn.state-jacobian",
          "rnn.preactivation-jacobian", "rnn.total-step"],
)  # fmt: skip


def step(name):
    """Show an identity of the registry, printed from the Python that runs, with its evidence."""
    display(walk.step(name))


def claim(name):
    """Show what the source says, and the verdict on it."""
    display(walk.claim(name))


step("rnn.preactivation-step")
step("rnn.preactivation-step-denominator")
step("rnn.hidden-gradient")

# %% [markdown]
# The question is about section 1.1 of Pascanu, Mikolov and Bengio (2013);
# [the ledger](../reference/claims.md#jacobian) has it line by line. On this page the paper's state
# $\mathbf x_t$ is called $\mathbf a_t$, its $\mathbf u_t$ is the input $\mathbf x_t$, and $\sigma$
# is $\phi$, any activation.
#
# ## Two ways to write one network
#
# The usual state is what comes *out* of the activation. The paper's is what goes *in*. They are the
# same network: put (4) into (5), and $\phi$ moves inside, as the paper has it (6).

# %%
step("rnn.state")
step("rnn.preactivation")
step("rnn.preactivation-forward")
claim("jacobian.forward")

# %% [markdown]
# Two states, so that the question's own example is among the numbers; the weights are not
# symmetric, or a transpose would not show. They are evaluated in ball arithmetic: each result is a
# midpoint with a radius, and the exact value lies inside.

# %%
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
    phi="tanh",  # or "sigmoid", "relu", "linear"
    loss="squared_error",
    targets="any",
)

T = case.sizes["T"]
ctx.prec = 120  # bits
run = rnn.evaluate(case, Balls(ctx.prec))
U, W, V, b, x, a, h, o = (run[name] for name in "UWVbxaho")
phi, d, L, diag = (run[name] for name in ("phi", "d", "L", "diag"))

# %% [markdown]
# `d(a[2], a[1])` is $\partial \mathbf a_2/\partial \mathbf a_1$, found by dual numbers on the
# *forward* pass alone: a matrix in numerator layout. Two balls that do not overlap are different
# numbers, and overlapping balls mean something only if they are small: `agree` demands radii below
# $2^{-40}$ of the terms, and prints how small they are.

# %%
for t in range(2, T + 1):
    agree(a[t], W @ phi(a[t - 1]) + U @ x[t] + b, f"a_{t}")

# %% [markdown]
# ## The calculation by hand
#
# Leave the activation out first: every entry of $W \mathbf z$ is a sum, $\sum_j w_{ij} z_j$, whose
# derivative by $z_j$ is $w_{ij}$. In row $i$ and column $j$ stands $w_{ij}$, and that is $W$.

# %%
step("rnn.linear-jacobian")
claim("jacobian.linear")
agree(d(a[2], h[1]), W, "∂a_2/∂h_1")

# %% [markdown]
# The activation acts on each entry by itself, so its Jacobian is diagonal, and the chain rule
# multiplies from left to right, from the later quantity to the earlier. That the derivative of
# $w_{ij}\, \phi(a_j)$ is $w_{ij}\, \phi'(a_j)$, the asker worked out entry by entry, and it is the
# same matrix.

# %%
step("rnn.jacobian-chain")
claim("jacobian.chain-rule")
claim("jacobian.two-by-two")

agree(d(a[2], a[1]), d(a[2], h[1]) @ d(h[1], a[1]), "chain rule")
agree(d(a[2], a[1]), W @ diag(phi.prime(a[1])), "W diag φ′")
for i, j in ((1, 1), (1, 2), (2, 1), (2, 2)):
    agree(d(a[2][i], a[1][j]), W[i, j] * phi.prime(a[1][j]), f"w_{i}{j} φ′(a_{j})")

# %% [markdown]
# ## Two layouts, and neither
#
# A derivative of a column by a column can be written with a row for each entry above the fraction
# (numerator layout), or below it (denominator layout). One is the transpose of the other, and of a
# product the transpose is $(A B)^{\top} = B^{\top} A^{\top}$. The printed form transposes one
# factor and leaves the order.

# %%
slopes = diag(phi.prime(a[1]))
agree(d(a[2], a[1]), W @ slopes, "numerator")
agree(d(a[2], a[1]).T, slopes @ W.T, "denominator")
show(W.T @ slopes, "as printed")
claim("jacobian.transposed-numerator")
claim("jacobian.transposed-denominator")

# %% [markdown]
# In both counterexamples a single weight is not zero, and one entry acts on the other. As read in
# the first, the printed form has it the other way round; as read in the second it names the right
# pair, and gives it the slope of the wrong entry. That shows only where the slopes differ. A linear
# network, as in the answer's example, cannot tell the printed form from the denominator layout:

# %%
from dataclasses import replace

from bpttcheck.verification import replay

for layout in ("numerator", "denominator"):
    found = walk.result.claims[f"jacobian.transposed-{layout}"].counterexample.case
    assert sorted(found.W.flat) == [0, 0, 0, 1], "describe the new counterexample"
    assert found.W.diagonal().tolist() == [0, 0], "describe the new counterexample"

for name in ("tanh", "linear"):
    for claimed in ("jacobian.transposed-numerator", "jacobian.transposed-denominator"):
        (found,) = replay(claimed, replace(case, phi=name)).values()
        print(f"{name:10}{claimed:34}{found.outcome.value}")
        assert (found.outcome.value == "agrees") == (name + claimed[-11:] == "lineardenominator")

# %% [markdown]
# ## One step of the other state
#
# Between the states that come out of the activation, the slopes are those of the later step, and
# stand on the left. Transposed, this is $W^{\top} \operatorname{diag}(\phi'(\mathbf a_t))$: the
# printed form, with another argument. A gradient is a column, so going back it is multiplied by the
# transpose, which is how $W^{\top}$ got into (3).

# %%
step("rnn.hidden-step")

agree(d(h[2], h[1]), diag(phi.prime(a[2])) @ W, "∂h_2/∂h_1")
agree(d(h[2], h[1]).T, W.T @ diag(phi.prime(a[2])), "transposed")
for t in range(T - 1, 0, -1):
    back = d(h[t + 1], h[t]).T @ d(L, h[t + 1])
    agree(d(L, h[t]), back + V.T @ d(L, o[t]), f"∂L/∂h_{t}")

# %% [markdown]
# ## Many steps
#
# Over several steps the Jacobians are multiplied: the latest on the left, as the chain rule has it.
# Matrices do not commute, so the order is part of the statement, and of what a product sign leaves
# unsaid.

# %%
step("rnn.preactivation-jacobian")
step("rnn.state-jacobian")

factors = [W @ diag(phi.prime(a[j])) for j in (3, 2, 1)]
agree(d(a[4], a[1]), factors[0] @ factors[1] @ factors[2], "∂a_4/∂a_1")
show(factors[2] @ factors[1] @ factors[0], "other order")

# %% [markdown]
# ## The bound survives the wrong transpose
#
# Most readers want one thing of these products: a bound. The spectral norm of a product is at most
# the product of the norms; that of $W$ is its largest singular value, and that of the diagonal is
# the steepest slope on it, at most $\gamma$. A matrix and its transpose have the same norm, and a
# norm does not ask in which order the factors stand. So the wrong product obeys the bound of the
# right one, and "would still show a lot", as the answer has it: a lot, but not the Jacobian.

# %%
step("rnn.preactivation-bound")
step("rnn.transposed-bound")
claim("jacobian.bound-survives")

norm = run["norm"]
wrong = [W.T @ diag(phi.prime(a[j])) for j in (3, 2, 1)]
print("∂a_4/∂a_1  ", norm(d(a[4], a[1])).value[0].value.str(6, radius=False))
print("as printed ", norm(wrong[0] @ wrong[1] @ wrong[2]).value[0].value.str(6, radius=False))
print("the bound  ", (norm(W) ** 3).value[0].value.str(6, radius=False), "(γ = 1 for tanh)")

# %% [markdown]
# ## What vanishes, and when
#
# What a loss says to an earlier state is therefore bounded by $(\lVert W \rVert \gamma)^{t-k}$: it
# vanishes if $\lVert W \rVert \gamma < 1$. Versions of the paper differ here. One has the largest
# *eigenvalue* in the place of the largest singular value.

# %%
step("rnn.gradient-bound")
claim("jacobian.vanishing-condition")

# %% [markdown]
# Has the eigenvalue reading only the wrong constant in front, and do gradients vanish all the same
# in the long run? Not even that: the eigenvalues of $W \operatorname{diag}(\phi')$ are not those
# of $W$.
#
# The weights below have no eigenvalue but zero, $W^2 = 0$. Without an activation every message is
# gone after two steps. Now let ReLU switch the second state off, at every step:
# $W \operatorname{diag}(1, 0)$ has the eigenvalue 2.

# %%
weights = [[2, -2], [2, -2]]
switched = rnn.Case(
    U=[[0], [0]], W=weights, V=[[1, 0]], b=[-1, -3], c=[0], x=[[[0]]] * 13, h0=[[1, 0]],
    y=[[[0]]] * 12, phi="relu", loss="squared_error", targets="any",
)  # fmt: skip
grown = rnn.evaluate(switched, Balls(ctx.prec))
show(grown["W"] @ grown["W"], "W²")
show(grown["a"][12], "a_12")
for k in (11, 10, 1):
    show(grown["d"](grown["a"][12], grown["a"][k]), f"∂a_12/∂a_{k}")
    corner = grown["d"](grown["a"][12], grown["a"][k]).value[0, 0, 0].value
    assert corner == 2 ** (12 - k)

# %% [markdown]
# The state stays at $(1, 0)$ for ever, and its Jacobian doubles with every step. Tanh does nearly
# the same, held at zero, where its slope is 1, in the first state, and saturated in the second: in
# the picture that is the line that rises. The other solid line is the network from above, without
# input and with smaller weights, $\lVert W \rVert_2 = 0.9$. It stays below its bound.

# %% tags=["fold-input"] title="The code that measures, and draws the figure"
import numpy as np

import bpttcheck
from bpttcheck.figures import ACCENT, INK, Axis, Line, chart, play, points, scientific


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
rising = norms(np.array(weights, float), [2 * saturated, 3 + 2 * saturated], [0, saturated])
small = 0.9 * case.W / np.linalg.norm(case.W, 2)
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
        [Line("W", own.real, own.imag, INK),
         Line("product", found.real, found.imag, ACCENT, "open")],
        Axis(-2, 2, 1, "real part"),
        Axis(-1.25, 1.25, 1.25, "imaginary part"),
        circle=True,
    )  # fmt: skip


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

# %%
step("rnn.temporal-W")
step("rnn.total-step")
claim("jacobian.temporal-components")

E, immediate, inner = (run[name] for name in ("E", "immediate", "inner"))
t, i, j = T, 2, 1
components = [
    inner(d(E[t], a[t]), d(a[t], a[k]) @ immediate(a[k], W[i, j])) for k in range(1, t + 1)
]
for k, component in enumerate(components, start=1):
    show(component, f"k = {k}")
agree(d(E[t], W[i, j]), run["sum"](components), f"∂E_{t}/∂w_{i}{j}")

# %% [markdown]
# The same holds for [U](../reference/identities/rnn.md#rnn.temporal-U) and
# [b](../reference/identities/rnn.md#rnn.temporal-b).
#
# ## Every equation, on your numbers
#
# Above, equations were written out again to be seen at work. Here the registered statements
# themselves are judged, at every step, on the case as you left it:

# %%
print(walk.judge(case), "equations agree")

# %% [markdown]
# That is a check at one point. The badges say what was done beyond it, and
# [what that means](../explanation/evidence.md). The verdicts once more:

# %%
walk.summary()
