# %% [markdown]
# # The vector RNN with a softmax
#
# Work the gradient of a softmax RNN through in numbers, from the loss back to every weight, for a
# network with 4 inputs, 5 states and 3 outputs. Change the numbers and run the page again: every
# equation is checked on what you wrote.
#
# ## Where does the factor go?
#
# Whoever differentiates a probability by the state finds a factor $-\hat y_i$ in front (1). In the
# book's gradient at the last state there is none (3). Where does it go? **It cancels.** The loss
# reaches the state through the probabilities, and its own derivative by the $i$th of them is
# $-y_i / \hat y_i$ (2). The two meet in one product:
#
# $$
# -\frac{y_i}{\hat y_i} \cdot \bigl(-\hat y_i\, V^{\top} (\hat{\mathbf y} - \mathbf e_i)\bigr)
# = y_i\, V^{\top} (\hat{\mathbf y} - \mathbf e_i)
# $$
#
# Add this up over $i$: where the targets sum to one, $V^{\top} (\hat{\mathbf y} - \mathbf y)$ is
# left, and that is (3).

# %% tags=["fold-input"] title="The code that draws the figure"
from IPython.display import HTML, display

BACK = "var(--md-typeset-a-color, #1a5fb4)"
parts = []


def text(x, y, words, colour="currentColor"):
    """Write words around a point."""
    parts.append(f'<text x="{x}" y="{y}" fill="{colour}" text-anchor="middle">{words}</text>')


def arrow(path, back=True):
    """Draw an arrow: of a value, or of a message."""
    colour, dash, head = (BACK, "5 4", "back") if back else ("currentColor", "", "forth")
    parts.append(
        f'<path d="{path}" stroke="{colour}" stroke-dasharray="{dash}" fill="none" '
        f'stroke-width="1.4" marker-end="url(#{head})"/>'
    )


i, top = '<tspan dy="4" font-size="11">i</tspan><tspan dy="-4">\u200b</tspan>', "Vᵀ"
for x, words in ((40, "h"), (300, f"ŷ{i}"), (500, "L")):
    parts.append(
        f'<rect x="{x - 24}" y="55" width="48" height="32" rx="6" fill="none" '
        'stroke="currentColor"/>'
    )
    text(x, 76, words)
for left, right, words in ((40, 300, f"− ŷ{i} {top}(ŷ − e{i})"), (300, 500, f"− y{i} / ŷ{i}")):
    arrow(f"M{left + 28} 64H{right - 28}", back=False)
    arrow(f"M{right - 28} 78H{left + 28}")
    text((left + right) / 2, 100, words, BACK)
arrow("M500 91C500 165 40 165 40 95")
text(270, 168, f"their product, added up over the classes: {top}(ŷ − y)", BACK)
heads = "".join(
    f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
    f'orient="auto"><path d="M0 0L8 4L0 8z" fill="{colour}"/></marker>'
    for name, colour in (("forth", "currentColor"), ("back", BACK))
)
HTML(
    '<svg viewBox="0 35 540 145" role="img" aria-labelledby="cancels" '
    'style="min-width: 480px; max-width: 600px; width: 100%" '
    'font-family="KaTeX_Main, serif" font-size="16">'
    '<title id="cancels">The state h makes each probability, the probabilities make the loss L. '
    "Back from L to a probability goes minus y over y hat, from there to h goes minus y hat times "
    "V transposed times y hat minus the unit vector of the class. The product has no factor y hat "
    "in front; added up over the classes it is V transposed times y hat minus y.</title>"
    f"<defs>{heads}</defs>{''.join(parts)}</svg>"
)

# %% tags=["fold-input"] title="The code that decides and prints the equations of this page"
from bpttcheck.notebook import Walk, agree

walk = Walk(
    "vector",
    also=[
        "softmax-nll.log-softmax", "rnn.total-loss", "rnn.output-gradient", "rnn.hidden-gradient",
        "rnn.preactivation-gradient", "rnn.initial-gradient", "rnn.bptt-*",
    ],
)  # fmt: skip


