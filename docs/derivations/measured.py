# %% [markdown]
# # Vanishing and exploding, measured
#
# See how much of what a loss says is left $k$ steps before it, measured beside the bounds: which
# weights keep a gradient, which bound is tight and which says nothing, what initialisation does,
# and when an LSTM forgets all the same.
#
# Every number below is made by the functions of the package when the page is built; what the text
# claims of them is asserted in the cell.

# %% tags=["fold-input"] title="A network, and how long its messages are"
import numpy as np

import bpttcheck

m, n, p = 4, 16, 5


def noise(T, seed=0, size=1.0):
    """Return inputs (T, m)."""
    return size * np.random.default_rng(seed).normal(size=(T, m))


def weights(W, seed=1):
    """Return an RNN's weights with W for its states."""
    rng = np.random.default_rng(seed)
    U = rng.normal(size=(len(W), m)) / m
    return {"U": U, "W": W, "V": rng.normal(size=(p, len(W))) / len(W) ** 0.5}


def heard(params, x, phi="tanh"):
    """Return ‖∂L_T/∂h_k‖ for lags T − k = 0, 1, …, relative to lag 0."""
    run = bpttcheck.rnn.forward(params, x, phi=phi)
    ds = np.zeros_like(run.s)
    ds[-1] = bpttcheck.nll_gradient(run.s[-1], 0)  # the loss of the last step alone
    norms = np.linalg.norm(bpttcheck.rnn.backward(params, run, ds).dh, axis=-1)[::-1]
    return norms / norms[0]


def radius(W):
    """Return the largest modulus of an eigenvalue."""
    return np.abs(np.linalg.eigvals(W)).max()


# %% [markdown]
# ## A bound, when it is tight and when it says nothing
#
# With the steepest slope $\gamma$, a message is at most $(\lVert W \rVert \gamma)^{t-k}$ times what
# it was $t - k$ steps later:
# [`rnn.gradient-bound`](../reference/identities/rnn.md#rnn.gradient-bound).
#
# - **Tight:** linear states and a $W$ whose singular values are all alike, that is a multiple of an
#   orthogonal matrix. Then nothing depends on the direction of the message, and the bound is an
#   equation.
# - **Useless:** a $W$ of independent normal entries. Its largest singular value is about twice its
#   largest eigenvalue when $n$ is large. Here the bound grows by 1.4 a step, and the message
#   shrinks: after a few steps it goes by the eigenvalues.

# %%
T = 60
rng = np.random.default_rng(2013)
rotation = bpttcheck.orthogonal(n, rng)
scattered = rng.normal(size=(n, n)) / n**0.5
scattered *= 0.9 / radius(scattered)

tight = heard(weights(0.9 * rotation), noise(T), "linear")
loose = heard(weights(scattered), noise(T), "linear")
norm = np.linalg.norm(scattered, 2)
for words, W, found in (("rotation", 0.9 * rotation, tight), ("scattered", scattered, loose)):
    print(f"{words:10} ‖W‖ = {np.linalg.norm(W, 2):.2f}  ρ(W) = {radius(W):.2f}", end="")
    print("".join(f"   lag {k}: {found[k]:.1e}" for k in (1, 10, 40, 60)))
print(f"the bound for the second: {norm**60:.1e}; ρ to the 60: {0.9**60:.1e}")
assert abs(tight[60] / 0.9**60 - 1) < 1e-9  # an equation, but for rounding
assert norm**60 > 1e12 * loose[60]  # the bound says nothing

# %% tags=["fold-input"] title="The code that draws the figure"
from bpttcheck.figures import ACCENT, INK, Axis, Line, chart, play, scientific

lags = np.arange(T + 1)
BACK, SIZE = Axis(0, T, 10, "steps back from the loss"), Axis(-6, 10, 2, powers=True)
chart(
    "bounds",
    "The length of the message against the lag, on a logarithmic scale. For a multiple of a "
    f"rotation it falls straight, on its bound, to {tight[T]:.0e}. For scattered weights it wavers "
    f"about the same line, while its bound rises straight to {norm**T:.0e} at lag {T}.",
    [
        Line("rotation, on its bound", lags, tight, INK, "4 4"),
        Line("scattered", lags, loose, ACCENT),
        Line("bound for the scattered", lags, norm**lags, INK, "2 3"),
    ],
    BACK,
    SIZE,
)

