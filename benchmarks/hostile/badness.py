"""The kinds of badness: what a valid argument is replaced by, and whether it means the same."""

from __future__ import annotations

import collections
import importlib
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from benchmarks.hostile import junk


class Bad(NamedTuple):
    """A replacement: its name; what it is; whether the same numbers are in it."""

    name: str
    value: Any
    same: bool = False


def kinds(value: Any) -> Iterator[tuple[str, Callable[[], Bad]]]:
    """Yield the names of the replacements of a value, each with what makes it."""
    for name, make in junk.MAKERS.items():
        yield name, lambda name=name, make=make: Bad(name, make())
    groups: list[tuple[bool, dict[str, Callable[[Any], Any]]]] = []
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        groups = [(True, ALIKE), (False, SHAPES), (False, NUMBERS)]
    elif isinstance(value, dict) and value:
        groups = [(True, MAPPINGS), (False, ENTRIES)]
    elif isinstance(value, str) and value:
        groups = [(True, {"NumPy's own text": np.str_}), (False, SPELLINGS)]
    elif isinstance(value, float):
        groups = [(True, {"NumPy's own float": np.float64})]
    elif isinstance(value, int) and not isinstance(value, bool):
        groups = [(True, {"NumPy's own int": np.int16})]
    for same, group in groups:
        for name, change in group.items():
            if group is ALIKE and name in LIBRARIES and not _there(LIBRARIES[name]):
                continue
            yield name, lambda name=name, c=change, same=same: Bad(name, c(value), same)


def _there(library: str) -> bool:
    return library in sys.modules


def imported(*libraries: str) -> list[str]:
    """Import those that are installed; return their names."""
    found = []
    for name in libraries:
        try:
            importlib.import_module(name)
        except ImportError:
            continue
        found.append(name)
    return found


class Plain(np.ndarray[Any, Any]):
    """A subclass that changes nothing."""


class Holder:
    """Something that NumPy can read."""

    def __init__(self, array: Any) -> None:
        self.array = np.array(array)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array(self.array, dtype=dtype)


def _strided(a: Any) -> Any:
    wide = np.repeat(np.asarray(a), 2, axis=-1) if np.ndim(a) else np.asarray(a)
    return wide[..., ::2] if np.ndim(a) else wide


def _backward(a: Any) -> Any:
    return np.ascontiguousarray(np.flip(a))[tuple(slice(None, None, -1) for _ in np.shape(a))]


def _read_only(a: Any) -> Any:
    made = np.array(a)
    made.flags.writeable = False
    return made


def _unaligned(a: Any) -> Any:
    given = np.asarray(a)
    made = np.zeros(given.nbytes + 1, np.uint8)[1:].view(given.dtype).reshape(given.shape)
    made[...] = given
    return made


def _frame(a: Any) -> Any:
    pandas = sys.modules["pandas"]
    return pandas.DataFrame(a) if np.ndim(a) == 2 else pandas.Series(list(np.asarray(a)))


def _gradient(a: Any) -> Any:
    tensor = sys.modules["torch"].tensor(np.asarray(a))
    return tensor.requires_grad_() if tensor.is_floating_point() else tensor


ALIKE: dict[str, Callable[[Any], Any]] = {
    "a list": lambda a: np.asarray(a).tolist(),
    "a tuple": lambda a: tuple(np.asarray(a).tolist()),
    "Fortran's order": np.asfortranarray,
    "strides": _strided,
    "negative strides": _backward,
    "read-only": _read_only,
    "unaligned": _unaligned,
    "the other byte order": lambda a: np.asarray(a).astype(np.asarray(a).dtype.newbyteorder(">")),
    "a subclass": lambda a: np.asarray(a).view(Plain),
    "a matrix": lambda a: np.asarray(a).view(np.matrix) if np.ndim(a) == 2 else np.asarray(a),
    "masked, nothing of it": np.ma.masked_array,
    "longdouble": lambda a: np.asarray(a).astype(np.longdouble if _float(a) else np.int8),
    "objects of Python's": lambda a: np.asarray(a).astype(object),
    "an object with an array": Holder,
    "a pandas frame": _frame,
    "a tensor": lambda a: sys.modules["torch"].tensor(np.asarray(a)),
    "a tensor with gradient": _gradient,
    "a JAX array": lambda a: sys.modules["jax"].numpy.asarray(np.asarray(a)),
}
LIBRARIES = {"a pandas frame": "pandas", "a tensor": "torch", "a tensor with gradient": "torch",
             "a JAX array": "jax"}  # fmt: skip


def _float(a: Any) -> bool:
    return np.asarray(a).dtype.kind == "f"


def _with(a: Any, number: Any, at: int = 0) -> Any:
    made = np.array(a, dtype=np.float64)
    made.reshape(-1)[at] = number
    return made


