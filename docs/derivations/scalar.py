# %% [markdown]
# # The scalar RNN, backwards
#
# Follow the gradient through a recurrent network of single numbers, one step at a time. Change the
# numbers, or an equation, and run the page again: every step is checked on what you wrote.
#
# ## How can it start?
#
# The recursion gives each $\partial L/\partial s_t$ from the one after it. Neither is known, so
# where does it begin? **At the end.** The loss reads $T$ steps, and a step that it does not read
# cannot change it (1). Without a message from the future, the last step needs nothing but what the
# forward pass has left behind (2). Every other step follows from the one after it, down to $t = 1$.

# %% tags=["fold-input"] title="The code that decides and prints the equations of this page"
from IPython.display import HTML, display

from bpttcheck.notebook import Walk, agree
from bpttcheck.verification import replay

walk = Walk("scalar", also=["scalar-rnn.*"])


def step(name):
    """Show an identity of the registry, printed from the Python that runs, with its evidence."""
    display(walk.step(name))


step("scalar-rnn.boundary")
step("scalar-rnn.terminal-state")

# %% [markdown]
# The question was put to a forum in May 2020 and answered there in the same way;
# [the ledger](../reference/claims.md#scalar) has it line by line. Question and answer have a slip
# each, which this page meets where it happens: [φ′ in the place of θ′](#the-state), and
# [a step too far](#the-other-end-of-the-range).
#
# In the picture, values flow along the solid arrows and messages come back along the dashed ones,
# each multiplied by what is written beside its arrow. From $s_4$, which no loss reads, comes zero:
# there it starts.

# %% tags=["fold-input"] title="The code that draws the figure"
INK, BACK = "currentColor", "var(--md-typeset-a-color, #1a5fb4)"
ROWS = {"L": 30, "ŷ": 105, "h": 180, "s": 255, "x": 330}
parts = []


def sub(letter, index):
    """Return a letter with its index set low."""
    return f'<tspan>{letter}</tspan><tspan dy="4" font-size="11">{index}</tspan>'


def prime(letter):
    """Return the letter of a derivative."""
    return f'{letter}<tspan dy="-5" font-size="12">′</tspan>'


def text(x, y, label, colour=INK, anchor="middle"):
    """Write a label."""
    parts.append(f'<text x="{x}" y="{y}" fill="{colour}" text-anchor="{anchor}">{label}</text>')


def node(x, y, label, width=38, dash=""):
    """Draw a quantity."""
    parts.append(
        f'<rect x="{x - width / 2}" y="{y - 15}" width="{width}" height="30" rx="6" '
        f'fill="none" stroke="{INK}" stroke-dasharray="{dash}"/>'
    )
    text(x, y + 5, label)


def arrow(x1, y1, x2, y2, back=False):
    """Draw an arrow: of a value, or of a message."""
    colour, dash, head = (BACK, "5 4", "back") if back else (INK, "", "forth")
    parts.append(
        f'<path d="M{x1} {y1}L{x2} {y2}" stroke="{colour}" stroke-dasharray="{dash}" '
        f'fill="none" stroke-width="1.4" marker-end="url(#{head})"/>'
    )


def column(x, t):
    """Draw one step: its quantities, the values going up, the messages coming down."""
    for letter in ("ŷ", "h", "s", "x"):
        node(x, ROWS[letter], sub(letter, t))
    for low, high in (("x", "s"), ("s", "h"), ("h", "ŷ"), ("ŷ", "L")):
        arrow(x - 7, ROWS[low] - 17, x - 7, ROWS[high] + 19)
        arrow(x + 7, ROWS[high] + 17, x + 7, ROWS[low] - 19, back=True)
    for low, high, label in (("h", "ŷ", prime("θ")), ("s", "h", prime("φ")), ("x", "s", "v")):
        text(x + 14, (ROWS[low] + ROWS[high]) / 2 + 5, label, BACK, "start")


STEPS = (150, 300, 450)
node(300, ROWS["L"], "L", 340)
for t, x in enumerate(STEPS, start=1):
    column(x, t)
node(40, ROWS["h"], sub("h", 0))
node(575, ROWS["s"], sub("s", 4), dash="3 3")
for left, right in zip((40, *STEPS), (*STEPS, 575), strict=True):
    arrow(left + 22, ROWS["h"] + 10, right - 22, ROWS["s"] - 12)
    arrow(right - 22, ROWS["s"] + 1, left + 20, ROWS["h"] + 19, back=True)
    text((left + right) / 2 - 14, ROWS["s"] - 18, "0" if right == 575 else "w", BACK)