# %% [markdown]
# ## Smaller than one, and growing
#
# An eigenvalue below one makes powers vanish in the end. It does not say what they do before. Here
# both eigenvalues are 0.9, and the powers grow for eight steps to many times where they began. The
# singular values are what the first steps go by, the eigenvalues the last ones; neither is wrong.

# %%
sheared = np.array([[0.9, 5.0], [0.0, 0.9]])
powers = [np.linalg.norm(np.linalg.matrix_power(sheared, k), 2) for k in range(T + 1)]
message = heard(weights(sheared) | {"V": np.outer(np.arange(p), [1.0, 0.0])}, noise(T), "linear")
print(f"ρ(W) = {radius(sheared):.2f}, ‖W‖ = {np.linalg.norm(sheared, 2):.2f}")
print("‖Wᵏ‖      " + "".join(f"  lag {k}: {powers[k]:4.2g}" for k in (1, 9, 30, 60)))
print("a message " + "".join(f"  lag {k}: {message[k]:4.2g}" for k in (1, 9, 30, 60)))
assert radius(sheared) < 1
assert max(powers) > 15
assert max(message) > 15
assert powers[60] < 1

# %% [markdown]
# Move the entry above the diagonal. The eigenvalues stay where they are, and so does the broken
# line; at zero the two lines are one.

# %% tags=["fold-input"] title="The code that draws the figure"
entries, figures, says = np.arange(0, 8.5, 0.5), [], []
for entry in entries:
    W = np.array([[0.9, entry], [0.0, 0.9]])
    norms = [np.linalg.norm(np.linalg.matrix_power(W, k), 2) for k in range(T + 1)]
    top, last = int(np.argmax(norms)), max(k for k in range(T + 1) if norms[k] >= 1)
    title = (
        f"The norm of the powers of W against the power, for an entry of {entry:g}: at most "
        f"{max(norms):.2g}, at {top}, and at least 1 up to {last}. The powers of the eigenvalue "
        "fall from the first step."
    )
    lines = [
        Line("‖Wᵏ‖", lags, norms, ACCENT),
        Line("ρ(W)ᵏ", lags, 0.9**lags, INK, "4 4"),
    ]
    figures.append(chart("sheared", title, lines, Axis(0, T, 10, "k"), Axis(-3, 2, 1, powers=True)))
    says.append(
        f"ρ(W) = 0.9, ‖W‖ = {norms[1]:.2f}. The powers are largest at k = {top}, "
        f"{scientific(max(norms))}; the last one of at least 1 is k = {last}."
    )
    assert (last > 0) == (norms[1] >= 1)
play("entry", [f"{entry:g}" for entry in entries], figures, says, start=10)

# %% [markdown]
# ## “The gradient of W vanishes”
#
# It does not. What vanishes is the part that came a long way:
# [`rnn.W-gradient-bound`](../reference/identities/rnn.md#rnn.W-gradient-bound) is a sum, and its
# first terms are as large as ever. Below, the share of $\partial L_T / \partial W$ that is left
# when only the last steps are heard, the network being that of the first figure with tanh states.
# Ten steps of sixty make up nearly all of it, which is why training goes on, and learns nothing
# long.

# %%
params, x = weights(0.9 * rotation), noise(T)
run = bpttcheck.rnn.forward(params, x)
ds = np.zeros_like(run.s)
ds[-1] = bpttcheck.nll_gradient(run.s[-1], 0)
g = bpttcheck.rnn.backward(params, run, ds)
parts = np.einsum("ti,tj->tij", g.da, run.h[:-1])[::-1]  # ∂L_T/∂a_k h_{k−1}ᵀ, latest first
whole = np.linalg.norm(g.dW)
left = [np.linalg.norm(g.dW - parts[:k].sum(axis=0)) / whole for k in range(T)]
for k in (1, 5, 10, 20, 40):
    print(f"beyond the last {k:2} steps: {left[k]:.0e} of the gradient")
assert left[10] < 0.05
assert left[40] < 1e-4

# %% [markdown]
# What is left beyond $k$ steps is the bias of [truncated BPTT](../explanation/truncation.md).
#
# ## Where to begin
#
# With all singular values one, no message shrinks or grows by $W$, in any direction: what is left
# to shrink it are the slopes. Normal weights of the same mean square stretch some directions and
# lose others, and are a matter of luck. The *identity* with ReLU, the IRNN, has slopes of one
# wherever a unit is on. Ten draws each of 64 states, lag 100, with inputs so small that tanh is
# nearly linear, and with larger ones:

