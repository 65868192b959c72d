"""The LSTM with peepholes: what differs from the LSTM, forward and back."""

from functools import partial

from bpttcheck.cells.peephole_lstm import CELL
from bpttcheck.identities.every_cell import BEFORE_LAST, EVERY, carried_cell, common, preactivation
from bpttcheck.statements.identity import Identity, Source, about

GERS = Source("Gers, Schraudolph and Schmidhuber 2002", "eqs. 1–7")
identity = about("peephole_lstm", GERS)
at_every_step = partial(identity, t=EVERY)

SEEN = {"i": ("c[t - 1]", "c[t]"), "f": ("c[t - 1]", "c[t]"), "o": ("c[t]", "c[t - 1]")}
"""Of each gate that has a peephole, the cell that it sees, and the one that it does not."""


def peephole(k: str) -> tuple[Identity, ...]:
    """Return what a gate with a peephole weighs, and the gradients of what it weighs by."""
    words, (seen, unseen) = CELL.gates[k].name, SEEN[k]
    a = f"U_{k} @ x[t] + W_{k} @ h[t - 1] + b_{k}"
    back = f"d(L, a_{k}[t])"
    return (
        at_every_step(
            f"peephole_lstm.preactivation-{k}",
            f"What the {words} weighs: the cell too, entry by entry.",
            f"a_{k}[t] == {a} + diag(P_{k}) @ {seen}",
            wrong={"the other cell": f"{a} + diag(P_{k}) @ {unseen}", "no peephole": a},
        ),
        identity(
            f"peephole_lstm.W-gradient-{k}",
            f"The state's weights in the {words} act at every step, on what it reads.",
            f"d(L, W_{k}) == sum({back} @ h[t - 1].T for t in steps(1, T))",
            wrong={"h_t for h_{t−1}": f"sum({back} @ h[t].T for t in steps(1, T))"},
        ),
        identity(
            f"peephole_lstm.P-gradient-{k}",
            f"The peephole of the {words} acts at every step, on the cell that it sees.",
            f"d(L, P_{k}) == sum(diag({seen}) @ {back} for t in steps(1, T))",
            wrong={
                "the other cell": f"sum(diag({unseen}) @ {back} for t in steps(1, T))",
                "the state for the cell": f"sum(diag(h[t - 1]) @ {back} for t in steps(1, T))",
            },
        ),
        identity(
            f"peephole_lstm.bptt-P_{k}",
            f"BPTT's gradient of P_{k} is the sum of the sequences'.",
            f"dP_{k} == batch(d(L, P_{k}))",
            wrong={"another variable's": f"batch(d(L, b_{k}))"},
        ),
    )


state = at_every_step(
    "peephole_lstm.state",
    "The state is the squashed cell, as far as the output gate lets it out.",
    "h[t] == diag(o[t]) @ tanh(c[t])",
    wrong={"the cell not squashed": "diag(o[t]) @ c[t]"},
)

NOW = "diag(o[t]) @ diag(tanh.prime(c[t])) @ d(L, h[t]) + diag(P_o) @ d(L, a_o[t])"
KEPT = "diag(f[t + 1]) @ d(L, c[t + 1])"
NEXT = "diag(P_i) @ d(L, a_i[t + 1]) + diag(P_f) @ d(L, a_f[t + 1])"

cell_gradient = identity(
    "peephole_lstm.cell-gradient",
    "Five paths leave c_t: out, into the output gate, on, and into the next gates that see it.",
    f"d(L, c[t]) == {NOW} + {KEPT} + {NEXT}",
    t=BEFORE_LAST,
    wrong={
        "the peepholes of the next step forgotten": f"{NOW} + {KEPT}",
        "as without peepholes": f"{NOW.partition(' + ')[0]} + {KEPT}",
    },
)

terminal_cell = identity(
    "peephole_lstm.terminal-cell",
    "The last cell is read by the last state, and by the gate that lets it out.",
    f"d(L, c[T]) == {NOW.replace('[t]', '[T]')}",
    wrong={"as without peepholes": NOW.partition(" + ")[0].replace("[t]", "[T]")},
)

READ = " + ".join(f"W_{k}.T @ d(L, a_{k}[t + 1])" for k in CELL.gates)

hidden_gradient = identity(
    "peephole_lstm.hidden-gradient",
    "Five paths leave h_t: to the output, and into gates and candidate of the next step.",
    f"d(L, h[t]) == V.T @ d(L, s[t]) + {READ}",
    t=BEFORE_LAST,
    wrong={"the gates held fixed": "V.T @ d(L, s[t]) + W_g.T @ d(L, a_g[t + 1])"},
)

direct_step = at_every_step(
    "peephole_lstm.direct-step",
    "Along the cell, the gates held fixed, one step multiplies by the forget gate.",
    "direct(c[t], c[t - 1]) == diag(f[t])",
    wrong={"not forgotten": "I", "through its peephole": "diag(f[t]) + diag(P_f)"},
)

ALL = (
    *common(CELL, GERS),
    *(found for k in SEEN for found in peephole(k)),
    *preactivation(CELL, GERS, "g", "h[t - 1]"),
    carried_cell(CELL, GERS),
    state,
    cell_gradient,
    terminal_cell,
    hidden_gradient,
    direct_step,
)
