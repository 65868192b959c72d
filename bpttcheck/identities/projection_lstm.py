"""The LSTM with a projection: n cells, of which a state of r entries is let out and read."""

from functools import partial

from bpttcheck.cells.projection_lstm import CELL
from bpttcheck.identities.every_cell import BEFORE_LAST, EVERY, carried_cell, common, preactivation
from bpttcheck.statements.identity import Source, about

SAK = Source("Sak, Senior and Beaufays 2014", "eqs. 7–12, without peepholes")
identity = about("projection_lstm", SAK)
at_every_step = partial(identity, t=EVERY)

state = at_every_step(
    "projection_lstm.state",
    "What the output gate lets out of n cells is projected on a state of r entries.",
    "h[t] == R @ diag(o[t]) @ tanh(c[t])",
    wrong={
        "the cell not squashed": "R @ diag(o[t]) @ c[t]",
        "squashed once more": "tanh(R @ diag(o[t]) @ tanh(c[t]))",
    },
)

LET_OUT = "(R.T @ d(L, h[t]))"
"""∂L/∂m_t of what is let out, m_t = o_t ∘ tanh(c_t): back through the projection."""

GATES = {
    "o": (f"diag(tanh(c[t])) @ {LET_OUT}", {"the cell not squashed": f"diag(c[t]) @ {LET_OUT}"}),
    "i": ("diag(g[t]) @ d(L, c[t])", {"the gate itself": "diag(i[t]) @ d(L, c[t])"}),
    "f": ("diag(c[t - 1]) @ d(L, c[t])", {"the cell of this step": "diag(c[t]) @ d(L, c[t])"}),
    "g": ("diag(i[t]) @ d(L, c[t])", {"the candidate itself": "diag(g[t]) @ d(L, c[t])"}),
}
"""The gradient of each gate, and what is mistaken for it."""

NOW = f"diag(o[t]) @ diag(tanh.prime(c[t])) @ {LET_OUT}"
KEPT = "diag(f[t + 1]) @ d(L, c[t + 1])"

cell_gradient = identity(
    "projection_lstm.cell-gradient",
    "Two paths leave c_t: out through the projection, and on to the next cell.",
    f"d(L, c[t]) == {NOW} + {KEPT}",
    t=BEFORE_LAST,
    wrong={
        "nothing from the next cell": NOW,
        "the projection forgotten": f"{NOW.replace(LET_OUT, 'd(L, h[t])')} + {KEPT}",
        "R for Rᵀ": f"{NOW.replace('R.T', 'R')} + {KEPT}",
    },
)

terminal_cell = identity(
    "projection_lstm.terminal-cell",
    "The last cell is read by the last state alone, through the projection.",
    f"d(L, c[T]) == {NOW.replace('[t]', '[T]')}",
    wrong={
        "the gate that lets it out forgotten": (
            f"diag(tanh.prime(c[t])) @ {LET_OUT}".replace("[t]", "[T]")
        )
    },
)

READ = " + ".join(f"W_{k}.T @ d(L, a_{k}[t + 1])" for k in CELL.gates)

hidden_gradient = identity(
    "projection_lstm.hidden-gradient",
    "Five paths leave h_t, all behind the projection: to the output, and into the next gates.",
    f"d(L, h[t]) == V.T @ d(L, s[t]) + {READ}",
    t=BEFORE_LAST,
    wrong={"the gates held fixed": "V.T @ d(L, s[t]) + W_g.T @ d(L, a_g[t + 1])"},
)

projection_gradient = identity(
    "projection_lstm.R-gradient",
    "The projection acts at every step, on what is let out.",
    "d(L, R) == sum(d(L, h[t]) @ (diag(o[t]) @ tanh(c[t])).T for t in steps(1, T))",
    wrong={
        "the cell not squashed": "sum(d(L, h[t]) @ (diag(o[t]) @ c[t]).T for t in steps(1, T))",
        "the output gate forgotten": "sum(d(L, h[t]) @ tanh(c[t]).T for t in steps(1, T))",
        "the message of the outputs alone": (
            "sum((V.T @ d(L, s[t])) @ (diag(o[t]) @ tanh(c[t])).T for t in steps(1, T))"
        ),
    },
)

bptt_projection = identity(
    "projection_lstm.bptt-R",
    "BPTT's gradient of R is the sum of the sequences'.",
    "dR == batch(d(L, R))",
    wrong={"the last step alone": "batch(d(L, h[T]) @ (diag(o[T]) @ tanh(c[T])).T)"},
)

direct_step = at_every_step(
    "projection_lstm.direct-step",
    "Along the cell, the gates held fixed, one step multiplies by the forget gate.",
    "direct(c[t], c[t - 1]) == diag(f[t])",
    wrong={"not forgotten": "I"},
)

ALL = (
    *common(CELL, SAK),
    *(found for k in CELL.gates for found in preactivation(CELL, SAK, k, "h[t - 1]")),
    carried_cell(CELL, SAK),
    state,
    *(
        at_every_step(
            f"projection_lstm.gate-gradient-{k}",
            f"Back to the {CELL.gates[k].name}: by what it multiplies.",
            f"d(L, {k}[t]) == {right}",
            wrong=wrong,
        )
        for k, (right, wrong) in GATES.items()
    ),
    cell_gradient,
    terminal_cell,
    hidden_gradient,
    projection_gradient,
    bptt_projection,
    direct_step,
)
