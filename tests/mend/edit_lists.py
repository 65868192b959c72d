"""What each kind of edit makes of an expression, a line each.

``python -m tests.mend.edit_lists`` writes the list anew, after a change that is meant.
"""

import importlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from bpttcheck.mend.pure import Purity
from bpttcheck.mend.site import Observer
from bpttcheck.mend.slots import slots_of
from bpttcheck.mend.source import SourceFile, functions

KEPT = Path(__file__).with_suffix(".txt")

HEADER = """\
# What an edit is tried as, and how it is told. One that goes is a mend that nobody finds, and one
# that comes makes every search longer. Written by: python -m tests.mend.edit_lists
"""

REAL, WIDE = np.ones((3, 4)), np.ones((4, 4))

VALUES = {"np": np, "dh": REAL, "s": 2 * REAL, "W": WIDE, "z": 1j * REAL, "B": 3, "t": 1}

EXPRESSIONS = {
    "transpose": ("dh @ W",),
    "conjugates": ("s * z", "z.conj() * 2"),
    "operand_order": ("dh @ W", "dh - s"),
    "associate": ("dh * s + s", "s - dh @ W", "(dh + s) * s", "s * (dh @ W)"),
    "scale": ("-dh", "dh * s", "dh / B"),
    "summed_axes": ("dh.sum(axis=0)", "np.sum(dh, axis=0)", "dh * s"),
    "powers": ("s**2", "dh * s"),
    "slope_forms": ("s * (1 - s)",),
    "indices": ("s[t - 1]", "s[:, :2]", "range(t)", "s[::-1]"),
    "functions": ("np.tanh(s)",),
    "names": ("dh * s",),
    "einsum": ('np.einsum("ij,jk->ik", dh, W)',),
    "conditions": ("dh if t > 0 else s",),
    "matrices": ("dh @ W",),
}
"""By the module of ``bpttcheck.mend.edits``."""


def changed(kind, expression):
    """Return what an expression becomes by each edit of a kind, and how that is told."""
    head = "def f():\n    return "
    source = SourceFile("mine.py", f"{head}{expression}\n")
    ((key, function),) = functions(source.tree).items()
    slots = slots_of(source, key, function, "", 0)
    observer = Observer(slots, Purity({}), [])
    frame = SimpleNamespace(f_globals=VALUES, f_locals=VALUES)
    observer(0, eval(expression, VALUES), frame)
    module = importlib.import_module(f"bpttcheck.mend.edits.{kind}")
    for change in module.changes(observer.sites[0]):
        text = expression
        for node, new in sorted(change.parts, key=lambda part: -part[0].col_offset):
            start, end = (at - len(head) for at in source.span(node))
            text = text[:start] + new + text[end:]
        yield f"{text}  # {change.kind}: {change.words}"


def listed():
    """Return all of them, each under its expression."""
    for kind, expressions in EXPRESSIONS.items():
        for expression in expressions:
            yield f"{kind}: {expression}"
            yield from (f"    {line}" for line in changed(kind, expression))


def text():
    """Return the file that is kept."""
    return HEADER + "".join(f"{line}\n" for line in listed())


if __name__ == "__main__":
    KEPT.write_text(text(), encoding="utf-8")
