"""The figures of *Truncated BPTT*: which pairs of a loss and a step are cut; the bias."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpttcheck import rnn, truncated
from bpttcheck.figures import ACCENT, INK, Axis, Figure, Line, chart
from bpttcheck.figures.legend import legend
from bpttcheck.figures.svg import words

T = 9
SIZES = {0.5: "2 3", 0.9: "6 4", 1.2: ""}
"""All singular values of W, as on the page, and the dash of each line."""

_CELL, _LEFT, _TOP = 17, 20, 46


def pairs() -> Figure:
    """Return both grids: a square for each pair of a loss and a step that it reaches."""
    parts, kept = [], {}
    for i, (k1, k2) in enumerate([(1, 3), (3, 3)]):
        left = _LEFT + i * (_CELL * T + 32)
        parts.append(words(left + _CELL * T / 2, 18, f"k₁ = {k1}, k₂ = {k2}"))
        kept[k1] = 0
        for block in truncated.blocks(T, k1, k2):
            for t in range(block.first, block.last + 1):
                for k in range(1, t + 1):
                    young = k >= block.oldest
                    kept[k1] += young
                    parts.append(_square(left + _CELL * (k - 1), _TOP + _CELL * (t - 1), young))
        for t in (1, T):
            parts.append(words(left + _CELL * (t - 0.5), _TOP - 8, str(t)))
            parts.append(words(left - 5, _TOP + _CELL * (t - 0.5) + 5, str(t), "end"))
    bottom = _TOP + _CELL * T
    parts.append(words(_LEFT + _CELL * T + 16, bottom + 22, "across: step k; down: loss of step t"))
    names = [("message arrives", ACCENT, "box"), ("cut", ACCENT, "frame")]
    parts += legend(names, _LEFT, bottom + 46, 340)
    title = (
        f"For {T} steps, a triangle of squares: one for each loss of step t, downwards, and each "
        f"step k up to t, across. Of {T * (T + 1) // 2} pairs, every loss going three steps back "
        f"keeps {kept[1]}, a band along the diagonal; chunks of three keep {kept[3]}, three "
        "triangles."
    )
    width = 2 * _LEFT + 2 * _CELL * T + 32
    return Figure("pairs", title, tuple(parts), width, bottom + 62)


def _square(x: float, y: float, young: bool) -> str:
    return (
        f'<rect x="{x + 1:g}" y="{y + 1:g}" width="{_CELL - 2}" height="{_CELL - 2}" rx="2" '
        f'fill="{ACCENT}" fill-opacity="{0.85 if young else 0.08}" stroke="{ACCENT}" '
        f'stroke-opacity="{1 if young else 0.45}"/>'
    )


def biases(steps: Sequence[int]) -> dict[float, list[float]]:
    """Return the relative bias of ∂L/∂W at each k₂, with k₁ = 1: the network of the page."""
    rng = np.random.default_rng(1990)
    length, m, n, p = 60, 4, 16, 5
    rotation = np.linalg.qr(rng.normal(size=(n, n)))[0]
    x, y = rng.normal(size=(length, m)), rng.integers(0, p, length)
    U, V = rng.normal(size=(n, m)) / m, rng.normal(size=(p, n)) / n**0.5
    found = {}
    for size in SIZES:
        params = {"U": U, "W": size * rotation, "V": V}
        whole = rnn.value_and_grad(params, x, y)[1]["W"]
        found[size] = [
            float(
                np.linalg.norm(
                    whole - truncated.value_and_grad("rnn", params, x, y, k1=1, k2=k)[1]["W"]
                )
                / np.linalg.norm(whole)
            )
            for k in steps
        ]
    return found


def bias() -> Figure:
    """Return the bias against k₂."""
    steps = (1, 2, 3, 5, 7, 10, 15, 20, 25, 30)
    found = biases(steps)
    lines = [
        Line(f"W of size {size}", steps, found[size], ACCENT if size > 1 else INK, dash)
        for size, dash in SIZES.items()
    ]
    at_ten = ", ".join(f"{found[size][steps.index(10)]:.0e} for {size}" for size in SIZES)
    title = (
        "Relative bias of the gradient by W against k₂, on a scale of powers of ten. It falls as a "
        f"straight line, the faster the smaller W is; after ten steps it is {at_ten}."
    )
    down = Axis(-10, 0, 2, "relative bias of ∂L/∂W", powers=True)
    return chart("bias", title, lines, Axis(0, 30, 10, "steps k₂ that a message goes back"), down)
