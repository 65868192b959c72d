"""The search for edits that make gradients right: one or, step by step, several."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from bpttcheck.mend.asked import Asked
from bpttcheck.mend.bench import Bench, text_of
from bpttcheck.mend.edit import Edit
from bpttcheck.mend.exchange import Codes, Living
from bpttcheck.mend.found import EditedLine, Mend, Stopped, Suspect, changed_lines, patch_of
from bpttcheck.mend.outcomes import Rights
from bpttcheck.mend.place import Failed, Place, Ran
from bpttcheck.mend.program import Program, program_of, renamed
from bpttcheck.mend.scan import Scan
from bpttcheck.mend.source import NoSource, SourceFile
from bpttcheck.mend.unchecked import unchecked

STEPS = 3
"""So many mistakes at most are put right one after another."""

CONFIRMED = 3
"""So many edits at most are put to the whole check."""

LISTED = 5
"""So many lines are listed where no edit is found."""


def mend(asked: Asked) -> Mend:
    """Return the edits that make the gradients right, or a mend without any and why."""
    program = program_of(asked.codes, asked.kept_out)
    if not program.ran:
        remark = "; ".join(program.remarks) or "none of the functions that ran has a source"
        return Mend(note=remark)
    if what := unchecked(program):
        return Mend(note=f"no edit is tried: {what} does not look where it reads and writes")
    search = _Search(asked, program)
    try:
        return search.run()
    except Failed as failed:
        return Mend(note=str(failed), tried=search.tried)
    except NoSource as none:  # edits that are no program together
        return search.so_far(str(none))
    except KeyboardInterrupt:
        raise Stopped(search.so_far("interrupted")) from None
    finally:
        search.living.put_back()


@dataclass(frozen=True)
class _Stage:
    """A program with edits in its text, in words, and what is right of it at each point."""

    program: Program
    base: Rights
    words: tuple[str, ...] = ()


class _Search:
    """One search; ``tried`` counts the edits that were run, or seen to come to nothing new."""

    def __init__(self, asked: Asked, program: Program) -> None:
        self._asked = asked
        self._program = program
        self._originals: dict[str, Codes] = program.codes()
        self._suspects: dict[int, Suspect] = {}
        self._part: _Stage | None = None
        self._exhausted = False
        self.living = Living(program.living)
        self.tried = 0

    def run(self) -> Mend:
        """Return what the search comes to."""
        runs = [(place, place.run()) for place in self._asked.places]
        places = [place for place, ran in runs if ran.loss_kept]
        if not places:
            return Mend(note="the loss is not the same when the program is made and run again")
        rights = (ran.right for _, ran in runs if ran.loss_kept)
        step = _Stage(self._program, dict(enumerate(rights)))
        if step.base[0] == places[0].names:
            return Mend(note=f"all gradients are right at the first point, {places[0].name}")
        for thorough in (False, True):
            found = self._stepped(step, places, thorough)
            if found is not None:
                return found
            if self._exhausted or self._asked.over:
                break
        return self._of_forward_pass(places) or self._rest()

    def _stepped(self, step: _Stage, places: list[Place], thorough: bool) -> Mend | None:
        """Return the edits that are found step by step; None if they lead nowhere."""
        for i in range(STEPS):
            scan, following = self._scanned(step, places, thorough)
            if not i:
                self._exhausted = thorough or not scan.better
            scan.right.sort(key=scan.order)
            for edits in scan.right[:CONFIRMED]:
                found = self._whole(step, edits, scan.right)
                if found is not None:
                    return found
            if scan.right:
                following = self._further(step, scan.right[0], places)
            if following is None:
                break
            step = following
        return None

    def _of_forward_pass(self, places: list[Place]) -> Mend | None:
        """Return an edit that makes another loss, of which the gradients are right."""
        if self._asked.over:
            return None
        from bpttcheck.mend.forward_pass import of_forward_pass  # most mends do without

        bench = Bench(self._program, self.living, self._originals)
        try:
            with bench.ready():
                some = [*islice(of_forward_pass(self._asked, bench, places), LISTED)]
        finally:
            self.tried += bench.proposed
        some.sort(key=lambda edits: (self._asked.is_last(edits[0].function), edits[0].length))
        for edits in some[:CONFIRMED]:
            found = self._whole(_Stage(self._program, {}), edits, some)
            if found is not None:
                makes = f"{found.makes}; the loss is another one then"
                return replace(found, changes_loss=True, makes=makes)
        return None

    def _further(self, step: _Stage, edits: list[Edit], places: list[Place]) -> _Stage | None:
        """Go on from edits that are right at all points but not at all cases, to one more point."""
        place = self._asked.further()
        if place is None or self._asked.over:
            return None
        places.insert(0, place)
        program = text_of(step.program, edits)
        try:
            self.living.put(self._codes(program))
            rights = {i: one.run().right for i, one in enumerate(places)}
        except (SyntaxError, ValueError):
            return None
        finally:
            self.living.put_back()
        return _Stage(program, rights, (*step.words, *(edit.words for edit in edits)))

    def _codes(self, program: Program) -> dict[str, Codes]:
        return {f: renamed(self._originals[f], c) for f, c in program.codes().items()}

    def _scanned(
        self, step: _Stage, places: list[Place], thorough: bool
    ) -> tuple[Scan, _Stage | None]:
        """Try the edits of a program; return what came of it, and the best step, if one was."""
        bench = Bench(step.program, self.living, self._originals)
        scan = Scan(self._asked, bench, places, step.base, thorough)
        following = None
        try:
            with bench.ready():
                scan.run()
                if scan.better and not self._asked.over:
                    edits = scan.better[0]
                    words = (*step.words, *(edit.words for edit in edits))
                    following = _Stage(
                        text_of(step.program, edits), scan.outcomes.rights(edits), words
                    )
        finally:
            self.tried += bench.proposed
            self._suspects = self._suspects or scan.suspects
            if scan.part and self._part is None:
                words = tuple(edit.words for edit in scan.part)
                program = text_of(step.program, scan.part)
                self._part = _Stage(program, {0: scan.part_right}, words)
        return scan, following

    def _whole(self, step: _Stage, edits: list[Edit], others: list[list[Edit]]) -> Mend | None:
        """Return the mend of edits, if the whole check says that the program is right with them."""
        new = text_of(step.program, edits)
        said = self._checked(new)
        if said is None:
            return None
        told = self._told(new, _of_all(*step.words, *(edit.words for edit in edits)), said)
        also: list[tuple[EditedLine, ...]] = []
        texts = [_texts(new)]
        for other in others:
            if other is not edits and len(also) < CONFIRMED and not self._asked.over:
                text = text_of(step.program, other)
                lines = tuple(_lines(self._program, text))
                # What changes more lines does as much, and something that comes to nothing.
                known = _count(lines) > _count(told.edits) or _texts(text) in texts
                if not known and self._checked(text) is not None:
                    texts.append(_texts(text))
                    also.append(lines)
        return replace(told, tried=self.tried, alternatives=tuple(also))

    def so_far(self, note: str) -> Mend:
        """Return the lines to look at, and what was tried."""
        note = "; ".join((f"{note}, {self.tried:,} tried", *self._program.remarks))
        lines = {(one.file, one.line): one for one in reversed(self._suspects.values())}
        found = tuple(reversed(lines.values()))[:LISTED]
        return Mend(note=note, tried=self.tried, suspects=found)

    def _rest(self) -> Mend:
        """Return what there is where not all could be made right: a part, and lines to look at."""
        note = "no edit makes all gradients right"
        if self._asked.over:
            note += " of those that there was time for"
        found = self.so_far(note)
        note = found.note
        part = self._part
        said = None if part is None else self._checked(part.program, part.base[0])
        if part is None or said is None or self._spoils(part):
            return found
        told = self._told(part.program, "; ".join(part.words), said)
        return replace(told, partial=True, suspects=found.suspects, note=note)

    def _spoils(self, part: _Stage) -> bool:
        """Tell whether a part of a mend takes a gradient that stays wrong further off."""
        before = [place.run() for place in self._asked.places]
        try:
            self.living.put(self._codes(part.program))
            after = [place.run() for place in self._asked.places]
        finally:
            self.living.put_back()
        return further_off(before, after, part.base[0])

    def _told(self, new: Program, words: str, makes: str) -> Mend:
        sources = self._program.sources.items()
        pairs = [(s, new.sources[f]) for f, s in sources if s.text != new.sources[f].text]
        return Mend(
            edits=tuple(_lines(self._program, new)),
            patch=patch_of(pairs),
            encoding=pairs[0][0].encoding.removesuffix("-sig"),
            words=words,
            makes=makes,
            tried=self.tried,
        )

    def _checked(self, program: Program, names: frozenset[str] | None = None) -> str | None:
        """Return what the whole check says of a program's text; None where it is not right."""
        try:
            self.living.put(self._codes(program))
            return self._asked.confirmed(names)
        except (SyntaxError, ValueError):
            return None
        finally:
            self.living.put_back()


