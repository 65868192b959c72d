"""The search for edits that make gradients right: one or, step by step, several."""

from __future__ import annotations

import ast
import collections
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from types import CodeType

from bpttcheck.mend.bench import Bench, text_of
from bpttcheck.mend.edit import Edit
from bpttcheck.mend.exchange import Codes, Living
from bpttcheck.mend.found import Line, Mend, changed_lines, patch_of
from bpttcheck.mend.place import Failed, Place
from bpttcheck.mend.program import Program, program_of, renamed
from bpttcheck.mend.source import Source

STEPS = 3
"""So many mistakes at most are put right one after another."""

LOOKED_AT = 6
"""Where so many edits of a slot all change what is right, the rest of them wait for the others."""

CONFIRMED = 3
"""So many edits at most are put to the whole check."""

RANKS = (
    "transpose",
    "sign",
    "accumulation",
    "order",
    "index",
    "left out",
    "slice",
    "reversed",
    "name",
    "function",
    "axis",
    "sum",
    "product",
    "factor",
    "term",
    "association",
    "slope",
    "einsum",
    "condition",
    "matrix",
)
"""The kinds of edits, the likeliest first."""


@dataclass(frozen=True)
class Asked:
    """What a mend is asked: the functions that ran, points, the whole check, and the time.

    ``confirmed`` checks the program as it is then, and returns what that says, or None where it is
    not right. ``left`` returns seconds.
    """

    codes: Sequence[CodeType]
    places: Sequence[Place]
    confirmed: Callable[[], str | None]
    left: Callable[[], float]
    kept_out: Callable[[CodeType], bool] = lambda _: False


@dataclass
class Search:
    """One search; ``tried`` counts the edits that were run or seen to come to nothing new."""

    asked: Asked
    program: Program
    living: Living
    originals: dict[str, Codes]
    base: dict[int, frozenset[str]] = field(default_factory=dict)
    tried: int = 0

    @property
    def over(self) -> bool:
        """Whether the time is."""
        return self.asked.left() <= 0


def mend(asked: Asked) -> Mend:
    """Return the edits that make the gradients right, or a mend without any and why."""
    program = program_of(asked.codes, asked.kept_out)
    if not program.ran:
        remark = "; ".join(program.remarks) or "none of the functions that ran has a source"
        return Mend(note=remark)
    originals = program.codes()
    living = Living(originals)
    search = Search(asked, program, living, originals)
    try:
        return _search(search)
    except Failed as failed:
        return Mend(note=str(failed), tried=search.tried)
    finally:
        living.put_back()


def _search(search: Search) -> Mend:
    places = []
    for place in search.asked.places:
        ran = place.run()
        if ran.loss_kept:
            places.append(place)
            search.base[len(places) - 1] = ran.right
    if not places:
        return Mend(note="the loss is not the same when the program is made and run again")
    if search.base[0] == places[0].names:
        return Mend(note=f"all gradients are right at the first point, {places[0].name}")
    steps: list[Edit] = []
    program = search.program
    for _ in range(STEPS):
        scan = Scan(search, program, places)
        with scan.bench.ready():
            scan.run()
        for edits in scan.right:
            found = _confirmed(search, program, edits, scan.right, steps)
            if found is not None:
                return found
        if not scan.better or search.over:
            break
        edits = scan.better[0]
        steps += edits
        program = text_of(program, edits)
        search.base = scan.rights(edits)
    note = "no edit makes all gradients right"
    if search.over:
        note += " of those that there was time for"
    return Mend(note=f"{note}; {search.tried:,} tried", tried=search.tried)


