# %% [markdown]
# # BPTT from zero in twenty minutes
#
# Follow the numbers with a pencil: a network with a memory, the gradient of its loss, and where
# each number of it comes from. In the end you have written backpropagation through time yourself,
# and had it checked.
#
# You need derivatives of one variable and the chain rule; of Python, loops and dictionaries.
#
# ## A network that remembers
#
# It reads one number a step, $x_1, x_2, x_3$, and keeps one number, its state $h_t$, which is made
# from the state before and the number just read:
#
# $$ h_t = w\, h_{t-1} + v\, x_t, \qquad h_0 = 0 $$
#
# The same $w$ and the same $v$ at every step: these two are all there is to learn. Take
# $w = \tfrac12$, $v = 1$ and the sequence $1, 0, 0$. With a pencil: $1$, then half of it, then half
# of that.

# %%
w, v = 0.5, 1.0
x = [1.0, 0.0, 0.0]

h = [0.0]  # h[0] is the state before the first step
for t in (1, 2, 3):
    h.append(w * h[t - 1] + v * x[t - 1])  # x[0] is the first input
print(h)

# %% [markdown]
# ## A loss at the end
#
# Say the network should remember the $1$ until the last step: $h_3$ ought to be $1$. It is
# $\tfrac14$. The loss is half the square of the error,
#
# $$ L = \tfrac12 (h_3 - 1)^2 = \tfrac12 \cdot \bigl(-\tfrac34\bigr)^2 = \tfrac{9}{32} . $$
#
# What would a little more of $h_3$ do to $L$? Its derivative is the error itself,
# $\partial L/\partial h_3 = h_3 - 1 = -\tfrac34$: more of $h_3$ means less loss.

# %%
loss = (h[3] - 1) ** 2 / 2
dh = {3: h[3] - 1}
print(loss, dh)

# %% [markdown]
# ## Back one step, and another
#
# A little more of $h_2$ is $w$ times that much more of $h_3$. So whatever the loss says to $h_3$,
# it says $w$ times that to $h_2$, and $w$ times that again to $h_1$:
#
# $$ \frac{\partial L}{\partial h_2} = w\, \frac{\partial L}{\partial h_3} = -\tfrac38, \qquad
#    \frac{\partial L}{\partial h_1} = w\, \frac{\partial L}{\partial h_2} = -\tfrac{3}{16} . $$
#
# The message has come *back through time*. That is the whole idea; the rest is bookkeeping. Move
# the slider: first the values go forward, then the message comes back.

# %%
for t in (2, 1):
    dh[t] = w * dh[t + 1]
print(dh)

# %% tags=["fold-input"] title="The code that draws the figure"
from bpttcheck.figures import ACCENT, INK, Figure, play
from bpttcheck.figures.svg import low, words
from bpttcheck.figures.unrolled_network import arrow

PLACES = (38, 136, 234, 326)


def node(x, name, value):
    """Return a box with a name and a value."""
    frame = f'<rect x="{x - 30}" y="30" width="60" height="50" rx="6" fill="none" stroke="{INK}"/>'
    return frame + words(x, 51, name) + words(x, 71, value)


def faint(drawing, shown):
    """Return what is hardly seen before its turn."""
    return f'<g opacity="{1 if shown else 0.2}">{drawing}</g>'


def unrolled(moment):
    """Return the three steps as they stand at a moment."""
    parts, said = [], []
    values = [f"{h[t]:g}" if moment >= t - 1 else " " for t in (1, 2, 3)]
    values.append(f"{loss:g}"[:5] if moment >= 3 else " ")
    names = [*(low("h", str(t)) for t in (1, 2, 3)), "L"]
    for x_, name, value in zip(PLACES, names, values, strict=True):
        parts.append(node(x_, name, value))
    for t in (1, 2, 3):
        left, right = PLACES[t - 1] + 33, PLACES[t] - 33
        forth = arrow(left, 47, right, 47)
        back = arrow(right, 64, left, 64, back=True)
        parts += [faint(forth, moment >= t), faint(back, moment >= 7 - t)]
        if t < 3:
            parts += [words((left + right) / 2, 40, "w")]
            parts += [words((left + right) / 2, 82, "w", colour=ACCENT)]
        told = moment >= 7 - t
        message = f"{dh[t]:g}".replace("-", "−") if told else " "
        parts.append(words(PLACES[t - 1], 108, message, colour=ACCENT))
        said += [f"h_{t} is {h[t]:g}"] * (moment >= t - 1)
        said += [f"the message to h_{t} is {dh[t]:g}"] * told
    parts.append(words(PLACES[3], 108, "messages", colour=ACCENT))
    title = "The network over three steps. " + ("; ".join(said) or "Nothing is known yet") + "."
    return Figure("flow", title, tuple(parts), 360, 118)


