"""Every mistaken pass, and every mistaken sum, of a gated cell."""

from __future__ import annotations

from functools import cache

from bpttcheck.diagnosis.factors import Sum
from bpttcheck.diagnosis.gated.cell_passes import of_lstm
from bpttcheck.diagnosis.gated.gate_passes import gate_slopes, gate_weights
from bpttcheck.diagnosis.gated.gru_passes import of_gru
from bpttcheck.diagnosis.gated.sums import of_role
from bpttcheck.diagnosis.gated.truncations import cuts
from bpttcheck.diagnosis.message_passes import clips, sent, skips
from bpttcheck.diagnosis.output_passes import injections, losses
from bpttcheck.diagnosis.passes import Pass


@cache
def passes(cell: str) -> tuple[Pass, ...]:
    """Return the mistaken passes of a cell, "LSTM" or "GRU"."""
    gates = "ifgo" if cell == "LSTM" else "zrg"
    own = of_lstm() if cell == "LSTM" else of_gru()
    return (
        *losses(), *injections(), *own, *gate_slopes(gates), *gate_weights(gates), *sent(),
        *cuts(cell == "LSTM"), *skips(), *clips(),
    )  # fmt: skip


@cache
def sums(role: str, cell: str) -> tuple[Sum, ...]:
    """Return the mistaken gradients of a role of a cell."""
    return tuple(of_role(role, "ifgo" if cell == "LSTM" else "zrg"))
