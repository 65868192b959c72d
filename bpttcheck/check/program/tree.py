"""Parameters of any structure, a pytree, as one flat mapping of key paths to arrays of floats."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import numpy as np

from bpttcheck.arguments import first_line, told_of
from bpttcheck.arithmetic.base import Array
from bpttcheck.check.program.container import Node, level, named, node, numbers_alone, step
from bpttcheck.check.program.leaf import Leaf, described, is_array, is_number
from bpttcheck.check.program.libraries import is_key, numpy_of, wide

FLOAT = np.dtype(np.float64)


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


@contextmanager
def looked_into(given: Any, what: str) -> Iterator[None]:
    """Refuse, by its name, what cannot be looked into: what is too deep, or raises.

    Raises:
        TypeError, ValueError: it is so.
    """
    try:
        yield
    except RecursionError:
        expected = "a structure of arrays, got one that is nested without end"
        raise ValueError(f"{what}: expected {expected}") from None
    except (TypeError, ValueError):
        raise
    except Exception as error:  # of somebody's class
        got = f"{told_of(given)}: {first_line(error)}"
        raise TypeError(f"{what}: expected a structure of arrays, got {got}") from None


SHOWN = 8
"""At most so many names in a list of them."""


class Tree:
    """A structure of arrays that somebody gave, flattened.

    Raises:
        TypeError, ValueError: as for a leaf; no floats at all; a structure within itself.
    """

    def __init__(self, given: Any, what: str = "params", needs_floats: bool = True) -> None:
        self.what = what
        root = node(given, level(given), "", what, ())
        leaves = [root] if isinstance(root, Leaf) else list(root.leaves())
        self.root, self.all = named(root, leaves, what)
        self.leaves = {one.name: one for one in self.all if one.array is not None}
        self._plain = {
            n for n, one in self.leaves.items() if type(one.given) is np.ndarray and not one.complex
        }
        self._only_plain = type(given) is dict and self.flat and len(self._plain) == len(self.all)
        self._of_jax = {n for n, one in self.leaves.items() if one.library == "jax"}
        if needs_floats and not self.leaves:
            raise _nothing(self.all, what)

    @property
    def flat(self) -> bool:
        """Whether it is a mapping of names to arrays already, with nothing nested in it."""
        return (
            isinstance(self.root, Node)
            and self.root.level.kind == "mapping"
            and all(getattr(one, "name", None) == key for key, one in self.root.children.items())
        )

    def answered(self) -> list[str]:
        """Return the keys of the outermost container that have floats under them."""
        if not isinstance(self.root, Node):
            return []
        return [str(k) for k, one in self.root.children.items() if has_floats(one)]

    @property
    def listed(self) -> bool:
        """Whether it is a sequence, or has fields in an order: a sequence answers it."""
        kinds = ("sequence", "ordered fields")
        return isinstance(self.root, Node) and self.root.level.kind in kinds

    def arrays(self) -> dict[str, Array]:
        """Return copies of the arrays, those of complex numbers with their two parts last."""
        return {n: one.array.copy() for n, one in self.leaves.items() if one.array is not None}

    def values(self) -> dict[str, Any]:
        """Return the values as NumPy has them: copies of arrays, complex ones too, and numbers."""
        return {name: self.leaves[name].value(array) for name, array in self.arrays().items()}

    def whole_numbers(self) -> dict[str, Array]:
        """Return copies of the whole numbers and flags that are passed on."""
        found = {}
        for one in self.all:
            known = is_array(one.given) or is_number(one.given) or numbers_alone(one.given)
            if one.array is None and known and not is_key(one.given):
                found[one.name] = numpy_of(one.given)
        return {name: array for name, array in found.items() if array.dtype.kind in "iub"}

    def passed_on(self) -> list[str]:
        """Return what is no array of floats, by name and kind."""
        others = [one for one in self.all if one.array is None and one.given is not None]
        return [f"{one.name} ({_kind(one.given)})" for one in others]

    def note(self) -> str:
        """Return a sentence on what is passed on; empty if all are floats."""
        others = self.passed_on()
        more = f", and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
        return f"passed on, not checked: {', '.join(others[:SHOWN])}{more}" if others else ""

    def own(self, arrays: Mapping[str, Any]) -> dict[str, Any]:
        """Return copies of arrays as the function has them: tensors, numbers, complex arrays.

        Raises:
            TypeError: elements that those do not hold.
        """
        return {
            n: a.copy() if n in self._plain else self.leaves[n].own(self.leaves[n].value(a.copy()))
            for n, a in arrays.items()
        }

    def built(self, values: Mapping[str, Any]) -> Any:
        """Return a structure like that given, with these values in place of its floats."""
        if self._only_plain:
            return {name: values[name] for name in self.leaves}
        return _built(self.root, values)

    def context(self, arrays: Mapping[str, Any]) -> AbstractContextManager[Any]:
        """Return the context in which arrays keep their types: JAX alone narrows float64."""
        wanted = any(arrays[name].dtype.itemsize == 8 for name in self._of_jax)
        return wide(sys.modules["jax"]) if wanted else nullcontext()

    def changed(self, structure: Any, arrays: Mapping[str, Array]) -> str:
        """Return what is no longer as it was built of the arrays, in words; empty if all is."""
        if self._untouched(structure, arrays):
            return ""
        try:
            now, added = self.read(structure, "params")
        except Mismatch:
            return "params (something was taken out)"
        changed = []
        for name, one in self.leaves.items():
            if arrays[name].dtype.kind == "O" or now[name] is None or name in self._of_jax:
                continue
            if not np.array_equal(numpy_of(now[name]), one.value(arrays[name])):
                changed.append(f"params{one.path}")
        return ", ".join(changed) or ("params (a name was added)" if added else "")

    def _untouched(self, structure: Any, arrays: Mapping[str, Array]) -> bool:
        """Tell at once of plain arrays, which are finite, that they are as built, to the byte."""
        if not self._only_plain or structure.keys() != arrays.keys():
            return False
        return all(
            type(now := structure[name]) is np.ndarray
            and (now.dtype, now.shape) == (before.dtype, before.shape)
            and now.tobytes() == before.tobytes()
            for name, before in arrays.items()
        )

    def read(self, returned: Any, what: str = "gradients") -> tuple[dict[str, Any], list[str]]:
        """Return the gradient of each array by name, as it came, and what came besides.

        Gradients may have the structure of the parameters, or be a flat mapping of their names.

        Raises:
            Mismatch: neither; the message names the place.
        """
        by_name = isinstance(returned, Mapping) and self.leaves.keys() <= returned.keys()
        if by_name and not self.flat and not self._has_keys(returned):
            extra = [str(key) for key in returned if key not in self.leaves]
            return {name: returned[name] for name in self.leaves}, extra
        found: dict[str, Any] = {}
        extra = []
        read(self.root, returned, what, found, extra)
        return found, extra

    def plain(self, returned: Any) -> dict[str, Array] | None:
        """Return copies of finite float64 arrays by the names of plain ones; None of all else."""
        if type(returned) is not dict or returned.keys() != self._plain or not self._only_plain:
            return None
        found = {}
        for name, one in self.leaves.items():
            array = returned[name]
            if type(array) is not np.ndarray or array.dtype is not FLOAT:
                return None
            if one.array is None or array.shape != one.array.shape:
                return None
            if not math.isfinite(np.add.reduce(array, axis=None)):  # or its sum is too large
                return None
            found[name] = array.copy()
        return found

    def _has_keys(self, returned: Mapping[Any, Any]) -> bool:
        """Tell whether a mapping has the keys of the parameters, rather than their names."""
        children = self.root.children if isinstance(self.root, Node) else {}
        return bool(children) and children.keys() <= returned.keys()


def _built(here: Node | Leaf, values: Mapping[str, Any]) -> Any:
    if isinstance(here, Node):
        return here.level.rebuilt([_built(child, values) for child in here.children.values()])
    return here.kept() if here.array is None else values[here.name]


def _nothing(all_of_it: Sequence[Leaf], what: str) -> Exception:
    """Return the error that there is no array of floats."""
    if not all_of_it:
        return ValueError(f"{what}: expected at least one array, got none")
    one = all_of_it[0]
    if one.path:
        return TypeError(
            f"{what}{one.path}: expected an array of floats, got {described(one.given)}"
        )
    kind = type(one.given).__name__
    return TypeError(f"{what}: expected arrays of floats, in any structure, got {kind}")


def _kind(thing: Any) -> str:
    dtype = getattr(thing, "dtype", None)
    return type(thing).__name__ if dtype is None else str(dtype)
