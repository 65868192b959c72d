"""Figures for notebooks and the site: inline SVG that follows the page's colours, and can move."""

from bpttcheck.figures.chart import Axis, Line, bars, chart, points
from bpttcheck.figures.one_step import gated_step
from bpttcheck.figures.play import play
from bpttcheck.figures.sliders import Curves, Slider, explore
from bpttcheck.figures.svg import ACCENT, INK, Figure, scientific
from bpttcheck.figures.unrolled_network import unrolled

__all__ = [
    "ACCENT",
    "INK",
    "Axis",
    "Curves",
    "Figure",
    "Line",
    "Slider",
    "bars",
    "chart",
    "explore",
    "gated_step",
    "play",
    "points",
    "scientific",
    "unrolled",
]
