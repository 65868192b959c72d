"""A step forward, enclosed: what rounding can make of it from the states before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bpttcheck.arithmetic.base import Array, Inapplicable
from bpttcheck.arithmetic.midrad import MidRad, chosen, stacked
from bpttcheck.cells.cell import Cell, of
from bpttcheck.conformance.clamps import KNOWN, enclosed_squash, of_clipped
from bpttcheck.conformance.squashes import Squash

Made = Mapping[str, MidRad]


class CellProgram:
    """A cell as a program may compute it.

    Attributes:
        cell: the reference cell.
        weights: all of them but the output layer's, enclosed.
        terms: of the longest sum forward, a pre-activation.
        turned: gates of which the program may have 1 − σ(−a) for σ(a).
        clip: what pre-activations are clipped to, if they are.
    """

    def __init__(
        self,
        cell: Cell,
        phi: str,
        weights: Made,
        terms: int,
        turned: frozenset[str],
        clip: float | None = None,
    ) -> None:
        self.cell, self.weights, self.terms, self.turned = cell, weights, terms, turned
        names = {k: gate.squash.name if k else phi for k, gate in cell.gates.items()}
        own = {k: _squash(name) for k, name in names.items()}
        self.squashes = own if clip is None else {k: of_clipped(s, clip) for k, s in own.items()}
        self.squash = _squash(cell.squash.name)
        self.read = {k: p.read for p in cell.graph.products for k in p.gates}
        self.kind = next(iter(weights.values())).kind


def _squash(name: str) -> Squash:
    found = enclosed_squash(name)
    if found is None:
        known = ", ".join(KNOWN)
        raise Inapplicable(f"the activation {name!r} is not one that can be enclosed: {known}")
    return found


class _Step:
    """The words of :class:`~bpttcheck.cells.step.Step` over enclosed numbers, for one step or all.

    ``made`` is what was made, by name as in :class:`~bpttcheck.cells.run.Run`; in it, and for what
    comes after it in the step, a state that the program gave out is as it gave it. ``states`` are
    what the states come to.
    """

    def __init__(self, program: CellProgram, x: MidRad, before: Made, given: Made) -> None:
        self.program, self.x, self.old, self.given = program, x, before, given
        self.made: dict[str, MidRad] = {}
        self.states: dict[str, MidRad] = {}

    def before(self, state: str) -> MidRad:
        return self.old[state]

    carried = before

    def weight(self, name: str) -> MidRad:
        return self.program.weights[name]

    def gate(self, letter: str, read: Any = None, *, plus: Any = None) -> MidRad:
        p = self.program
        a = self._weighed(of("U", letter), self.x, of("b", letter))
        if read is not None:
            a = _term(a, self._read(letter, read))
        if plus is not None:
            a = _term(a, plus.widened(p.kind.sum(p.terms)))
        self.made[of("a", letter)] = a
        self.made[letter] = p.squashes[letter].value(a, letter in p.turned)
        return self.made[letter]

    def gates(self, letters: Iterable[str], read: Any = None, *, plus: Any = None) -> Any:
        return [self.gate(k, read, plus=plus) for k in letters]

    def product(self, letter: str, read: MidRad) -> MidRad:
        q = _term(self._read(letter, read), self.program.weights[f"b_W{letter}"])
        self.made[of("q", letter)] = q
        return q

    def linear(self, name: str, read: MidRad) -> MidRad:
        self.made[f"read_{name}"] = read
        self.made[f"q_{name}"] = self._weighed(name, read)
        return self.made[f"q_{name}"]

    def state(self, letter: str, value: MidRad) -> MidRad:
        self.states[letter] = value
        self.made[letter] = self.given.get(letter, value)
        return self.made[letter]

    def squashed(self, state: str) -> MidRad:
        p = self.program
        name = f"{p.cell.squash.name}_{state}"
        self.made[name] = p.squash.value(self.made[state], False)
        return self.made[name]

    def _read(self, letter: str, read: MidRad) -> MidRad:
        if (name := self.program.read[letter]) != "h-":
            self.made[name] = read
        return self._weighed(of("W", letter), read)

    def _weighed(self, name: str, read: MidRad, bias: str = "") -> MidRad:
        p = self.program
        found = read.weighed(p.weights[name].T, p.terms)
        return _term(found, p.weights[bias]) if bias else found


def step(program: CellProgram, x: MidRad, before: Made, given: Made) -> EnclosedSteps:
    """Return a step, or all at once where the states before each are known.

    Arguments:
        program: the cell, as a program may compute it.
        x: inputs, (…, B, m).
        before: the states before, by letter, (…, B, n).
        given: the states after it as the program gave them out, of those that it did.
    """
    one: Any = _Step(program, x, before, given)
    program.cell.step(one)
    return EnclosedSteps(one.made, before, one.states, frozenset(given))


def _term(a: MidRad, b: MidRad) -> MidRad:
    """Return a sum whose rounding is counted where its terms are made: see ``terms``."""
    return MidRad(a.mid + b.mid, a.first + b.first, a.rest + b.rest, a.kind)


class EnclosedSteps:
    """One step or all: what they made, by name, the states before, and what these come to.

    ``given`` are the letters of the states that are in ``made`` as the program gave them out.
    """

    def __init__(
        self, made: Made, before: Made, states: Made, given: frozenset[str] = frozenset()
    ) -> None:
        self.made, self.before, self.states, self.given = made, before, states, given

    def replaced(self, states: Made) -> EnclosedSteps:
        """Return the same with states that are known better."""
        known = {**self.states, **states}
        return EnclosedSteps({**self.made, **states}, self.before, known, self.given)

    def moved(self, taken: Array | None, otherwise: Made) -> EnclosedSteps:
        """Return the same with other states where no step is taken, (…, B); None where all are."""
        if taken is None:
            return self
        own = {k: chosen(taken, self.states[k], a) for k, a in otherwise.items()}
        made = {k: chosen(taken, self.made[k], a) for k, a in otherwise.items()}
        return EnclosedSteps({**self.made, **made}, self.before, own, self.given)

    def factors(self) -> tuple[Made, Made]:
        """Return what was made and the states before, whose errors are their own from here on."""
        made, before = (
            {k: a.settled() for k, a in some.items()} for some in (self.made, self.before)
        )
        return made, before


def along_time(each: list[EnclosedSteps]) -> EnclosedSteps:
    """Return steps that were taken one by one as those that were taken at once."""

    def together(name: str) -> dict[str, MidRad]:
        some = [getattr(one, name) for one in each]
        return {k: stacked([one[k] for one in some]) for k in some[0]}

    return EnclosedSteps(together("made"), together("before"), together("states"), each[0].given)
