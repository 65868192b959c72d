"""A cause as a person reads it, line by line; and why none is named."""

import pytest

from bpttcheck.cells.lstm import lstm
from bpttcheck.cells.rnn import rnn
from bpttcheck.diagnosis.explanation.cause import Cause, told
from bpttcheck.diagnosis.explanation.explain import Explanation, Mistake
from tests.diagnosis.test_own_cell import PEEPHOLES


def cause(*explanations, **about):
    """Return a cause of explanations, each given by its mistakes."""
    made = (Explanation(tuple(Mistake(*mistake) for mistake in one)) for one in explanations)
    return Cause(tuple(made), **about)


KNOWN = cause(
    [("recurrent-transpose", "", ("W", "x"))],
    cell=rnn(),
    network="a vanilla RNN, tanh",
    points=1,
    entries=20,
)
OWN = cause(
    [("gate-message-missing", "in what a_o tells c", ("W_o", "x"))],
    cell=PEEPHOLES,
    network="the cell 'peephole_lstm'",
    points=3,
    entries=12345,
)
SEVERAL = cause(
    [
        ("forget-gate-missing", "", ("w (W_i)", "h0", "w (W_f)")),
        ("sign", "all of them", ("x",)),
    ],
    [("zero", "", ("h0",)), ("common-factor", "times ½", ("h0",))],
    cell=lstm(),
    network="",
    points=2,
    entries=30,
    explained=("w", "h0"),
    unexplained=("y",),
)
TEXTS = [
    (
        KNOWN,
        """\
recurrent-transpose
  the recurrent message uses W where it needs Wᵀ, or the reverse (in the gradients of W, x)
  right: ∂L/∂h_t = Wᵀ (φ′(a_{t+1}) ∘ ∂L/∂h_{t+1}) + Vᵀ ∂L/∂o_t  [rnn.hidden-gradient]
  reproduces all 20 entries at 1 point, within the bound
  recognised as a vanilla RNN, tanh""",
    ),
    (
        OWN,
        """\
gate-message-missing
  what comes back through a gate is left out: in what a_o tells c (in the gradients of W_o, x)
  right, of the cells that are known: ∂L/∂h_{t−1} has a term W_kᵀ ∂L/∂a_k of every gate k
  reproduces all 12,345 entries at 3 points, within the bound
  recognised as the cell 'peephole_lstm'""",
    ),
    (
        SEVERAL,
        """\
forget-gate-missing + sign | common-factor + zero
  the cell's gradient is passed on without f_t (in the gradients of w (W_i, W_f), h0)
  right: ∂L/∂c_t = o_t ∘ tanh′(c_t) ∘ ∂L/∂h_t + f_{t+1} ∘ ∂L/∂c_{t+1}  [lstm.cell-gradient]
  the sign is wrong: all of them (in the gradients of x)
  right: ∂L/∂o_t = ŷ_t − y_t, prediction minus target  [rnn.output-gradient]
  or, no different at any point that was tried:
  the gradient is zero: it is never computed, or overwritten (in the gradients of h0)
  right: each parameter's gradient is the sum over all T steps and B sequences  [rnn.W-gradient]
  every entry is off by one factor: times ½ (in the gradients of h0)
  right: the gradient of a mean is divided by what the mean divides by, that of a sum is not  \
[rnn.total-loss]
  reproduces all 30 entries of w, h0 at 2 points, within the bound
  y: unexplained, wrong in another way""",
    ),
]


@pytest.mark.parametrize(("found", "text"), TEXTS, ids=["known", "of one's own", "several"])
def test_the_text_of_a_cause(found, text):
    assert str(found) == text


def test_why_no_cause_is_named():
    """Of three that coincide each is told, of more none."""
    names = ("zero", "sign", "reversed", "rolled")
    alike = [[(name, "", ("W",))] for name in names]
    about = {"network": "an LSTM", "points": 2, "entries": 30}
    three = cause(*alike[:3], **about)
    assert told(three) is three
    assert told(cause(*alike, **about)) == (
        "4 mistakes coincide at the points that were tried: reversed, rolled, sign, zero"
    )
    none = "no known mistake reproduces all gradients"
    assert told(cause(**about)) == f"{none}, recognised as an LSTM"
    assert told(cause(**about | {"network": ""})) == none
