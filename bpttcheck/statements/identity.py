"""An identity: a statement with its domain, its source and the mistakes people make with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bpttcheck.statements.notation import Statement


@dataclass(frozen=True)
class Source:
    """Where a formula stands: a document, and the place in it."""

    document: str
    place: str

    def __str__(self) -> str:
        return f"{self.document}, {self.place}"


@dataclass(frozen=True)
class Domain:
    """The cases that a statement is about.

    ``assuming`` says it in words; ``admits`` decides it for a case; ``largest`` bounds sizes for
    statements whose evaluation grows fast with them.
    """

    assuming: str = ""
    admits: Callable[[Any], bool] = lambda case: True
    largest: Mapping[str, int] = field(default_factory=dict)

    def __contains__(self, case: Any) -> bool:
        fits = all(case.sizes[symbol] <= size for symbol, size in self.largest.items())
        return fits and self.admits(case)


EVERYTHING = Domain()


@dataclass(frozen=True)
class Identity:
    """A statement that holds on its domain.

    ``wrong`` names classic mistakes: a few words, and the last side as the mistaken person has
    it. ``equivalent`` lists generated slips that happen to say the same, or of an inequality
    something weaker, with the reason.
    """

    id: str
    title: str
    model: str
    statement: Statement
    source: Source
    wrong: Mapping[str, str]
    domain: Domain = EVERYTHING
    equivalent: Mapping[str, str] = field(default_factory=dict)

    def version(self, name: str) -> Statement:
        """Return the statement with one of its wrong last sides.

        Raises:
            KeyError: no wrong version of that name.
        """
        return self.statement.with_right(self.wrong[name])


class Registry:
    """Identities by their IDs, in the order in which they were declared."""

    def __init__(self) -> None:
        self._by_id: dict[str, Identity] = {}

    def add(self, *identities: Identity) -> None:
        """Add identities; an ID stands once."""
        for identity in identities:
            assert identity.id not in self._by_id, identity.id
            self._by_id[identity.id] = identity

    def __iter__(self) -> Any:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, name: object) -> bool:
        return name in self._by_id

    def __getitem__(self, name: str) -> Identity:
        return self._by_id[name]


def about(model: str, source: Source, *, domain: Domain = EVERYTHING) -> Callable[..., Identity]:
    """Return a way to declare several identities about one model from one source."""

    def identity(
        name: str,
        title: str,
        says: str,
        *,
        wrong: Mapping[str, str],
        source: Source = source,
        domain: Domain = domain,
        equivalent: Mapping[str, str] | None = None,
        **forall: str,
    ) -> Identity:
        statement = Statement(says, tuple(forall.items()))
        return Identity(name, title, model, statement, source, wrong, domain, equivalent or {})

    return identity