def further_off(before: Sequence[Ran], after: Sequence[Ran], right: frozenset[str]) -> bool:
    """Tell whether a gradient that is not right is further off than before, in some direction."""
    for old, new in zip(before, after, strict=True):
        for name in new.misses.keys() - right:
            pairs = zip(old.misses[name], new.misses[name], strict=True)
            if any(abs(now) > abs(then) + room for (then, _), (now, room) in pairs):
                return True
    return False


def _count(edits: Iterable[EditedLine]) -> int:
    return sum(len([*one.before.splitlines(), *one.after.splitlines()]) for one in edits)


def _of_all(*words: str) -> str:
    """Return the words of several edits, without those of one that a later one has undone."""
    kept: list[str] = []
    for one in words:
        if one.startswith("without ") and one.removeprefix("without ") in kept:
            kept.remove(one.removeprefix("without "))
        else:
            kept.append(one)
    return "; ".join(kept)


def _texts(program: Program) -> list[str]:
    return [source.text for source in program.sources.values()]


def _lines(before: Program, after: Program) -> Iterator[EditedLine]:
    for file, source in before.sources.items():
        yield from changed_lines(source, after.sources[file], _enclosing(source))


def _enclosing(source: SourceFile) -> dict[int, str]:
    """Return the name of the innermost function that each line is in."""
    found: dict[int, str] = {}
    for node in ast.walk(source.tree):  # outermost first
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            last = node.end_lineno or node.lineno
            found |= dict.fromkeys(range(node.lineno, last + 1), node.name)
    return found
