"""Which role each array may play in a cell, by its shape: the weights of its gates, all else."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial

from bpttcheck.cells.cell import Cell
from bpttcheck.diagnosis.recognition.gate_blocks import GateBlock, bias_blocks, matrix_blocks, words
from bpttcheck.diagnosis.recognition.layouts import matrices, states, vectors
from bpttcheck.diagnosis.recognition.recognised import Arrays
from bpttcheck.diagnosis.recognition.roles import ArraySlot, Reading, Slots
from bpttcheck.diagnosis.recognition.shape import shape_of
from bpttcheck.diagnosis.recognition.structures import (
    PACKED,
    inputs,
    packed,
    readouts,
    starts,
    tied,
    unlikely,
)

MOST = 2000
"""At most so many ways to read the parameters, orders of the gates apart."""

LIBRARIES = ("ifgo", "ifog", "iofg", "oifg", "fiog", "figo", "zrg", "rzg")
"""Orders that are tried first."""

Blocks = list[tuple[str, GateBlock]]
Structure = tuple[Blocks, Slots]


@dataclass(frozen=True)
class Kind:
    """What the roles of a cell depend on: how many gates, which states, further weights.

    ``states`` and ``further`` have the symbols of their axes.
    """

    count: int
    states: tuple[tuple[str, str], ...]
    further: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def projected(self) -> bool:
        """Whether h is of another size than the gates."""
        return dict(self.states)["h"] != "n"


def kind_of(cell: Cell) -> Kind:
    """Return what the roles of a cell depend on."""
    roles = shape_of(cell).roles
    further = [(name, axes) for name, axes in cell.weights.items() if roles[name].kind in "PR"]
    return Kind(len(cell.gates), tuple((k, cell.width(k)) for k in cell.states), tuple(further))


class CellReadings:
    """The ways to read parameters and data as some cell, the likeliest first."""

    def __init__(self, params: Arrays, data: Arrays, cells: Sequence[Cell]) -> None:
        self.params, self.data = params, data
        self._known: dict[Kind, list[Structure]] = {}
        self._biases_of = cache(partial(_biases, params))  # the same is asked again and again
        groups: dict[object, list[Cell]] = {}
        for cell in cells:
            groups.setdefault((kind_of(cell), *sorted(cell.gates)), []).append(cell)
        self.groups = list(groups.values())

    def plain(self) -> Iterator[Reading]:
        """Yield the readings as a cell of one gate."""
        for cells in self.groups:
            if len(cells[0].gates) == 1:
                yield from self._of_group(cells, True)

    def gated(self) -> Iterator[Reading]:
        """Yield the readings as a gated cell, those first whose names say so.

        Each kind of cell has its turn, however many ways there are to read another.
        """
        gated = [cells for cells in self.groups if len(cells[0].gates) > 1]
        for likely in (True, False):
            yield from _in_turn([self._of_group(cells, likely) for cells in gated])

    def _of_group(self, cells: Sequence[Cell], likely: bool) -> Iterator[Reading]:
        kind = kind_of(cells[0])
        if kind not in self._known:
            found = itertools.chain(*(self._whole(kind, given) for given in (False, True)))
            few = itertools.islice(found, MOST)
            self._known[kind] = sorted(few, key=lambda one: unlikely((*_views(one[0]), *one[1])))
        for blocks, rest in self._known[kind]:
            tokens = blocks[0][1].tokens
            for order in itertools.permutations(cells[0].gates):
                if _is_likely(cells[0], order, tokens) is likely:
                    for cell in cells:
                        yield from _read(cell, order, blocks, rest)

    def _whole(self, kind: Kind, given: bool) -> Iterator[Structure]:
        params, data = self.params, self.data
        if len(params) > 4 * kind.count + 5 + len(kind.further):  # W, U, b, b; V, c, x, h0, c0
            return
        for weights, n, m, r in _weights(params, kind):
            used = set().union(*(block.names for _, block in weights))
            for readout, p in readouts(params, used, r):
                taken = used | {slot.name for _, slot in readout}
                for x, shape in inputs(params, data, taken, m):
                    own = taken | {slot.name for _, slot in x if slot.of == "params"}
                    left = tuple(k for k in params if k not in own)
                    tokens = weights[0][1].tokens
                    own_inputs = _views(weights) if kind.count == 1 else ()
                    once_more = () if readout else tied(params, (*own_inputs, *x), r)
                    for (out, size), (biases, others) in itertools.product(
                        ((readout, p), *once_more),
                        self._biases_of(left, kind.count, n, tokens),
                    ):
                        sizes = {"n": n, "p": size, "B": shape[1], dict(kind.states)["h"]: r}
                        for rest in _rest(params, others, sizes, kind):
                            blocks, added = [*weights, *biases], rest
                            if kind.count == 1:  # told in the order of the parameters
                                known = {slot.name: (role, slot) for role, slot in rest}
                                known |= {slot.name: (role, slot) for role, slot in _views(biases)}
                                blocks = weights
                                added = tuple(known[name] for name in left)
                            for whole in self._with_states((*out, *x, *added), sizes, kind, given):
                                yield blocks, whole

    def _with_states(
        self, roles: Slots, sizes: dict[str, int], kind: Kind, given: bool
    ) -> Iterator[Slots]:
        """Yield the roles, or those with initial states that are ``given`` as data."""
        if not given:
            yield roles
            return
        played, options = dict(roles), []
        for state, symbol in kind.states:
            role = f"{state}0"
            if role not in played:
                found = starts(role, self.data, sizes["B"], sizes[symbol])
                options.append([None, *((role, slot) for slot in found)])
        for some in itertools.product(*options):
            if any(slot is not None for slot in some):
                yield (*roles, *(slot for slot in some if slot is not None))


def _in_turn(streams: list[Iterator[Reading]]) -> Iterator[Reading]:
    while streams:
        for stream in list(streams):
            found = next(stream, None)
            if found is None:
                streams.remove(stream)
            else:
                yield found


def _is_likely(cell: Cell, order: Sequence[str], tokens: Sequence[str]) -> bool:
    """Tell whether names say so; of gates in one array, whether a library has that order."""
    if not any(tokens):
        libraries = [known for known in LIBRARIES if sorted(known) == sorted(cell.gates)]
        return not libraries or "".join(order) in libraries
    named = zip(order, tokens, strict=True)
    return all(token in words(gate, cell.gates[gate]) for gate, token in named)


def _views(blocks: Blocks) -> Iterator[tuple[str, ArraySlot]]:
    for letter, block in blocks:
        for view in block.views:
            yield letter, ArraySlot("params", *view)


def _read(cell: Cell, order: Sequence[str], blocks: Blocks, rest: Slots) -> Iterator[Reading]:
    slots = [
        (f"{letter}_{gate}" if gate else letter, ArraySlot("params", *view))
        for letter, block in blocks
        for gate, view in zip(order, block.views, strict=True)
    ]
    inside = list(shape_of(cell).graph.apart)
    if not inside:
        yield Reading(cell, (*slots, *rest))
        return
    biases = [k for k, (role, _) in enumerate(slots) if role == f"b_{inside[0]}"]
    for hidden in biases if len(biases) == 2 else [-1]:
        roles = [
            (f"b_W{inside[0]}" if k == hidden else role, slot)
            for k, (role, slot) in enumerate(slots)
        ]
        yield Reading(cell, (*roles, *rest))


def _weights(params: Arrays, kind: Kind) -> Iterator[tuple[Blocks, int, int, int]]:
    """Yield the blocks of W and U, apart or side by side in one, with n, m and h's size."""
    blocks = list(matrix_blocks(params, kind.count))
    for block in blocks if not kind.projected else ():
        for order in PACKED:
            n, m = block.n, block.columns - block.n - ("1" in order)
            if m > 0:
                yield _columns(block, order), n, m, n
    for W, U in itertools.permutations(blocks, 2):
        r = W.columns
        if (r == W.n or kind.projected) and U.n == W.n and not W.names & U.names:
            U = U.aligned(W.tokens)
            yield [("W", W), ("U", U)], W.n, U.columns, r
    if kind.count == 1:  # the input is added as it is
        for W in blocks:
            if W.columns == W.n:
                yield [("W", W)], W.n, W.n, W.n


