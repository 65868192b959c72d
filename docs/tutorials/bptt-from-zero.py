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

PLACES = (60, 210, 360)


def text(x, y, words, colour=INK):
    """Return a label."""
    return f'<text x="{x}" y="{y}" text-anchor="middle" fill="{colour}">{words}</text>'


def arrow(x1, y1, x2, y2, back, shown):
    """Return an arrow: of a value, or of a message; faint before its turn."""
    colour, dash = (ACCENT, "5 4") if back else (INK, "")
    tip = 5 if x2 > x1 else -5
    return (
        f'<g opacity="{1 if shown else 0.2}"><path d="M{x1} {y1}L{x2} {y2}m{-2 * tip} -5L{x2} {y2}'
        f'l{-2 * tip} 5" stroke="{colour}" stroke-dasharray="{dash}" fill="none" '
        'stroke-width="1.5"/></g>'
    )


def unrolled(moment):
    """Return the three steps as they stand at a moment."""
    parts, said = [], []
    for t, place in enumerate(PLACES, start=1):
        parts.append(
            f'<rect x="{place - 40}" y="60" width="80" height="54" rx="8" fill="none" '
            'stroke="currentColor"/>'
        )
        known = moment >= t - 1
        parts.append(text(place, 82, f'h<tspan dy="4" font-size="11">{t}</tspan>'))
        parts.append(text(place, 105, f"{h[t]:g}" if known else " "))
        told = moment >= 7 - t
        parts.append(text(place, 170, f"{dh[t]:g}".replace("-", "−") if told else " ", ACCENT))
        said += [f"h_{t} is {h[t]:g}"] * known + [f"the message to h_{t} is {dh[t]:g}"] * told
    for t in (1, 2):
        left, right = PLACES[t - 1] + 44, PLACES[t] - 44
        parts += [arrow(left, 78, right, 78, False, moment >= t), text((left + right) / 2, 70, "w")]
        parts += [arrow(right, 100, left, 100, True, moment >= 6 - t + 1)]
        parts.append(text((left + right) / 2, 122, "times w", ACCENT))
    parts.append(
        '<rect x="470" y="60" width="80" height="54" rx="8" fill="none" stroke="currentColor"/>'
    )
    parts += [text(510, 82, "L"), text(510, 105, f"{loss:g}" if moment >= 3 else " ")]
    parts += [
        arrow(404, 78, 466, 78, False, moment >= 3),
        arrow(466, 100, 404, 100, True, moment >= 4),
    ]
    parts.append(text(510, 170, "⟵ message", ACCENT))
    title = "The network over three steps. " + ("; ".join(said) or "Nothing is known yet") + "."
    return Figure("flow", title, tuple(parts), 560, 190)


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
# | step | message $\partial L/\partial h_t$ | times the state before | part of this step |
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
# After the last step comes nothing, and nothing is zero: that is
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
print(value_and_grad(params))

# %% [markdown]
# ## Have it checked
#
# A gradient that is wrong may still train, only worse, and nobody notices. So it is compared with
# what the loss itself does when a weight is moved a little. How little, and how much two numbers
# may differ, is [no matter of taste](../explanation/tolerances.py); the package works it out:

# %%
from bpttcheck import check_gradients

report = check_gradients(value_and_grad, params)
print(report)
assert report.ok

# %% [markdown]
# And a mistake that is easily made: $w$ multiplied the state *before*, and what is written is the
# state of the same step.

# %%
import inspect

namespace = {"np": np, "x": x, "y": y}
exec(inspect.getsource(value_and_grad).replace("ds * h[t - 1]", "ds * h[t]"), namespace)
report = check_gradients(namespace["value_and_grad"], params)
print(report)
assert not report.ok

# %% [markdown]
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
# ## Where to go from here
#
# - [The scalar RNN](../derivations/scalar.py): the same derivation for any squashing and any loss,
#   each line with its evidence.
# - [The vector RNN](../derivations/vector.py): many states, a softmax, and the transposes.
# - [Vanishing gradients](../derivations/notes.py): that factor $w$, forty times in a row.
# - [All gradients on one page](../reference/cheat-sheet.md), to print.
