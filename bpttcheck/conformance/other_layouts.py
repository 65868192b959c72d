"""Where the outputs are wrong: another order of gates, z that replaces, the other reset gate.

Also another activation, and sequences in the place of steps where there are as many of them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import combinations, permutations, product

from bpttcheck.conformance.judged import concluded
from bpttcheck.conformance.layout import Layout
from bpttcheck.conformance.observed import Observed

STEPS = 2
"""So many steps are compared first, all of them only where these fit."""

AT_MOST = 6
"""So many layouts with right outputs and without right gradients are looked at."""

MANY = 4
"""Gates, of which there are 24 orders; of more, two are exchanged and no others tried."""

_NAME = re.compile(r"(?P<kind>[UWbP])_(?P<apart>W?)(?P<gate>[a-z])(?![\w])")
RESETS = {"gru": "gru, reset after", "gru, reset after": "gru"}

SIGMOIDS = ("sigmoid", "hard_sigmoid(0.2, 0.5)", "hard_sigmoid(1/6, 1/2)")
"""Of gates: the second in Keras 2 and ONNX, the third in PyTorch and Keras 3."""


def fitting(seen: Observed) -> str:
    """Return how a layout differs under which all is right, or the outputs are; else nothing.

    Outputs of one step, or from a state of zero, do not show every gate: gradients do. Where these
    are wrong, or there are none, a layout is told if it is the only one.
    """
    short, found = seen.first_steps(STEPS), []
    turned = _axes_exchanged(seen)
    if turned is not None and _fits(seen, turned):
        said = _to_write(seen.form, turned)
        return f"; the outputs are right with steps and sequences exchanged: {said}"
    for told, form in _others(seen.form):
        if _fits(short, form) and _fits(seen, form):
            said = f"right with {', '.join(told)}: {_to_write(seen.form, form)}"
            report = concluded(seen.but(form).all(), seen.kind)
            if seen.has_gradients and report.verdict == "right":
                return f"; all is {said}"
            found.append(f"; the outputs are {said}")
        if len(found) > AT_MOST:
            return ""
    return found[0] if len(found) == 1 else ""


def _fits(seen: Observed, form: Layout) -> bool:
    try:
        return seen.but(form).outputs().verdict == "right"
    except ValueError:  # a layout that needs an array which is not there
        return False


def _to_write(old: Layout, new: Layout) -> str:
    """Return what to write for the other layout."""
    changed = [f"cell {new.cell!r}"] if old.cell != new.cell else []
    changed += [f"{k} {text!r}" for k, text in new.arrays.items() if text != old.arrays[k]]
    changed += [
        f"{k} {getattr(new, k)!r}"
        for k in ("outputs", "phi", "squash")
        if getattr(new, k) != getattr(old, k)
    ]
    return ", ".join(changed)


def _axes_exchanged(seen: Observed) -> Layout | None:
    """Return the layout with the axes T and B in each other's places, where both are as long."""
    sizes, form = seen.point.sizes, seen.form
    if seen.lengths is not None or sizes["T"] != sizes["B"] or sizes["T"] == 1:
        return None
    other = {"T": "B", "B": "T"}

    def turned(text: str) -> str:
        return re.sub(r"(?<=[\[,])[TB](?=[,\]])", lambda match: other[match[0]], text)

    first, *last = form.outputs.split(";")
    name = form.sequences()["x"][0]
    x = form.arrays[name]
    if "T" not in x or "B" not in x or form.given_out()[0] != "h":
        return None
    arrays = {**form.arrays, name: turned(x)}
    return replace(form, outputs=";".join([turned(first), *last]), arrays=arrays)


