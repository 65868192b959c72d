"""Does my code implement this cell? Outputs and gradients against the reference, by layout."""

from bpttcheck.conformance.conform import assert_conformance, check_conformance
from bpttcheck.conformance.layout import Layout
from bpttcheck.conformance.layouts import LAYOUTS
from bpttcheck.conformance.report import Conformance, Part

__all__ = [
    "LAYOUTS",
    "Conformance",
    "Layout",
    "Part",
    "assert_conformance",
    "check_conformance",
]
