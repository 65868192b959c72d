"""What the runs of gated cells share: the axes of their cases, and their symbols."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpttcheck.cells.cell import Cell
from bpttcheck.runs.model import Symbol, as_arrays, check_targets


def case_axes(cell: Cell, weights: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return the axes of a case's arrays: of its weights, the states before it, x and y."""
    axes = {"y": "TBp"} | {name: "".join(symbols) for name, symbols in weights.items()}
    return axes | {f"{state}0": f"B{cell.width(state)}" for state in cell.states} | {"x": "+TBm"}


def check_case(case: Any, axes: Mapping[str, str]) -> None:
    """Turn lists in a case into the arrays that they stand for, checked."""
    as_arrays(case, **axes)
    check_targets(case.y, case.targets)


def case_sizes(case: Any, axes: Mapping[str, str]) -> dict[str, int]:
    """Return the sizes of a case by symbol: T, B, m, n and p, and r where there is a projection."""
    known: dict[str, int] = {}
    for name, symbols in axes.items():
        known |= zip(symbols.replace("+T", "+"), getattr(case, name).shape, strict=True)
    return {symbol: known[symbol] for symbol in "TBmnpr" if symbol in known}


def column(name: str, latex: str, meaning: str, first: int = 1, size: str = "n") -> Symbol:
    """Return a symbol with a column of n, or of another size, at every step."""
    says = f"{meaning}, {name}_{first}, …, {name}_T, columns of {size}"
    return Symbol(name, latex, says, component=latex, each_step=True)


def gate_weights(gates: Mapping[str, str], read: str) -> tuple[Symbol, ...]:
    """Return the symbols of the weights of gates, which have a letter and a name each.

    ``read`` is the symbol of the size of the state that they read.
    """
    made = []
    for gate, name in gates.items():
        made += [
            Symbol(f"U_{gate}", f"U_{{{gate}}}", f"weights of the input in the {name}, n×m"),
            Symbol(f"W_{gate}", f"W_{{{gate}}}", f"weights of the state in the {name}, n×{read}"),
            Symbol(f"b_{gate}", rf"\mathbf{{b}}_{{{gate}}}", f"bias of the {name}, a column of n"),
        ]
    return tuple(made)


def preactivations(gates: Mapping[str, str]) -> tuple[Symbol, ...]:
    """Return the symbols of the pre-activations of gates."""
    return tuple(
        column(f"a_{gate}", rf"\mathbf{{a}}^{{{gate}}}", f"pre-activation of the {name}")
        for gate, name in gates.items()
    )


def common(output: str, read: str) -> tuple[Symbol, ...]:
    """Return the symbols that every gated cell has.

    ``output`` is the output layer's letter, ``read`` the size of the state that it reads.
    """
    projected = (Symbol("r", "r", "the number of states let out"),) if read == "r" else ()
    return (
        Symbol("L", "L", "the loss of a sequence, the sum of its steps' losses"),
        Symbol("T", "T", "the number of steps"),
        Symbol("m", "m", "the number of inputs"),
        Symbol("n", "n", "the number of states"),
        *projected,
        Symbol("p", "p", "the number of outputs"),
        Symbol("x", r"\mathbf{x}", "input, x_1, …, x_T, columns of m", each_step=True),
        Symbol("y", r"\mathbf{y}", "target, y_1, …, y_T, columns of p", each_step=True),
        Symbol("V", "V", f"weights of the output layer, p×{read}"),
        Symbol(
            output,
            rf"\mathbf{{{output}}}",
            f"what the output layer gives, {output}_1, …, {output}_T, columns of p",
            each_step=True,
        ),
        Symbol("ones", r"\mathbf{1}", "a column of n ones"),
        Symbol("I", "I", "the n×n identity matrix"),
    )


def bptt_symbols(inner: tuple[str, ...], weights: Mapping[str, Any]) -> tuple[Symbol, ...]:
    """Return the symbols of what BPTT computes."""

    def typewriter(name: str) -> str:
        letter, _, gate = name.partition("_")
        return rf"\mathtt{{d{letter}}}" + (f"^{{{gate}}}" if gate else "")

    made = [
        Symbol(f"d{name}", typewriter(name), f"∂L/∂{name} at step t, as BPTT computes it", "bptt")
        for name in (*inner, "x")
    ]
    made += [
        Symbol(f"d{name}", typewriter(name), f"Σ_b ∂L/∂{name} as BPTT computes it", "bptt")
        for name in weights
    ]
    return tuple(made)
