"""Right programs by number: program k is the same text everywhere."""

from __future__ import annotations

import linecache
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.program_networks import NETWORKS, Network, indented
from benchmarks.program_parts import FACTORS, LOSSES, Spelling, data, loss, targets
from bpttcheck.cases import Case

STYLES = (
    "plain", "mean", "constants", "standardised", "trace", "saturated", "underflow",
)  # fmt: skip

PRECISIONS = ("float64", "float32 loss", "float32 gradients", "float32 parameters")

TYPES = {
    "float64": ("float64", "float64", "float64"),
    "float32 loss": ("float64", "float32", "float64"),
    "float32 gradients": ("float64", "float64", "float32"),
    "float32 parameters": ("float32", "float32", "float32"),
}
"""What FLOAT, LOSS and GRADIENT stand for in a text."""


@dataclass(frozen=True)
class Program:
    """A right program: its number, its text, what it is an example of, and a case to ask."""

    number: int
    style: str
    precision: str
    model: str
    loss: str
    source: str
    case: Case

    @property
    def text(self) -> str:
        """The text as a person would have it."""
        return self._typed(*TYPES[self.precision])

    def problem(self, case: Case) -> Any:
        """Return the function and its parameters."""
        return self.compiled(self.text, np)(case)

    def compiled(self, text: str, numpy: Any) -> Any:
        """Return the ``problem`` of a text; its lines can be looked up, as those of a file can."""
        name = f"<program {self.number}>"
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        scope: dict[str, Any] = {"np": numpy}
        exec(compile(text, name, "exec", dont_inherit=True), scope)
        return scope["problem"]

    def wide(self, case: Case) -> Any:
        """Return the same, every number that it computes complex and of the longest type."""
        return self.compiled(self._typed(*["clongdouble"] * 3), _Wide())(case)

    def _typed(self, *types: str) -> str:
        text = self.source
        for token, name in zip(("FLOAT", "LOSS", "GRADIENT"), types, strict=True):
            text = text.replace(token, f"np.{name}")
        return text


class _Wide:
    """NumPy, whose buffers are of the longest complex type unless it is told otherwise."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    @staticmethod
    def zeros(shape: Any, dtype: Any = np.clongdouble) -> Any:
        return np.zeros(shape, dtype)


def program(number: int) -> Program:
    """Return a program by its number."""
    s = Spelling(number)
    s.style = STYLES[number % len(STYLES)]
    s.precision = s.pick("float64", "float64", "float64", *PRECISIONS[1:])
    s.model = s.pick(*NETWORKS, "vanilla RNN", "linear")
    s.loss = s.pick(*LOSSES)
    s.batch, s.every, s.listed = s.often(0.6), s.often(0.6), s.often(0.6)
    network = NETWORKS[s.model](s)
    outputs = network.outputs or (
        ("(T, B, p)" if s.batch else "(T, p)") if s.every else ("(B, p)" if s.batch else "p")
    )
    lines = [
        "rng, T, B, m, n, p = case.rng, case.T, case.B, case.m, case.n, case.p",
        *data(s), *network.before, *targets(s, outputs), "params = {",
        *indented(_parameters(s, network)), "}", "", "def value_and_grad(params):",
        *indented(_function(s, network)), "", "return value_and_grad, params",
    ]  # fmt: skip
    source = "\n".join(["def problem(case):", *indented(lines)]) + "\n"
    low_p = 2 if s.loss == "softmax" else 1
    sizes = {"T": (1, 12), "B": (1, 4), "m": (1, 4), "n": (1, 5), "p": (low_p, 3)}
    chosen: dict[str, Any] = {k: low + int(s.chance.random() * (high - low + 1))
              for k, (low, high) in sizes.items()}  # fmt: skip
    case = replace(Case(seed=number), **chosen)
    return Program(number, s.style, s.precision, s.model, s.loss, source, case)


def _parameters(s: Spelling, network: Network) -> list[str]:
    """Return the lines of the dictionary of parameters."""
    cast = ".astype(FLOAT)" if s.precision == "float32 parameters" else ""
    typed = ", dtype=FLOAT" if cast else ""
    factors = dict.fromkeys(network.weights, "")
    if s.style == "saturated":
        factors = dict.fromkeys(factors, s.pick("16 * ", "16 * ", "40 * ", "6 * "))
    if s.style == "underflow":
        tiny = s.pick(*FACTORS[s.narrow][:2])
        chosen = s.pick(*network.weights)
        everything = s.often(0.5)
        factors = {k: f"{tiny} * " if everything or k == chosen else "" for k in factors}
    lines = []
    for name, (shape, fan) in network.weights.items():
        drawn = f"{factors[name]}rng.normal(size={shape}) / np.sqrt({fan})"
        lines += [f'"{name}": ({drawn}){cast},' if cast else f'"{name}": {drawn},']
    for name, size in network.biases.items():
        drawn = f"0.1 * rng.normal(size={size})"
        silent = f"np.zeros({size}{typed})"
        lines += [f'"{name}": {s.pick(silent, f"({drawn}){cast}" if cast else drawn)},']
    return lines


def _function(s: Spelling, network: Network) -> list[str]:
    """Return the body of the function."""
    names = [*network.weights, *network.biases]
    unpacked = ", ".join(f'params["{k}"]' for k in names)
    lines = [f"{', '.join(names)} = {unpacked}", *network.forward, *loss(s)]
    late = ""
    if s.precision == "float32 gradients":
        late = s.pick("", ".astype(GRADIENT)") if network.summed else ".astype(GRADIENT)"
    buffer = "np.zeros_like({0})" if not late else "np.zeros({0}.shape)"
    if s.precision == "float32 gradients" and not late:
        buffer = s.pick("np.zeros({0}.shape, dtype=GRADIENT)", "np.zeros_like({0}, dtype=GRADIENT)")
    elif s.precision != "float32 parameters" and s.often(0.3):
        buffer = "0.0"
    for name in network.summed:
        lines += [f"d{name} = {buffer.format(name)}"]
    lines += network.backward
    first = names[0]
    if s.precision != "float32 loss" and s.often(0.15):
        factor = s.pick("1e-3", "0.01", "1 / 30")
        lines += [f"penalty = {factor}", f"loss = loss + 0.5 * penalty * np.sum({first} ** 2)",
                  f"d{first} = d{first} + penalty * {first}"]  # fmt: skip
    pairs = ", ".join(f'"{k}": d{k}{late}' for k in names)
    return [*lines, f"return loss, {{{pairs}}}"]
