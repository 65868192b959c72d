"""Figures for notebooks and the site: inline SVG that follows the page's colours, and can move."""

from bpttcheck.figures.chart import Axis, Line, bars, chart, points
from bpttcheck.figures.gated import gated_step
from bpttcheck.figures.play import play
from bpttcheck.figures.svg import ACCENT, INK, Figure, scientific
from bpttcheck.figures.unrolled import unrolled

__all__ = [
    "ACCENT",
    "INK",
    "Axis",
    "Figure",
    "Line",
    "bars",
    "chart",
    "gated_step",
    "play",
    "points",
    "scientific",
    "unrolled",
]
