"""Which of two causes that reproduce the same gradients says better what was done."""

from __future__ import annotations

from collections.abc import Iterable

SAID_BETTER = {
    "common-factor": frozenset({"sign", "zero"}),
    "reversed": frozenset({"time-reversed", "transposed-gradient"}),
    "rolled": frozenset({"step-shifted", "time-reversed"}),
    "slice-missing": frozenset(
        {"first-step-skipped", "last-step-skipped", "time-sum-missing", "initial-state-forgotten"}
    ),
    "gates-swapped": frozenset({"reversed", "time-reversed", "rolled", "step-shifted"}),
    "clipped-result": frozenset({"common-factor", "zero"}),
    "weight-decay": frozenset({"zero"}),
    "recurrent-terms-missing": frozenset({"recurrent-message-dropped", "zero"}),
    "zero": frozenset({"output-gradient-dropped"}),
    "recurrent-truncated": frozenset({"zero"}),
    "first-step-skipped": frozenset({"initial-state-forgotten"}),
    "step-shifted": frozenset(
        {"first-step-skipped", "last-step-skipped", "state-shifted", "state-wraps-around"}
    ),
    "axis-missing": frozenset({"batch-sum-missing"}),
    "stale-cache": frozenset(
        {"time-sum-missing", "coupling-forgotten", "gate-use-missing", "cache-reused"}
    ),
    "gate-slope-of-another-function": frozenset({"update-sign", "coupling-sign"}),
    "gate-slope-scaled": frozenset({"gate-message-twice"}),
    "names-swapped": frozenset({"gates-swapped"}),
}
"""Causes that say of one gradient the same as others, which say it better."""


def said_better(causes: frozenset[str], others: Iterable[frozenset[str]]) -> bool:
    """Tell whether another explanation says the same of all parameters, and says it better."""
    for other in others:
        if other != causes and len(other) == len(causes):
            said, better = causes - other, other - causes
            if len(said) == 1 and better <= SAID_BETTER.get(next(iter(said)), frozenset()):
                return True
    return False
