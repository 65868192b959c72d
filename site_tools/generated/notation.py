"""The notation: the symbols of each model, and the words that every statement may use."""

from __future__ import annotations

import ast

from mkdocs.exceptions import PluginError

from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from bpttcheck.runs.model import Model
from bpttcheck.statements.latex import Printer
from bpttcheck.statements.notation import parse
from site_tools.generated.places import stem
from site_tools.generated.prose import plain

_TOP = r"""# Notation

Read any equation of this site, and write one of your own that the package can run. A statement is
a Python expression over named quantities; the typeset form is printed from the parsed expression,
so what is shown is what ran.

Blue, in formulas as in figures, is what comes back from the loss: $\partial L/\partial h_t$, say.
On paper it is black.

## Grammar

A statement compares two or three sides with `==` or `<=`, for every value of its indices. Inside a
side, these forms and nothing else are read.
"""

_ORIGINS = {
    "forward": "forward pass",
    "bptt": "backward pass",
    "truncated": "truncated BPTT",
    "rescaled": "backward pass, rescaled",
    "rtrl": "RTRL",
    "paths": "sum over paths",
    "unrolled": "untied network",
    "function": "function that is imported",
    "loop": "compiled loops",
    "mistaken": "backward pass with a mistake, to be refuted",
    "reference": "reference function",
}

GRAMMAR = (
    ("h[t - 1]", "a quantity at a step, or a component of a column; indices count as in the text"),
    ("a + b - c", "sum and difference of two scalars, or of two matrices of one shape"),
    ("w * h[t]", "product with a scalar; nothing else broadcasts"),
    ("A @ y", "matrix product"),
    ("ones.T", "transpose"),
    ("a / b", "quotient by a scalar"),
    ("a ** 2", "power of a scalar"),
    ("-a", "the negative"),
    ("d(L, s[t])", "derivative, by dual numbers on the forward pass alone"),
    (
        "direct(c[t], c[k])",
        "derivative along the path past the gates of a gated cell, the gates held fixed",
    ),
    ("D(tanh)(a)", "derivative of a function of one variable, by dual numbers on its value"),
    ("phi.prime(s[t])", "the reference derivative that the package computes with"),
    ("exp(a)", "exponential"),
    ("log(a)", "natural logarithm"),
    ("sinh(a) / cosh(a)", "hyperbolic functions, made of exponentials"),
    ("tanh(a)", "an activation"),
    ("sigmoid(a)", "an activation, 1 / (1 + exp(−a))"),
    ("relu(a)", "an activation, the larger of a and 0"),
    ("sum(x[t] for t in steps(1, T))", "sum, both ends included; 0 if there is no step"),
    ("prod(w for j in steps(k + 1, t))", "product, from left to right; 1 if there is no step"),
    ("batch(d(L, w))", "sum over the sequences of a batch"),
    ("W[i, j]", "an entry of a matrix"),
    ("o[t][i]", "an entry of a column at a step"),
    ("diag(v)", "the diagonal matrix of a column"),
    ("square(v)", "every entry squared"),
    ("inner(u, v)", "inner product of two columns"),
    ("norm(W)", "spectral norm: the largest singular value, the length of a column"),
    ("rho(W)", "spectral radius: the largest modulus of an eigenvalue"),
    ("active(v)", "one where an entry is positive, zero elsewhere"),
    (
        "immediate(a[k], W[i, j])",
        "immediate derivative, the state before held fixed; by dual numbers on one step",
    ),
    ("short(v)", "a column without its last entry, for what a source gets wrong"),
    (
        "compose(diag(v) @ W for j in down(t, k + 1))",
        "matrix product, the first index on the left; both ends included, downwards",
    ),
)
"""Each form by an example, printed as every statement is, and what it means."""


LETTERS = r"""## Two letters {#letters}

In the statements and cases of the RNN and the GRU two letters are those of their sources. In the
package they are the same for every cell: o and c are a gate and the cell of an LSTM.

| what | RNN and GRU, in statements and cases | every cell, in the package |
|:--|:--|:--|
| outputs | $\mathbf{o}_t$, `o` | $\mathbf{s}_t$, `run.s`; its gradient `ds` |
| their bias | $\mathbf{c}$, `c` | $\mathbf{b}_s$, `params["b_s"]`; its gradient `db_s` |"""


def page() -> str:
    """Return the page.

    Raises:
        PluginError: a statement of the registry uses a form that the grammar does not explain.
    """
    _complete()
    symbols = {"phi": r"\phi", "ones": r"\mathbf{1}"}
    printer = Printer(symbols, {"o": "o"}, {"o"})
    rows = ["| Python | Printed | Meaning |", "|:--|:--|:--|"]
    rows += [f"| `{text}` | ${printer.print(parse(text))}$ | {plain(meaning)} |"
             for text, meaning in GRAMMAR]  # fmt: skip
    ranges = (
        'A range such as `t="steps(1, T)"` stands beside the statement: for every *t* from 1 to '
        "*T*, both ends included. A size that does not compose, or an index outside its range, is "
        "an error of the statement: its verdict is ill-typed."
    )
    parts = [_TOP, "\n".join(rows), ranges, LETTERS, *map(_model, MODELS.values())]
    return "\n\n".join(parts) + "\n"


def _model(model: Model) -> str:
    rows = ["| Symbol | Python | Meaning | Computed by |", "|:--|:--|:--|:--|"]
    rows += [f"| ${s.latex}$ | `{s.name}` | {plain(s.meaning)} | {_ORIGINS[s.origin]} |"
             for s in model.symbols]  # fmt: skip
    return f"## {model.title} {{#{stem(model.name)}}}\n\n" + "\n".join(rows)


def _complete() -> None:
    explained = {word for text, _ in GRAMMAR for word in _words(parse(text))}
    for identity in REGISTRY:
        known = explained | MODELS[identity.model].latex.keys()
        unknown = _words(identity.statement.tree) - known
        if unknown:
            missing = ", ".join(sorted(unknown))
            raise PluginError(f"notation: {identity.id} uses {missing}, which is not explained")


def _words(tree: ast.expr) -> set[str]:
    """Return the functions and attributes that an expression uses."""
    called = {n.func.id for n in ast.walk(tree)
              if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}  # fmt: skip
    return called | {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
