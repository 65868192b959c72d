"""The containers among somebody's parameters, and the names of what is in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bpttcheck.check.leaf import Leaf, leaf
from bpttcheck.check.level import Level, level, numbers_alone

PLAIN = re.compile(r"[^\W\d][\w/~-]*")
"""Keys that are written after a dot; others are in brackets, as in Python."""


@dataclass(frozen=True)
class Node:
    """A container among the parameters: its path, its level, and what is in it, by key."""

    path: str
    level: Level
    children: Mapping[Any, Node | Leaf]

    def leaves(self) -> Iterator[Leaf]:
        """Return the leaves, in order."""
        for child in self.children.values():
            if isinstance(child, Node):
                yield from child.leaves()
            else:
                yield child


def _inside(given: Any) -> Level | None:
    return None if numbers_alone(given) else level(given)


def node(
    given: Any, here: Level | None, path: str, what: str, above: tuple[int, ...]
) -> Node | Leaf:
    """Return a structure as nodes and leaves, each leaf named by its path for the time being.

    Raises:
        TypeError, ValueError: a leaf that is none; a structure within itself.
    """
    if here is None:
        return leaf(path, given, what)
    if id(given) in above:
        raise ValueError(f"{what}{path}: expected a structure without end, got one within itself")
    children: dict[Any, Node | Leaf] = {}
    for key, one in here.items.items():
        inside = _inside(one)
        after = step(here, key, at_top=not path and inside is None)
        children[key] = node(one, inside, path + after, what, (*above, id(given)))
    if here.fixed:
        children = {
            k: replace(c, array=None) if isinstance(c, Leaf) else c for k, c in children.items()
        }
    return Node(path, here, children)


def step(here: Level, key: Any, at_top: bool) -> str:
    """Return how a key is written after the path of its container."""
    if here.kind == "variable":
        return ""
    if isinstance(key, str) and "fields" in here.kind:
        return f".{key}"
    if isinstance(key, str) and PLAIN.fullmatch(key) and not at_top:
        return f".{key}"
    try:
        return f"[{key!r}]"
    except Exception:  # of a class of their own
        return f"[{type(key).__name__}]"


def named(root: Node | Leaf, leaves: Sequence[Leaf], what: str) -> tuple[Node | Leaf, list[Leaf]]:
    """Return the structure with names for its leaves that are readable and unlike each other."""
    first = _top_keys(root)
    names = [first.get(id(one)) or _short(one.path, what) for one in leaves]
    often = Counter(names)
    names = [n if often[n] == 1 or id(one) in first else what + one.path
             for n, one in zip(names, leaves, strict=True)]  # fmt: skip
    seen: Counter[str] = Counter()
    for i, name in enumerate(names):
        seen[name] += 1
        if seen[name] > 1:
            names[i] = f"{name} #{seen[name]}"
    renamed = iter([replace(one, name=n) for n, one in zip(names, leaves, strict=True)])
    whole = _with(root, renamed)
    return whole, [whole] if isinstance(whole, Leaf) else list(whole.leaves())


def _top_keys(root: Node | Leaf) -> dict[int, str]:
    """Return the keys of arrays in a flat mapping, which are names as they are."""
    if not isinstance(root, Node) or root.level.kind != "mapping":
        return {}
    return {
        id(c): k
        for k, c in root.children.items()
        if isinstance(c, Leaf) and isinstance(k, str) and k
    }


def _short(path: str, what: str) -> str:
    return path[1:] if path.startswith(".") else what + path


def _with(here: Node | Leaf, leaves: Iterator[Leaf]) -> Node | Leaf:
    if isinstance(here, Leaf):
        return next(leaves)
    return replace(here, children={k: _with(c, leaves) for k, c in here.children.items()})
