"""Gradients, read in the structure of the parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpttcheck.check.leaf import Leaf
from bpttcheck.check.level import level
from bpttcheck.check.nodes import Node, step


class Mismatch(ValueError):
    """Gradients of another structure: ``kind`` tells missing names from another container."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


def read(
    here: Node | Leaf, returned: Any, what: str, found: dict[str, Any], extra: list[str]
) -> None:
    """Put the gradient of each leaf into ``found``, by its name, and what else came into ``extra``.

    Raises:
        Mismatch: another structure.
    """
    if isinstance(here, Leaf):
        if here.array is not None:
            found[here.name] = returned
        return
    wanted = {k: child for k, child in here.children.items() if has_floats(child)}
    if not wanted:
        return
    parts = _parts(here, returned, what, wanted)
    extra += [_extra(here, key) for key in parts if key not in here.children]
    for key, child in wanted.items():
        read(child, parts[key], what, found, extra)


def _extra(here: Node, key: Any) -> str:
    return (here.path + step(here.level, key, False)).removeprefix(".") if here.path else str(key)


def _parts(here: Node, returned: Any, what: str, wanted: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """Return the gradients in a container, by the keys of the parameters."""
    label = what + here.path
    kind, there = here.level.kind, level(returned)
    if kind == "variable" and (there is None or there.kind != kind):
        return dict.fromkeys(wanted, returned)
    listed = there is not None and there.kind == "sequence"
    if (
        there is None
        or (listed and kind in ("mapping", "fields"))
        or (kind == "sequence" and not listed)
    ):
        expected = "a list of arrays" if kind == "sequence" else "a mapping of names to arrays"
        got = type(returned).__name__
        raise Mismatch("contract", f"{label}: expected {expected}, got {got}")
    if listed:
        return _in_order(here, list(there.items.values()), label, wanted)
    missing = [key for key in wanted if key not in there.items]
    if missing:
        got = ", ".join(map(str, there.items)) or "nothing"
        expected = ", ".join(map(str, wanted))
        raise Mismatch("names", f"{label}: expected the names {expected}, got {got}")
    return there.items


def _in_order(
    here: Node, gradients: list[Any], label: str, wanted: Mapping[Any, Any]
) -> Mapping[Any, Any]:
    for keys in (here.children, wanted):  # one for each, or for each that has floats in it
        if len(keys) == len(gradients):
            return dict(zip(keys, gradients, strict=True))
    text = f"{label}: expected {len(wanted)} gradients, got {len(gradients)}"
    raise Mismatch("names", text)


def has_floats(here: Node | Leaf) -> bool:
    """Tell whether there are floats in a part of a structure."""
    return any(
        one.array is not None for one in ([here] if isinstance(here, Leaf) else here.leaves())
    )