MOMENTS = [
    "Read x<sub>1</sub> = 1: the state is 1.",
    "Read x<sub>2</sub> = 0: half of the state is left.",
    "Read x<sub>3</sub> = 0: half of that.",
    "The loss compares 0.25 with 1.",
    "Back: to h<sub>3</sub> the loss says its error, −0.75.",
    "To h<sub>2</sub> it says w times that, −0.375.",
    "To h<sub>1</sub> it says w times that again, −0.1875.",
]
play(
    "moment", [f"{k + 1} of 7" for k in range(7)], [unrolled(k) for k in range(7)], MOMENTS, start=6
)

# %% [markdown]
# ## One weight, three places
#
# How does the loss change with $w$? It acted at every step. Pretend for a moment that each step has
# a $w$ of its own: $w_3$ multiplied $h_2$, so its derivative is what the loss says to $h_3$, times
# $h_2$. Likewise for the others:
#
# | step | what came back, $\partial L/\partial h_t$ | times the state before | part of this step |
# |---:|---:|---:|---:|
# | 3 | $-\tfrac34$ | $\tfrac12$ | $-\tfrac38$ |
# | 2 | $-\tfrac38$ | $1$ | $-\tfrac38$ |
# | 1 | $-\tfrac{3}{16}$ | $0$ | $0$ |
#
# But there is only one $w$. Turn it, and all three turn; so the parts are added up:
# $\partial L/\partial w = -\tfrac34$. For $v$ the same, with the input in the place of the state
# before.

# %%
dw = sum(dh[t] * h[t - 1] for t in (1, 2, 3))
dv = sum(dh[t] * x[t - 1] for t in (1, 2, 3))
print("dw", dw, " dv", dv)

# %% [markdown]
# Is that so? This network is small enough to do without the chain of messages: $h_3 = w^2 v$, hence
# $L = \tfrac12 (w^2 v - 1)^2$, and
#
# $$ \frac{dL}{dw} = 2 w v\, (w^2 v - 1) = 2 \cdot \tfrac12 \cdot \bigl(-\tfrac34\bigr) = -\tfrac34,
# \qquad \frac{dL}{dv} = w^2 (w^2 v - 1) = -\tfrac{3}{16} . $$

# %%
assert dw == 2 * w * v * (w**2 * v - 1) == -0.75
assert dv == w**2 * (w**2 * v - 1) == -0.1875

# %% [markdown]
# ## A loss at every step
#
# Let every step have a target: $0, 0, 1$. Now $h_2$ speaks to the loss in two ways, through its own
# error and through $h_3$. What comes back along both is added:
#
# $$ \frac{\partial L}{\partial h_t} = \underbrace{h_t - y_t}_{\text{its own}}
#    + \underbrace{w\, \frac{\partial L}{\partial h_{t+1}}}_{\text{from the step after}} $$
#
# The second term is the *message*, and from here on the word means that alone: what the step after
# sends back. After the last step comes nothing, and nothing is zero: that is
# [how it can start](../derivations/scalar.py#how-can-it-start). With a pencil:
# $-\tfrac34$; then $\tfrac12 - \tfrac38 = \tfrac18$; then $1 + \tfrac1{16} = \tfrac{17}{16}$.

# %%
y = [0.0, 0.0, 1.0]
message = 0.0  # after the last step
for t in (3, 2, 1):
    dh[t] = (h[t] - y[t - 1]) + message
    message = w * dh[t]
print(dh)
assert dh == {3: -0.75, 2: 0.125, 1: 1.0625}

# %% [markdown]
# ## The squashing
#
# Real networks squash: $h_t = \tanh(s_t)$ with $s_t = w h_{t-1} + v x_t$. One factor more on the
# way back, the slope of tanh at $s_t$, which is $1 - h_t^2$. No pencil any more, but the loop has
# grown by one line. Here it is whole, as a function of the weights:

# %%
import numpy as np


def value_and_grad(params):
    """Return the loss, and its gradient by both weights."""
    w, v = params["w"], params["v"]
    h, loss = [np.zeros(())], 0.0
    for t in (1, 2, 3):
        h.append(np.tanh(w * h[t - 1] + v * x[t - 1]))
        loss = loss + (h[t] - y[t - 1]) ** 2 / 2

    dw = dv = message = 0.0
    for t in (3, 2, 1):
        dh = (h[t] - y[t - 1]) + message
        ds = dh * (1 - h[t] ** 2)  # through tanh
        dw, dv = dw + ds * h[t - 1], dv + ds * x[t - 1]
        message = ds * w
    return loss, {"w": dw, "v": dv}


