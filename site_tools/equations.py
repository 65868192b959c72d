"""The gradients of every cell as text, for a diagnosis to say what is right.

    python -m site_tools.equations

writes ``bpttcheck/diagnosis/explanation/equations.toml`` anew: a check loads no identities.
"""

from __future__ import annotations

import ast
from pathlib import Path

import bpttcheck
from bpttcheck.bptt.networks import NETWORKS
from bpttcheck.cells.gru import RESETS, gru
from bpttcheck.diagnosis.explanation.catalogue import table_of
from bpttcheck.identities import REGISTRY
from bpttcheck.statements.identity import Identity
from bpttcheck.statements.plain_text import text

FILE = Path(bpttcheck.__file__).parent / "diagnosis" / "explanation" / "equations.toml"
HEAD = """\
# Every gradient of every cell that has identities, printed from them by site_tools/equations.py;
# a test holds the two alike. By what the gradient is of: h the state at any step, h0 the initial
# one, a_i the pre-activation of the gate i, s the outputs; dW is what a backward pass returns.
"""
RENAMED = {"rnn": {"o": "s", "c": "b_s"}, "gru": {"o": "s", "c": "b_s"}}
"""The outputs and their bias, where the identities have the letters of their sources."""
CELLS = [
    cell
    for name, network in NETWORKS.items()
    for cell in (map(gru, RESETS) if name == "gru" else [network.cell])
]


def page() -> str:
    """Return the file."""
    parts = [HEAD]
    for cell in CELLS:
        rows = _rows(cell.name, cell.options.get("reset"))
        if rows:
            parts.append("\n".join([f"[{table_of(cell)}]", *rows, ""]))
    return "\n".join(parts)


def _rows(model: str, reset: str | None) -> list[str]:
    found: dict[str, str] = {}
    for identity in REGISTRY:
        of = _gradient_of(identity) if identity.model == model else ""
        other = any(f"reset comes {r}" in identity.domain.assuming for r in RESETS if r != reset)
        if of and not other and not of.endswith("_copy") and of != "E":
            of = RENAMED.get(model, {}).get(of, of)
            row = f'{of} = ["{identity.id}", "{text(identity.statement)}"]'
            found.setdefault(of, row)
    return list(found.values())


def _gradient_of(identity: Identity) -> str:
    """Return what an identity's left side is the gradient of, or what BPTT returns; "" if none."""
    if not identity.statement.is_equation:
        return ""
    match identity.statement.sides[0]:
        case ast.Call(func=ast.Name(id="d"), args=[ast.Name(id="L"), of]):
            pass
        case ast.Name(id=name) if name.startswith("d") and "batch(" in identity.statement.says:
            return name
        case _:
            return ""
    match of:
        case ast.Name(id=name):
            return name
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Name(id="t")):
            return name
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=0)):
            return f"{name}0"
    return ""


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
