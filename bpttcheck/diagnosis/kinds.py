"""What a diagnosis needs of a recognised network: its backward pass, its roundings, its bank."""

from __future__ import annotations

from typing import Protocol

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis import bank
from bpttcheck.diagnosis.backward import Base
from bpttcheck.diagnosis.embedding_sums import EMBEDDED, embedded_sums, overwritten
from bpttcheck.diagnosis.factors import Sum
from bpttcheck.diagnosis.gated import bank as gated_bank
from bpttcheck.diagnosis.gated.backward import GatedBase
from bpttcheck.diagnosis.gated.declared import DeclaredBase
from bpttcheck.diagnosis.gated.network import GatedNetwork
from bpttcheck.diagnosis.gated.rounding import rounding as gated_rounding
from bpttcheck.diagnosis.network import Network
from bpttcheck.diagnosis.passes import Pass
from bpttcheck.diagnosis.sums import sums as vanilla_sums


class Flows(Protocol):
    """What a pass leaves."""

    def gradient(self, role: str) -> Array:
        """Return the gradient of one role."""


AnyBase = Base | GatedBase


def base_of(network: Network) -> AnyBase:
    """Return the network with what its passes share."""
    if isinstance(network, GatedNetwork):
        return GatedBase(network) if network.cell.declared is None else DeclaredBase(network)
    return Base(network)


def passes(base: AnyBase) -> tuple[Pass, ...]:
    """Return the mistaken passes of a network."""
    return gated_bank.passes(base.cell.name) if isinstance(base, GatedBase) else bank.passes()


def sums(role: str, base: AnyBase) -> tuple[Sum, ...]:
    """Return the mistaken gradients of a role of a network."""
    if "+" in role or (" " in role and role not in EMBEDDED):
        return ()  # of weights that another gate uses, or none
    if role in EMBEDDED:
        return embedded_sums(role)
    rows = overwritten(role) if role == "U" else ()
    if isinstance(base, GatedBase):
        return gated_bank.sums(role, base.cell.name)
    return (*vanilla_sums(role), *rows)


def rounding(base: AnyBase) -> dict[str, float]:
    """Return what rounding may do to each role's gradient, in units of roundoff."""
    found = gated_rounding(base) if isinstance(base, GatedBase) else base.rounding
    tokens = base.net.tokens
    rows = found["x"] * (1.0 if tokens is None else float(tokens.sum(axis=(0, 1)).max()))
    of_tied = {"E": rows, "tied E": found["V"] + rows, "tied U": found["V"] + found.get("U", 0.0)}
    return {**found, **of_tied}


def rounding_of(role: str, found: dict[str, float]) -> float:
    """Return what rounding may do to a role's gradient, from that of its parts."""
    if role in EMBEDDED:
        return found[role]
    return sum(found[part.removeprefix("idle ")] for part in role.split("+"))
