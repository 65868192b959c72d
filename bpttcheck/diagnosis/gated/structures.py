"""Which role each array may play in a gated cell, by its shape."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from bpttcheck.diagnosis.gated.blocks import WORDS, Block, bias_blocks, matrix_blocks
from bpttcheck.diagnosis.gated.declared_cells import GROUPS
from bpttcheck.diagnosis.gated.network import Cell, GatedReading
from bpttcheck.diagnosis.layouts import states, vectors
from bpttcheck.diagnosis.network import Arrays, Slot
from bpttcheck.diagnosis.structures import PACKED, _readouts, inputs, packed, starts, tied, unlikely

Slots = tuple[tuple[str, Slot], ...]

MOST = 2000
"""At most so many ways to read the parameters, orders of the gates apart."""

LIBRARIES = ("ifgo", "ifog", "iofg", "oifg", "fiog", "figo", "zrg", "rzg")
"""Orders that are tried first."""


def readings(params: Arrays, data: Arrays) -> Iterator[GatedReading]:
    """Yield ways to read parameters and data as a gated cell, the likeliest first.

    Each kind of cell has its turn, however many ways there are to read another.
    """
    known: dict[tuple[int, bool], list[tuple[list[tuple[str, Block]], Slots]]] = {}
    for likely in (True, False):
        yield from _in_turn([_of_group(cells, likely, params, data, known) for cells in GROUPS])


def _in_turn(streams: list[Iterator[GatedReading]]) -> Iterator[GatedReading]:
    while streams:
        for stream in list(streams):
            found = next(stream, None)
            if found is None:
                streams.remove(stream)
            else:
                yield found


def _of_group(
    cells: Sequence[Cell], likely: bool, params: Arrays, data: Arrays,
    known: dict[tuple[int, bool], list[tuple[list[tuple[str, Block]], Slots]]],
) -> Iterator[GatedReading]:  # fmt: skip
    key = len(cells[0].gates), cells[0].two
    if key not in known:
        found = itertools.islice(_structures(params, data, *key), MOST)
        known[key] = sorted(found, key=lambda one: unlikely(one[1]))
    for blocks, rest in known[key]:
        tokens = blocks[0][1].tokens
        for order in itertools.permutations(cells[0].gates):
            if _is_likely(cells[0], order, tokens) is likely:
                for cell in cells:
                    yield from _read(cell, order, blocks, rest)


def _is_likely(cell: Cell, order: Sequence[str], tokens: Sequence[str]) -> bool:
    """Tell whether names say so; of gates in one array, whether a library has that order."""
    if not any(tokens):
        return cell.declared is not None or "".join(order) in LIBRARIES
    words = WORDS[cell.name if cell.declared is None else "declared"]
    return all(token in words[gate] for gate, token in zip(order, tokens, strict=True))


def _read(
    cell: Cell, order: Sequence[str], blocks: Sequence[tuple[str, Block]], rest: Slots
) -> Iterator[GatedReading]:
    slots = [
        (f"{letter}_{gate}", Slot("params", *view))
        for letter, block in blocks
        for gate, view in zip(order, block.views, strict=True)
    ]
    biases = [k for k, (role, _) in enumerate(slots) if role == "b_g"]
    if cell.reset == "before":
        yield GatedReading((*slots, *rest), "tanh", cell=cell)
        return
    for hidden in biases if len(biases) == 2 else [-1]:
        inside = [("b_Wg", slot) if k == hidden else (role, slot)
                  for k, (role, slot) in enumerate(slots)]  # fmt: skip
        yield GatedReading((*inside, *rest), "tanh", cell=cell)


def _structures(
    params: Arrays, data: Arrays, count: int, two: bool
) -> Iterator[tuple[list[tuple[str, Block]], Slots]]:
    for given in (False, True):
        yield from _whole(params, data, count, two, given)


def _whole(
    params: Arrays, data: Arrays, count: int, two: bool, given: bool
) -> Iterator[tuple[list[tuple[str, Block]], Slots]]:
    if len(params) > 4 * count + 5:  # W, U and two biases a gate; V, c, x, h0 and c0
        return
    for weights, n, m in _weights(params, count):
        used = set().union(*(block.names for _, block in weights))
        for readout, p in _readouts(params, used, n):
            taken = used | {slot.name for _, slot in readout}
            known: dict[object, list[tuple[list[tuple[str, Block]], list[str]]]] = {}
            for x, shape in inputs(params, data, taken, m):
                own = frozenset(slot.name for _, slot in x if slot.of == "params")
                left = {k: array for k, array in params.items() if k not in taken | own}
                outs = ((readout, p), *(() if readout else tied(params, x, n)))
                sizes = {size for _, size in outs}
                key = own, *sorted(sizes)
                if key not in known:
                    found = _biases(left, count, n, weights[0][1].tokens)
                    known[key] = [
                        (biases, others) for biases, others in found
                        if all(left[name].size in sizes or n in (1, *left[name].shape)
                               for name in others)
                    ]  # fmt: skip
                for (out, size), (biases, others) in itertools.product(outs, known[key]):
                    for rest in _rest(params, others, shape[1], n, size, two):
                        roles = (*out, *x, *rest)
                        for whole in _with_states(roles, data, shape[1], n, two, given):
                            yield [*weights, *biases], whole


def _weights(params: Arrays, count: int) -> Iterator[tuple[list[tuple[str, Block]], int, int]]:
    """Yield the blocks of W and U, apart or side by side in one, with n and m."""
    blocks = list(matrix_blocks(params, count))
    for block in blocks:
        for order in PACKED:
            n, m = block.n, block.columns - block.n - ("1" in order)
            if m > 0:
                yield _columns(block, order), n, m
    for W_block, U_block in itertools.permutations(blocks, 2):
        n = W_block.n
        if W_block.columns == n == U_block.n and not W_block.names & U_block.names:
            U_block = U_block.aligned(W_block.tokens)
            yield [("W", W_block), ("U", U_block)], n, U_block.columns


def _columns(block: Block, order: str) -> list[tuple[str, Block]]:
    """Return the blocks of W, U and b, if it is there, that are side by side in each view."""
    parts = [(name, packed(layout, order)) for name, layout in block.views]
    sizes = {"W": block.n, "U": block.columns - block.n - ("1" in order), "b": 0}
    return [
        (
            role,
            Block(tuple((name, p[role]) for name, p in parts), block.tokens, block.n, sizes[role]),
        )
        for role in parts[0][1]
    ]


def _biases(
    left: Arrays, count: int, n: int, tokens: Sequence[str]
) -> Iterator[tuple[list[tuple[str, Block]], list[str]]]:
    """Yield no, one or two blocks of biases, and the names that are left."""
    blocks = [block.aligned(tokens) for block in bias_blocks(left, count, n)]
    for size in (1, 2, 0):
        for some in itertools.combinations(blocks, size):
            used = [name for block in some for name in block.names]
            if len(used) == len(set(used)):
                others = [name for name in left if name not in used]
                yield [("b", block) for block in some], others


def _rest(
    params: Arrays, left: Sequence[str], B: int, n: int, p: int, cell: bool
) -> Iterator[Slots]:
    """Yield roles c, h0 and c0 for all parameters that are left."""
    if len(left) > (3 if cell else 2):
        return
    choices = []
    for name in left:
        theta = params[name]
        found: list[tuple[str, Slot]] = [
            ("c", Slot("params", name, layout)) for layout in vectors(theta, p)
        ]
        for role in ("h0", "c0") if cell else ("h0",):
            found += [(role, Slot("params", name, layout)) for layout in states(theta, B, n)]
        if not found:
            return
        choices.append(found)
    for roles in itertools.product(*choices):
        played = [role for role, _ in roles]
        if len(set(played)) == len(played):
            yield roles


def _with_states(
    roles: Slots, data: Arrays, B: int, n: int, cell: bool, given: bool
) -> Iterator[Slots]:
    """Yield the roles, or those with initial states that are ``given`` as data."""
    if not given:
        yield roles
        return
    free = [role for role in (("h0", "c0") if cell else ("h0",)) if role not in dict(roles)]
    options = [[(role, slot) for slot in starts(role, data, B, n)] for role in free]
    for some in itertools.product(*([None, *found] for found in options)):
        if any(slot is not None for slot in some):
            yield (*roles, *(slot for slot in some if slot is not None))
