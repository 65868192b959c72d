"""Objects looked at without running any code of theirs: no attribute, no iterator, no repr of it.

What is in reach of a function may answer every attribute, raise at each, or compute for minutes.
So types are asked, not objects, and memory is read through the descriptors of the interpreter.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array

_mro = type.__dict__["__mro__"].__get__
_namespace = type.__dict__["__dict__"].__get__

NUMBERS = (int, float, np.integer, np.floating)


def is_a(thing: Any, *kinds: type) -> bool:
    """Tell whether the type of a thing is one of some, whatever it says of its class."""
    return any(own is kind for own in _mro(type(thing)) for kind in kinds)


def named(name: Any) -> str:
    """Return the name of an attribute or key; what is no name is told by its type."""
    if type(name) is str:
        return name
    if type(name) in (int, float, bool, type(None)):
        return repr(name)
    return f"a {type.__dict__['__name__'].__get__(type(name))}"


def attributes(thing: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the names and values that an object holds: in its dictionary, and in its slots."""
    for kind in _mro(type(thing)):
        for name, member in list(_namespace(kind).items()):
            if name == "__dict__" and type(member) is types.GetSetDescriptorType:
                found = _read(member, thing)
                if type(found) is dict:
                    yield from list(found.items())
            elif type(member) is types.MemberDescriptorType:
                value = _read(member, thing)
                if value is not None:
                    yield name, value


def _read(descriptor: Any, thing: Any) -> Any:
    try:
        return descriptor.__get__(thing)
    except (AttributeError, TypeError):  # a slot that is not filled
        return None


def called(thing: Any) -> types.FunctionType | None:
    """Return the function that calling an object runs, where it is written in Python."""
    for kind in _mro(type(thing)):
        call = _namespace(kind).get("__call__")
        if call is not None:
            return call if type(call) is types.FunctionType else None
    return None


def items(thing: Any) -> list[tuple[Any, Any]]:
    """Return the keys and values of a dictionary, the elements of a list or tuple; else nothing."""
    if is_a(thing, dict):
        return list(dict.items(thing))
    return list(enumerate(elements(thing)))


def elements(thing: Any) -> list[Any]:
    """Return the elements of a list or tuple, as it holds them."""
    for kind in (list, tuple):
        if is_a(thing, kind):
            return list(kind.__iter__(thing))
    return []


def array(thing: Any) -> Array | None:
    """Return what an array, a tensor or a number holds, not copied; None of anything else."""
    if is_a(thing, np.ndarray):
        return np.ndarray.view(thing, np.ndarray)
    if is_a(thing, *NUMBERS):
        return None if type(thing) is bool else _of_number(thing)
    try:
        if _is_one_of(thing, "torch", "Tensor", "nn.Parameter"):
            return np.asarray(thing.detach().cpu().numpy())
        if _is_one_of(thing, "jaxlib._jax", "ArrayImpl"):
            return np.asarray(thing)
    except (RuntimeError, TypeError):  # of no numbers that NumPy has, or deleted
        pass
    return None


def _is_one_of(thing: Any, module: str, *paths: str) -> bool:
    """Tell whether a thing has one of a module's types exactly, if the module is imported."""
    for path in paths:
        found: Any = sys.modules.get(module)
        for name in path.split("."):
            found = None if found is None else vars(found).get(name)
        if found is type(thing):
            return True
    return False


def _of_number(thing: Any) -> Array | None:
    if is_a(thing, np.generic):
        return np.array(np.generic.__dict__["item"](thing))
    base = int if is_a(thing, int) else float
    return np.array(base.__pos__(thing))


def table(thing: Any, largest: int, depth: int = 4) -> Array | None:
    """Return a list or tuple of numbers, arrays, or lists of them, as one array if it makes one."""
    if not is_a(thing, list, tuple):
        return None
    left = [largest]

    def plain(one: Any, depth: int) -> Any:
        left[0] -= 1
        if left[0] < 0 or depth == 0:
            raise ValueError
        if is_a(one, list, tuple):
            return [plain(each, depth - 1) for each in elements(one)]
        if type(one) in (int, float):
            return one
        found = array(one)
        if found is None:
            raise ValueError
        left[0] -= found.size
        return found

    try:
        rows = plain(thing, depth)
        return np.array(rows) if rows else None
    except (ValueError, TypeError, OverflowError):
        return None
