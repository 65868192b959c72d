"""A cache: cases of one model, each evaluated once in each number system."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bpttcheck.arithmetic.degrees import Ledger, kept_in

KEEP = 512
"""Evaluations kept; a random sample evaluates each case once and moves on."""


class EvaluationCache:
    """Evaluates cases of a model, and remembers.

    ``evaluate(case, system)`` is the model's. A system has a ``name`` that identifies it.
    """

    def __init__(self, evaluate: Callable[[Any, Any], dict[str, Any]]) -> None:
        self.evaluate = evaluate
        self._known: dict[Any, Any] = {}

    @contextmanager
    def symbols(self, case: Any, system: Any) -> Iterator[dict[str, Any]]:
        """Provide the symbols of a case, in a context in which they can be computed with.

        Derivatives are taken when a statement asks for them, hence inside the context too.
        """
        with system.active():
            yield self._remember((case, system.name), lambda: self.evaluate(case, system))

    @contextmanager
    def counted(self, case: Any, system: Any) -> Iterator[tuple[dict[str, Any], Ledger]]:
        """Provide the symbols over ``Degree``, and the ledger of what is called for them."""
        ledger = self._remember((case, "ledger"), Ledger)
        with kept_in(ledger), self.symbols(case, system) as symbols:
            yield symbols, ledger

    def forget(self) -> None:
        """Let go of every case: none of them comes again."""
        self._known.clear()

    def _remember(self, key: Any, make: Callable[[], Any]) -> Any:
        if key not in self._known:
            if len(self._known) >= KEEP:  # the oldest goes: statements visit cases in one order
                self._known.pop(next(iter(self._known)))
            self._known[key] = make()
        return self._known[key]
