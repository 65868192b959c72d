"""What holds of every cell, made from its shape: squashing, sums over steps, what BPTT returns.

A cell adds what is its own: what its gates weigh, how its states are made, the way back.
"""

from __future__ import annotations

from typing import Any

from bpttcheck.cells.cell import Cell
from bpttcheck.statements.identity import Identity, Source, about

EVERY = "steps(1, T)"
BEFORE_LAST = "steps(1, T - 1)"


def common(cell: Cell, source: Source) -> tuple[Identity, ...]:
    """Return the identities that a cell has by its shape."""
    name, gates = cell.name, cell.gates
    identity = about(name, source)

    def another(gate: str) -> str:
        letters = list(gates)
        return letters[(letters.index(gate) + 1) % len(letters)]

    def of_gate(k: str) -> list[Identity]:
        words, squash = gates[k].name, gates[k].squash.name
        other = "sigmoid" if squash == "tanh" else "tanh"
        return [
            identity(
                f"{name}.gate-{k}",
                f"The {words} is squashed, entry by entry.",
                f"{k}[t] == {squash}(a_{k}[t])",
                t=EVERY,
                wrong={
                    "the other squashing function": f"{other}(a_{k}[t])",
                    "not squashed": f"a_{k}[t]",
                },
            ),
            identity(
                f"{name}.preactivation-gradient-{k}",
                f"From the {words} back to what it squashes.",
                f"d(L, a_{k}[t]) == diag({squash}.prime(a_{k}[t])) @ d(L, {k}[t])",
                t=EVERY,
                wrong={
                    "the gate's derivative forgotten": f"d(L, {k}[t])",
                    "the slope at the gate": f"diag({squash}.prime({k}[t])) @ d(L, {k}[t])",
                },
            ),
            identity(
                f"{name}.U-gradient-{k}",
                f"The input's weights in the {words} act at every step, on that step's input.",
                f"d(L, U_{k}) == sum(d(L, a_{k}[t]) @ x[t].T for t in steps(1, T))",
                wrong={
                    "the gate's derivative forgotten": (
                        f"sum(d(L, {k}[t]) @ x[t].T for t in steps(1, T))"
                    ),
                },
            ),
            identity(
                f"{name}.b-gradient-{k}",
                f"The bias of the {words} acts at every step.",
                f"d(L, b_{k}) == sum(d(L, a_{k}[t]) for t in steps(1, T))",
                wrong={
                    "the gate's derivative forgotten": f"sum(d(L, {k}[t]) for t in steps(1, T))"
                },
            ),
            _bptt(
                f"a_{k}",
                f"BPTT's gradient of the {words}'s pre-activation.",
                f"da_{k}[t] == d(L, a_{k}[t])",
                f"d(L, {k}[t])",
                t=EVERY,
            ),
            *(
                _bptt(
                    f"{w}_{k}",
                    f"BPTT's gradient of {w}_{k} is the sum of the sequences'.",
                    f"d{w}_{k} == batch(d(L, {w}_{k}))",
                    f"batch(d(L, {w}_{another(k)}))",
                )
                for w in "UWb"
            ),
        ]

    def _bptt(what: str, says: str, right: str, wrong: str, **ranges: str) -> Identity:
        return identity(
            f"{name}.bptt-{what}", says, right, wrong={"another variable's": wrong}, **ranges
        )

    first = next(iter(gates))
    inputs = " + ".join(f"U_{k}.T @ d(L, a_{k}[t])" for k in gates)
    return (
        *(found for k in gates for found in of_gate(k)),
        identity(
            f"{name}.output",
            "The output layer reads the state of its own step.",
            "s[t] == V @ h[t] + b_s",
            t=EVERY,
            wrong={"the state before": "V @ h[t - 1] + b_s"},
        ),
        identity(
            f"{name}.terminal-gradient",
            "At the last step only the output layer reads the state.",
            "d(L, h[T]) == V.T @ d(L, s[T])",
            wrong={"V for Vᵀ": "V @ d(L, s[T])"},
        ),
        identity(
            f"{name}.V-gradient",
            "The output layer's weights act at every step, on that step's state.",
            "d(L, V) == sum(d(L, s[t]) @ h[t].T for t in steps(1, T))",
            wrong={"the state before": "sum(d(L, s[t]) @ h[t - 1].T for t in steps(1, T))"},
        ),
        identity(
            f"{name}.b_s-gradient",
            "The output layer's bias acts at every step.",
            "d(L, b_s) == sum(d(L, s[t]) for t in steps(1, T))",
            wrong={"only the last step": "d(L, s[T])"},
        ),
        identity(
            f"{name}.input-gradient",
            "An input is read by every gate of its step.",
            f"d(L, x[t]) == {inputs}",
            t=EVERY,
            wrong={"one gate alone": f"U_{first}.T @ d(L, a_{first}[t])"},
        ),
        *(
            _bptt(
                words + "s",
                f"BPTT's gradient of the {words}s, the initial one last.",
                f"d{k}[t] == d(L, {k}[t])",
                f"d(L, {k}[t + 1])",
                t="steps(0, T)",
            )
            for k, words in cell.states.items()
        ),
        _bptt(
            "inputs",
            "BPTT's gradient of the inputs.",
            "dx[t] == d(L, x[t])",
            "d(L, x[t + 1])",
            t=EVERY,
        ),
        _bptt(
            "V",
            "BPTT's gradient of V is the sum of the sequences'.",
            "dV == batch(d(L, V))",
            f"batch(d(L, W_{first}))",
        ),
        _bptt(
            "b_s",
            "BPTT's gradient of b_s is the sum of the sequences'.",
            "db_s == batch(d(L, b_s))",
            f"batch(d(L, b_{first}))",
        ),
    )


def carried_cell(cell: Cell, source: Source) -> Identity:
    """Return how the cell of an LSTM is made, whatever its gates read and its state lets out."""
    return about(cell.name, source)(
        f"{cell.name}.cell",
        "The cell keeps, and takes in.",
        "c[t] == diag(f[t]) @ c[t - 1] + diag(i[t]) @ g[t]",
        t=EVERY,
        wrong={"input and forget gate exchanged": "diag(i[t]) @ c[t - 1] + diag(f[t]) @ g[t]"},
    )


def preactivation(cell: Cell, source: Source, k: str, read: str, **wrong: str) -> Any:
    """Return what a gate weighs, and the gradient of its weights, from what it reads."""
    identity, words = about(cell.name, source), cell.gates[k].name
    mistakes = {"h_t for h_{t−1}": "h[t]", **wrong}
    return (
        identity(
            f"{cell.name}.preactivation-{k}",
            f"What the {words} weighs.",
            f"a_{k}[t] == U_{k} @ x[t] + W_{k} @ {read} + b_{k}",
            t=EVERY,
            wrong={m: f"U_{k} @ x[t] + W_{k} @ {it} + b_{k}" for m, it in mistakes.items()},
        ),
        identity(
            f"{cell.name}.W-gradient-{k}",
            f"The state's weights in the {words} act at every step, on what it reads.",
            f"d(L, W_{k}) == sum(d(L, a_{k}[t]) @ ({read}).T for t in steps(1, T))",
            wrong={
                m: f"sum(d(L, a_{k}[t]) @ ({it}).T for t in steps(1, T))"
                for m, it in mistakes.items()
            },
        ),
    )
