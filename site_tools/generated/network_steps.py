"""What a step of a network does, as one display at the top of its page of identities."""

from __future__ import annotations

import re

from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from bpttcheck.statements.identity import Identity
from bpttcheck.statements.notation import Statement

_SEEN_AGAIN = {"truncation": "rnn", "symmetries": "rnn"}
"""Models of a network that is another one's."""

_FORWARD = re.compile(
    r"(preactivation|gate)(-[a-z])?|candidate-\w+|cell|state|output|prediction|total-loss"
)
_WHICH = re.compile(r"before|after")
_ORDER = ["", *"ifzrgpquv", "cell", "o", "state", "output", "prediction", "total"]
"""Letters of gates or layers, and what is made of them: an output gate may see the cell."""

_NEXT = " \\\\\n"


def network(model: str) -> str:
    """Return what a step of the network does, in the order of its identities; "" of no network.

    Forward alone: nothing that comes back is explained yet where it stands.
    """
    name = _SEEN_AGAIN.get(model, model)
    all_of_it = {_part(i): i for i in REGISTRY if i.model == name}
    steps = {part: i for part, i in all_of_it.items() if _FORWARD.fullmatch(part)}
    if len(steps) < 2:
        return ""
    lines = _NEXT.join(_line(part, steps[part]) for part in sorted(steps, key=_place))
    return f"The network at step *t*:\n\n$$\n\\begin{{aligned}}\n{lines}\n\\end{{aligned}}\n$$"


def in_order(identities: list[Identity]) -> list[Identity]:
    """Return identities of the way forward in the order of a step; others as they are."""
    if not all(_FORWARD.fullmatch(_part(i)) for i in identities):
        return identities
    return sorted(identities, key=lambda i: _place(_part(i)))


def _part(identity: Identity) -> str:
    return identity.id.partition(".")[2]


def _place(part: str) -> tuple[int, int]:
    """Return where a line stands: gates one by one, each below what it squashes; then the rest."""
    kind, _, gate = part.partition("-")
    if kind in _ORDER:
        return _ORDER.index(kind), 0
    return _ORDER.index("g" if kind == "candidate" else gate), kind == "gate"


def _line(part: str, identity: Identity) -> str:
    which = _WHICH.search(part)
    said = Statement(identity.statement.says)
    tex = MODELS[identity.model].printer.statement(said).replace(" = ", " &= ", 1)
    return rf"{tex} \quad \text{{reset {which[0]} the product}}" if which else tex