def step(name):
    """Show an identity of the registry, printed from the Python that runs, with its evidence."""
    display(walk.step(name))


def claim(name):
    """Show what the source says, and the verdict on it."""
    display(walk.claim(name))


step("rnn.prediction-row")
step("rnn.prediction-weighted")
step("rnn.terminal-gradient")
claim("vector.stray-factor")

# %% [markdown]
# Question and answer are from August 2016; [the ledger](../reference/claims.md#vector) has them
# line by line. The question compares itself with section 10.2.2 of Goodfellow, Bengio and
# Courville, *Deep Learning* (2016), whose equation numbers are given below.
#
# ## The network
#
# Four equations (10.8 to 10.11), for $t = 1, \ldots, T$. Weights stand to the left of columns.

# %%
step("rnn.preactivation")
step("rnn.state")
step("rnn.output")
step("softmax-nll.softmax")
claim("vector.forward")
claim("vector.softmax-components")

# %% [markdown]
# The sizes are the question's own. The numbers are ours, the question has none: three steps, and
# one more input, which no loss reads. They are evaluated in ball arithmetic: each result is a
# midpoint with a radius, and the exact value lies inside.

# %%
from flint import ctx

from bpttcheck.runs import rnn
from bpttcheck.runs.systems import Balls

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

T, m, n, p = (case.sizes[size] for size in "Tmnp")
ctx.prec = 160  # bits
run = rnn.evaluate(case, Balls(ctx.prec))
U, W, V, b, c, x, a, h, o = (run[name] for name in "UWVbcxaho")
y, y_hat, d, L, E = (run[name] for name in ("y", "y_hat", "d", "L", "E"))
phi, diag, exp, log = (run[name] for name in ("phi", "diag", "exp", "log"))
ones, identity, total = run["ones_p"], run["I"], run["sum"]

# %% [markdown]
# `d(L, h[t])` is $\partial L/\partial \mathbf h_t$, found by dual numbers on the *forward* pass
# alone; it knows nothing of the equations below. To check one of them is to compare such a
# derivative with the right-hand side. Two balls that do not overlap are different numbers, and
# overlapping balls mean something only if they are small: `agree` demands radii below $2^{-40}$ of
# the terms, and prints how small they are.

# %%
for t in range(1, T + 1):
    agree(a[t], b + W @ h[t - 1] + U @ x[t], f"a_{t}")
for t in range(1, T + 1):
    agree(o[t], c + V @ h[t], f"o_{t}")
for t in range(1, T + 1):
    agree(y_hat[t][1], exp(o[t][1]) / total(exp(o[t][k]) for k in (1, 2, 3)), f"ŷ_{t}[1]")

# %% [markdown]
# ### Written out
#
# Entry by entry the same equations are sums. In the question's version of them the biases carry
# the step as an index, $b_i^{(t)}$, although the network has one $\mathbf b$ for all steps; and the
# $3 \times 5$ matrix $V$ stands before a column of four.

# %%
step("rnn.preactivation-components")
step("rnn.output-components")
claim("vector.preactivation-components")
claim("vector.output-components")

i, t = 1, T
row = b[i] + total(W[i, j] * h[t - 1][j] for j in range(1, n + 1))
agree(a[t][i], row + total(U[i, j] * x[t][j] for j in range(1, m + 1)), f"a_{t}[1]")
agree(o[t][i], c[i] + total(V[i, j] * h[t][j] for j in range(1, n + 1)), f"o_{t}[1]")

# %% [markdown]
# ## The loss
#
# Each step contributes the negative log-likelihood of its target, and the losses are added up
# (10.12 to 10.14). So each counts once, which is where the way back begins (10.17). With the
# softmax put in, its logarithm splits into a logit and a log-sum-exp.

# %%
step("rnn.total-loss")
step("rnn.loss-seed")
step("softmax-nll.log-softmax")
step("softmax-nll.loss-expansion")
claim("vector.loss-seed")
claim("vector.loss-expansion")

