"""Containers among somebody's parameters: what is in them, by key path, and one made like it."""

from __future__ import annotations

import copy
import dataclasses
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from bpttcheck.check.program.leaf import Leaf, is_array, is_number, leaf


@dataclass(frozen=True)
class Level:
    """The things in a container, by key, and how to make a container like it of others.

    ``kind`` is "mapping", "sequence", "fields", "ordered fields" as in a NamedTuple, or "variable",
    which stands for the one thing in it, as in Flax. ``fixed`` says that this is no parameter, but
    a running mean or a counter.
    """

    kind: str
    items: Mapping[Any, Any]
    rebuilt: Callable[[Sequence[Any]], Any]
    fixed: bool = False


def level(thing: Any) -> Level | None:
    """Return what is in a container; None for what is none."""
    if thing is None or isinstance(thing, np.ndarray | str | bytes | type) or is_number(thing):
        return None
    if isinstance(thing, tuple) and hasattr(thing, "_fields"):
        named: Any = thing
        return Level("ordered fields", dict(zip(named._fields, named, strict=True)), named._make)
    if isinstance(thing, list | tuple):
        return Level("sequence", dict(enumerate(thing)), _sequence(thing))
    if type(thing) is dict:
        return Level("mapping", thing, lambda new: dict(zip(thing, new, strict=True)))
    if is_array(thing):
        return None
    return _pytree(thing) or _mapping(thing) or _fields(thing)


def numbers_alone(thing: Any) -> bool:
    """Tell whether this is a list of plain numbers, or of such lists: an array, written out."""
    if not isinstance(thing, list | tuple) or hasattr(thing, "_fields"):
        return False
    return bool(thing) and all(is_number(one) or numbers_alone(one) for one in thing)


def _sequence(thing: Any) -> Callable[[Sequence[Any]], Any]:
    if type(thing) in (list, tuple):
        return type(thing)

    def rebuilt(new: Sequence[Any]) -> Any:
        if isinstance(thing, tuple):
            return tuple.__new__(type(thing), new)
        own = copy.copy(thing)
        own[:] = new
        return own

    return rebuilt


def _mapping(thing: Any) -> Level | None:
    if not isinstance(thing, Mapping):
        return None
    keys = list(thing)

    def rebuilt(new: Sequence[Any]) -> Any:
        pairs = dict(zip(keys, new, strict=True))
        if not hasattr(thing, "__setitem__"):
            return pairs
        own = copy.copy(thing)
        for key, value in pairs.items():
            own[key] = value
        return own

    return Level("mapping", {key: thing[key] for key in keys}, rebuilt)


def _fields(thing: Any) -> Level | None:
    """Return the fields of a dataclass, of a class of attrs, or of a plain namespace."""
    kind = type(thing)
    if dataclasses.is_dataclass(kind):
        names = [f.name for f in dataclasses.fields(thing) if hasattr(thing, f.name)]
    elif hasattr(kind, "__attrs_attrs__"):
        names = [a.name for a in kind.__attrs_attrs__ if hasattr(thing, a.name)]
    elif isinstance(thing, SimpleNamespace):
        names = list(vars(thing))
    else:
        return None

    def rebuilt(new: Sequence[Any]) -> Any:
        own = copy.copy(thing)
        for name, value in zip(names, new, strict=True):
            object.__setattr__(own, name, value)  # frozen ones too
        return own

    return Level("fields", {name: getattr(thing, name) for name in names}, rebuilt)


def _pytree(thing: Any) -> Level | None:
    """Return what JAX has been told of a type: modules of Equinox and Flax, and others."""
    jax = sys.modules.get("jax")
    if jax is None or not hasattr(jax, "tree_util") or jax.tree_util.all_leaves([thing]):
        return None
    # One level alone: all that is not the thing itself counts as a leaf.
    pairs, tree = jax.tree_util.tree_flatten_with_path(thing, is_leaf=lambda x: x is not thing)
    items = {_key(path[0]): value for path, value in pairs}
    kind = "mapping" if isinstance(thing, Mapping) else "fields"
    families = [(k.__module__.partition(".")[0], k.__name__) for k in type(thing).__mro__]
    if ("flax", "Variable") in families:
        kind = "variable"
    fixed = kind == "variable" and ("flax", "Param") not in families
    return Level(kind, items, lambda new: tree.unflatten(list(new)), fixed)


def _key(step: Any) -> Any:
    for attribute in ("name", "key", "idx"):
        if hasattr(step, attribute):
            return getattr(step, attribute)
    return str(step)


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
    names = [
        n if often[n] == 1 or id(one) in first else what + one.path
        for n, one in zip(names, leaves, strict=True)
    ]
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
