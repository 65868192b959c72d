"""The quantities of one sequence of a network, each made when it is first asked for.

Every entry of every quantity, at every step, carries an ε of its own, which is added where the
quantity is made. So the derivative ∂L/∂q *is* the coefficient of q's ε in L.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bpttcheck.kernel.definitions import Definitions
from bpttcheck.kernel.expression import FIRST, Interpreter
from bpttcheck.kernel.numbers import DoesNotCompose, Hashes, Refused, Residue, residue, stripped

Named = tuple[str, int | None]
"""A name, and a step if the quantity has any."""


class Quantities:
    """Quantities by name and step.

    ``held`` says what carries no ε: with ``"gates"`` what the gates weigh, a_…, so that the path
    past them is left; with ``"before"`` whatever was made at another step, so that one step is.
    """

    def __init__(
        self,
        network: Definitions,
        hashes: Hashes,
        sequence: int,
        constant: Callable[[str, int | None], Any],
        held: str = "",
    ) -> None:
        self.network, self.hashes, self.sequence = network, hashes, sequence
        self.constant, self.held = constant, held
        self._made: dict[Named, Any] = {}
        self._asked: list[Named] = []

    def at(self, name: str, t: int | None) -> Any:
        """Return a quantity with its own ε."""
        if (name, t) in self._asked:
            raise Refused(f"{name} at step {t} is defined by itself")
        if (name, t) not in self._made:
            self._asked.append((name, t))
            try:
                plain = self._plain(name, t)
            finally:
                self._asked.pop()
            if self.held == "gates" and name.startswith("a_"):
                plain = stripped(plain)
            self._made[name, t] = _marked(plain, name, t)
        return self._made[name, t]

    def _plain(self, name: str, t: int | None) -> Any:
        """Return a quantity as it is drawn or made."""
        network, sizes = self.network, self.network.sizes
        if t is None and name in network.weights:
            return self._drawn(name, network.weights[name], 0)
        if t == 0 and name in network.initial:
            return self._drawn(f"{name}0", network.initial[name], self.sequence)
        if t is not None and not FIRST <= t <= sizes["T"] + 1:  # it runs a step past the loss
            raise DoesNotCompose(f"{name} is not defined at step {t}")
        if t is not None and name in network.inputs:
            before = (t - FIRST) * sizes["B"] + self.sequence
            return self._drawn(name, network.inputs[name], before)
        if name not in network.rules:
            raise Refused(f"{name} is not defined")
        expression = Interpreter(network, self.hashes, self._reading(t))
        return expression.value(network.rules[name], {} if t is None else {"t": t})

    def _reading(self, t: int | None) -> Callable[[str, int | None], Any]:
        def read(name: str, step: int | None) -> Any:
            if name in self.network.constants:
                return self.constant(name, step)
            found = self.at(name, step)
            past = self.held == "before" and step not in (None, t)
            return stripped(found) if past else found

        return read

    def _drawn(self, name: str, lengths: tuple[int, ...], before: int) -> Any:
        """Draw residues, counted on from so many arrays of the same name."""
        rows, columns = (*lengths, 1, 1)[:2]

        def draw(i: int, j: int) -> Residue:
            place = (before * rows + i) * columns + j
            return Residue(self.hashes.hashed(f"draw {name}", place))

        drawn = [[draw(i, j) for j in range(columns)] for i in range(rows)]
        return drawn if lengths else drawn[0][0]


def _marked(plain: Any, name: str, t: int | None) -> Any:
    """Add to every entry an ε of its own."""
    if not isinstance(plain, list):
        return residue(plain) + Residue(0, {(name, t, 0, 0): 1})
    return [
        [z + Residue(0, {(name, t, i, j): 1}) for j, z in enumerate(row)]
        for i, row in enumerate(plain)
    ]