SHAPES: dict[str, Callable[[Any], Any]] = {
    "one axis more": lambda a: np.asarray(a)[None],
    "one axis less": lambda a: np.asarray(a)[0],
    "a last axis more": lambda a: np.asarray(a)[..., None],
    "transposed": lambda a: np.asarray(a).T,
    "shorter": lambda a: np.asarray(a)[:-1],
    "longer": lambda a: np.concatenate([a, a]),
    "the last axis longer": lambda a: np.repeat(a, 2, axis=-1),
    "the last axis empty": lambda a: np.asarray(a)[..., :0],
    "empty": lambda a: np.asarray(a)[:0],
    "flat": lambda a: np.asarray(a).reshape(-1),
    "a single number": lambda a: np.asarray(a).reshape(-1)[0],
    "ninety axes": lambda a: junk.deep(lambda inner: [inner], 90),
    "ragged": lambda a: [*np.asarray(a).tolist(), [[[1.0]]]],
    "half a megabyte of one": lambda a: np.broadcast_to(1.0, (256, 256)),
}
NUMBERS: dict[str, Callable[[Any], Any]] = {
    "float32": lambda a: np.asarray(a).astype(np.float32),
    "float16": lambda a: np.asarray(a).astype(np.float16),
    "complex128": lambda a: np.asarray(a).astype(np.complex128),
    "complex, truly": lambda a: np.asarray(a) * (1 + 1j),
    "bool": lambda a: np.asarray(a).astype(bool),
    "int8": lambda a: np.asarray(a).astype(np.int8),
    "uint64": lambda a: np.abs(np.asarray(a)).astype(np.uint64),
    "texts": lambda a: np.asarray(a).astype(str),
    "bytes in an array": lambda a: np.asarray(a).astype("S8"),
    "None in an array": lambda a: np.full(np.shape(a), None),
    "texts as objects": lambda a: np.asarray(a).astype(str).astype(object),
    "dates": lambda a: np.zeros(np.shape(a), "datetime64[s]"),
    "records": lambda a: np.zeros(np.shape(a), "c8,f4"),
    "nan first": lambda a: _with(a, np.nan),
    "nan last": lambda a: _with(a, np.nan, -1),
    "inf within": lambda a: _with(a, np.inf, -1),
    "-inf within": lambda a: _with(a, -np.inf),
    "1e308 everywhere": lambda a: np.full(np.shape(a), 1e308),
    "-1e308 within": lambda a: _with(a, -1e308),
    "subnormal everywhere": lambda a: np.full(np.shape(a), 5e-324),
    "1e-310 within": lambda a: _with(a, 1e-310),
    "minus zero": lambda a: -np.zeros(np.shape(a)),
    "ones": lambda a: np.ones(np.shape(a)),
    "1e300 times": lambda a: np.asarray(a) * 1e300,
    "the largest int": lambda a: np.full(np.shape(a), 2**63 - 1),
    "the least int": lambda a: np.full(np.shape(a), -(2**63)),
    "the largest uint": lambda a: np.full(np.shape(a), 2**64 - 1, np.uint64),
    "masked entries": lambda a: np.ma.masked_array(a, np.ones(np.shape(a), bool)),
}
MAPPINGS: dict[str, Callable[[Any], Any]] = {
    "an ordered dict": collections.OrderedDict,
    "a read-only mapping": types.MappingProxyType,
    "a mapping of its own": collections.UserDict,
    "the other order": lambda d: dict(reversed(d.items())),
}
ENTRIES: dict[str, Callable[[Any], Any]] = {
    "one is missing": lambda d: dict(list(d.items())[1:]),
    "the last is missing": lambda d: dict(list(d.items())[:-1]),
    "one more": lambda d: {**d, "Q": 1.0},
    "one in another case": lambda d: {k.swapcase() if i == 0 else k: v
                                      for i, (k, v) in enumerate(d.items())},
    "a key that is no text": lambda d: {**d, 3: 1.0},
    "a key of lines": lambda d: {**d, "a\nb": 1.0},
    "pairs": lambda d: list(d.items()),
    "values alone": lambda d: list(d.values()),
    "None for each": lambda d: dict.fromkeys(d),
    "itself within": lambda d: dict.fromkeys(d, d),
    "texts for each": lambda d: dict.fromkeys(d, "1"),
    "numbers for each": lambda d: dict.fromkeys(d, 1.0),
    "nan for each": lambda d: dict.fromkeys(d, float("nan")),
    "objects for each": lambda d: dict.fromkeys(d, object()),
}  # fmt: skip
SPELLINGS: dict[str, Callable[[Any], Any]] = {
    "upper case": str.upper,
    "swapped case": str.swapcase,
    "a space after it": lambda s: f"{s} ",
    "one letter less": lambda s: s[:-1],
    "two letters swapped": lambda s: s[1::-1] + s[2:],
    "as bytes": str.encode,
    "in a list": lambda s: [s],
}
