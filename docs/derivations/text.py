# %% [markdown]
# # On real text
#
# Watch a vanilla RNN, a GRU and an LSTM read a text about backpropagation through time, letter by
# letter, and learn to guess the next one, with the forward and backward passes of this package and
# nothing else: how the loss falls, how far back the gradient reaches on the way, and what the
# networks write in the end.
#
# Each step reads the letter that really came, not the one that was guessed: that is called teacher
# forcing. The text was written for this page and has 3,656 letters. Forty-eight states, eight
# streams side by side, stateful [truncated BPTT](../explanation/truncation.md) in chunks of 24
# letters, gradients [clipped by their global norm](../explanation/clipping.md), Adam.
# `examples/characters.py` trains all three in half a minute, prints what it does, and with
# `--record` keeps it; this page shows the record, and a test makes its beginning again.

# %%
import json
from pathlib import Path

import numpy as np

import bpttcheck

EXAMPLES = Path(bpttcheck.__file__).parents[1] / "examples"
text = (EXAMPLES / "characters.txt").read_text(encoding="utf-8")
record = json.loads((EXAMPLES / "characters.json").read_text(encoding="utf-8"))
print(text[:227])

# %% [markdown]
# ## The loss
#
# In nats a letter. Guessing blindly costs $\ln 39$; knowing how often each letter comes costs its
# entropy, and needs no memory. Whatever lies below that has been learned from the letters before.

# %%
letters, counts = np.unique(list(text), return_counts=True)
shares = counts / len(text)
entropy = -(shares * np.log(shares)).sum()
smooth = {cell: np.convolve(r["losses"], np.ones(25) / 25, "valid") for cell, r in record.items()}
print(f"blindly {np.log(len(letters)):.2f}, by frequency {entropy:.2f}")
for cell, found in smooth.items():
    print(f"{cell:5}" + "".join(f"   after {k}: {found[k]:.2f}" for k in (0, 150, 300, 576)))
    assert found[-1] < 0.7 * entropy

# %% tags=["fold-input"] title="The code that draws the figure"
from bpttcheck.figures import ACCENT, INK, Axis, Line, chart, play, scientific

LOOKS = {"rnn": ("RNN", INK, "2 3"), "lstm": ("LSTM", INK, "9 4"), "gru": ("GRU", ACCENT, "")}
chart(
    "losses",
    "The loss in nats a letter against the updates, from 0 to 600, averaged over 25. All fall from "
    f"about 3, to {smooth['gru'][-1]:.1f} for the GRU, {smooth['rnn'][-1]:.1f} for the RNN and "
    f"{smooth['lstm'][-1]:.1f} for the LSTM.",
    [
        Line(name, np.arange(len(smooth[cell])), smooth[cell], colour, dash)
        for cell, (name, colour, dash) in LOOKS.items()
    ],
    Axis(0, 600, 100, "updates"),
    Axis(0, 4, 1),
)

# %% [markdown]
# It is the loss on the text that they are trained on, and they begin to know it by heart: this
# shows that the gradients are good for something, and nothing about which cell is better.
#
# ## How far back
#
# The length of $\partial L_T / \partial \mathbf h_k$ for the loss of one last letter, by the lag
# $T - k$, relative to that of lag 0; the LSTM's is that of state and cell together. Before the
# training, after 150 updates, and at the end:

# %%
for cell, r in record.items():
    for updates, lags in r["lags"].items():
        print(f"{cell:5} after {updates:>3} updates", end="")
        print("".join(f"   lag {k}: {lags[k]:.1e}" for k in (1, 5, 10, 23)))
    first, middle, last = (np.array(lags) for lags in r["lags"].values())
    assert (middle[10:] < first[10:]).all()
    assert (middle[10:] < last[10:]).all()

# %% tags=["fold-input"] title="The code that draws the figure"
POINTS = {"0": "before the training", "150": "after 150 updates", "600": "after 600 updates"}
figures, says = [], []
for at, when in POINTS.items():
    ends = {name: record[cell]["lags"][at][23] for cell, (name, _, _) in LOOKS.items()}
    left = ", ".join(f"{scientific(end)} ({name})" for name, end in ends.items())
    plain = ", ".join(f"{end:.0e} ({name})" for name, end in ends.items())
    title = (
        "The length of the gradient by the state against the lag, for three cells, on a "
        f"logarithmic scale, {when}. Left at lag 23: {plain}."
    )
    lines = [
        Line(name, np.arange(25), record[cell]["lags"][at], colour, dash)
        for cell, (name, colour, dash) in LOOKS.items()
    ]
    axes = Axis(0, 24, 6, "letters back"), Axis(-7, 1, 1, powers=True)
    figures.append(chart("reach", title, lines, *axes))
    says.append(f"{when[:1].upper()}{when[1:]}, left at lag 23: {left}.")
