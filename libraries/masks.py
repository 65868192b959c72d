"""What a library does with sequences of other lengths: ``python -m libraries.masks torch``.

Three sequences of lengths T, 3 and 0 stand in one batch; what pads them are numbers like any other,
so that a step taken there is seen. A folder's ``run.py`` has ``MASKED``, from a way of saying
lengths to the layout and a function of the arrays and the lengths, which returns all outputs
(T, B, n) and the last states (B, n).
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

import numpy as np

from bpttcheck import Network
from bpttcheck.conformance import LAYOUTS, load
from bpttcheck.conformance.array_axes import restored
from libraries.forms import Form
from libraries.points import SIZES, drawn

T, SHORT = 5, 3
LENGTHS = [T, SHORT, 0]
CLOSE = 1e-4


def states(layout: Any, params: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return h_0, and every state h_1, …, h_T as if no step were left out, from the reference."""
    cell, own = layout.reference, {}
    for what, (name, axes) in layout.sequences().items():
        own[what] = restored(params[name], layout.axes[what], axes, name)
    weights = load(layout, {k: params[k] for k in layout.blocks}, m=SIZES["m"])
    x = own.pop("x")
    read = {"V": np.eye(SIZES["n"], dtype=x.dtype)}
    run = Network(cell).forward({**weights, **read}, x, **own)
    return run.h[0], run.h[1:]


def words(seen: np.ndarray, known: dict[str, np.ndarray]) -> str:
    """Return what numbers are, of some that are known by words."""
    for name, values in known.items():
        if np.allclose(seen, values, atol=CLOSE):
            return name
    return "something else"


def row(name: str, run: Any) -> dict[str, str]:
    """Return, in words, what a library does."""
    layout = LAYOUTS[name]
    params = drawn(Form(layout), {**SIZES, "B": len(LENGTHS), "T": T}, "float32", 1.0, 0)
    h0, h = states(layout, params)
    whole, zero = {}, np.zeros(SIZES["n"])
    try:
        outputs, last = run(params, np.array(LENGTHS))
        refused = ""
    except Exception as error:  # a length of zero is refused by some
        refused = f"refused: {str(error).split(',')[0]}"
        outputs, last = run(params, np.array([T, SHORT, 1]))
    assert np.allclose(outputs[:, 0], h[:, 0], atol=CLOSE), "expected the full sequence to be right"
    pad = {"zeros": zero, "the last real state": h[SHORT - 1, 1], "further steps": h[SHORT:, 1]}
    whole["padded outputs"] = words(outputs[SHORT:, 1], pad)
    ends = {"of the last real step": h[SHORT - 1, 1], "of the last step": h[-1, 1], "zeros": zero}
    whole["last state"] = words(last[1], ends)
    empty = {"zeros": zero, "the initial state": h0[2], "all steps": h[:, 2]}
    whole["length 0: outputs"] = refused or words(outputs[:, 2], empty)
    ends = {"the initial state": h0[2], "of the last step": h[-1, 2], "zeros": zero}
    whole["length 0: last state"] = "" if refused else words(last[2], ends)
    return whole


def main() -> None:
    """Print the rows of a library as JSON."""
    library = importlib.import_module(f"libraries.{sys.argv[1]}.run")
    rows = []
    for way, (name, run) in getattr(library, "MASKED", {}).items():
        found = row(name, run)
        print(way, found, file=sys.stderr)
        rows.append(
            {"library": sys.argv[1], "way": way, "layout": name, "versions": library.VERSIONS}
            | {"found": found}
        )
    print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