params = {"w": 0.5, "v": 1.0}
total, slopes = value_and_grad(params)
print(f"loss {total:.6f}  dw {slopes['w']:.6f}  dv {slopes['v']:.6f}")

# %% [markdown]
# ## Have it checked
#
# A gradient that is wrong may still train, only worse, and nobody notices. So it is compared with
# what the loss itself does when a weight is moved a little. How little, and how much two numbers
# may differ, [can be worked out](../explanation/tolerances.py), and `check_gradients` does. It
# takes the function that you wrote and a point, and says *right*, *wrong*, or *undecided* where it
# cannot see enough:

# %%
from bpttcheck import check_gradients

report = check_gradients(value_and_grad, params)
print(report.verdict)
assert report.ok

# %% [markdown]
# And a mistake that is easily made. $w$ multiplied the state *before*; here it meets the state of
# the same step:
#
# ```diff
# - dw, dv = dw + ds * h[t - 1], dv + ds * x[t - 1]
# + dw, dv = dw + ds * h[t], dv + ds * x[t - 1]
# ```

# %% tags=["fold-input"] title="The code that plants it"
import inspect

slip = inspect.getsource(value_and_grad).replace("ds * h[t - 1]", "ds * h[t]")
namespace = {"np": np, "x": x, "y": y}
exec(slip, namespace)
report = check_gradients(namespace["value_and_grad"], params)
print(f"{report.verdict}: {report.reason}")
print("got     ", report["w"].got)
print("expected", report["w"].expected)
assert not report.ok

# %% [markdown]
# The gradient of $v$ is right; only that of $w$ has met the wrong number. Such a report has more
# to say: how large an error would have been found, and at which sizes it shows. What it all means
# is in [Check your own backward pass](../how-to/check-your-backward-pass.md).

# %% tags=["fold"] title="The whole report"
print(report)

# %% [markdown]
# ## Change it
#
# The same in plain Python, in a box that you can write in. Your browser runs it; nothing is sent
# anywhere. The figure shows the states and the messages, dashed those of the run before. Some
# things to do, and to guess before you run it:
#
# - Set `w` to 1.5. Which message grows?
# - Take a longer sequence, `x = [1.0] + 19 * [0.0]` and `y = 19 * [0.0] + [1.0]`. How far back does
#   the message of the last step reach?
# - Write `h[t]` in the place of `h[t - 1]` in the line of `dw`: the mistake above.
# - Leave out the slope, `* (1 - h[t] ** 2)`, in the line of `ds`.

# %% tags=["run"] title="BPTT in plain Python"
from math import tanh

from bpttcheck.plain import report

x = [1.0, 0.0, 0.0]
y = [0.0, 0.0, 1.0]
w, v = 0.5, 1.0
T = len(x)


def forward(w, v):
    """Return all states, h[0] being the one before the first step."""
    h = [0.0]
    for t in range(1, T + 1):
        h.append(tanh(w * h[t - 1] + v * x[t - 1]))
    return h


def loss(w, v):
    """Return the loss, a part of it from every step."""
    h = forward(w, v)
    return sum((h[t] - y[t - 1]) ** 2 / 2 for t in range(1, T + 1))


h = forward(w, v)
dh = [0.0] * (T + 1)
dw = dv = message = 0.0
for t in range(T, 0, -1):
    dh[t] = (h[t] - y[t - 1]) + message
    ds = dh[t] * (1 - h[t] ** 2)  # through tanh
    dw = dw + ds * h[t - 1]
    dv = dv + ds * x[t - 1]
    message = ds * w
dh[0] = message

report(loss, {"w": w, "v": v}, {"w": dw, "v": dv}, h, dh)

# %% [markdown]
# The check is small: it moves each weight by about a thousandth, and estimates how far off that may
# be. For code of your own, take `check_gradients`.
#
# ## The same from the package
#
# What you have written is in the package as a function, for one sequence or for many at a time,
# with every equation of it checked:

# %%
import bpttcheck

loss, gradients = bpttcheck.scalar_rnn.value_and_grad(params, x, y)
mine, my_gradients = value_and_grad(params)
print(float(loss), float(gradients["w"]), float(gradients["v"]))
assert np.allclose(
    [mine, my_gradients["w"], my_gradients["v"]], [loss, gradients["w"], gradients["v"]], rtol=1e-14
)