class Scan:
    """All edits of a program, each run at the first point, and further where that is worth it."""

    def __init__(self, search: Search, program: Program, places: Sequence[Place]) -> None:
        self.search = search
        self.places = places
        self.bench = Bench(program, search.living, search.originals)
        self.right: list[list[Edit]] = []
        self.better: list[list[Edit]] = []
        self._spoiled: dict[int, int] = {}
        self._kept: set[int] = set()

    def run(self) -> None:
        """Find the edits that make all right, or else those that make more right and none wrong."""
        first = self.places[0]
        edits = sorted(self.bench.edits(first), key=lambda edit: RANKS.index(edit.kind))
        self.search.tried += self.bench.proposed
        base = self.search.base[0]
        some: list[Edit] = []
        waiting = collections.deque(edits)
        postponed: list[Edit] = []
        while not self.search.over:
            if not waiting and self.right:
                break
            if not waiting and not postponed:
                break
            fresh = bool(waiting)
            edit = waiting.popleft() if fresh else postponed.pop()
            slot = min(edit.on)
            if fresh and self._is_hopeless(slot):
                postponed.append(edit)
                continue
            ran = self.bench.run(edit, first)
            if ran is None:
                continue
            if not ran.loss_kept or not ran.right >= base:
                self._spoiled[slot] = self._spoiled.get(slot, 0) + 1
                continue
            self._kept.add(slot)
            if ran.right == first.names:
                same = (one for one in (edit, *edit.equals) if self._everywhere([one]))
                self.right += [[one] for one in itertools.islice(same, 1)]
            elif ran.right > base:
                some.append(edit)
        self.search.tried -= len(postponed)
        if not self.right:
            self._combine(some)

    def _is_hopeless(self, slot: int) -> bool:
        """Tell whether all edits of a slot so far changed the loss or made something wrong."""
        return slot not in self._kept and self._spoiled.get(slot, 0) >= LOOKED_AT

    def _everywhere(self, edits: list[Edit]) -> bool:
        return all(right == place.names for right, place in self._at_all(edits))

    def _at_all(self, edits: list[Edit]) -> Iterator[tuple[frozenset[str], Place]]:
        for place in self.places:
            ran = self.bench.run(edits, place)
            kept = ran is not None and ran.loss_kept
            yield (ran.right if ran is not None and kept else frozenset()), place

    def rights(self, edits: list[Edit]) -> dict[int, frozenset[str]]:
        """Return what is right at each point with edits on."""
        with self.bench.ready():
            return {i: right for i, (right, _) in enumerate(self._at_all(edits))}

    def _is_step(self, edits: list[Edit], base: dict[int, frozenset[str]]) -> bool:
        """Tell whether edits make more right at some point, and nothing wrong at any."""
        more = False
        for i, (right, _) in enumerate(self._at_all(edits)):
            if not right >= base[i]:
                return False
            more = more or right > base[i]
        return more

    def _combine(self, some: list[Edit]) -> None:
        """Put together the edits that make something right, as long as more is right with each."""
        for first in some:
            if self.search.over:
                return
            edits, base = [first], self.search.base
            if not self._is_step(edits, base):
                continue
            for other in some:
                if self.search.over:
                    break
                if any(set(other.on) & set(one.on) for one in edits):
                    continue
                base = {i: right for i, (right, _) in enumerate(self._at_all(edits))}
                if self._is_step([*edits, other], base):
                    edits = [*edits, other]
            if self._everywhere(edits):
                self.right.append(edits)
                return
            self.better.append(edits)
        self.better.sort(key=lambda edits: -self._gained(edits))

    def _gained(self, edits: list[Edit]) -> int:
        return sum(len(right) for right, _ in self._at_all(edits))


def _confirmed(
    search: Search,
    program: Program,
    edits: list[Edit],
    all_right: Iterable[list[Edit]],
    steps: list[Edit],
) -> Mend | None:
    """Return the mend of edits, if the whole check says that the program is right with them."""
    new = text_of(program, edits)
    said = _checked(search, new)
    if said is None:
        return None
    others: list[tuple[Line, ...]] = []
    for other in all_right:
        if other is not edits and len(others) < CONFIRMED and not search.over:
            text = text_of(program, other)
            if _checked(search, text) is not None:
                others.append(tuple(_lines(search.program, text)))
    sources = search.program.sources.items()
    pairs = [(s, new.sources[f]) for f, s in sources if s.text != new.sources[f].text]
    return Mend(
        edits=tuple(_lines(search.program, new)),
        patch=patch_of(pairs),
        encoding=pairs[0][0].encoding.removesuffix("-sig"),
        words="; ".join(edit.words for edit in (*steps, *edits)),
        makes=said,
        tried=search.tried,
        alternatives=tuple(others),
    )


def _checked(search: Search, program: Program) -> str | None:
    """Return what the whole check says of a program's text; None where it is not right."""
    try:
        codes = {f: renamed(search.originals[f], c) for f, c in program.codes().items()}
        search.living.put(codes)
        return search.asked.confirmed()
    except (SyntaxError, ValueError):
        return None
    finally:
        search.living.put_back()


def _lines(before: Program, after: Program) -> Iterator[Line]:
    for file, source in before.sources.items():
        yield from changed_lines(source, after.sources[file], _enclosing(source))


def _enclosing(source: Source) -> dict[int, str]:
    """Return the name of the innermost function that each line is in."""
    found: dict[int, str] = {}
    for node in ast.walk(source.tree):  # outermost first
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found |= dict.fromkeys(
                range(node.lineno, (node.end_lineno or node.lineno) + 1), node.name
            )
    return found


def seconds(limit: float) -> Callable[[], float]:
    """Return what counts down from some seconds."""
    end = time.monotonic() + limit
    return lambda: end - time.monotonic()
