"""Every mistaken pass, and every mistaken sum, of a gated cell."""

from __future__ import annotations

from functools import cache

from bpttcheck.diagnosis.factors import Sum
from bpttcheck.diagnosis.gated.another_gate import credits
from bpttcheck.diagnosis.gated.cell_passes import of_lstm
from bpttcheck.diagnosis.gated.declared_cells import DECLARED
from bpttcheck.diagnosis.gated.declared_passes import of_declared
from bpttcheck.diagnosis.gated.gate_passes import gate_slopes, gate_weights
from bpttcheck.diagnosis.gated.gru_passes import of_gru
from bpttcheck.diagnosis.gated.probe import shape_of
from bpttcheck.diagnosis.gated.reading_sums import of_reading
from bpttcheck.diagnosis.gated.sums import of_role
from bpttcheck.diagnosis.gated.truncations import cuts
from bpttcheck.diagnosis.message_passes import clips, sent, skips
from bpttcheck.diagnosis.output_passes import injections, losses
from bpttcheck.diagnosis.passes import Pass
from bpttcheck.diagnosis.stale import caches


@cache
def passes(cell: str) -> tuple[Pass, ...]:
    """Return the mistaken passes of a cell: "LSTM", "GRU" or a declared one's name."""
    gates, two, heard = _gates(cell), cell == "LSTM", "reset" if cell == "GRU" else ""
    if cell in DECLARED:
        own, two = of_declared(cell), DECLARED[cell].two
        heard = "".join(edge[2] for edge in shape_of(cell).places if edge[0] == "use")
    else:
        own = of_lstm() if cell == "LSTM" else of_gru()
    return (
        *losses(), *injections(), *own, *gate_slopes(gates), *gate_weights(gates, heard), *sent(),
        *cuts(two), *skips(), *clips(), *caches(), *credits(),
    )  # fmt: skip


@cache
def sums(role: str, cell: str) -> tuple[Sum, ...]:
    """Return the mistaken gradients of a role of a cell."""
    more = of_reading(role, cell) if cell in DECLARED else ()
    return (*of_role(role, _gates(cell)), *more)


def _gates(cell: str) -> str:
    return DECLARED[cell].gates if cell in DECLARED else {"LSTM": "ifgo", "GRU": "zrg"}[cell]
