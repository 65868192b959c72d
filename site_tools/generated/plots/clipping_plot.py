"""The figure of *Clipping*: how long the messages are on their way back, clipped inside and not."""

from __future__ import annotations

import numpy as np

from bpttcheck import rnn
from bpttcheck.figures import ACCENT, INK, Axis, Figure, Line, chart

LIMITS = {100: "6 4", 10: ""}


def lengths() -> tuple[list[float], dict[int, list[float]]]:
    """Return ‖∂L/∂h_t‖ of steps 1 to T, and the same by the limit: the network of the page."""
    rng = np.random.default_rng(7)
    T, m, n, p = 40, 4, 16, 5
    rotation = np.linalg.qr(rng.normal(size=(n, n)))[0]
    params = {
        "U": rng.normal(size=(n, m)) / m,
        "W": 1.3 * rotation,
        "V": rng.normal(size=(p, n)) / n**0.5,
    }
    run = rnn.forward(params, 0.003 * rng.normal(size=(T, m)))
    ds = np.zeros_like(run.s)
    ds[-1] = rng.normal(size=p)
    whole = np.linalg.norm(rnn.backward(params, run, ds).dh[1:], axis=1)
    clipped = {
        limit: np.linalg.norm(rnn.backward_clipped(params, run, ds, limit).dh[1:], axis=1)
        for limit in LIMITS
    }
    return whole.tolist(), {limit: found.tolist() for limit, found in clipped.items()}


def plot() -> Figure:
    """Return the lengths against the step."""
    whole, clipped = lengths()
    steps = range(1, len(whole) + 1)
    lines = [
        Line("not clipped", steps, whole, INK, "2 3"),
        *(
            Line(f"inside, limit {limit}", steps, clipped[limit], ACCENT, dash)
            for limit, dash in LIMITS.items()
        ),
    ]
    title = (
        f"Length of the message at each step, from the loss of step {steps[-1]} back to step 1. "
        f"Unclipped it grows to {max(whole):.0f}; clipped inside the recursion it stops growing "
        f"at the limit, {' or '.join(map(str, LIMITS))}, and stays there."
    )
    up = Axis(0, 3, 1, "length of ∂L/∂h", powers=True)
    return chart("messages", title, lines, Axis(steps[-1], 0, -10, "step, back in time"), up)