heads = "".join(
    f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
    f'orient="auto"><path d="M0 0L8 4L0 8z" fill="{colour}"/></marker>'
    for name, colour in (("forth", INK), ("back", BACK))
)
HTML(
    '<svg viewBox="0 0 615 365" role="img" aria-labelledby="unrolled" '
    'style="min-width: 560px; max-width: 680px; width: 100%" '
    'font-family="KaTeX_Main, serif" font-size="16">'
    '<title id="unrolled">The network unrolled over three steps. Forward: each x and the state '
    "before make s, s makes h, h makes the prediction, the predictions make L. Backward: L sends a "
    "message to each prediction, on to h through theta prime, to s through phi prime, and from s "
    "to the state before through w. From step 4, which the loss does not read, comes zero.</title>"
    f"<defs>{heads}</defs>{''.join(parts)}</svg>"
)

# %% [markdown]
# ## Forward
#
# The pre-activation $s_t$ gets a name of its own, because two derivatives meet there. Three lines,
# then, for $t = 1, \ldots, T$; put the first into the second and the two-line form of the network
# is back (6).

# %%
step("scalar-rnn.preactivation")
step("scalar-rnn.state")
step("scalar-rnn.prediction")
step("scalar-rnn.forward")

# %% [markdown]
# Here are numbers to change. They are evaluated in ball arithmetic: each result is a midpoint with
# a radius, and the exact value lies inside. The input has one step more than the loss reads, so
# that (1) speaks of a step that exists.

# %%
from flint import ctx

from bpttcheck.runs import scalar_rnn
from bpttcheck.runs.systems import Balls

case = scalar_rnn.Case(
    w=0.5,
    v=1.5,
    x=[[1], [-0.5], [0.25], [2]],  # x_1, …, x_T, and x_{T+1}
    h0=[0.25],
    y=[[0], [1], [0.5]],  # the targets y_1, …, y_T of one sequence
    phi="tanh",  # or "sigmoid", "relu", "linear"
    theta="sigmoid",
    loss="squared_error",  # ½ Σ_t (ŷ_t − y_t)²
)

T = len(case.y)
ctx.prec = 120  # bits
run = scalar_rnn.evaluate(case, Balls(ctx.prec))
w, v, x, s, h = (run[name] for name in ("w", "v", "x", "s", "h"))
phi, theta, y_hat = (run[name] for name in ("phi", "theta", "y_hat"))
d, L = run["d"], run["L"]

# %% [markdown]
# `d(L, s[t])` is $\partial L/\partial s_t$, found by dual numbers on the *forward* pass alone; it
# knows nothing of the equations below. To check one of them is to compare such a derivative with
# the right-hand side. Two balls that do not overlap are different numbers, and overlapping balls
# mean something only if they are small: `agree` demands radii below $2^{-40}$ of the terms, and
# prints how small they are.

# %%
for t in range(1, T + 1):
    agree(h[t], phi(w * h[t - 1] + v * x[t]), f"t = {t}")

# %% [markdown]
# ## Backward, one node at a time
#
# ### The pre-activation
#
# $s_t$ acts on the loss through $h_t = \phi(s_t)$ and through nothing else: one path, one
# factor.

# %%
step("scalar-rnn.state-chain")
for t in range(1, T + 1):
    agree(d(L, s[t]), d(L, h[t]) * phi.prime(s[t]), f"t = {t}")

# %% [markdown]
# ### The state
#
# Two paths leave $h_t$: one to its own prediction, through $\theta$, and one to the next
# pre-activation, through $w$. What comes back along both is added.

# %%
step("scalar-rnn.hidden-gradient")
for t in range(1, T + 1):
    own = d(L, y_hat[t]) * theta.prime(h[t])
    agree(d(L, h[t]), own + d(L, s[t + 1]) * w, f"t = {t}")

# %% [markdown]
# !!! warning "The slip in the question"
#     The question prints $\phi'(h_t)$ where $\theta'(h_t)$ belongs
#     ([claim `scalar.hidden-gradient`](../reference/claims.md#scalar.hidden-gradient)). Where both
#     activations are the same function nobody notices. The smallest counterexample is one step with
#     every number zero, $\phi$ the identity and $\theta$ the sigmoid. Then $\hat y_1 = 1/2$, so
#     $\partial L/\partial \hat y_1 = 1/2$; times $\theta'(0) = 1/4$ that is $1/8$, but times
#     $\phi'(0) = 1$ it is $1/2$.

