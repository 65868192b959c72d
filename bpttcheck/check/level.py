"""One level of a structure: what a dictionary, list, NamedTuple, dataclass or module holds."""

from __future__ import annotations

import copy
import dataclasses
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from bpttcheck.check.leaf import is_array, is_number


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