for t in range(1, T + 1):
    log_sum = log(total(exp(o[t][k]) for k in range(1, p + 1)))
    agree(E[t], -total(y[t][i] * (o[t][i] - log_sum) for i in range(1, p + 1)), f"E_{t}")
agree(L, total(E[t] for t in range(1, T + 1)), "L")

# %% [markdown]
# ## On the outputs
#
# One logit occurs in every probability, through the sum below the fraction. So each class
# contributes to each component:

# %%
step("softmax-nll.gradient-first-unsimplified")
step("softmax-nll.gradient-first")
step("softmax-nll.gradient-matrix")
claim("vector.output-gradient-first")
claim("vector.output-gradient-matrix")

# %% [markdown]
# The last of the three is a matrix $M$ of predictions times the targets. The book has prediction
# minus target (10.18). They are one thing written twice: row $i$ of $M \mathbf y$ is
# $\hat y_i \sum_j y_j - y_i$, and the targets of one class sum to one.

# %%
step("softmax-nll.gradient-class")
step("rnn.output-gradient")

for t in range(1, T + 1):
    M = y_hat[t] @ ones.T - identity
    agree(d(L, o[t]), M @ y[t], f"M y_{t}")
    agree(d(L, o[t]), y_hat[t] - y[t], f"ŷ_{t} − y_{t}")

# %% [markdown]
# What this means for one step: move the logit of the right class, the others staying where they
# are. The bars of the gradient always add up to zero: what the right class asks for, the others
# pay, in proportion to their probabilities. As the prediction comes right, all of them vanish.

# %% tags=["fold-input"] title="The code that draws the figure"
import numpy as np

import bpttcheck
from bpttcheck.figures import ACCENT, INK, Axis, Line, bars, play

moved = np.arange(-4, 6.5, 0.5)
others = np.array([1.0, 0.0, -0.5])  # the logit of the second class is put in


def step_of(logit):
    """Return the probabilities of a step, and the gradient of its loss by the logits."""
    logits = np.array([others[0], logit, others[2]])
    return bpttcheck.softmax(logits), bpttcheck.nll_gradient(logits, 1)


def draw(logit):
    """Return the bars of three classes."""
    probabilities, gradient = step_of(logit)
    said = [
        f"class {k}: {q:.2f} and {g:.2f}"
        for k, q, g in zip((1, 2, 3), probabilities, gradient, strict=True)
    ]
    return bars(
        "classes",
        f"Probability and gradient by the logit of three classes, the second being right, with its "
        f"logit at {logit:g}. {'; '.join(said)}.",
        ["class 1", "class 2, right", "class 3"],
        [Line("probability", (1, 2, 3), probabilities, INK, "3 3"),
         Line("gradient", (1, 2, 3), gradient, ACCENT)],
        Axis(-1, 1, 0.5),
    )  # fmt: skip


play(
    "logit of the right class",
    [f"{logit:g}" for logit in moved],
    [draw(logit) for logit in moved],
    [
        f"Logit {logit:g}: the right class has probability {step_of(logit)[0][1]:.3f}, and its "
        f"gradient is that minus one, {step_of(logit)[1][1]:.3f}.".replace("-", "−")
        for logit in moved
    ],
    start=8,
)

# %% [markdown]
# For targets that do not sum to one, only $M \mathbf y$ is right, as the case of a single output
# shows: its probability is always 1, the loss cannot change, and $1 - y$ is not zero.

# %%
step("softmax-nll.gradient")
step("softmax-nll.gradient-any-targets")
claim("vector.softmax-nll")

# %% [markdown]
# ## From a probability to the state
#
# The question goes on with $\partial \hat y_1 / \partial h_1$ at the last step, by the quotient
# rule, with every logit written out.

# %%
step("rnn.prediction-quotient")
claim("vector.quotient-expansion")

# %% [markdown]
# The slip is in the indices: below the index $k$ of $v_{k1}$ and $c_k$, the exponentials keep the
# *first* row of $V$. One state, two outputs and $v_{11} = 0$, $v_{21} = h_1 = 1$ are enough to see
# it. There $e^{v_{21} h_1} = e$ belongs, and is printed as $e^{v_{11} h_1} = 1$:

