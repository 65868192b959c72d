"""The LSTM with coupled gates: what differs from the LSTM, forward and back."""

from bpttcheck.cells.coupled_lstm import CELL
from bpttcheck.identities.every_cell import BEFORE_LAST, EVERY, common, preactivation
from bpttcheck.statements.identity import Source, about

GREFF = Source("Greff et al. 2017", "appendix A.3, coupled input and forget gate")
identity = about("coupled_lstm", GREFF)

cell = identity(
    "coupled_lstm.cell",
    "What the cell forgets makes room for what is new.",
    "c[t] == diag(f[t]) @ c[t - 1] + diag(ones - f[t]) @ g[t]",
    t=EVERY,
    wrong={
        "f replaces": "diag(ones - f[t]) @ c[t - 1] + diag(f[t]) @ g[t]",
        "nothing makes room": "diag(f[t]) @ c[t - 1] + g[t]",
    },
)

state = identity(
    "coupled_lstm.state",
    "The state is the squashed cell, as far as the output gate lets it out.",
    "h[t] == diag(o[t]) @ tanh(c[t])",
    t=EVERY,
    wrong={"the cell not squashed": "diag(o[t]) @ c[t]"},
)

OUTWARD = "diag(o[t]) @ diag(tanh.prime(c[t])) @ d(L, h[t])"

cell_gradient = identity(
    "coupled_lstm.cell-gradient",
    "Two paths leave c_t: out through this step's state, and on through the next forget gate.",
    f"d(L, c[t]) == {OUTWARD} + diag(f[t + 1]) @ d(L, c[t + 1])",
    t=BEFORE_LAST,
    wrong={
        "the cell's own path forgotten": OUTWARD,
        "f_t for f_{t+1}": f"{OUTWARD} + diag(f[t]) @ d(L, c[t + 1])",
    },
)

terminal_cell = identity(
    "coupled_lstm.terminal-cell",
    "The last cell is read by the last state alone.",
    "d(L, c[T]) == diag(o[T]) @ diag(tanh.prime(c[T])) @ d(L, h[T])",
    wrong={
        "tanh′ of the cell missing": "diag(o[T]) @ d(L, h[T])",
        "tanh′ of the state": "diag(o[T]) @ diag(tanh.prime(h[T])) @ d(L, h[T])",
    },
)


def _through(gates: str, step: str) -> str:
    read_back = " + ".join(f"W_{k}.T @ d(L, a_{k}[{step}])" for k in gates)
    return f"V.T @ d(L, s[t]) + {read_back}"


hidden_gradient = identity(
    "coupled_lstm.hidden-gradient",
    "Four paths leave h_t: to the output, and into the gates and the candidate of the next step.",
    "d(L, h[t]) == " + _through("fgo", "t + 1"),
    t=BEFORE_LAST,
    wrong={
        "the gates held fixed": _through("g", "t + 1"),
        "the output gate forgotten": _through("fg", "t + 1"),
        "the gates of this step": _through("fgo", "t"),
    },
)

forget_gradient = identity(
    "coupled_lstm.gate-gradient-f",
    "One gate holds both: the cell before against the candidate.",
    "d(L, f[t]) == diag(c[t - 1] - g[t]) @ d(L, c[t])",
    t=EVERY,
    wrong={
        "as if the input gate were another": "diag(c[t - 1]) @ d(L, c[t])",
        "the sign": "diag(g[t] - c[t - 1]) @ d(L, c[t])",
    },
)

candidate_gradient = identity(
    "coupled_lstm.gate-gradient-g",
    "The candidate enters as far as the cell forgets.",
    "d(L, g[t]) == diag(ones - f[t]) @ d(L, c[t])",
    t=EVERY,
    wrong={"f for 1 − f": "diag(f[t]) @ d(L, c[t])"},
)

output_gradient = identity(
    "coupled_lstm.gate-gradient-o",
    "The output gate hears of the state, through the squashed cell.",
    "d(L, o[t]) == diag(tanh(c[t])) @ d(L, h[t])",
    t=EVERY,
    wrong={
        "the cell not squashed": "diag(c[t]) @ d(L, h[t])",
        "the cell's message": "diag(tanh(c[t])) @ d(L, c[t])",
    },
)

direct_step = identity(
    "coupled_lstm.direct-step",
    "Along the cell, the gates held fixed, one step multiplies by the forget gate.",
    "direct(c[t], c[t - 1]) == diag(f[t])",
    t=EVERY,
    wrong={"coupled the other way": "diag(ones - f[t])", "not forgotten": "I"},
)

state_jacobian = identity(
    "coupled_lstm.state-jacobian",
    "From state to cell: through the forget gate, which trades, and through the candidate.",
    "d(c[t], h[t - 1]) == diag(c[t - 1] - g[t]) @ diag(sigmoid.prime(a_f[t])) @ W_f"
    " + diag(ones - f[t]) @ diag(tanh.prime(a_g[t])) @ W_g",
    t=EVERY,
    wrong={
        "the candidate alone": "diag(ones - f[t]) @ diag(tanh.prime(a_g[t])) @ W_g",
        "as if the input gate were another": (
            "diag(c[t - 1]) @ diag(sigmoid.prime(a_f[t])) @ W_f"
            " + diag(ones - f[t]) @ diag(tanh.prime(a_g[t])) @ W_g"
        ),
    },
)

READ = [found for k in "fgo" for found in preactivation(CELL, GREFF, k, "h[t - 1]")]

ALL = (
    *common(CELL, GREFF),
    *READ,
    cell,
    state,
    cell_gradient,
    forget_gradient,
    candidate_gradient,
    terminal_cell,
    hidden_gradient,
    output_gradient,
    direct_step,
    state_jacobian,
)