# %%
T, found = 100, {}
for size in (0.003, 0.05):
    for kind, phi in (
        ("orthogonal", "tanh"),
        ("normal", "tanh"),
        ("identity", "relu"),
        ("orthogonal", "relu"),
    ):
        draws = []
        for seed in range(10):
            made = bpttcheck.initial_weights(
                "rnn", m=m, n=64, p=p, recurrent=kind, rng=np.random.default_rng(seed)
            )
            draws.append(heard(made, noise(T, size=size), phi)[T])
        found[size, kind, phi] = min(draws), max(draws)
        print(f"inputs {size:5}  {kind:10} {phi:5} {min(draws):8.0e} … {max(draws):.0e}")
assert found[0.003, "orthogonal", "tanh"][0] > 0.8
assert found[0.003, "normal", "tanh"][1] > 10 * found[0.003, "normal", "tanh"][0]
assert found[0.05, "orthogonal", "tanh"][1] < 0.2
assert found[0.003, "identity", "relu"][0] == 0
assert found[0.003, "identity", "relu"][1] > 0.1
assert found[0.003, "orthogonal", "relu"][1] < 1e-10

# %% [markdown]
# Three things to see. An orthogonal $W$ keeps what the states were, too: inputs add up, states
# saturate, and the slopes take what $W$ does not. Keeping a gradient needs small states as well.
# The identity with ReLU keeps a message exactly on the units that are on at every step, and nothing
# on the others: in some draws none is on all the time, and the gradient is not small, it is zero.
# And a rotation with ReLU is the worst of all: half of what it sends anywhere meets a unit that is
# off.
#
# So ReLU does not solve it. Its slopes are 1 or 0, and neither bounds anything from above:

# %%
for size in (0.8, 1.0, 1.2):
    grown = heard(weights(size * np.eye(n)), np.abs(noise(60)), "relu")
    print(f"W = {size} I, ReLU, lag 60: {grown[60]:.0e}")
    assert (grown[60] > 1e4) == (size > 1)
    assert (grown[60] < 1e-4) == (size < 1)

# %% [markdown]
# ## When an LSTM keeps a gradient
#
# Along the cell of [an LSTM](lstm.py), the gates held fixed, a step multiplies by the forget gate
# and by nothing else: [`lstm.direct-path`](../reference/identities/lstm.md#lstm.direct-path). So
# this path keeps
#
# $$\prod_{j=k+1}^{t} f_j = \exp\Bigl(\sum_{j=k+1}^{t} \ln f_j\Bigr),$$
#
# unit by unit, and the condition is on the gates: **the path keeps a gradient over a lag as long as
# the sum of $-\ln f_j$, about that of $1 - f_j$, stays bounded over it.** Gates of 0.99 keep a
# third over 100 steps. Gates of one half, which is where a bias of zero begins, keep nothing. The
# bias of the forget gate is there for the beginning: $\sigma(1) = 0.73$ to the power 40 is $4 \cdot
# 10^{-6}$, so a bias of 1 carries over ten steps rather than forty.

# %%
T = 60
kept = {}
for keep in (0.0, 1.0, 3.0, 5.0):
    made = bpttcheck.initial_weights(
        "lstm", m=m, n=n, p=p, rng=np.random.default_rng(5), scale=0.5, keep=keep
    )
    run = bpttcheck.lstm.forward(made, noise(T, size=0.3))
    ds = np.zeros_like(run.s)
    ds[-1] = bpttcheck.nll_gradient(run.s[-1], 0)
    norms = np.linalg.norm(bpttcheck.lstm.backward(made, run, ds).dc, axis=-1)[::-1]
    kept[keep] = norms / norms[0]
    path = run.f.prod(axis=0).max()
    print(f"bias {keep:g}: f ≈ {run.f.mean():.3f}", end="")
    print("".join(f"   lag {k}: {kept[keep][k]:.0e}" for k in (10, 40, 60)), end="")
    print(f"   the path alone, at best: {path:.0e}")
assert kept[0.0][60] < 1e-6
assert kept[5.0][60] > 0.1
assert 1e-8 < kept[1.0][60] < 1e-3

