"""Does my code implement this cell? Outputs and gradients against the reference, by layout."""

from typing import TYPE_CHECKING, NoReturn

from bpttcheck.conformance.comparison import Comparison, Conformance
from bpttcheck.conformance.conform import assert_conformance, check_conformance
from bpttcheck.conformance.layout import Layout
from bpttcheck.conformance.library_layouts import LAYOUTS
from bpttcheck.conformance.load_and_dump import Weights, dump, load

__all__ = [
    "LAYOUTS",
    "Comparison",
    "Conformance",
    "Layout",
    "Weights",
    "assert_conformance",
    "check_conformance",
    "dump",
    "load",
]

if not TYPE_CHECKING:  # a checker would take every name for one of ours

    def __getattr__(name: str) -> NoReturn:
        now = "; it is now called 'Comparison'" if name == "Part" else ""
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}{now}")