# %%
from math import e

from bpttcheck.verification import replay

two = rnn.Case(
    U=[[0]], W=[[0]], V=[[0], [1]], b=[1], c=[0, 0],
    x=[[[0]], [[0]]], h0=[[0]], y=[[[1, 0]]], phi="linear",
)  # fmt: skip
(printed,) = replay("vector.quotient-expansion", two).values()
(corrected,) = replay("rnn.prediction-quotient", two).values()
print("derivative ≠ as printed:", *printed.sides)
print("by hand:                ", -e / (1 + e) ** 2, -1 / (1 + e) ** 2)
assert printed.outcome.value == "fails"
assert corrected.outcome.value == "agrees"

# %% [markdown]
# It is a slip of the pen. The next three lines name the logits instead of writing them out, and
# are right:

# %%
step("rnn.prediction-compact")
step("rnn.prediction-multiplied-out")
step("rnn.prediction-component")
claim("vector.prediction-jacobian-first")
claim("vector.prediction-jacobian-row")

for j in range(1, n + 1):
    bracket = V[1, j] * (y_hat[T][1] - 1) + total(V[k, j] * y_hat[T][k] for k in range(2, p + 1))
    agree(d(y_hat[T][1], h[T][j]), -y_hat[T][1] * bracket, f"∂ŷ_1/∂h_{j}")

# %% [markdown]
# ### All three at once
#
# Stack the rows (1) for $i = 1, \ldots, p$. In numerator layout, a row for each probability, $V$
# comes out on the right:

# %%
step("rnn.prediction-jacobian")
claim("vector.prediction-jacobian-stacked")

M = y_hat[T] @ ones.T - identity
agree(d(y_hat[T], h[T]), -diag(y_hat[T]) @ M.T @ V, "∂ŷ/∂h")
agree(d(y_hat[T], h[T]).T, -V.T @ M @ diag(y_hat[T]), "transposed")

# %% [markdown]
# In the question the $3 \times 3$ diagonal stands *before* the $5 \times 3$ matrix $V^{\top}$, and
# that does not compose. Its place is at the other end:
# $-V^{\top} M \operatorname{diag}(\hat{\mathbf y})$ has a column for each probability, and is the
# transpose of the above. Where there happen to be as many states as outputs, the question's form
# composes, and is wrong:

# %%
square_V = rnn.Case(
    U=[[0], [0]], W=[[0, 0], [0, 0]], V=[[1, 0], [0, 0]], b=[0, 0], c=[1, 0],
    x=[[[0]], [[0]]], h0=[[0, 0]], y=[[[1, 0]]], phi="linear",
)  # fmt: skip
(stacked,) = replay("vector.prediction-jacobian-stacked", square_V).values()
print(" ≠ ".join(stacked.sides))
assert stacked.outcome.value == "fails"

# %% [markdown]
# ## At the last state
#
# Now the loss: the chain rule through the probabilities is a sum over all of them. The answer puts
# a minus sign before it, which its own next line does not have, since there
# $\partial L/\partial \hat y_i = -y_i / \hat y_i$ has brought one. The two lines differ by their
# sign; the second is right, and so is what the answer says about it.

# %%
step("rnn.prediction-chain")
claim("vector.answer-chain")
step("rnn.prediction-cancelled")
claim("vector.answer-cancellation")

# %% [markdown]
# In the numbers of the example, class by class: what the loss says to a probability, what the
# probability says to $h_1$, and their product. The class that is the target has them all; for the
# others the loss has nothing to say. The factor $\hat y_i$ is in the first two columns, once below
# the fraction and once above it, and not in the third.

# %%
every_i, products = range(1, p + 1), []
print("class   −y_i/ŷ_i   ∂ŷ_i/∂h_1     product")
for i in every_i:
    said, heard = -y[T][i] / y_hat[T][i], d(y_hat[T][i], h[T][1])
    products.append(said * heard)
    row = [float(term.value.item().value.mid()) for term in (said, heard, said * heard)]
    print(f"{i:3}     {row[0]:9.5f}   {row[1]:9.5f}   {row[2]:9.5f}")
