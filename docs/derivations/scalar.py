# %% [markdown]
# # The scalar RNN
#
# One unit, one weight: everything that makes backpropagation through time peculiar is already here.
# The network reads $x_1, \dots, x_T$ and keeps one number, its state:
#
# $$
# a_t = w\,h_{t-1} + u\,x_t + b, \qquad h_t = \tanh(a_t). \tag{1}
# $$
#
# !!! note "One weight, used T times"
#     The same $w$ enters at every step, so its gradient is a sum over all of them. See
#     [how to read the evidence](../index.md#how-to-read-the-evidence).
#
# ## Forward
#
# The loop keeps every pre-activation $a_t$, because the backward pass will need $\tanh'(a_t)$.

# %%
import numpy as np
from IPython.display import Markdown, Math


def forward(w, u, b, x, h0=0.0):
    """Return the pre-activations a_1..a_T and the states h_0..h_T."""
    a, h = [], [h0]
    for x_t in x:
        a.append(w * h[-1] + u * x_t + b)
        h.append(np.tanh(a[-1]))
    return np.array(a), np.array(h)


x = np.array([0.5, -1.0, 0.25, 2.0])
a, h = forward(0.8, 0.6, 0.1, x)
h

# %% [markdown]
# ## Backward
#
# Write $\delta_t = \partial L/\partial a_t$. The state $h_t$ is used twice, by the loss and by the
# next step, so its gradient has two terms:
#
# \[
# \begin{align}
# \frac{\partial L}{\partial h_t} &= \frac{\partial \ell_t}{\partial h_t}
# + \frac{\partial L}{\partial a_{t+1}}\frac{\partial a_{t+1}}{\partial h_t}
# = \frac{\partial \ell_t}{\partial h_t} + w\,\delta_{t+1}, \tag{2} \\
# \delta_t &= \Bigl(\frac{\partial \ell_t}{\partial h_t} + w\,\delta_{t+1}\Bigr)\tanh'(a_t). \tag{3}
# \end{align}
# \]
#
# Unrolled, \(\delta_t\) collects one path for every later loss:
#
# $$
# \delta_t = \sum_{s=t}^{T} \frac{\partial \ell_s}{\partial h_s}\,\tanh'(a_s)\,
# \prod_{r=t}^{s-1} w\,\tanh'(a_r)
# = \frac{\partial \ell_t}{\partial h_t}\tanh'(a_t)
# + w \tanh'(a_t)\,\frac{\partial \ell_{t+1}}{\partial h_{t+1}}\tanh'(a_{t+1}) + \cdots \tag{4}
# $$


# %%
def backward(w, a, h, dloss):
    """Return dL/dw for the sum of losses with derivatives dloss_t = d loss_t / d h_t."""
    delta, dw = 0.0, 0.0
    for t in reversed(range(len(a))):
        delta = (dloss[t] + w * delta) / np.cosh(a[t]) ** 2
        dw += delta * h[t]
    return dw


dw = backward(0.8, a, h, dloss=h[1:])
Math(rf"\frac{{\partial L}}{{\partial w}} = \sum_t \delta_t h_{{t-1}} = {dw:.15f}")

# %% [markdown]
# ### The same number another way
#
# A complex step needs only the forward pass, and no subtraction:

# %%
_, shifted = forward(0.8 + 1e-20j, 0.6, 0.1, x)
step = (shifted[1:] ** 2).sum().imag / 2e-20
print(f"backward      {dw:.17f}\ncomplex step  {step:.17f}")

# %% tags=["hide-input"]
Markdown(f"They differ by **{abs(dw - step):.1e}**, a rounding error of $L$'s gradient.")
