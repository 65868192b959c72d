"""The cells that are declared by their shape, as runs: a line for each."""

from bpttcheck.bptt.coupled_lstm import coupled_lstm as _coupled_lstm
from bpttcheck.bptt.mgu import mgu as _mgu
from bpttcheck.runs.cell import CellRuns

mgu = CellRuns(_mgu, __name__)
coupled_lstm = CellRuns(_coupled_lstm, __name__)

CELLS = {runs.cell.name: runs for runs in (mgu, coupled_lstm)}
