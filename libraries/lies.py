"""Cells that are not the layout's: exchanged gates, a bias left out, z the other way, slips.

Each lie is told at a point where the truth is called right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bpttcheck import check_conformance
from bpttcheck.conformance import Conformance, Layout
from libraries.forms import Form
from libraries.points import drawn, sizes_of

SEEDS = 3
SLIP = 1.001
TIMES = 10.0
"""So many times the smallest error that a report says would have been seen."""

THOUSANDTH, TENFOLD = "a gradient × 1.001", "each gradient off by ten times what would be found"


def caught(
    form: Form, run: Any, adapted: Callable[..., Any], dtypes: list[str], seeds: int = SEEDS
) -> dict[str, list[int]]:
    """Return, for each lie, how often it was called wrong, and how often it was told.

    Where the library's gradients are wrong, its outputs have to show what is no gradient.
    """
    found: dict[str, list[int]] = {}
    steps = 4 if "T" in form.layout.sequences()["x"][1] else 1
    for dtype in dtypes:
        for seed in range(seeds):
            params = drawn(form, sizes_of(form, steps), dtype, 1.0, seed)
            how = {"seed": seed, **form.how(steps)}
            truth = check_conformance(*adapted(run, params), form.layout, **how)
            if truth["outputs"].verdict not in ("right", "inaccurate"):
                continue
            for lie, code, layout, other in told(form, run, truth, how):
                report = check_conformance(*adapted(code, params), layout, **other)
                seen = report if truth.verdict != "wrong" else report["outputs"]
                count = found.setdefault(lie, [0, 0])
                count[0] += seen.verdict == "wrong"
                count[1] += 1
    return found


def told(
    form: Form, run: Any, truth: Conformance, how: dict[str, Any]
) -> Iterator[tuple[str, Any, Layout, dict[str, Any]]]:
    """Return lies: what each is, the cell, its layout, and what else a check is told."""
    for lie, other in layouts(form.layout):
        yield lie, run, other, how
    if form.short:
        yield "lengths exchanged", run, form.layout, how | {"lengths": how["lengths"][::-1]}
    gradients = [part for part in truth.parts if part.gradient and truth.verdict != "wrong"]
    own = {k: blocks for part in form.parts for k, blocks in part.blocks.items()}
    for name in (part.name for part in gradients if part.name in own):
        if any(block.weight.startswith("W") for block in own[name].each()):
            yield THOUSANDTH, slipped(run, name, SLIP), form.layout, how
            break
    for part in gradients:
        # What is right but for a tanh may be so of a worse one, which hides a slip so small.
        if truth.verdict == "right" == part.verdict and part.largest:
            factor = 1 + TIMES * max(part.visible, truth.unit)  # what is exact shows anything
            yield TENFOLD, slipped(run, part.name, factor), form.layout, how


def layouts(layout: Layout) -> Iterator[tuple[str, Layout]]:
    """Return layouts that the cell does not have, each with what is wrong in it."""
    gates = list(layout.reference.gates)
    if len(gates) > 1:
        yield "two gates exchanged", _each(layout, _exchanged(gates[0], gates[1]))
    for name, text in layout.arrays.items():
        if "[" not in text and (biases := re.findall(r"b_?\w*(?:\.row)?", text)):
            without = re.sub(rf"-?\b{re.escape(biases[-1])}(?![\w.])", f"0 {biases[-1]}", text)
            yield "a bias left out", layout.but(**{name: without})
            break
    if "z" in gates:
        yield "z kept for replaced", _each(layout, _turned)


def _each(layout: Layout, change: Callable[[str], str]) -> Layout:
    changed = {k: t if "[" in t else change(t) for k, t in layout.arrays.items()}
    return layout.but(**changed)


def _exchanged(one: str, other: str) -> Callable[[str], str]:
    swap = {f"_{one}": f"_{other}", f"_{other}": f"_{one}"}
    return lambda text: re.sub(rf"_[{one}{other}]\b", lambda m: swap[m[0]], text)


def _turned(text: str) -> str:
    """Return a text with every block of z negated."""
    return re.sub(r"(-?)\b([UWb]_z\b)", lambda m: m[2] if m[1] else f"-{m[2]}", text)


def slipped(run: Any, name: str, factor: float) -> Any:
    """Return the cell with one gradient times a factor."""

    def lying(params: Mapping[str, Any]) -> tuple[Any, Any]:
        outputs, pullback = run(params)

        def pulled(cotangents: Any) -> dict[str, Any]:
            grads = dict(pullback(cotangents))
            return grads | {name: grads[name] * grads[name].dtype.type(factor)}

        return outputs, pulled

    return lying
