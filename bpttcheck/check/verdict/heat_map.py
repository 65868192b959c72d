"""A gradient as a grid: which of its entries are wrong, and by how much, as SVG.

It is drawn from what :meth:`Report.to_dict` returns, so that the process which prints a report need
not be the one that ran the code.
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any

SIDE, MOST, MARGIN = 14, 40, 30
"""Of a cell, in pixels; how many a row or column has at most; room for labels beside them."""

FAINTEST = 0.3
"""The opacity of the smallest wrong entry; that of the largest is 1, and logarithms lie between."""

Cell = tuple[float, float] | None
"""An entry's error and bound; None where nothing is known of it."""


def has_map(block: Mapping[str, Any]) -> bool:
    """Tell whether the entries of a gradient are known, and some are wrong."""
    return block["verdict"] == "wrong" and bool(block.get("errors"))


def heat_map(block: Mapping[str, Any]) -> str:
    """Return the entries of a wrong gradient as SVG with a title; nothing where they are not known.

    The first axis goes down, the others side by side; of a large array a cell stands for several
    entries, the worst of which it shows.

    Arguments:
        block: of the ``blocks`` of :meth:`Report.to_dict`.
    """
    if not has_map(block):
        return ""
    entries = list(zip(block["errors"], block["bounds"], strict=True))
    cells: list[Cell] = [None if None in (e, b) else (e, b) for e, b in entries]
    shape = tuple(block["shape"]) or (1,)
    rows = shape[0] if len(shape) > 1 else 1
    columns = len(cells) // rows
    grid = _binned([cells[i * columns : (i + 1) * columns] for i in range(rows)])
    title = _told(block, cells)
    high, wide = len(grid), len(grid[0])
    width, height = MARGIN + wide * SIDE + 4, MARGIN + high * SIDE + 4
    largest = _largest(cells)
    parts = [_square(i, j, cell, largest) for i, row in enumerate(grid) for j, cell in row]
    parts += _labels(rows, columns, high, wide, len(shape))
    return (
        f'<svg role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'aria-label="{html.escape(title)}"><title>{html.escape(title)}</title>'
        f"{''.join(parts)}</svg>"
    )


def _binned(rows: Sequence[Sequence[Cell]]) -> list[list[tuple[int, Cell]]]:
    """Return at most MOST rows and columns, numbered; the worst of the entries in each."""
    down, across = (math.ceil(length / MOST) for length in (len(rows), len(rows[0])))
    found = []
    for i in range(0, len(rows), down):
        block = rows[i : i + down]
        starts = range(0, len(rows[0]), across)
        found.append(
            [
                (place, max((c for r in block for c in r[j : j + across]), key=_badness))
                for place, j in enumerate(starts)
            ]
        )
    return found


def _badness(cell: Cell) -> float:
    """Order cells: wrong ones by their error, then those not known, then right ones."""
    if cell is None:
        return 0.0
    return abs(cell[0]) if _wrong(cell) else -1.0


def _wrong(cell: Cell) -> bool:
    return cell is not None and abs(cell[0]) > cell[1]


def _largest(cells: Sequence[Cell]) -> float:
    return max((abs(c[0]) for c in cells if c is not None and _wrong(c)), default=1.0)


def _square(row: int, column: int, cell: Cell, largest: float) -> str:
    kind, opacity = "right", 1.0
    if cell is None:
        kind = "unknown"
    elif _wrong(cell):
        kind = "wrong"
        orders = math.log10(largest) - math.log10(abs(cell[0]))
        opacity = FAINTEST + (1 - FAINTEST) * max(0.0, 1 - orders / 6)
    x, y = MARGIN + column * SIDE, MARGIN + row * SIDE
    return (
        f'<rect class="{kind}" x="{x}" y="{y}" width="{SIDE - 1}" height="{SIDE - 1}" '
        f'fill-opacity="{opacity:.2f}"/>'
    )


def _labels(rows: int, columns: int, high: int, wide: int, axes: int) -> list[str]:
    """Return the first and last position along both sides."""
    places = [(MARGIN + SIDE / 2, 0), (MARGIN + (wide - 0.5) * SIDE, columns - 1)]
    found = [_label(x, MARGIN - 6, "middle", k) for x, k in dict(reversed(places)).items()]
    if axes > 1:
        down = {MARGIN + (high - 0.3) * SIDE: rows - 1, MARGIN + SIDE * 0.7: 0}
        found += [_label(MARGIN - 6, y, "end", k) for y, k in down.items()]
    return found


def _label(x: float, y: float, anchor: str, number: int) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}">{number}</text>'


def _told(block: Mapping[str, Any], cells: Sequence[Cell]) -> str:
    wrong = sum(map(_wrong, cells))
    told = f"The gradient of {block['name']}: {wrong} of {len(cells)} entries are wrong"
    if block["index"] is not None and len(cells) > 1:
        told += f", the worst at {tuple(block['index'])}"
    unknown = cells.count(None)
    return told + (f"; of {unknown} nothing is known" if unknown else "")