# %%
zeros = scalar_rnn.Case(
    w=0,
    v=0,
    x=[[0], [0]],
    h0=[0],
    y=[[0]],
    phi="linear",
    theta="sigmoid",
)
(printed,) = replay("scalar.hidden-gradient", zeros).values()
(corrected,) = replay("scalar-rnn.hidden-gradient", zeros).values()
print(*printed.sides, sep=" ≠ ")
assert printed.outcome.value == "fails"
assert corrected.outcome.value == "agrees"

# %% [markdown]
# ### Both in one
#
# Put (8) into (7): $\partial L/\partial s_t$ from $\partial L/\partial s_{t+1}$.

# %%
step("scalar-rnn.recursion")
for t in range(1, T + 1):
    both = d(L, y_hat[t]) * theta.prime(h[t]) + d(L, s[t + 1]) * w
    agree(d(L, s[t]), both * phi.prime(s[t]), f"t = {t}")

# %% [markdown]
# The question's own form of it has the same slip, and
# [falls with it](../reference/claims.md#scalar.combined-recursion).
#
# ### The last step
#
# The loss does not read $s_{T+1}$, so its derivative is zero: exactly zero, not a small number.
# What (8) and (9) leave at $t = T$ holds nothing unknown.

# %%
agree(d(L, s[T + 1]), 0, "(1)")
step("scalar-rnn.terminal-hidden")
agree(d(L, h[T]), d(L, y_hat[T]) * theta.prime(h[T]), "(9)")
dh_T = d(L, y_hat[T]) * theta.prime(h[T])
agree(d(L, s[T]), dh_T * phi.prime(s[T]), "(2)")

# %% [markdown]
# ### The other end of the range
#
# From $t = T$ the recursion runs down to $t = 1$, and no further: $h_0$ is given, so there is no
# $s_0$ that made it.
#
# !!! warning "The slip in the answer"
#     The answer lets $t$ run over $0, \ldots, T - 1$, in a model whose steps are $1, \ldots, T$
#     ([claim `scalar.range`](../reference/claims.md#scalar.range)). At $t = 0$ the equation is not
#     false, it is about nothing.

# %%
(beyond,) = replay("scalar.range", case).values()
print(beyond.outcome.value, beyond.reason, sep=": ")
assert beyond.outcome.value == "ill-typed"

# %% [markdown]
# ## The gradients
#
# With every $\partial L/\partial s_t$ known, the gradients of all that the network was given are
# one product away. Each weight acts at every step, so its gradient is a sum over the steps; each
# input, and the initial state, acts at one.

# %%
step("scalar-rnn.w-gradient")
step("scalar-rnn.v-gradient")
step("scalar-rnn.initial-gradient")
step("scalar-rnn.input-gradient")

every_t = range(1, T + 1)
agree(d(L, w), sum(d(L, s[t]) * h[t - 1] for t in every_t), "w")
agree(d(L, v), sum(d(L, s[t]) * x[t] for t in every_t), "v")
agree(d(L, h[0]), w * d(L, s[1]), "h_0")
for t in range(1, T + 1):
    agree(d(L, x[t]), v * d(L, s[t]), f"x_{t}")

# %% [markdown]
# Mind the index in (11): $w$ multiplied the state *before*, so $h_{t-1}$ stands there, and at
# $t = 1$ that is $h_0$.
#
# ## The algorithm
#
# Equations (1) to (14) are a loop of three lines. Until here every derivative came from the forward
# pass; the loop takes $\partial L/\partial \hat y_t$, which the loss gives, and nothing else.


# %%
def bptt(dy_hat):
    """Return ∂L/∂w, ∂L/∂v, ∂L/∂h_0 and each ∂L/∂x_t, from each ∂L/∂ŷ_t."""
    ds, dw, dv, dx = 0, 0, 0, {}
    for t in range(T, 0, -1):
        ds = (dy_hat[t] * theta.prime(h[t]) + ds * w) * phi.prime(s[t])
        dw, dv, dx[t] = dw + ds * h[t - 1], dv + ds * x[t], v * ds
    return dw, dv, w * ds, dx