def _columns(block: GateBlock, order: str) -> Blocks:
    """Return the blocks of W, U and b, if it is there, that are side by side in each view."""
    parts = [(name, packed(layout, order)) for name, layout in block.views]
    sizes = {"W": block.n, "U": block.columns - block.n - ("1" in order), "b": 0}
    found = []
    for role in parts[0][1]:
        views = tuple((name, part[role]) for name, part in parts)
        found.append((role, GateBlock(views, block.tokens, block.n, sizes[role])))
    return found


def _biases(
    params: Arrays, left: tuple[str, ...], count: int, n: int, tokens: tuple[str, ...]
) -> list[tuple[Blocks, list[str]]]:
    """Return no, one or two blocks of biases that are left, and the names of what is left then."""
    some = {name: params[name] for name in left}
    blocks = [block.aligned(tokens) for block in bias_blocks(some, count, n)]
    found = []
    for chosen in itertools.chain(*(itertools.combinations(blocks, size) for size in (1, 2, 0))):
        used = [name for block in chosen for name in block.names]
        if len(used) == len(set(used)):
            others = [name for name in left if name not in used]
            found.append(([("b", block) for block in chosen], others))
    return found


def _rest(
    params: Arrays, left: Sequence[str], sizes: dict[str, int], kind: Kind
) -> Iterator[Slots]:
    """Yield roles c, h0, c0 and further weights for all parameters that are left."""
    wanted = {name for name, _ in kind.further}
    if not len(wanted) <= len(left) <= 1 + len(kind.states) + len(wanted):
        return
    choices = []
    for name in left:
        theta = params[name]
        found = [("c", layout) for layout in vectors(theta, sizes["p"])]
        for state, symbol in kind.states:
            found += [(f"{state}0", one) for one in states(theta, sizes["B"], sizes[symbol])]
        for role, symbols in kind.further:
            size = [sizes[symbol] for symbol in symbols]
            fits = matrices(theta, *size) if len(size) > 1 else vectors(theta, *size)
            found += [(role, layout) for layout in fits]
        if not found:
            return
        found.sort(key=lambda one: one[0].lower() != name.lower())  # who is called so comes first
        choices.append([(role, ArraySlot("params", name, layout)) for role, layout in found])
    for roles in itertools.product(*choices):
        played = [role for role, _ in roles]
        if len(set(played)) == len(played) and wanted <= set(played):
            yield roles
