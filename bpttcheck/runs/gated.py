"""What the runs of gated cells share: the axes of their cases, and their symbols."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bpttcheck.runs.model import Symbol, as_arrays, check_targets

OF_STEPS = {"x": "m", "y": "p", "h0": "n", "c0": "n"}
"""The last axis of what is not a weight."""


def case_axes(weights: Mapping[str, tuple[str, ...]], states: Iterable[str]) -> dict[str, str]:
    """Return the axes of a case's arrays: of its weights, the states before it, x and y."""
    axes = {"y": "TBp"} | {name: "".join(symbols) for name, symbols in weights.items()}
    return axes | {f"{state}0": "Bn" for state in states} | {"x": "+TBm"}


def check_case(case: Any, axes: Mapping[str, str]) -> None:
    """Turn lists in a case into the arrays that they stand for, checked."""
    as_arrays(case, **axes)
    check_targets(case.y, case.targets)


def case_sizes(case: Any) -> dict[str, int]:
    """Return T, B, m, n and p."""
    (T, B, p), m, n = case.y.shape, case.x.shape[-1], case.h0.shape[-1]
    return {"T": T, "B": B, "m": m, "n": n, "p": p}


def column(name: str, latex: str, meaning: str, first: int = 1) -> Symbol:
    """Return a symbol with a column of n at every step."""
    steps = f"{name}_{first}, …, {name}_T"
    return Symbol(name, latex, f"{meaning}, {steps}, columns of n", component=latex, each_step=True)


def gate_weights(gates: Mapping[str, str]) -> tuple[Symbol, ...]:
    """Return the symbols of the weights of gates, which have a letter and a name each."""
    made = []
    for gate, name in gates.items():
        made += [
            Symbol(f"U_{gate}", f"U_{{{gate}}}", f"weights of the input in the {name}, n×m"),
            Symbol(f"W_{gate}", f"W_{{{gate}}}", f"weights of the state in the {name}, n×n"),
            Symbol(f"b_{gate}", rf"\mathbf{{b}}_{{{gate}}}", f"bias of the {name}, a column of n"),
        ]
    return tuple(made)


def preactivations(gates: Mapping[str, str]) -> tuple[Symbol, ...]:
    """Return the symbols of the pre-activations of gates."""
    return tuple(
        column(f"a_{gate}", rf"\mathbf{{a}}^{{{gate}}}", f"pre-activation of the {name}")
        for gate, name in gates.items()
    )


def common(output: str) -> tuple[Symbol, ...]:
    """Return the symbols that every gated cell has; ``output`` is the output layer's letter."""
    return (
        Symbol("L", "L", "the loss of a sequence, the sum of its steps' losses"),
        Symbol("T", "T", "the number of steps"),
        Symbol("m", "m", "the number of inputs"),
        Symbol("n", "n", "the number of states"),
        Symbol("p", "p", "the number of outputs"),
        Symbol("x", r"\mathbf{x}", "input, x_1, …, x_T, columns of m", each_step=True),
        Symbol("y", r"\mathbf{y}", "target, y_1, …, y_T, columns of p", each_step=True),
        Symbol("V", "V", "weights of the output layer, p×n"),
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