dw, dv, dh0, dx = bptt({t: d(L, y_hat[t]) for t in range(1, T + 1)})
agree(d(L, w), dw, "w")
agree(d(L, v), dv, "v")
agree(d(L, h[0]), dh0, "h_0")
for t in range(1, T + 1):
    agree(d(L, x[t]), dx[t], f"x_{t}")

# %% [markdown]
# The package has it as a function over NumPy arrays, for one sequence or a batch of them. In
# float64, on the same numbers:

# %%
import bpttcheck

loss, gradients = bpttcheck.scalar_rnn.value_and_grad(
    {"w": case.w, "v": case.v},
    case.x[:T],
    case.y,
    h0=case.h0,
    phi=case.phi,
    theta=case.theta,
    loss=case.loss,
)
print("loss", loss)
for name, gradient in gradients.items():
    print(f"{name:4}", gradient.ravel())

# %% [markdown]
# What that function returns is held against the same independent derivatives. Over a batch,
# the gradients of the weights are summed:

# %%
step("scalar-rnn.bptt-states")
step("scalar-rnn.bptt-w")
step("scalar-rnn.bptt-v")

# %% [markdown]
# ## Without a recursion
#
# Unrolled, the recursion is a sum over the predictions still to come, each weighted by the product
# of what its message passes on the way back: one factor $w\,\phi'$ for each step (19). Between
# two states the like product is their derivative (18). It is what vanishes, or explodes.

# %%
from math import prod

step("scalar-rnn.state-jacobian")
step("scalar-rnn.closed-form")


def steps(first, last):
    """Return first, …, last, both ends included."""
    return range(first, last + 1)


def passed(message, first, last):
    """Return a message times w φ′ for each step from first to last."""
    return prod((w * phi.prime(s[j]) for j in steps(first, last)), start=message)


agree(d(h[T], h[1]), passed(w * phi.prime(s[2]), 3, T), "(18)")
sent = {
    k: d(L, y_hat[k]) * theta.prime(h[k]) * phi.prime(s[k])
    for k in steps(1, T)
}  # fmt: skip
for t in steps(1, T):
    unrolled = sum(passed(sent[k], t, k - 1) for k in steps(t, T))
    agree(d(L, s[t]), unrolled, f"t = {t}")

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
# carries that state's derivative with respect to a parameter, starting from zero, and adds up the
# gradient of the loss as it goes. The multiplications come in the other order, the sum is the same:

# %%
step("scalar-rnn.rtrl-recursion")
step("scalar-rnn.rtrl-w")
step("scalar-rnn.rtrl-v")
step("scalar-rnn.rtrl-initial")

dh_dw, dL_dw = 0, 0
for t in steps(1, T):
    dh_dw = phi.prime(s[t]) * (h[t - 1] + w * dh_dw)
    dL_dw = dL_dw + d(L, y_hat[t]) * theta.prime(h[t]) * dh_dw
agree(dw, dL_dw, "w")

# %% [markdown]
# ## One step
#
# For $T = 1$ nothing recurs. No step comes after the last one, which is also the first; each sum
# has one term and each product is empty. What is left is the chain rule of a single unit:

# %%
one = scalar_rnn.evaluate(
    scalar_rnn.Case(w=0.5, v=1.5, x=[[1], [2]], h0=[0.25], y=[[0]], theta="sigmoid"),
    Balls(ctx.prec),
)
s1, h0, h1 = one["s"][1], one["h"][0], one["h"][1]
slopes = one["theta"].prime(h1) * one["phi"].prime(s1)
ds1 = one["d"](one["L"], one["y_hat"][1]) * slopes

agree(one["d"](one["L"], one["w"]), ds1 * h0, "w")
agree(one["d"](one["L"], one["v"]), ds1 * one["x"][1], "v")
agree(one["d"](one["L"], h0), one["w"] * ds1, "h_0")

# %% [markdown]
# ## Every equation, on your numbers
#
# Above, each equation was written out again to be seen at work. Here the registered statements
# themselves are judged, at every $t$, on the case as you left it:

# %%
print(walk.judge(case), "equations agree")

# %% [markdown]
# That is a check at one point. The badges say what was done beyond it, and
# [what that means](../explanation/evidence.md). Which lines of the question and the answer hold is
# in [the ledger](../reference/claims.md#scalar).
