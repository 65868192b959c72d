"""A report as a person reads it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from bpttcheck.check.verdict.block import Block


def text(report: Any) -> str:
    """Return a Report in words: the verdict first, a line for every block, then what it rests on.

    Its type is left open here: a report itself imports this file.
    """
    return "\n".join(_lines(report))


def _lines(report: Any) -> Iterator[str]:
    at = report.reason.startswith("at ")
    yield f"{report.verdict}{' ' if at else ': '}{report.reason}"
    if report.mend is not None:
        yield from report.mend.lines()
    if report.cause is not None:
        yield f"cause: {report.cause}"
    if report.case is not None:
        yield f"case: {report.case}"
    if report.search:
        yield from (f"  {line}" for line in report.search.get("lines", ()))
    if report.blocks:
        yield ""
        yield from _table(report)
        wrong = [b for b in report.blocks if b.verdict == "wrong" and any(map(_partial, _axes(b)))]
        for block in wrong:
            yield from _places(block)
        yield from (_beside(block) for block in report.blocks if _whole(block))
    if report.notes:
        yield ""
        yield from (f"note: {note}" for note in report.notes)
    if report.losses or report.gradients or any(report.total or ()):
        yield ""
        yield _footer(report)


def _table(report: Any) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [
        ("", "shape", "verdict", "worst entry", "got", "expected", "found if ≥")
    ]
    rows += [_row(block) for block in report.blocks]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield ("  " + "  ".join(cells)).rstrip()
    for block in report.blocks:
        if block.reason and block.verdict != "right":
            yield f"  {block.name}: {block.reason}"


def _row(block: Block) -> tuple[str, ...]:
    found = f"{4 * block.floor:.1e}"
    shape = str(block.shape)
    if block.index is None or block.got is None or block.expected is None:
        return (block.name, shape, block.verdict, "", "", "", found)
    got, expected = side_by_side(block.got, block.expected, block.bound)
    return (block.name, shape, block.verdict, str(block.index), got, expected, found)


def side_by_side(got: float, expected: float, bound: float | None) -> tuple[str, str]:
    """Return two numbers with the digits that the bound supports, or that tell them apart.

    Without a bound it is not known, as where it is infinite.
    """
    digits = _digits(expected, got, bound or 0.0)
    known = "" if bound is None else f" ± {bound:.0e}"
    return f"{got:.{max(digits, 6)}g}", f"{expected:.{digits}g}{known}"


def _digits(value: float, other: float, bound: float) -> int:
    """Return how many digits to show: those that the bound supports, until a difference shows."""
    digits = 12
    while digits > 4 and abs(value) * 10.0**-digits < bound:
        digits -= 1
    while digits < 17 and f"{value:.{digits}g}" == f"{other:.{digits}g}":
        digits += 1
    return digits


def _whole(block: Block) -> bool:
    """Tell whether a gradient of more than one entry was compared as a whole."""
    return block.angle is not None and math.prod(block.shape) > 1


def _beside(block: Block) -> str:
    """Return the angle of a gradient to the derivative, and how long it is."""
    size = "" if block.ratio is None else f", {block.ratio:.3g} times as long"
    if block.ratio is not None and f"{block.ratio:.3g}" == "1":
        size = ", as long"
    return f"  {block.name}: at an angle of {block.angle:.2g}° to the derivative{size}"


def _axes(block: Block) -> list[tuple[int, int, tuple[int, ...]]]:
    return [(axis, block.shape[axis], where) for axis, where in block.slices.items()]


def _partial(found: tuple[int, int, tuple[int, ...]]) -> bool:
    _, length, where = found
    return 0 < len(where) < length


def _places(block: Block) -> Iterator[str]:
    for axis, length, where in _axes(block):
        if 0 < len(where) < length:
            positions = ", ".join(map(str, where[:8])) + (", …" if len(where) > 8 else "")
            yield f"  {block.name}: wrong along axis {axis} at {positions} of {length} alone"


def _footer(report: Any) -> str:
    oracles = sorted({b.oracle for b in report.blocks if b.oracle})
    parts = [*oracles, report.precision]
    shares = [b.agreement / b.size for b in report.blocks if b.agreement is not None and b.size]
    if shares:
        parts.insert(1, f"the complex step agrees to {max(shares):.0e} of the gradient")
    parts.append(f"{report.losses:,} losses and {report.gradients:,} gradients evaluated")
    if report.total is not None:
        losses, gradients = report.total
        parts[-1] += f" here, {losses:,} and {gradients:,} in all"
    parts.append(f"seed {report.seed}")
    return "; ".join(p for p in parts if p)
