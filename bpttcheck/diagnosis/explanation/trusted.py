"""Which mistakes in one gradient are believed where a mistake nearby is not known.

Gradients that share ∂L/∂a_t, or ∂L/∂o_t, are wrong together where that is wrong. So a gradient's
own mistake is believed if nothing that shares with it is unexplained, or something of it is right.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bpttcheck.diagnosis.explanation.explain import Local, Spot
from bpttcheck.diagnosis.recognition.recognised import is_initial

FACTS = frozenset({"common-factor", "sign"})
"""What says no more than is seen, wherever it is."""


def trusted(
    choices: Mapping[str, Sequence[Local]],
    explained: Collection[str],
    wrong: Collection[str],
    points: Sequence[Spot],
) -> dict[str, Sequence[Local]]:
    """Return the choices that are believed, of those for gradients one by one.

    Arguments:
        choices: what explains a gradient alone, by the gradient.
        explained: other gradients that are explained.
        wrong: all gradients that are wrong.
        points: where they were seen.
    """
    groups: dict[str, set[str]] = {}
    for point in points:
        for label, seen in point.observations.items():
            groups.setdefault(_shared(seen.role), set()).add(label)
    left = {label: list(options) for label, options in choices.items()}
    while True:
        known = {*explained, *left}
        all_wrong = {name: labels for name, labels in groups.items() if labels <= set(wrong)}
        doubtful = {name for name, labels in all_wrong.items() if labels - known}
        behind = set().union(*(labels for name, labels in groups.items() if name != OUTPUTS))
        # What comes of ∂L/∂o is right, or right but for what is known.
        if behind - set(wrong) or behind & known:
            doubtful.discard(OUTPUTS)
        kept: dict[str, Sequence[Local]] = {}
        for label, options in left.items():
            (own,) = (name for name, labels in groups.items() if label in labels)
            # the inputs and initial states get something of every gate
            doubted = doubtful - {OUTPUTS} if own == THROUGH else doubtful & {own}
            believed = [o for o in options if o.cause in FACTS] if doubted else options
            if believed:
                kept[label] = believed
        if kept == left:
            return kept
        left = {label: list(options) for label, options in kept.items()}


OUTPUTS, THROUGH = "the outputs", "the message"


def _shared(role: str) -> str:
    """Return what a role's gradient shares with others: ∂L/∂a of a gate, ∂L/∂o, or the message."""
    if role in ("V", "c"):
        return OUTPUTS
    if role == "x" or is_initial(role):
        return THROUGH
    return role[2:] if role[1:2] == "_" else "a" if role else ""
