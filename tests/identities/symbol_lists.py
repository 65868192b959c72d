"""The symbols of every model: how each is printed, what computes it, its steps and its shape.

``python -m tests.identities.symbol_lists`` writes the list anew, after a change that is meant.
"""

import contextlib
from pathlib import Path

from bpttcheck.arithmetic.base import Inapplicable
from bpttcheck.runs import MODELS
from bpttcheck.runs.systems import Field, Floats
from bpttcheck.statements.terms import Sequence, Term, Variable

KEPT = Path(__file__).with_suffix(".txt")

HEADER = """\
# What statements can name: LaTeX, what computes it, first step and last, shape, and meaning. A
# column has its entry's letter, and [t] where there is one for each step. Written by:
# python -m tests.identities.symbol_lists
"""


def listed():
    """Return a line a symbol, of each model in turn."""
    for model in MODELS.values():
        case, found = _evaluated(model)
        yield f"{model.name}: {model.title}; {', '.join(case.sizes)}"
        for symbol in model.symbols:
            printed = symbol.latex + (f" {symbol.component}" if symbol.component else "")
            printed += " [t]" if symbol.each_step else ""
            shape = _shape(symbol.name, found[symbol.name], case.sizes)
            yield f"    {symbol.name}  {printed}  {symbol.origin}  {shape}  {symbol.meaning}"


def _evaluated(model):
    """Return a case and its symbols, in the first number system that has its functions."""
    for system in (Floats(), Field("symbols")):
        for case in model.typed_cases():
            with system.active(), contextlib.suppress(Inapplicable):
                return case, model.evaluate(case, system)
    raise AssertionError(f"{model.name}: no system evaluates any case")


def _shape(name, value, sizes):
    letters = {size: letter for letter, size in sizes.items()}
    if isinstance(value, (Sequence, Variable)):
        assert value.name == name, f"{value.name} is what {name} is called"
    if isinstance(value, Sequence):
        last = value.first + len(value.values) - 1 - sizes["T"]
        until = "T" if not last else f"T {'-' if last < 0 else '+'} {abs(last)}"
        return f"{value.first} … {until}: {_axes(value.values.shape[1:], letters)}"
    if isinstance(value, Term):
        return _axes(value.value.shape, letters)
    return type(value).__name__


def _axes(shape, letters):
    return f"({', '.join(letters.get(size, str(size)) for size in shape)})"


def text():
    """Return the file that is kept."""
    return HEADER + "".join(f"{line}\n" for line in listed())


if __name__ == "__main__":
    KEPT.write_text(text(), encoding="utf-8")
