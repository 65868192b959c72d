"""Inputs, states and outputs with their axes: ``"x[B,T,m]"``, read and turned."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

from bpttcheck.arguments import shown
from bpttcheck.arithmetic.base import Array

Sizes: TypeAlias = Mapping[str, int]

_SEQUENCE = re.compile(r"(\w+)\[([\w,\s]*)\]")
LEFT_OUT = "TB"
"""Axes that an array may lack: of one step, of one sequence."""


def sequence(text: str, known: Mapping[str, str], what: str) -> tuple[str, tuple[str, ...]]:
    """Return the name and the axes of ``"x[B,T,m]"``; ``known`` has the axes of each name.

    T or B may be left out, for a single step or a single sequence.

    Raises:
        ValueError: another name, or axes that are no permutation of its own.
    """
    match = _SEQUENCE.fullmatch(text.strip())
    if match is not None and match[1] in known:
        axes = tuple(a.strip() for a in match[2].split(",") if a.strip())
        named = [a for a in axes if a != "1"]
        lacking = set(known[match[1]]) - set(named)
        own = len(set(named)) == len(named) and set(named) <= set(known[match[1]])
        if own and lacking <= set(LEFT_OUT):
            return match[1], axes
    forms = ", ".join(f"{k}[{','.join(known[k])}]" for k in known)
    raise ValueError(
        f"{what}: expected {forms}, in any order of axes and with axes 1, got {shown(text)}"
    )


def arranged(array: Array, own: str, axes: tuple[str, ...]) -> Array:
    """Return an array with axes ``own``, such as ``"TBm"``, in another order of axes.

    Raises:
        ValueError: an axis that is left out has another length than one.
    """
    for axis, size in zip(own, array.shape, strict=True):
        if axis not in axes and size != 1:
            wanted = ", ".join(axes)
            raise ValueError(f"outputs: expected ({wanted}) at {axis} = 1, got {axis} = {size}")
    kept = array.reshape([s for a, s in zip(own, array.shape, strict=True) if a in axes])
    present = [a for a in own if a in axes]
    turned = kept.transpose([present.index(a) for a in axes if a != "1"])
    return turned.reshape([1 if a == "1" else array.shape[own.index(a)] for a in axes])


def restored(array: Array, own: str, axes: tuple[str, ...], what: str) -> Array:
    """Return an array with its axes in the reference's order.

    Raises:
        ValueError: another number of axes, or an axis that should have length one.
    """
    fits = array.ndim == len(axes) and all(
        size == 1 for axis, size in zip(axes, array.shape, strict=True) if axis == "1"
    )
    if not fits:
        raise ValueError(f"{what}: expected shape ({', '.join(axes)}), got {array.shape}")
    sizes = {a: s for a, s in zip(axes, array.shape, strict=True) if a != "1"}
    squeezed = array.reshape(list(sizes.values()))
    turned = squeezed.transpose([list(sizes).index(a) for a in own if a in sizes])
    return turned.reshape([sizes.get(a, 1) for a in own])
