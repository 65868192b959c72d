"""Gradient clipping: what is bounded, and what is kept."""

from __future__ import annotations

from typing import Any

from bpttcheck.statements.identity import Domain, Source, about

PASCANU = Source("Pascanu, Mikolov and Bengio 2013", "algorithm 1")
MIKOLOV = Source("Mikolov 2012", "section 3.2.2")
ENTRY = "steps(1, n)"


def _within(case: Any) -> bool:
    return bool(case.within)


WITHIN = Domain("no gradient is longer than the limit", _within)

identity = about("clipping", PASCANU)

norm_limit = identity(
    "clipping.norm-limit",
    "Clipped by its norm, a gradient is no longer than the limit.",
    "norm(by_norm) <= limit",
    wrong={"half the limit": "limit / 2"},
)

norm_direction = identity(
    "clipping.norm-direction",
    "Clipped by its norm, a gradient keeps its direction.",
    "norm(g) * by_norm == norm(by_norm) * g",
    wrong={"the norms exchanged": "norm(g) * g", "not normalised": "g"},
)

norm_within = identity(
    "clipping.norm-within",
    "A gradient within the limit stays what it is.",
    "by_norm == g",
    domain=WITHIN,
    wrong={"brought to the limit": "g / norm(g) * limit"},
)

value_limit = identity(
    "clipping.value-limit",
    "Clipped by value, every entry lies within the limit.",
    "-limit <= by_value[i] <= limit",
    i=ENTRY,
    source=MIKOLOV,
    wrong={"half the limit": "limit / 2"},
)

value_sign = identity(
    "clipping.value-sign",
    "Clipped by value, every entry keeps its sign, and no more than its size.",
    "by_value[i] ** 2 <= by_value[i] * g[i]",
    i=ENTRY,
    source=MIKOLOV,
    wrong={"the sign turned": "-by_value[i] * g[i]", "half of it": "by_value[i] * g[i] / 2"},
)

value_length = identity(
    "clipping.value-length",
    "Clipped by value, a gradient may still be √n times as long as the limit.",
    "norm(by_value) ** 2 <= n * limit ** 2",
    source=Source("bpttcheck", "the exact form of a claim in prose"),
    wrong={"no longer than the limit": "limit ** 2"},
)

global_norm = identity(
    "clipping.global-norm",
    "Clipped by their global norm, gradients are one gradient clipped by its norm.",
    "by_global == by_norm",
    source=Source("bpttcheck", "the definition"),
    wrong={"each by value": "by_value", "not at all": "g"},
)

ALL = (
    norm_limit,
    norm_direction,
    norm_within,
    value_limit,
    value_sign,
    value_length,
    global_norm,
)
