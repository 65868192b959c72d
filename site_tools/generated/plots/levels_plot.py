"""The figure of *Evidence*: how small a mistake each number system notices, tried here."""

from __future__ import annotations

from bpttcheck.figures import ACCENT, Axis, Figure
from bpttcheck.figures.chart import LEFT, WIDTH
from bpttcheck.figures.legend import legend
from bpttcheck.figures.svg import INK, path, words
from bpttcheck.runs import scalar_rnn
from bpttcheck.runs.systems import Systems
from bpttcheck.statements.evaluation_cache import EvaluationCache
from bpttcheck.statements.judge import Outcome, in_balls, in_field, in_floats
from bpttcheck.statements.notation import Statement
from bpttcheck.statements.trial import PRECISIONS

TRIED = range(1, 100, 3)
"""Exponents of ten: the gradient of an equation is off by 10⁻ᵏ of itself."""

MISSES = {
    "sampled, in float64": "misses what is smaller, and cases not drawn",
    f"enclosed, in balls of {PRECISIONS[0]} bits": "misses what is smaller, and cases not tried",
    "exact, in the finite field": "misses sizes not tried; silent on ≤ and on ReLU",
}
_TOP, _APART = 22, 72


def noticed() -> dict[str, list[bool]]:
    """Return, for each level, which of the planted errors its two sides differ by."""
    case = scalar_rnn.Case(
        w=0.75,
        v=1.25,
        x=[[0.5], [-1.0], [0.25], [2.0]],
        h0=[0.5],
        y=[[1.0], [0.0], [0.5]],
        loss="squared_error",
    )
    model, systems = scalar_rnn.MODEL, Systems()
    cache = EvaluationCache(model.evaluate)
    found: dict[str, list[bool]] = {level: [] for level in MISSES}
    for exponent in TRIED:
        one = 10**exponent
        wrong = Statement(
            f"d(L, w) * {one + 1} == {one} * sum(d(L, s[t]) * h[t - 1] for t in steps(1, T))"
        )
        with cache.symbols(case, systems.floats()) as symbols:
            says = [in_floats(wrong, symbols).outcome]
        with cache.symbols(case, systems.balls(PRECISIONS[0])) as symbols:
            says.append(in_balls(wrong, symbols).outcome)
        with cache.symbols(model.exact_cases()[0], systems.field("figure")) as symbols:
            says.append(in_field(wrong, symbols))
        for level, outcome in zip(MISSES, says, strict=True):
            found[level].append(outcome is not Outcome.AGREES)
    return found


def plot() -> Figure:
    """Return a row of dots for each level: filled where the error is noticed."""
    axis = Axis(0, -100, -20, "planted error, relative to the gradient", powers=True)
    found = noticed()
    bottom = _TOP + _APART * len(found)
    parts = []
    for tick in axis.ticks():
        x = LEFT - 30 + WIDTH * axis.share(10.0**tick)
        parts.append(path(f"M{x:.1f} {_TOP - 8}V{bottom - 16}", INK, width=1, opacity=0.15))
        parts.append(words(x, bottom + 4, axis.label(tick)))
    for i, (level, seen) in enumerate(found.items()):
        y = _TOP + _APART * i
        parts += [words(LEFT - 30, y, level, "start"), _small(LEFT - 30, y + 38, MISSES[level])]
        for exponent, noticed_it in zip(TRIED, seen, strict=True):
            x = LEFT - 30 + WIDTH * axis.share(10.0**-exponent)
            fill = ACCENT if noticed_it else "none"
            parts.append(
                f'<circle cx="{x:.1f}" cy="{y + 16}" r="3.6" fill="{fill}" stroke="{ACCENT}"/>'
            )
    parts.append(words(LEFT - 30 + WIDTH / 2, bottom + 28, axis.says))
    parts += legend([("noticed", ACCENT, "dot"), ("not", ACCENT, "open")], 20, bottom + 54, WIDTH)
    smallest = {
        level: max((e for e, s in zip(TRIED, seen, strict=True) if s), default=0)
        for level, seen in found.items()
    }
    title = (
        "One correct equation, its gradient made wrong by a factor of 1 + 10⁻ᵏ, and which levels "
        "of evidence notice. The smallest error that was tried and noticed: "
        + "; ".join(f"{level}, 1e-{k}: {MISSES[level]}" for level, k in smallest.items())
        + "."
    )
    return Figure("levels", title, tuple(parts), 360, bottom + 70)


def _small(x: float, y: float, content: str) -> str:
    place = f'x="{x:g}" y="{y:g}" text-anchor="start"'
    return f'<text {place} fill="{INK}" font-size="12.5">{content}</text>'
