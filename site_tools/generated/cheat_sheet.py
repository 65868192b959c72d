"""All gradients on one page, to print: statements of the registry, and nothing else."""

from __future__ import annotations

from itertools import chain

from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from bpttcheck.verification import Result
from site_tools.generated.prose import plain, to_identity

SHEET = {
    "Activations, softmax and NLL": (
        ("tanh′", "activations.tanh-derivative"),
        ("σ′", "activations.sigmoid-derivative"),
        ("softmax", "softmax-nll.softmax"),
        ("loss", "softmax-nll.loss"),
        ("gradient", "softmax-nll.gradient"),
        ("any targets", "softmax-nll.gradient-any-targets"),
    ),
    "The scalar RNN": (
        ("forward", "scalar-rnn.preactivation"),
        ("", "scalar-rnn.state"),
        ("", "scalar-rnn.prediction"),
        ("starts with", "scalar-rnn.boundary"),
        ("messages", "scalar-rnn.hidden-gradient"),
        ("", "scalar-rnn.state-chain"),
        ("gradients", "scalar-rnn.w-gradient"),
        ("", "scalar-rnn.v-gradient"),
        ("", "scalar-rnn.initial-gradient"),
        ("", "scalar-rnn.input-gradient"),
        ("far apart", "scalar-rnn.state-jacobian"),
    ),
    "The vanilla RNN": (
        ("forward", "rnn.preactivation"),
        ("", "rnn.state"),
        ("", "rnn.output"),
        ("softmax, NLL", "rnn.output-gradient"),
        ("starts with", "rnn.terminal-gradient"),
        ("messages", "rnn.hidden-gradient"),
        ("", "rnn.preactivation-gradient"),
        ("gradients", "rnn.U-gradient"),
        ("", "rnn.W-gradient"),
        ("", "rnn.V-gradient"),
        ("", "rnn.b-gradient"),
        ("", "rnn.c-gradient"),
        ("", "rnn.initial-gradient"),
        ("one step", "rnn.hidden-step"),
        ("far apart", "rnn.state-jacobian"),
        ("bound", "rnn.gradient-bound"),
    ),
    "The LSTM": (
        ("forward", "lstm.preactivation-i"),
        ("", "lstm.gate-i"),
        ("", "lstm.cell"),
        ("", "lstm.state"),
        ("starts with", "lstm.terminal-gradient"),
        ("", "lstm.terminal-cell"),
        ("messages", "lstm.hidden-gradient"),
        ("", "lstm.cell-gradient"),
        ("gates", "lstm.gate-gradient-i"),
        ("", "lstm.gate-gradient-f"),
        ("", "lstm.gate-gradient-g"),
        ("", "lstm.gate-gradient-o"),
        ("", "lstm.preactivation-gradient-i"),
        ("gradients", "lstm.W-gradient-i"),
        ("", "lstm.U-gradient-i"),
        ("direct path", "lstm.direct-path"),
    ),
    "The GRU, reset after the product": (
        ("forward", "gru.preactivation-z"),
        ("", "gru.gate-z"),
        ("", "gru.candidate-after"),
        ("", "gru.state"),
        ("starts with", "gru.terminal-gradient"),
        ("messages", "gru.hidden-gradient-after"),
        ("gates", "gru.gate-gradient-z"),
        ("", "gru.gate-gradient-r-after"),
        ("", "gru.gate-gradient-g"),
        ("", "gru.preactivation-gradient-z"),
        ("gradients", "gru.W-gradient-z"),
        ("", "gru.W_g-gradient-after"),
        ("direct path", "gru.direct-path"),
    ),
}
"""By section: a word, empty if it is the one above, and the identity beside it."""

LETTERS = (
    (r"\mathbf x_t, \mathbf h_t, \mathbf c_t", r"input, state, cell of step $t = 1, \dots, T$"),
    (r"\mathbf a_t, \mathbf a^i_t", r"what goes into $\phi$, into a gate; $s_t$ in the scalar RNN"),
    (r"\mathbf i, \mathbf f, \mathbf o, \mathbf g", r"input, forget and output gate, candidate"),
    (r"\mathbf z, \mathbf r, \mathbf g", r"gate that keeps, reset gate, candidate"),
    (r"\mathbf o_t, \mathbf s_t", r"scores; $\mathbf s_t$ where $\mathbf o_t$ is a gate"),
    (r"\hat{\mathbf y}, \mathbf y, S", r"prediction, target, the sum of the target's entries"),
    (r"L, E_t", r"loss of the sequence, of a step"),
    (r"U, W, V; \mathbf b, \mathbf c", r"weights of input, state, scores; biases of state, scores"),
    (r"\operatorname{diag}(\mathbf u)\, \mathbf v", r"entry by entry: $u_i v_i$"),
    (r"\partial^{+}", r"the gates held fixed"),
    (r"\lVert W \rVert, \gamma", r"the largest singular value; a bound of $\lvert \phi' \rvert$"),
)
"""What a sheet of paper has to say of its symbols, which cannot be looked up there."""

_TOP = """---
hide:
  - toc
---
# All gradients on one page

Print this page, and it is one sheet of A4, landscape. Every equation holds for each step that it
has a meaning for, and was printed from the Python that ran; on the screen, each leads to its
evidence. Other gates go like the one that is shown; [the notation](notation.md) has every symbol.
"""


def page(result: Result) -> str:
    """Return the page.

    Raises:
        ValueError: an identity on it does not hold.
    """
    for name in chain.from_iterable((name for _, name in rows) for rows in SHEET.values()):
        if not result.identities[name].ok:
            raise ValueError(f"cheat sheet: expected identities that hold, got {name}")
    sections = [
        "\n".join([
            f'/// html | div.section[style="--rows: {len(rows)}"]\n',
            f"## {title}\n",
            "| Which | Equation | Evidence |",
            "|:--|:--|:--|",
            *(_row(word, name) for word, name in rows),
            "\n///",
        ])
        for title, rows in SHEET.items()
    ]  # fmt: skip
    return "\n\n".join([_TOP, "//// html | div.sheet", _letters(), *sections, "////"]) + "\n"


def _letters() -> str:
    rows = [f"| ${letter}$ | {meaning} |" for letter, meaning in LETTERS]
    head = ["## The letters\n", "| Letter | Meaning |", "|:--|:--|"]
    opened = f'/// html | div.section.letters[style="--rows: {len(rows)}"]\n'
    return "\n".join([opened, *head, *rows, "\n///"])


def _row(word: str, name: str) -> str:
    identity = REGISTRY[name]
    tex = MODELS[identity.model].printer.sides(identity.statement)
    return f"| {plain(word)} | $\\displaystyle {tex}$ | {to_identity(name)} |"
