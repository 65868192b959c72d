"""One step of a gated cell: what is kept of the state, what is added, and what comes back."""

from __future__ import annotations

from bpttcheck.figures.svg import ACCENT, INK, Figure, low, path, words
from bpttcheck.figures.unrolled_network import arrow, box

_ROW, _BELOW, _INPUT = 48, 178, 240
_TIMES, _PLUS, _NEXT = 110, 212, 322
_BETWEEN = (61, _TIMES - 13), (_TIMES + 13, _PLUS - 13), (_PLUS + 13, _NEXT - 25)


def gated_step(
    key: str,
    title: str,
    state: str,
    keeps: str,
    adds: str,
    gates: str,
    out: tuple[str, str] | None = None,
) -> Figure:
    """Return a step from one state to the next.

    Arguments:
        key: its name on the page.
        title: what is to be seen, in words.
        state: the letter of what is kept.
        keeps: what it is multiplied by, and its message too.
        adds: what is added.
        gates: what is made from the input and the state before.
        out: what squashes the state, and the gate on its way out, where the cell is not its own
            output.
    """
    parts = [
        box(36, _ROW, low(state, "t−1"), 46),
        box(_NEXT, _ROW, low(state, "t"), 46),
        *(_node(x, sign) for x, sign in ((_TIMES, "×"), (_PLUS, "+"))),
        *(arrow(a, _ROW - 4, b, _ROW - 4) for a, b in _BETWEEN),
        *(arrow(b, _ROW + 5, a, _ROW + 5, back=True) for a, b in _BETWEEN),
        words(86, _ROW + 26, keeps, colour=ACCENT),
        box(167, _BELOW, gates, 150),
        box(167, _INPUT, low("x", "t"), 46),
        arrow(167, _INPUT - 18, 167, _BELOW + 18),
        arrow(_TIMES, _BELOW - 18, _TIMES, _ROW + 14),
        words(_TIMES - 8, 112, keeps, "end"),
        arrow(_PLUS, _BELOW - 18, _PLUS, _ROW + 14),
        words(_PLUS - 8, 112, adds, "end"),
    ]
    if out is None:  # the state is read by its gates
        parts.append(path(f"M36 {_ROW + 18}V{_BELOW}H70", INK, "", 1.4))
        parts.append(arrow(70, _BELOW, 89, _BELOW))
    else:
        parts += [
            box(36, _BELOW, low("h", "t−1"), 46),
            arrow(61, _BELOW, 89, _BELOW),
            box(_NEXT, _BELOW, low("h", "t"), 46),
            arrow(_NEXT, _ROW + 18, _NEXT, _BELOW - 18),
            words(_NEXT - 8, 112, out[0], "end"),
            arrow(245, _BELOW, _NEXT - 25, _BELOW),
            words(270, _BELOW - 8, out[1]),
        ]
    return Figure(key, title, tuple(parts), 360, _INPUT + 20)


def _node(x: float, sign: str) -> str:
    circle = f'<circle cx="{x}" cy="{_ROW}" r="11" fill="none" stroke="{INK}"/>'
    return circle + words(x, _ROW + 5, sign)
