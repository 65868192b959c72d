"""The declared cells that a diagnosis knows: in what forms people write them, and their words."""

from __future__ import annotations

from bpttcheck.activations import sigmoid, tanh
from bpttcheck.cells import coupled_lstm, mgu
from bpttcheck.cells.cell import Cell as Declared
from bpttcheck.cells.cell import Gate
from bpttcheck.cells.step import Step
from bpttcheck.diagnosis.gated.network import GRUS, Cell

_STATES = {"h": "state", "c": "cell"}
_IGO = {
    "i": Gate("input gate", sigmoid), "g": Gate("candidate", tanh),
    "o": Gate("output gate", sigmoid),
}  # fmt: skip


def _lets_in(s: Step) -> None:
    """Make the coupled cell with the gate that lets in, and forgets as much."""
    i, g, o = (s.gate(k, s.before("h")) for k in "igo")
    s.state("c", (1 - i) * s.carried("c") + i * g)
    s.state("h", o * s.squashed("c"))


def _without_forget_gate(s: Step) -> None:
    """Make the cell of 1997, which adds and never forgets."""
    i, g, o = (s.gate(k, s.before("h")) for k in "igo")
    s.state("c", s.carried("c") + i * g)
    s.state("h", o * s.squashed("c"))


def _known(name: str, declared: Declared, words: str) -> Cell:
    return Cell(name, declared=declared, words=words)


MGU = _known("MGU", mgu.CELL, "a minimal gated unit")
COUPLED = (
    _known("coupled LSTM", coupled_lstm.CELL, "an LSTM with coupled gates, f keeps the cell"),
    _known("coupled LSTM, i", Declared("", "", _IGO, _lets_in, _STATES, path="c"),
           "an LSTM with coupled gates, 1 − i keeps the cell"),
)  # fmt: skip
WITHOUT_FORGET_GATE = _known(
    "LSTM, no f", Declared("", "", _IGO, _without_forget_gate, _STATES, path="c"),
    "an LSTM without forget gate",
)  # fmt: skip

DECLARED = {cell.name: cell for cell in (MGU, *COUPLED, WITHOUT_FORGET_GATE)}

GROUPS: tuple[tuple[Cell, ...], ...] = (
    (Cell("LSTM"),), GRUS, COUPLED[:1], (WITHOUT_FORGET_GATE, COUPLED[1]), (MGU,),
)  # fmt: skip
"""The cells, those with the same letters for their gates together, the commonest first."""