print()
agree(d(L, h[T][1]), total(products), "∂L/∂h_1")
agree(d(L, h[T]), V.T @ d(L, o[T]), "Vᵀ(ŷ − y)")

# %% [markdown]
# ## Back through time
#
# Every earlier state speaks to the loss in two ways: through its own output, and through the next
# state. What comes back along both is added (10.20). For tanh the slope is $1 - h^2$, which the
# forward pass has already (10.21).

# %%
step("rnn.hidden-gradient")
step("rnn.hidden-gradient-tanh")
claim("vector.hidden-gradient")

for t in range(T - 1, 0, -1):
    message = W.T @ diag(run["ones"] - run["square"](h[t + 1])) @ d(L, h[t + 1])
    agree(d(L, h[t]), message + V.T @ d(L, o[t]), f"t = {t}")

# %% [markdown]
# The order is forced: $\nabla_{\mathbf h_{t+1}} L$ is a column, and a column cannot stand to the
# left of an $n \times n$ diagonal. It must not be $D\, W^{\top}$ either. The message passes the
# activation of step $t + 1$ first, then the weights; the entries of $D\, W^{\top}$ are other
# numbers, even though it composes:

# %%
D, future = diag(phi.prime(a[2])), d(L, h[2])
for name, product in (("Wᵀ D g", W.T @ D @ future), ("D Wᵀ g", D @ W.T @ future)):
    agree(product, product, name)
swapped = walk.result.identities["rnn.hidden-gradient"].rejected["Wᵀ on the wrong side of φ′"]
assert swapped.finding.outcome.value == "fails"

# %% [markdown]
# One step further down is the pre-activation, and with it everything that made it; at the other
# end is the given initial state, which the first step alone reads.

# %%
step("rnn.preactivation-gradient")
step("rnn.initial-gradient")

for t in range(1, T + 1):
    agree(d(L, a[t]), diag(phi.prime(a[t])) @ d(L, h[t]), f"∂L/∂a_{t}")
agree(d(L, h[0]), W.T @ d(L, a[1]), "∂L/∂h_0")

# %% [markdown]
# ## The gradients
#
# With $\partial L/\partial \mathbf a_t$ and $\partial L/\partial \mathbf o_t$ known, each weight's
# gradient is a sum over the steps of a column times a row: what came back, times what the weight
# had been multiplied with (10.22 to 10.28).

# %%
step("rnn.c-gradient")
step("rnn.b-gradient")
step("rnn.V-gradient")
step("rnn.W-gradient")
step("rnn.U-gradient")
for name in ("c", "b", "V", "W", "U"):
    claim(f"vector.{name}-gradient")

every_t = range(1, T + 1)
da = {t: diag(phi.prime(a[t])) @ d(L, h[t]) for t in every_t}
agree(d(L, c), total(d(L, o[t]) for t in every_t), "∂L/∂c")
agree(d(L, b), total(da[t] for t in every_t), "∂L/∂b")
agree(d(L, V), total(d(L, o[t]) @ h[t].T for t in every_t), "∂L/∂V")
agree(d(L, W), total(da[t] @ h[t - 1].T for t in every_t), "∂L/∂W")
agree(d(L, U), total(da[t] @ x[t].T for t in every_t), "∂L/∂U")

# %% [markdown]
# $W$ multiplied the state *before*, $U$ the input of the same step, $V$ the state of the same step.
#
# ## The algorithm
#
# Put together, this is a loop of a few lines. Until here every derivative came from the forward
# pass; the loop takes $\partial L/\partial \mathbf o_t$, which the loss gives, and nothing else.


