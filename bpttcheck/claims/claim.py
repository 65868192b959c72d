"""A claim: what a source says, as it says it, and the precise statements it can be read as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bpttcheck.identities import REGISTRY
from bpttcheck.statements.identity import Domain, Identity, Source
from bpttcheck.statements.notation import Statement

SOURCES = {
    "scalar": "a question on backpropagation in a scalar RNN, and its answer (May 2020)",
    "vector": "a question on the BPTT terms of a softmax/NLL RNN, and its answer (August 2016)",
    "jacobian": "a question on the state Jacobian of Pascanu, Mikolov and Bengio, and its answer",
    "notes": "notes on BPTT and the vanishing gradient, by Jon",
}
"""The four documents, by the prefix of their claims."""


@dataclass(frozen=True)
class ClaimReading:
    """One precise form of a claim: identities as they stand, or one of them changed.

    ``version`` names a wrong version of the identity: the claim, read so, is that mistake.
    ``says`` replaces the statement, ``forall`` the ranges of its indices, ``domain`` the cases
    that it is about.
    """

    name: str
    identities: tuple[str, ...]
    version: str | None = None
    says: str | None = None
    forall: Mapping[str, str] | None = None
    domain: Domain | None = None

    def statements(self) -> list[tuple[Identity, Statement]]:
        """Return the statements that the reading consists of, each with its identity."""
        found = []
        for name in self.identities:
            identity = REGISTRY[name]
            statement = identity.statement
            if self.version is not None:
                statement = identity.version(self.version)
            says = statement.says if self.says is None else self.says
            forall = statement.forall if self.forall is None else tuple(self.forall.items())
            domain = identity.domain if self.domain is None else self.domain
            found.append((replace(identity, domain=domain), Statement(says, forall)))
        return found

    @property
    def is_as_registered(self) -> bool:
        """Whether the reading is the identities themselves, so that their decisions serve."""
        changes = (self.version, self.says, self.forall, self.domain)
        return all(change is None for change in changes)


@dataclass(frozen=True)
class Claim:
    """A row of the ledger.

    ``printed`` is the source's formula, typeset by hand as it stands there, mistakes included;
    ``says`` puts it in our words. ``corrected`` names the identity that holds instead.
    ``condition`` says, for claims of which only some readings hold, what decides.
    """

    id: str
    says: str
    printed: str
    source: Source
    readings: tuple[ClaimReading, ...]
    corrected: str | None = None
    condition: str = ""

    @property
    def identities(self) -> list[str]:
        """Every identity that the claim leans on, the corrected one included."""
        names = [name for reading in self.readings for name in reading.identities]
        return list(dict.fromkeys([*names, *([self.corrected] if self.corrected else [])]))


def holds_as(*identities: str, name: str = "as printed") -> ClaimReading:
    """Return the reading that is the identities themselves."""
    return ClaimReading(name, identities)


def mistake(identity: str, version: str, name: str = "as printed") -> ClaimReading:
    """Return the reading that is a wrong version of an identity."""
    return ClaimReading(name, (identity,), version)
