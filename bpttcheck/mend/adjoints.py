"""True adjoints: the slope of the loss by every value of the forward pass, where it is used.

A value is moved along two random directions where an expression reads or makes it, both ways, and
the loss tells. An array of somebody's backward pass is the gradient of that value if its sums with
the same directions are the slopes; what is a multiple of one is known by their ratio.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.mend.bench import Bench
from bpttcheck.mend.influence import Reach
from bpttcheck.mend.nudge import NAME, Nudged, signs
from bpttcheck.mend.place import Failed, Place
from bpttcheck.mend.site import ATOMS, Site, scoped
from bpttcheck.mend.slots import Slot
from bpttcheck.mend.source import Piece
from bpttcheck.mend.values import digest, is_array

STEP = 1e-5
"""Of a value's size: the quotient's error is some 1e-9 of the slope then."""

SAME = 1e-5
"""Slopes that differ by less, of their size, are the same."""

VISITS = 40
"""A value is moved at so many visits at most."""

USES = 7
"""Of so many uses of one value the sums of some are known as well: messages come in parts."""

NEVER = (ast.Constant, ast.UnaryOp)
"""What nobody wants the gradient of: that of −x is told from a wrong one of x by nothing."""

Use = tuple[int, str]
"""A slot by its number, and what is read or made there."""

Uses = dict[object, list["Adjoint"]]
"""The adjoints of the uses of each value, told by its entries: gates read one state in turn."""


@dataclass(frozen=True)
class Adjoint:
    """The slopes of the loss by a value along two directions; ``name`` is what stands for it.

    ``uses`` are the slots where it is read or made, with what is read there; ``left_out`` are those
    of the uses that it is not of, where it is of some uses alone.
    """

    name: str
    uses: frozenset[Use]
    visit: int
    shape: tuple[int, ...]
    slopes: tuple[float, float]
    left_out: frozenset[Use] = frozenset()

    @property
    def elsewhere(self) -> frozenset[Use]:
        """The uses that it is not of, where it is of none in the same slot."""
        own = {number for number, _ in self.uses}
        return frozenset(use for use in self.left_out if use[0] not in own)

    @property
    def size(self) -> float:
        """How large the slopes are."""
        return max(map(abs, self.slopes))


def adjoints(
    bench: Bench, place: Place, reach: Mapping[int, Reach], over: Callable[[], bool]
) -> tuple[list[Adjoint], bool]:
    """Return the adjoints of all values in the slots that reach the loss, and whether all are.

    They are found as far as time goes, and at the first visits.
    """
    complete = True
    uses: Uses = {}
    whole: dict[object, Adjoint] = {}
    for slot in bench.slots:
        site = bench.sites.get(slot.number)
        if site is None or slot.number not in reach or not reach[slot.number].loss:
            continue
        complete = complete and site.visits <= VISITS
        hidden = scoped(slot.expression)
        for node in site.nodes:
            kind = site.kind(node)
            if id(node) in hidden or not is_array(kind) or isinstance(node, NEVER):
                continue
            for visit in range(min(site.visits, VISITS)):
                if over():
                    return [*_told_apart(uses, whole)], False
                asked = _adjoint(bench, place, slot, site, node, visit)
                if asked is not None:
                    one, mark = asked
                    uses.setdefault(mark, []).append(one)
                    if _is_made(slot, node):
                        whole.setdefault(mark, one)
    return [*_told_apart(uses, whole)], complete


def _is_made(slot: Slot, node: ast.expr) -> bool:
    """Tell whether a part is what a statement makes, or one of several that it makes at once."""
    whole = slot.expression
    several = whole.elts if isinstance(whole, ast.Tuple) else [whole]
    return any(node is one for one in several) and not isinstance(node, ATOMS)


def _told_apart(uses: Uses, whole: Mapping[object, Adjoint]) -> Iterator[Adjoint]:
    """Return the adjoints of all uses and their sums, with the uses that they leave out.

    What a value is made by knows all of its uses; of one that is given nobody says.
    """
    for mark, some in uses.items():
        every = whole.get(mark)
        each = [one for one in some if one is not every]  # the whole counts each already
        for parts in (*([one] for one in some), *_sums(each)):
            one = _sum(parts)
            if every is not None and not same(one, every):
                others = [other.uses for other in each if other not in parts]
                one = replace(one, left_out=frozenset[Use]().union(*others))
            yield one


def same(one: Adjoint, other: Adjoint) -> bool:
    """Tell whether two adjoints are the same, as far as their slopes show."""
    pairs = zip(one.slopes, other.slopes, strict=True)
    return all(abs(a - b) <= SAME * max(one.size, other.size) for a, b in pairs)


def _adjoint(
    bench: Bench, place: Place, slot: Slot, site: Site, node: ast.expr, visit: int
) -> tuple[Adjoint, object] | None:
    """Return the adjoint of a part at a visit, with what tells its value; None for none."""
    text = site.text(node)
    piece = Piece(*slot.source.span(node), f"{NAME}({text})")
    whole = slot.source.edited(slot.expression, [piece])
    slopes, shapes, marks = [], [], []
    for number in (1, 2):
        losses = []
        for sign in (1.0, -1.0):

            def shift(
                array: Array, now: int, sign: float = sign, number: int = number
            ) -> Array | None:
                if now != visit:
                    return None
                scale = float(np.abs(array).max(initial=0.0)) or 1.0
                shapes.append((array.shape, scale))
                # Zeros are no value that could be told from others.
                marks.append(digest(array) if array.any() else (text, visit))
                return sign * STEP * scale * signs(array.shape, number)

            try:
                with bench.with_on({slot.number: Nudged(whole, slot.owner, shift)}):
                    losses.append(place.told()[0])
            except (Failed, SyntaxError):
                return None
            if not shapes:
                return None
        slopes.append((losses[0] - losses[1]) / (2 * STEP * shapes[-1][1]))
    if not all(map(math.isfinite, slopes)) or not any(slopes):
        return None
    here = frozenset({(slot.number, text)})
    return Adjoint(text, here, visit, shapes[-1][0], (slopes[0], slopes[1])), marks[-1]


def _sums(every: list[Adjoint]) -> Iterator[Sequence[Adjoint]]:
    """Return several uses of one value, of which the sum of the adjoints is to be known.

    Of many those by one name, and the first and last of it: what is added up in a loop.
    """
    if len(every) <= USES:
        yield from _parts(every)
        return
    named: dict[str, list[Adjoint]] = {}
    for one in every:
        named.setdefault(one.name, []).append(one)
    yield every
    for some in named.values():
        if len(some) <= USES:
            yield from _parts(some)
            continue
        some.sort(key=lambda one: one.visit)
        for count in range(2, len(some)):
            yield from (some[:count], some[-count:])


def _parts(some: Sequence[Adjoint]) -> Iterator[Sequence[Adjoint]]:
    for count in range(2, len(some) + 1):
        yield from combinations(some, count)


def _sum(some: Sequence[Adjoint]) -> Adjoint:
    a, b = (math.fsum(one.slopes[i] for one in some) for i in (0, 1))
    uses = frozenset[Use]().union(*(one.uses for one in some))
    return replace(some[0], uses=uses, slopes=(a, b))


@dataclass(frozen=True)
class Known:
    """What an array was recognised as: a multiple of an adjoint."""

    adjoint: Adjoint
    factor: float

    def __str__(self) -> str:
        what = f"∂L/∂({self.adjoint.name})"
        return what if self.factor == 1.0 else f"{self.factor:.4g} times {what}"


class Recogniser:
    """Tells of arrays whether they are adjoints; ``complete`` says that it knows them all."""

    def __init__(self, known: list[Adjoint], complete: bool = True) -> None:
        self.complete = complete
        self._known: dict[tuple[int, ...], list[Adjoint]] = {}
        for one in sorted(known, key=lambda one: bool(one.left_out)):
            self._known.setdefault(one.shape, []).append(one)
        self._slopes = {s: np.array([o.slopes for o in some]) for s, some in self._known.items()}

    @cached_property
    def by_use(self) -> dict[Use, list[Adjoint]]:
        """The adjoints of every single use, at all visits."""
        found: dict[Use, list[Adjoint]] = {}
        for one in (one for some in self._known.values() for one in some):
            if len(one.uses) == 1:
                (use,) = one.uses
                found.setdefault(use, []).append(one)
        return found

    def recognised(self, array: Array) -> Known | None:
        """Return what an array is, transposed perhaps; None where it is nothing that is known."""
        if not np.isfinite(array).all():  # such as log 0, beside which every slope is small
            return None
        best: Known | None = None
        for shape, slopes in self._slopes.items():
            if math.prod(shape) != array.size:
                continue
            for turned in _turned(array, shape):
                sums = np.array([(turned * signs(shape, k)).sum() for k in (1, 2)])
                size = np.maximum(np.abs(slopes), np.abs(sums)).max(axis=1)
                same = (np.abs(sums - slopes) <= SAME * size[:, None]).all(axis=1)
                if same.any():
                    return Known(self._known[shape][int(same.argmax())], 1.0)
                if best is None:
                    best = self._multiple(shape, sums, size)
        return best

    def _multiple(self, shape: tuple[int, ...], sums: Array, size: Array) -> Known | None:
        """Return the first adjoint of a shape that sums are a multiple of."""
        slopes = self._slopes[shape]
        with np.errstate(divide="ignore", invalid="ignore"):
            factors = sums[0] / slopes[:, 0]
            near = np.abs(factors * slopes[:, 1] - sums[1]) <= SAME * size
        near &= np.isfinite(factors) & (factors != 0.0)
        i = int(near.argmax())
        return Known(self._known[shape][i], float(factors[i])) if near.any() else None


def _turned(array: Array, shape: tuple[int, ...]) -> Iterator[Array]:
    """Return an array in a shape of as many entries, as it is and transposed."""
    if array.shape == shape or array.ndim != len(shape):
        yield array.reshape(shape)
    if array.ndim == 2 and array.T.shape == shape:
        yield array.T
