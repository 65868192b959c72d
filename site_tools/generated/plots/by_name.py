"""Which picture stands where a page has ``<!-- generated: NAME -->``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bpttcheck.figures import Figure
from site_tools.generated.plots import (
    clipping_plot,
    gates_plot,
    levels_plot,
    memory_plot,
    rtrl_plot,
    truncation_plot,
    verdicts_plot,
    way_plot,
)

PLOTS: dict[str, Callable[[], Sequence[Figure]]] = {
    "noticed": lambda: [levels_plot.plot()],
    "pairs": lambda: [truncation_plot.pairs()],
    "bias": lambda: [truncation_plot.bias()],
    "order": lambda: [rtrl_plot.order()],
    "costs": rtrl_plot.costs,
    "gate-order": lambda: [gates_plot.plot()],
    "messages": lambda: [clipping_plot.plot()],
    "memory": memory_plot.plots,
    "slips": lambda: [verdicts_plot.checkers()],
    "programs": lambda: [verdicts_plot.programs()],
    "way": lambda: [way_plot.plot()],
}


def passages() -> dict[str, Callable[[], str]]:
    """Return what writes each as HTML that Markdown leaves alone."""

    def passage(figures: Callable[[], Sequence[Figure]]) -> Callable[[], str]:
        return lambda: _beside(figures())

    return {name: passage(figures) for name, figures in PLOTS.items()}


def _beside(figures: Sequence[Figure]) -> str:
    """Return figures, several of them side by side where there is room."""
    each = "".join(f'<div class="figure">{one._repr_html_()}</div>' for one in figures)
    return each if len(figures) == 1 else f'<div class="figures">{each}</div>'
