"""Cells that are not the layout's: exchanged gates, a bias left out, z the other way, a slip.

Each lie is told at a point where the truth is called right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bpttcheck import check_conformance
from bpttcheck.conformance import Layout
from libraries.forms import Form
from libraries.points import SIZES, drawn

SEEDS = 3
SLIP = 1.001


def caught(
    form: Form, run: Any, adapted: Callable[..., Any], dtypes: list[str]
) -> dict[str, list[int]]:
    """Return, for each lie, how often it was called wrong, and how often it was told.

    Where the library's gradients are wrong, its outputs have to show what is no gradient.
    """
    found: dict[str, list[int]] = {}
    layout, how = form.layout, form.how
    steps = 4 if "T" in layout.sequences()["x"][1] else 1
    for dtype in dtypes:
        for seed in range(SEEDS):
            params = drawn(form, {**SIZES, "T": steps}, dtype, 1.0, seed)
            truth = check_conformance(*adapted(run, params), layout, seed=seed, **how)
            if truth["outputs"].verdict not in ("right", "inaccurate"):
                continue
            told = [(lie, run, other) for lie, other in layouts(layout)]
            if truth.verdict != "wrong" and run(params)[1] is not None:
                told.append(("a gradient × 1.001", slipped(run, layout), layout))
            for lie, code, other in told:
                report = check_conformance(*adapted(code, params), other, seed=seed, **how)
                seen = report if truth.verdict != "wrong" else report["outputs"]
                count = found.setdefault(lie, [0, 0])
                count[0] += seen.verdict == "wrong"
                count[1] += 1
    return found


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


def slipped(run: Any, layout: Layout) -> Any:
    """Return the cell with the gradient of one weight off by a thousandth."""
    array = next(k for k, t in layout.arrays.items() if "W" in t and "[" not in t)

    def lying(params: Mapping[str, Any]) -> tuple[Any, Any]:
        outputs, pullback = run(params)

        def pulled(cotangents: Any) -> dict[str, Any]:
            grads = dict(pullback(cotangents))
            name = array if array in grads else f"l0.{array}"
            return grads | {name: grads[name] * grads[name].dtype.type(SLIP)}

        return outputs, pulled

    return lying
