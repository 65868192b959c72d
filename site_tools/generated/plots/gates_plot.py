"""The figure of *Layouts*: in which order libraries stack the gates, from their layouts."""

from __future__ import annotations

from bpttcheck.conformance import LAYOUTS
from bpttcheck.conformance.weight_blocks import WeightBlock
from bpttcheck.figures import ACCENT, INK, Figure
from bpttcheck.figures.svg import words

CELLS = {"LSTM": "ifgo", "GRU": "zrg"}
COLOURS = {
    "i": ACCENT,
    "z": ACCENT,
    "f": "var(--md-code-hl-number-color, #a3312a)",
    "r": "var(--md-code-hl-number-color, #a3312a)",
    "g": "var(--md-code-hl-string-color, #1a6b35)",
    "o": "var(--md-code-hl-constant-color, #6639a6)",
}
NAMES = {"torch": "PyTorch", "onnx": "ONNX", "mlx": "MLX", "tinygrad": "tinygrad", "thinc": "thinc"}
"""Of libraries whose names are not their packages' with a capital."""

_WIDE, _HIGH, _APART, _LEFT = 58, 24, 54, 12


def orders(cell: str) -> dict[tuple[str, ...], list[str]]:
    """Return the libraries by the order of the gates in their matrix of the input.

    A gate that is stored as its negative has a minus before it. Libraries with a matrix for each
    gate have no order.
    """
    found: dict[tuple[str, ...], list[str]] = {}
    for name, layout in LAYOUTS.items():
        library, _, kind = name.partition(".")
        if not kind.split(".")[-1].split(",")[0].removesuffix("Cell").endswith(cell):
            continue
        for blocks in layout.blocks.values():
            order = tuple(_gate(b) for b in blocks.each() if b.weight.startswith("U_"))
            letters = "".join(sorted(gate.strip("−") for gate in order))
            if letters == "".join(sorted(CELLS[cell])):
                known = found.setdefault(order, [])
                called = NAMES.get(library, library.capitalize())
                known += [called] if called not in known else []
    return found


def _gate(block: WeightBlock) -> str:
    return ("−" if block.sign < 0 else "") + block.weight.removeprefix("U_")


def plot() -> Figure:
    """Return a row of blocks for each order."""
    parts, y, told = [], 20, []
    for cell in CELLS:
        parts.append(words(_LEFT, y, cell, "start"))
        y += 12
        for order, libraries in orders(cell).items():
            for i, gate in enumerate(order):
                parts.append(_block(_LEFT + i * _WIDE, y, gate))
            lines = _wrapped(libraries)
            for j, line in enumerate(lines):
                parts.append(words(_LEFT, y + _HIGH + 17 + 17 * j, line, "start"))
            told.append(f"{cell} of {', '.join(libraries)}: {' '.join(order)}")
            y += _APART + 17 * (len(lines) - 1)
        y += 18
    title = "The order of the gates in a stacked matrix of weights. " + "; ".join(told) + "."
    return Figure("gate-order", title, tuple(parts), 360, y - 22)


def _wrapped(names: list[str]) -> list[str]:
    lines = [""]
    for name in names:
        longer = f"{lines[-1]}, {name}" if lines[-1] else name
        if len(longer) > 42:
            lines[-1] += ","
            lines.append(name)
        else:
            lines[-1] = longer
    return lines


def _block(x: float, y: float, gate: str) -> str:
    colour = COLOURS[gate[-1]]
    return (
        f'<rect x="{x:g}" y="{y}" width="{_WIDE}" height="{_HIGH}" fill="{colour}" '
        f'fill-opacity="0.2" stroke="{colour}"/>' + words(x + _WIDE / 2, y + 17, gate, colour=INK)
    )
