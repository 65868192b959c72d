"""How each page of identities begins: what the network is, and what one can look up there."""

from __future__ import annotations

_MORE = {
    "rnn": "[Derived line by line](../../derivations/vector.py).",
    "scalar-rnn": "[Derived line by line](../../derivations/scalar.py).",
    "rnn-jacobians": "[Derived line by line](../../derivations/jacobian.py).",
    "rnn-bounds": "[Derived, and measured](../../derivations/notes.py).",
    "lstm": "[Derived line by line](../../derivations/lstm.py).",
    "gru": "[Derived line by line](../../derivations/gru.py).",
    "mgu": "[Derived line by line](../../derivations/mgu.py).",
    "coupled-lstm": "[Derived line by line](../../derivations/coupled-lstm.py).",
    "clipping": "[What it does to training](../../explanation/clipping.md) is another page.",
    "truncation": "[How large the rest is](../../explanation/truncation.md) is another page.",
    "rnn-witnesses": "[What RTRL costs](../../explanation/rtrl.md) is another page.",
}
"""Where to read on, where there is such a page."""

OPENINGS = {
    "activations": """Find the slope of tanh, of the sigmoid σ or of ReLU: by the value or by the
argument, how large it can be, and where. These are the functions that squash a sum of inputs,
its *pre-activation*, into a state or a gate.""",
    "softmax-nll": """Follow the gradient of the cross-entropy down to "prediction minus target".
The softmax turns p scores, one a class, into probabilities; the loss is the negative logarithm
of the probability that the right class was given. Entries, matrices and targets that do not sum
to one are here too.""",
    "scalar-rnn": """Check a gradient with a pencil: in this network every quantity is one
number. The state before times w and the input times v make the next state, through an
activation; a prediction is read from each state. Messages back in time, both weights' gradients
and the same forward in time are here.""",
    "rnn": """Look up a message or a gradient of the network of the textbooks. Its state is an
activation of U times the input, W times the state before and a bias; V and another bias make an
output of each state, and every step has a loss. Here is its backpropagation through time: what
comes back to a state, and what that says to each array.""",
    "rnn-outputs": """See what becomes of a state's gradient if it is sent through the
probabilities, and not past them. The network is the vanilla RNN with a softmax; a published
derivation goes this way, and here each of its lines stands entry by entry, with the factor that
has to cancel at the end.""",
    "rnn-jacobians": """Find out on which side W stands, and whether it is transposed. A Jacobian
holds the derivatives of one state of the vanilla RNN by an earlier one; here are those between
states, between pre-activations and in either layout, and the gradients of the weights as sums
over pairs of steps.""",
    "rnn-bounds": """See how fast a gradient can vanish, or has to explode. Between two states of
the vanilla RNN lie a factor W and a slope a step; these inequalities say what their norms allow,
for tanh, ReLU and linear states.""",
    "rnn-witnesses": """Compare backpropagation through time with gradients that were found
without it: by a network with a copy of the weights for every step, by RTRL, which goes forward
in time, and by adding up all paths one by one. What clipping inside the recursion does is at the
end.""",
    "symmetries": """Test an implementation by what must not change. Rename the states of a
vanilla RNN, or its classes, turn the basis of linear states, add a number to every score, run a
sequence alone or in a batch: the loss stays, and gradients move with the weights.""",
    "lstm": """Look up what comes back to each gate, to the cell and to every weight of an LSTM
with a forget gate. Its cell keeps a share of what it was and takes in a share of a candidate;
its state is what the output gate lets out. Terms within a step, backpropagation through time and
the way along the cell are all here.""",
    "gru": """Settle on which side of the product a reset gate acts, and look up the gradients
that go with it. The GRU's update gate z keeps a share of the state, and the candidate fills the
rest; libraries differ in what the reset gate scales, so the lines that depend on it stand here
twice.""",
    "clipping": """See what clipping guarantees and what it does not: length, direction, sign. A
gradient is shortened to a limit, by its own norm, by that of all gradients together, or entry by
entry.""",
    "truncation": """Say exactly which part of the gradient truncated backpropagation computes,
and which it leaves out. The network is the vanilla RNN; every k1 steps their losses go back
together, through k2 steps at most, and the states are never cut.""",
    "masked": """Check sequences of unequal length in one batch. A mask says which steps take
place; where one does not, every state stays, the output does not count, and what comes back goes
past it. It holds of every cell here, so all states of a step are one column, and so are all
weights.""",
    "functions": """Trust what you import. `forward`, `backward`, `value_and_grad`, `state_jacobian`
and `total_derivative` check what they are given and put together what derivations say; here they
themselves are called, for every cell, with a mask, and what they return is held against the
derivatives of the cell's equations.""",
    "compiled": """See that the fast way is the same mathematics. A cell's compiled loops do a list
of operations on one array of numbers; here the very text of those loops is run on balls and
residues, for every cell, and held against the derivatives of its equations.""",
    "stack": """Check a stacked or bidirectional network: two layers of vanilla RNNs, each in
both directions of time. What goes back in time begins at the last step, and its messages go
forward; the second layer reads both directions of the first.""",
    "mgu": """Read every gradient of the smallest gated cell. One gate does it all: it forgets a
share of the state, lets as much of the candidate in, and scales the state that the candidate
reads.""",
    "coupled-lstm": """Check the one gate that trades old for new. This LSTM has no input gate:
its cell takes in as much as it forgets, 1 − f. So the forget gate hears of the old cell and of
the candidate at once, and that is where implementations slip.""",
    "peephole-lstm": """Count the paths that leave a cell whose gates can see it. In this LSTM
the input and the forget gate read the cell of the step before, the output gate that of its own
step, each through one weight an entry; the gradients of those weights are here too.""",
    "projection-lstm": """Get the shapes right where a state is smaller than its cell. In this
LSTM a matrix R projects what the output gate lets out of n cells on r states, which the output
layer and the next gates read; PyTorch calls r `proj_size`.""",
    "flax-mgu": """Tell Flax's `MGUCell` from the minimal gated unit of its paper. Here the gate
keeps where the paper's replaces, and it scales the candidate's product with the state, bias
included, where the paper's scales the state.""",
}
"""By page, without its suffix."""


def opening(file: str) -> str:
    """Return the first paragraph of a page, and where to read more."""
    name = file.removesuffix(".md")
    return f"{OPENINGS[name]} {_MORE.get(name, '')}".strip()
