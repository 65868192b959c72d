"""What the identities of a page are about: groups, read off the statements and the IDs."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bpttcheck.statements.identity import Identity
from site_tools.generated.network_steps import in_order

FEWEST = 12
"""A page of fewer is read from top to bottom."""

TITLES = {
    "forward": "Forward pass",
    "messages": "Messages, step by step",
    "weights": "Gradients of the weights",
    "ends": "Gradients of inputs and initial states",
    "jacobians": "Jacobians of states and outputs",
    "tanh": "tanh",
    "sigmoid": "The sigmoid",
    "relu": "ReLU",
    "bounds": "Bounds",
    "bptt": "What the backward pass returns",
    "untied": "A copy of the weights for every step",
    "rtrl": "RTRL: gradients forward in time",
    "paths": "The sum over all paths",
    "rescaled": "Clipping inside the recursion",
    "duality": "Forward and backward products",
    "batch": "A sequence alone, and in a batch",
    "states": "States in another order",
    "classes": "Classes in another order",
    "shift": "A number added to every score",
    "basis": "Linear states in another basis",
}
"""By key, in the order of a page. An ID may begin with a key; what any other is about, the first
side of its statement says."""

_LOSSES = {"L", "E"}
_KIND = re.compile(r"\.(?:bptt-)?([^\W_]+)")
"""The W of ``lstm.W-gradient-i`` and of ``lstm.bptt-W_i``."""


@dataclass(frozen=True)
class Group:
    """Identities of a page that are about the same."""

    key: str
    identities: tuple[Identity, ...]

    @property
    def title(self) -> str:
        """Its heading."""
        return TITLES[self.key]


def groups(identities: Sequence[Identity]) -> tuple[Group, ...]:
    """Return the groups of a page; none of a short page, or of one that is about one thing."""
    by_key: dict[str, list[Identity]] = {key: [] for key in TITLES}
    for identity in identities:
        by_key[about(identity)].append(identity)
    found = tuple(Group(key, tuple(_ordered(key, mine))) for key, mine in by_key.items() if mine)
    return found if len(identities) >= FEWEST and len(found) > 1 else ()


def _ordered(key: str, identities: list[Identity]) -> list[Identity]:
    """Return a group in the order of a step, or with gradients of one letter beside each other."""
    if key == "forward":
        return in_order(identities)
    kinds = {identity.id: _KIND.findall(identity.id)[0] for identity in identities}
    first = {kind: place for place, kind in reversed([*enumerate(kinds.values())])}
    return sorted(identities, key=lambda identity: first[kinds[identity.id]])


def about(identity: Identity) -> str:
    """Return the key of an identity's group."""
    family = identity.id.partition(".")[2].partition("-")[0]
    if family in TITLES:
        return family
    comparison = ast.parse(identity.statement.says, mode="eval").body
    assert isinstance(comparison, ast.Compare)
    if any(isinstance(sign, ast.LtE) for sign in comparison.ops):
        return "bounds"
    match comparison.left:
        case ast.Call(func=ast.Name(id="d"), args=[over, under]) if _name(over) in _LOSSES:
            return _gradient(under, _entries(identity))
        case (
            ast.Call(func=ast.Name(id="d" | "direct" | "immediate"))
            | ast.Attribute(value=ast.Call(func=ast.Name(id="d")), attr="T")
        ):
            return "jacobians"
    return "forward"


def _gradient(of: ast.expr, entries: set[str]) -> str:
    """Return which gradient of the loss it is: of an input, a first state, a step, or a weight."""
    match of:
        case ast.Subscript(value=ast.Name(id="x")) | ast.Subscript(slice=ast.Constant(value=0)):
            return "ends"
        case ast.Name() | ast.Subscript(slice=ast.Tuple()):  # W, or its entry W[i, j]
            return "weights"
        case ast.Subscript(slice=ast.Name(id=index)) if index in entries:  # b[i]
            return "weights"
    return "messages"


def _entries(identity: Identity) -> set[str]:
    """Return the indices that number entries, and not steps."""
    ranges = identity.statement.quantifiers
    return {r.name for r in ranges if isinstance(r.last, ast.Name) and r.last.id != "T"}


def _name(of: ast.expr) -> str:
    """Return the letter of a quantity, whatever its indices."""
    while isinstance(of, ast.Subscript):
        of = of.value
    return of.id if isinstance(of, ast.Name) else ""
