"""Mistaken passes of an LSTM that take something else for its candidate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from bpttcheck.diagnosis.gated.backward import GatedBase, GatedFlow
from bpttcheck.diagnosis.passes import Pass


def cell_for_candidate() -> Iterator[Pass]:
    """Yield the passes that take tanh c_t for g_t, or i_t and g_t for each other."""
    yield Pass("gate-partner-wrong", "i and g exchanged in ∂L/∂a_i and ∂L/∂a_g", _exchanged)
    for where, partner, slope in (
        ("in ∂L/∂a_i", True, False), ("in tanh′(a_g)", False, True), ("everywhere", True, True)
    ):  # fmt: skip
        yield Pass("cell-for-candidate", f"tanh c_t for g_t {where}",
                   partial(_candidate_of_cell, partner, slope))  # fmt: skip


def _candidate_of_cell(partner: bool, slope: bool, base: GatedBase) -> GatedFlow:
    parts, taken = base.parts, base.run.tanh_c
    if partner:
        parts = replace(parts, partners=parts.partners | {"i": taken})
    if slope:
        parts = replace(parts, slopes=parts.slopes | {"g": 1 - taken**2})
    return base.propagate(parts=parts)


def _exchanged(base: GatedBase) -> GatedFlow:
    """Return the pass in which i_t and g_t are each multiplied by themselves."""
    own = base.parts.partners
    swapped = own | {"i": own["g"], "g": own["i"]}
    return base.propagate(parts=replace(base.parts, partners=swapped))