# %% [markdown]
# ## Exercises
#
# **1. With a pencil.** The first network, without squashing, $w = 2$, $v = 1$, inputs $1, 0$ and a
# loss at the end only, $\tfrac12 (h_2 - 1)^2$. What are $\partial L/\partial w$ and
# $\partial L/\partial v$?
#
# ??? more "Hint"
#
#     The states are 1 and 2; the loss says $h_2 - 1 = 1$ to the last one.

# %% tags=["fold"] title="Solution"
to_2 = 2.0 - 1.0
to_1 = 2.0 * to_2  # back through w
print("dw", to_2 * 1.0 + to_1 * 0.0, " dv", to_2 * 0.0 + to_1 * 1.0)
# h_2 = w v, so L = ½ (w v − 1)²; by w: v (w v − 1) = 1, by v: w (w v − 1) = 2
assert to_2 * 1.0 + to_1 * 0.0 == 1.0 * (2.0 * 1.0 - 1.0)
assert to_2 * 0.0 + to_1 * 1.0 == 2.0 * (2.0 * 1.0 - 1.0)

# %% [markdown]
# ??? more "If you have ∂L/∂w = 4, 3 or 2"
#
#     4 takes the state of the *same* step, $1 \cdot 2 + 2 \cdot 1$. 3 takes $h_0$ for 1; it is 0. 2
#     is the gradient of $v$: which of the two meets the input?
#
# **2. What if nothing is passed on?** Set `message = 0` at every step, in the loop with a loss at
# every step. Which of the two gradients is wrong, and for which sequences would nobody notice?
#
# ??? more "Hint"
#
#     Then each state hears its own error only. Which parts of the sums came through the message?


# %% tags=["fold"] title="Solution"
h_linear = [0.0, 1.0, 0.5, 0.25]


def without_message(targets):
    """Return dw and dv, linear states, each step on its own; and as they are right."""
    given = {"w": w, "v": v}
    own = [h_linear[t] - targets[t - 1] for t in (1, 2, 3)]
    cut = [sum(own[t - 1] * met[t - 1] for t in (1, 2, 3)) for met in (h_linear[:3], x)]
    _, right = bpttcheck.scalar_rnn.value_and_grad(given, x, targets, phi="linear")
    return cut, [float(right["w"]), float(right["v"])]


print("targets 0, 0, 1:", *without_message([0.0, 0.0, 1.0]))
print("targets of which the last two are met:", *without_message([0.0, *h_linear[2:]]))
assert without_message([0.0, 0.0, 1.0])[0] != without_message([0.0, 0.0, 1.0])[1]
cut, right = without_message([0.0, *h_linear[2:]])
assert np.allclose(cut, right)  # no later step has anything to say

# %% [markdown]
# ??? more "If you said: only w"
#
#     The message changes what *every* earlier state hears, and both weights are multiplied by that.
#
# **3. A program.** Let the loss be at the last step only, in the network with tanh. Change
# `value_and_grad` and have it checked; or change the program of [the box](#change-it), and run it.
#
# ??? more "Hint"
#
#     Two places: where the loss adds up, and where a state hears its own error.


# %% tags=["fold"] title="Solution"
def last_only(params):
    """Return the loss of the last step, and its gradient by both weights."""
    w, v = params["w"], params["v"]
    h = [np.zeros(())]
    for t in (1, 2, 3):
        h.append(np.tanh(w * h[t - 1] + v * x[t - 1]))
    dw = dv = message = 0.0
    for t in (3, 2, 1):
        own = h[t] - y[t - 1] if t == 3 else 0.0
        ds = (own + message) * (1 - h[t] ** 2)
        dw, dv = dw + ds * h[t - 1], dv + ds * x[t - 1]
        message = ds * w
    return (h[3] - y[2]) ** 2 / 2, {"w": dw, "v": dv}


report = check_gradients(last_only, params)
print(report.verdict)
assert report.ok

# %% [markdown]
# ??? more "If the report says wrong"
#
#     If both are wrong, the other steps' errors are still in the loop while the loss has only the
#     last, or the reverse: the two must tell the same story.

# %% [markdown]
# ## Where to go from here
#
# - [The scalar RNN](../derivations/scalar.py): the same derivation for any squashing and any loss,
#   each line with its evidence.
# - [The vector RNN](../derivations/vector.py): many states, a softmax, and the transposes.
# - [Vanishing gradients](../derivations/notes.py): that factor $w$, forty times in a row.
# - [Where does the gradient go?](../derivations/where-it-goes.py): a figure to play with.
# - [Which line is wrong?](quiz.md) Fourteen backward passes with a slip each.
# - [All gradients on one page](../reference/cheat-sheet.md), to print.
