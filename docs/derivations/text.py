# %% [markdown]
# # On real text
#
# A vanilla RNN, a GRU and an LSTM read a text about backpropagation through time, letter by letter,
# and learn to guess the next one, with the forward and backward passes of this package and nothing
# else. See how the loss falls, how far back the gradient reaches on the way, and what the networks
# write in the end.
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