play("training", list(POINTS.values()), figures, says)

# %% [markdown]
# All three forget before they remember: in the first updates the gradient gets shorter, and then
# longer again, for the GRU by three powers of ten. What a network can hear is no property of its
# cell alone, nor of its initial weights alone; it is learned, and lost, on the way.
#
# ## What they write
#
# Each is given “The state ” and goes on, its letters drawn from its own softmax:

# %%
for cell, r in record.items():
    print(f"{cell.upper()}: {r['writes']!r}\n")

# %% [markdown]
# ## Exercises
#
# **1. With a pencil.** At the end the GRU's loss is about 0.74 nats a letter. Among how many
# letters, all equally likely, would it be guessing at that loss? How many bits a letter is it?
#
# ??? more "Hint"
#
#     Whoever guesses among $k$ equally likely letters gives the right one the probability $1/k$.

# %% tags=["fold"] title="Solution"
nats = smooth["gru"][-1]
print(f"{nats:.2f} nats: {np.exp(nats):.2f} letters, {nats / np.log(2):.2f} bits")
assert np.isclose(-np.log(1 / np.exp(nats)), nats)
assert np.isclose(2 ** (nats / np.log(2)), np.exp(nats))

# %% [markdown]
# ??? more "If you have 1.67 letters or 0.51 bits"
#
#     $2^{0.74} = 1.67$ takes nats for bits. 0.51 multiplies by $\ln 2$ in the place of dividing: a
#     bit is the smaller unit, so there are more of them.
#
# **2. Who hears of it?** The text is read in chunks of 24 letters; the state is handed on from
# chunk to chunk, the gradient is not. For how many of a chunk's 24 losses does the gradient reach a
# state that was made ten steps before, and may so teach it to keep something?
#
# ??? more "Hint"
#
#     The first loss of the chunk has no state of the chunk before its own. Which is the first that
#     has one ten steps back?

# %% tags=["fold"] title="Solution"
rng = np.random.default_rng(1)
small = {name: rng.normal(size=(3, 3)) for name in "UWV"}
chunk = bpttcheck.rnn.forward(small, rng.normal(size=(24, 3)))
hear = 0
for step in range(24):  # the loss of one letter alone
    ds = np.zeros_like(chunk.s)
    ds[step] = bpttcheck.nll_gradient(chunk.s[step], 0)
    dh = bpttcheck.rnn.backward(small, chunk, ds).dh  # dh[0] is that of the state handed on
    ten_before = step + 1 - 10
    hear += ten_before >= 1 and bool(np.abs(dh[ten_before]).max() > 0)
print(hear, "of 24")
assert hear == 14

# %% [markdown]
# ??? more "If you have 24, 15 or 13"
#
#     24 forgets the cut: the first ten losses have no such state in their chunk. 15 counts the
#     state that the chunk before has handed on: the gradient arrives there and is dropped. 13
#     counts lag 11: the eleventh loss acts on the eleventh state, and ten before that is the first.
#
# **3. A program.** How much is *one* letter of memory worth? Compute, from the text alone, the best
# loss that a predictor can have which knows the letter before and nothing else. After how many
# updates is each network better than that?
#
# ??? more "Hint"
#
#     The entropy of pairs of letters is that of the first, and that of the second given the first.


# %% tags=["fold"] title="Solution"
def entropy_of(things):
    """Return the entropy of how often each thing comes, in nats."""
    _, counts = np.unique(list(things), return_counts=True)
    return -(counts / counts.sum() * np.log(counts / counts.sum())).sum()


pairs = [text[k : k + 2] for k in range(len(text) - 1)]
given_one = entropy_of(pairs) - entropy_of(text[:-1])
print(f"knowing one letter: {given_one:.2f} nats; knowing none: {entropy:.2f}")
for cell, found in smooth.items():
    print(f"{cell:5}better after {np.argmax(found < given_one)} updates")
    assert found[-1] < given_one
assert 0 < given_one < entropy

# %% [markdown]
# ??? more "If you have 5.00, or 2.50"
#
#     5.00 is the entropy of both letters of a pair, 2.50 half of it: as if the second were as
#     uncertain as the first. What the first has told is to be taken away, not shared out.

# %% [markdown]
# ## The gradients are right
#
# Before the training, on the way and later, `tests/bptt/test_characters.py` takes the gradient of
# every weight, of the inputs and of the initial states, and so does PyTorch with its own layers and
# its own automatic differentiation. The two agree within a bound that a rounding analysis gives,
# weight by weight; with the gradient transposed, they do not. Where PyTorch is not installed, the
# test says that it was skipped.
#
# This page is a script: <a href="text.py" download>download it</a>, and open it in Jupyter with
# jupytext, or run it with IPython.
