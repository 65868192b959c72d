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
        ("gradient", "softmax-nll.gradient-class"),
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
        ("starts with", "lstm.terminal-cell"),
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
        ("forward", "gru.candidate-after"),
        ("", "gru.state"),
        ("messages", "gru.hidden-gradient-after"),
        ("gates", "gru.gate-gradient-z"),
        ("", "gru.gate-gradient-r-after"),
        ("", "gru.gate-gradient-g"),
        ("gradients", "gru.W-gradient-z"),
        ("", "gru.W_g-gradient-after"),
        ("direct path", "gru.direct-path"),
    ),
}
"""By section: a word, empty if it is the one above, and the identity beside it."""

_TOP = """---
hide:
  - toc
---
# All gradients on one page

Print this page, and it is one sheet of A4, landscape. Every equation holds for each step that it
has a meaning for, and was printed from the Python that ran; on the screen, each leads to its
evidence. Symbols are in [the notation](notation.md). Other gates go like the one that is shown.
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
    return "\n\n".join([_TOP, "//// html | div.sheet", *sections, "////"]) + "\n"


def _row(word: str, name: str) -> str:
    identity = REGISTRY[name]
    tex = MODELS[identity.model].printer.sides(identity.statement)
    return f"| {plain(word)} | $\\displaystyle {tex}$ | {to_identity(name)} |"