def _others(form: Layout) -> Iterator[tuple[list[str], Layout]]:
    """Yield layouts, each with what is different about it, in words: what differs least first."""
    gates = form.reference.gates
    yield from _with_other_functions(form)
    named = [k for k in gates if k]
    turning = ["", *(k for k in named if gates[k].squash.name == "sigmoid")]
    other = RESETS.get(form.cell, "") if isinstance(form.cell, str) else ""
    found = []
    for moved, turned, cell in product(_orders(named), turning, dict.fromkeys(("", other))):
        words = [_order(moved)] if any(k != j for k, j in moved.items()) else []
        words += [f"1 − {turned} in the place of {turned}"] if turned else []
        if cell:
            words.append(f"its reset gate {'after' if 'after' in cell else 'before'} the product")
        count = sum(k != j for k, j in moved.items()) + bool(turned) + bool(cell)
        found.append((count, words, moved, turned, cell))
    for _, words, moved, turned, cell in sorted(found, key=lambda one: one[0])[1:]:
        arrays = {k: _changed(text, moved, turned) for k, text in form.arrays.items()}
        if cell == "gru":  # which has one bias where the other has two
            arrays = {k: text.replace("b_Wg", "b_g") for k, text in arrays.items()}
        with suppress(ValueError):  # an array has no weight of this name, as a second bias
            yield words, replace(form, arrays=arrays, cell=cell or form.cell)
    for (name, text), moved in product(form.arrays.items(), _exchanges(named)):
        arrays = {**form.arrays, name: _changed(text, moved, "")}
        with suppress(ValueError):
            if arrays != form.arrays:
                yield [f"{_order(moved)} in {name}"], replace(form, arrays=arrays)


def _with_other_functions(form: Layout) -> Iterator[tuple[list[str], Layout]]:
    """Yield layouts with the activations that libraries have beside the usual ones."""
    gates = form.reference.gates
    if "" in gates:
        phi = "tanh" if form.phi == "relu" else "relu"
        yield [f"{phi} in the place of {form.phi}"], form.but(phi=phi)
    names = {k: gate.squash.name for k, gate in gates.items() if k}
    sigmoids = [k for k, name in names.items() if "sigmoid" in name]
    for other in SIGMOIDS if sigmoids else ():
        if other != names[sigmoids[0]]:
            own = {**form.squash, **dict.fromkeys(sigmoids, other)}
            yield [f"{other} in the place of {names[sigmoids[0]]}"], form.but(squash=own)
    if names.get("g") == "tanh":
        let_out = ["c"] if "c" in form.reference.states else []
        own = {**form.squash, **dict.fromkeys(["g", *let_out], "relu")}
        yield ["relu in the place of tanh"], form.but(squash=own)


def _exchanges(named: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield each gate's place where two are exchanged."""
    for pair in combinations(named, 2):
        yield {k: k for k in named} | dict(zip(pair, pair[::-1], strict=True))


def _orders(named: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield each gate's place in every order, or where there are many in which two change."""
    if len(named) > MANY:
        yield {k: k for k in named}
        yield from _exchanges(named)
    else:
        yield from (dict(zip(named, order, strict=True)) for order in permutations(named))


def _order(moved: Mapping[str, str]) -> str:
    """Say which gates are where others are."""
    changed = {k: j for k, j in moved.items() if k != j}
    if len(changed) == 2:
        return f"{' and '.join(changed)} exchanged"
    return ", ".join(f"{j} in the place of {k}" for k, j in changed.items())


def _changed(text: str, moved: Mapping[str, str], turned: str) -> str:
    """Return what an array is made of, with gates in the places of others, one of them turned."""
    if "[" in text:
        return text
    pieces = re.split(r"([;,|])", text)
    own = [(_NAME.search(piece), piece) for piece in pieces]
    known = defaultdict(list)
    for match, piece in own:
        if match:
            known[match["kind"], match["gate"]].append(piece.strip())
    met: Counter[tuple[str, str]] = Counter()
    found = []
    for match, piece in own:
        if match:
            kind, gate = match["kind"], match["gate"]
            other = moved.get(gate, gate)
            there = known[kind, other]
            place = met[kind, gate]
            met[kind, gate] += 1
            named = f"{kind}_{match['apart']}{other}"
            new = there[place] if place < len(there) else _NAME.sub(named, piece.strip())
            if other == turned:
                new = new[1:].lstrip() if new.startswith("-") else f"-{new}"
            piece = piece.replace(piece.strip(), new)
        found.append(piece)
    return "".join(found)
