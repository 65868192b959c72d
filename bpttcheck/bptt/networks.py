"""The networks of the package, each made from its cell, and the way from a name to a cell."""

from __future__ import annotations

from typing import Any

from bpttcheck.arguments import told_of, words
from bpttcheck.bptt.network import Network
from bpttcheck.cells import coupled_lstm as coupled
from bpttcheck.cells import flax_mgu as flax_cell
from bpttcheck.cells import gru as gru_cell
from bpttcheck.cells import lstm as lstm_cell
from bpttcheck.cells import mgu as mgu_cell
from bpttcheck.cells import peephole_lstm as peephole
from bpttcheck.cells import projection_lstm as projection
from bpttcheck.cells import rnn as rnn_cell
from bpttcheck.cells.cell import Cell

rnn = Network(rnn_cell.rnn)
lstm = Network(lstm_cell.lstm)
gru = Network(gru_cell.gru)
mgu = Network(mgu_cell.CELL)
coupled_lstm = Network(coupled.CELL)
peephole_lstm = Network(peephole.CELL)
projection_lstm = Network(projection.CELL)
flax_mgu = Network(flax_cell.CELL)

NETWORKS = {
    network.cell.name: network
    for network in (rnn, lstm, gru, mgu, coupled_lstm, peephole_lstm, projection_lstm, flax_mgu)
}


def cell_of(name: str, given: Any, **options: Any) -> Cell:
    """Return the cell that the argument ``name`` was given as.

    Arguments:
        name: of the argument, for errors.
        given: a name of ``NETWORKS``, such as ``"lstm"``; a
            :class:`~bpttcheck.bptt.network.Network`; or a cell.
        options: ``phi`` of an RNN, ``forget`` of an LSTM, ``reset`` of a GRU.

    Raises:
        ValueError, TypeError: an unknown name or option, or something else altogether.
    """
    network = NETWORKS.get(given) if isinstance(given, str) else given
    if isinstance(network, Cell):
        network = Network(network)
    if isinstance(network, Network):
        return network.kind(**options)
    if isinstance(given, str):
        words(name, given, NETWORKS)
    known = ", ".join(NETWORKS)
    raise TypeError(f"{name}: expected a Network or one of {known}, got {told_of(given)}")