# %% tags=["fold-input"] title="The code that draws the figure"
lags = np.arange(T + 1)
chart(
    "forget",
    "The length of the gradient by the cell against the lag, on a logarithmic scale, for forget "
    "gate biases of 0, 1, 3 and 5. After 60 steps "
    + ", ".join(f"{norms[T]:.0e}" for norms in kept.values())
    + " of it is left.",
    [
        Line(f"bias {keep:g}", lags, norms, ACCENT if keep == 5 else INK, dash)
        for (keep, norms), dash in zip(kept.items(), ("2 3", "4 4", "9 4", ""), strict=True)
    ],
    BACK,
    Axis(-18, 0, 3, powers=True),
)

# %% [markdown]
# Without a forget gate, as in 1997, the path multiplies by one and keeps everything, whatever the
# gates say. That is no promise about the gradient as a whole, which has other paths, through the
# gates and their $W$: with large weights they explode past the cell that keeps.

# %%
for scale in (0.5, 6.0):
    made = bpttcheck.initial_weights(
        "lstm", m=m, n=n, p=p, rng=np.random.default_rng(5), scale=scale, forget=False
    )
    run = bpttcheck.lstm.forward(made, noise(T, size=0.3), forget=False)
    ds = np.zeros_like(run.s)
    ds[-1] = bpttcheck.nll_gradient(run.s[-1], 0)
    norms = np.linalg.norm(bpttcheck.lstm.backward(made, run, ds).dc, axis=-1)[::-1]
    print(f"no forget gate, ‖W‖ = {scale:g}: lag 60: {norms[60] / norms[0]:.1e}")
    assert (norms[60] / norms[0] > 100) == (scale == 6)

# %% [markdown]
# ## Exercises
#
# **1. With a pencil.** $W = \begin{pmatrix} 0.5 & 10 \\ 0 & 0.5 \end{pmatrix}$. What stands in the
# corner of $W^k$, and for which $k$ is it largest?
#
# ??? more "Hint"
#
#     Write $W = \tfrac12 I + N$ with $N^2 = 0$: then $W^k = 2^{-k} I + k\, 2^{-(k-1)} N$.

# %% tags=["fold"] title="Solution"
corners = [np.linalg.matrix_power(np.array([[0.5, 10.0], [0.0, 0.5]]), k)[0, 1] for k in range(8)]
print([round(float(corner), 3) for corner in corners])
assert np.allclose(corners, [10 * k * 0.5 ** (k - 1) if k else 0.0 for k in range(8)])
assert max(corners) == corners[1] == corners[2] == 10

# %% [markdown]
# ??? more "If you have 10 to the power k"
#
#     Powers of a matrix are products of rows and columns. The 10 occurs once in each term: a path
#     through the corner takes it once and cannot come back.
#
# **2. How large a bias?** The gates of an LSTM are to keep half of a message over 100 steps. How
# large a gate is that, and which bias makes it, where its weights are zero?
#
# ??? more "Hint"
#
#     $f^{100} = \tfrac12$, and $\sigma(b) = f$ means $b = \ln(f / (1 - f))$.

# %% tags=["fold"] title="Solution"
gate = 0.5**0.01
bias = np.log(gate / (1 - gate))
print(f"gate {gate:.5f}, bias {bias:.2f}")
assert abs(float(bpttcheck.sigmoid(bias)) ** 100 - 0.5) < 1e-12

# %% [markdown]
# ??? more "If you have a gate of 0.995"
#
#     $1 - f = 0.5 / 100$ takes equal parts of the first message away. That is near, since the loss
#     is small, but it keeps $0.995^{100} = 0.61$.
#
# **3. A program.** Find the spectral norm at which a tanh network of this page, with a rotation for
# its weights and the inputs of the first figure, keeps a tenth of a message over 20 steps.
#
# ??? more "Hint"
#
#     `heard(weights(size * rotation), noise(20))[20]` grows with `size` at first. Halve an
#     interval.

# %% tags=["fold"] title="Solution"
low_, high_ = 0.5, 1.5
for _ in range(20):
    middle = (low_ + high_) / 2
    enough = heard(weights(middle * rotation), noise(20))[20] > 0.1
    low_, high_ = (low_, middle) if enough else (middle, high_)
print(f"‖W‖ = {high_:.4f}")
assert abs(heard(weights(high_ * rotation), noise(20))[20] - 0.1) < 1e-3

# %% [markdown]
# ??? more "If you have the 20th root of a tenth, 0.891"
#
#     That is the linear network's. Tanh takes its slopes as well, so $W$ has to make up for them.
