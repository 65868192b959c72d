"""The mistaken sums of a declared cell whose candidate reads h_{t−1} through a gate."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward import outer
from bpttcheck.diagnosis.factors import Sum
from bpttcheck.diagnosis.gated.backward import GatedFlow
from bpttcheck.diagnosis.gated.declared import DeclaredBase
from bpttcheck.diagnosis.gated.operands import Substitution, operands
from bpttcheck.diagnosis.gated.probe import shape_of


def of_reading(role: str, cell: str) -> Iterator[Sum]:
    """Yield the mistaken gradients of a role that come from what a gate reads."""
    shape = shape_of(cell)
    for reader in (edge[1] for edge in shape.places if edge[0] == "read"):
        if role == f"W_{reader}":
            yield Sum("reading-forgotten", "in the sum over time", partial(_read, reader, None))
            for operand in shape.needs["read", reader]:
                for cause, detail, change in operands(
                    operand, shape.order, "c" in shape.enters.values()
                ):
                    named = "reading-wrong" if cause in ("", "complement") else cause
                    yield Sum(named, f"{detail}, in the sum over time",
                              partial(_read, reader, change))  # fmt: skip
            yield Sum("reading-wrong", "h_t for h_{t−1}, in the sum over time",
                      partial(_of_new_state, reader))  # fmt: skip
        elif role[0] == "W":
            yield Sum("reading-wrong", "what the candidate reads, for h_{t−1}",
                      partial(_what_it_reads, role, reader))  # fmt: skip
        elif role in (f"U_{reader}", f"b_{reader}"):
            yield Sum("reading-wrong", "the gate where there is none", partial(_met, role, reader))


def _factor(flow: GatedFlow, reader: str, change: Substitution | None) -> Array:
    base = flow.base
    assert isinstance(base, DeclaredBase)
    values = base.values if change is None else base.values | change(base)
    return base.edges(values)["read", reader]


def _read(reader: str, change: Substitution | None, flow: GatedFlow) -> Array:
    h = flow.base.run.h[:-1]
    if change is None:
        return outer(flow.da[reader], h)
    with np.errstate(all="ignore"):
        return outer(flow.da[reader], _factor(flow, reader, change) * h)


def _of_new_state(reader: str, flow: GatedFlow) -> Array:
    return outer(flow.da[reader], _factor(flow, reader, None) * flow.base.run.h[1:])


def _what_it_reads(role: str, reader: str, flow: GatedFlow) -> Array:
    return outer(flow.da[role[2:]], flow.base.run.reads[reader])


def _met(role: str, reader: str, flow: GatedFlow) -> Array:
    left = flow.da[reader] * _factor(flow, reader, None)
    return left.sum((0, 1)) if role[0] == "b" else outer(left, flow.base.net.x)
