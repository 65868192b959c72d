"""A program under edit: its living functions have code in which edits are switched on and off."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from bpttcheck.mend.edit import Edit, on_of
from bpttcheck.mend.edits.statements import rewritten
from bpttcheck.mend.exchange import Codes, Living
from bpttcheck.mend.lacking import Lacking
from bpttcheck.mend.parentheses import unwrapped
from bpttcheck.mend.place import Failed, Place, Ran
from bpttcheck.mend.program import Program, renamed
from bpttcheck.mend.proposals import Candidate, Recorder, candidates
from bpttcheck.mend.pure import Purity
from bpttcheck.mend.schemata import Expression, Form, Insertion, Listener, Switch, schemata
from bpttcheck.mend.site import Observer, Site
from bpttcheck.mend.slots import Slot


class Bench:
    """Runs a program with one edit at a time."""

    def __init__(self, program: Program, living: Living, keys: dict[str, Codes]) -> None:
        self.program = program
        self._living = living
        self._original = keys
        self._switch = Switch()
        self.slots = program.slots()
        self.sites: dict[int, Site] = {}
        self.order: list[int] = []
        self._forms, self._statements = self._rewritten()
        self._asked = _asked(self._forms, self.slots)
        self._ends: dict[Insertion, list[Edit]] = {}
        self._codes: dict[tuple[bool, tuple[Insertion, ...]], dict[str, Codes]] = {}
        self.tried = self.proposed = 0

    def _rewritten(self) -> tuple[list[Form], list[Edit]]:
        forms, found = [], []
        slots = {id(slot.statement): slot.number for slot in self.slots}
        numbers = itertools.count(len(self.slots))
        for source, key, node in self.program.running():
            for one in rewritten(source, node):
                try:
                    mine = [Form(next(numbers), node, text) for node, text in one.texts]
                    for form in mine:
                        compile(form.text, "<edit>", "exec", dont_inherit=True)
                except (SyntaxError, ValueError):
                    continue
                forms += mine
                on = {form.number: None for form in mine}
                line = one.texts[0][0].lineno
                slot = slots.get(id(one.texts[0][0]), -1)
                alike = (source.file, key, one.kind, one.words)
                edit = Edit(source, key[0], line, one.pieces, one.kind, one.words, on, slot, alike)
                found.append(edit)
        return forms, found

    @contextmanager
    def ready(self) -> Iterator[None]:
        """Let the living functions have the code with switches, within the block."""
        try:
            self._put(listening=False)
            yield
        finally:
            self._living.put_back()

    def _put(self, listening: bool) -> None:
        made = (listening, tuple(self._ends))
        if made not in self._codes:  # to make them takes as long as many runs
            forms = () if listening else self._forms
            codes = {
                s.file: schemata(s, self.slots, self._switch, forms, self._ends, listening)
                for s in self.program.sources.values()
            }
            self._codes[made] = {f: renamed(self._original[f], c) for f, c in codes.items()}
        self._living.put(self._codes[made])

    @contextmanager
    def listened(self, listener: Listener) -> Iterator[None]:
        """Let a listener hear of every slot within the block."""
        self._put(listening=True)
        self._switch.listener = listener
        try:
            yield
        finally:
            self._switch.listener = None
            self._put(listening=False)

    def look(self, place: Place) -> None:
        """Learn what the parts of all slots are, in one run.

        Raises:
            Failed: the program does not run through.
        """
        purity = Purity(self.program.functions())
        observer = Observer(self.slots, purity, self.program.called())
        with self.listened(observer):
            place.call()
        self.sites, self.order = observer.sites, observer.order

    def edits(
        self, place: Place, numbers: Collection[int], more: Lacking | None = None
    ) -> list[Edit]:
        """Return the edits of some slots that are worth a run, after one that compares them.

        ``more`` are those that put in something, and no others: those of what is
        lacking, or all where that says nothing.

        Raises:
            Failed: the program does not run through.
        """
        found: dict[int, list[Candidate]] = {
            number: list(candidates(self.sites[number], more))
            for number in self.order
            if number in numbers
        }
        whole = [edit for edit in self._statements if edit.slot in numbers and more is None]
        if more == Lacking() and -1 in numbers:
            from bpttcheck.mend.insertions import insertions  # most mends do without

            first = 1 + max([form.number for form in self._forms], default=len(self.slots))
            self._ends = dict(insertions(self.slots, self.sites, first))
            whole = [edit for some in self._ends.values() for edit in some]
        self.proposed += sum(map(len, found.values())) + len(whole)
        recorder = Recorder(found, self.sites)
        with self.listened(recorder):
            place.call()
        return [*whole, *(one.edit for one in recorder.worth_a_run())]

    def run(self, edits: Edit | Sequence[Edit], place: Place) -> Ran | None:
        """Return what a run with edits on comes to; None where it does not run through."""
        some = (edits,) if isinstance(edits, Edit) else edits
        self.tried += 1
        try:
            with self.with_on(on_of(some)):
                return place.run()
        except Failed:
            return None

    @contextmanager
    def with_on(self, on: Mapping[int, Expression | None]) -> Iterator[None]:
        """Let slots have other expressions within the block."""
        self._switch.on = on
        self._switch.statements.update(one for n in on for one in self._asked.get(n, ()))
        try:
            yield
        finally:
            self._switch.on = {}
            self._switch.statements.clear()


def _asked(forms: Iterable[Form], slots: Iterable[Slot]) -> dict[int, list[int]]:
    """Return the statements in which every slot and form is, by the number of their first form.

    What is within a function that such a statement makes, as a lambda, is in that statement too.
    """
    first: dict[int, tuple[int, ast.stmt]] = {}
    for form in forms:
        first.setdefault(id(form.statement), (form.number, form.statement))
    within: dict[int, list[int]] = {}
    for number, statement in first.values():
        for node in ast.walk(statement):
            within.setdefault(id(node), []).append(number)
    found = {form.number: within[id(form.statement)] for form in forms}
    return found | {slot.number: within.get(id(slot.statement), []) for slot in slots}


def text_of(program: Program, edits: Iterable[Edit]) -> Program:
    """Return the program with edits in its text, those of one file at once."""
    pieces: dict[str, list[Edit]] = {}
    for edit in edits:
        pieces.setdefault(edit.source.file, []).append(edit)
    return program.edited(
        unwrapped(program.sources[file], [piece for edit in some for piece in edit.pieces])
        for file, some in pieces.items()
    )