# %%
def bptt(do):
    """Return the gradient of every weight and of h_0, from each ∂L/∂o_t."""
    message, dU, dW, dV, db, dc = 0 * h[T], 0 * U, 0 * W, 0 * V, 0 * b, 0 * c
    for t in range(T, 0, -1):
        dh = V.T @ do[t] + message
        da = diag(phi.prime(a[t])) @ dh
        dV, dc = dV + do[t] @ h[t].T, dc + do[t]
        dW, dU, db = dW + da @ h[t - 1].T, dU + da @ x[t].T, db + da
        message = W.T @ da
    return {"U": dU, "W": dW, "V": dV, "b": db, "c": dc, "h0": message}


gradients = bptt({t: y_hat[t] - y[t] for t in every_t})
for name, by in (("U", U), ("W", W), ("V", V), ("b", b), ("c", c), ("h0", h[0])):
    agree(d(L, by), gradients[name], f"∂L/∂{name}")

# %% [markdown]
# ## Batches and masks
#
# The package has it as a function over NumPy arrays. Several sequences are a batch, on the second
# axis; the gradients of the weights are then summed over them. What it returns is held against the
# same independent derivatives, also for
# [the inputs](../reference/identities/rnn.md#rnn.bptt-inputs) and for
# [U](../reference/identities/rnn.md#rnn.bptt-U), [V](../reference/identities/rnn.md#rnn.bptt-V),
# [b](../reference/identities/rnn.md#rnn.bptt-b) and [c](../reference/identities/rnn.md#rnn.bptt-c):

# %%
step("rnn.bptt-states")
step("rnn.bptt-hidden")
step("rnn.bptt-W")

# %% [markdown]
# In float64, on the numbers of this page, beside the balls. Where this page follows the book, whose
# outputs are $\mathbf o_t$ with the bias $\mathbf c$, the package says `s` and `b_s`:
# [in an LSTM](lstm.py) $\mathbf o_t$ is a gate, and $\mathbf c_t$ the cell.

# %%
params = {name: getattr(case, name) for name in "UWVb"} | {"b_s": case.c}
inputs, targets = case.x[:T], case.y.argmax(axis=-1)  # (T, 1, m), and classes (T, 1)
loss, grads = bpttcheck.rnn.value_and_grad(params, inputs, targets, h0=case.h0)
print("loss", loss)
for name, exact in gradients.items():
    found = grads["b_s" if name == "c" else name]
    middle = np.array([float(z.value.mid()) for z in exact.value.flat])
    error = np.abs(found.ravel() - middle).max() / np.abs(middle).max()
    print(f"∂L/∂{name:3} largest error {error:.1e} of the largest entry")

# %% [markdown]
# A mask says where a step takes place. Here the same sequence runs twice, and ends after two steps
# the second time. What stands in its third step is not looked at: another input there changes no
# gradient, and gets none.

# %%
both = {"targets": targets.repeat(2, axis=1), "h0": case.h0.repeat(2, axis=0)}
mask = [[True, True], [True, True], [True, False]]
first = inputs.repeat(2, axis=1)
other = first.copy()
other[2, 1] = 99
_, grads = bpttcheck.rnn.value_and_grad(params, first, **both, mask=mask)
_, again = bpttcheck.rnn.value_and_grad(params, other, **both, mask=mask)
assert all((grads[name] == again[name]).all() for name in grads)
print("∂L/∂x_3 of the second sequence:", grads["x"][2, 1])
assert not grads["x"][2, 1].any()

# %% [markdown]
# ## What of it is correct
#
# "Your derivation is indeed correct", says the answer. Line by line, as decided when this page was
# built, from the question, the answer and the book:

# %%
walk.summary()

# %% [markdown]
# ## Every equation, on your numbers
#
# Above, equations were written out again to be seen at work. Here the registered statements
# themselves are judged, at every step and entry, on the case as you left it:

# %%
from bpttcheck.runs import softmax_nll

logits = [float(o[T][i].value[0].value.mid()) for i in every_i]
print(walk.judge(case, softmax_nll.Case(o=[logits], y=case.y[T - 1])), "equations agree")

# %% [markdown]
# That is a check at one point. The badges say what was done beyond it, and
# [what that means](../explanation/evidence.md).
