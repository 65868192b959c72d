"""Objects that nobody would pass on purpose, and everybody does once."""

from __future__ import annotations

import collections
import datetime
import decimal
import fractions
import types
from collections.abc import Callable
from typing import Any

import numpy as np


class NoText:
    """Cannot be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


class Lines:
    """Is shown in several lines."""

    def __repr__(self) -> str:
        return "one\ntwo\nthree"


class NoTruth:
    """Is neither true nor false."""

    def __bool__(self) -> bool:
        raise RuntimeError("no truth")

    def __len__(self) -> int:
        raise RuntimeError("no length")


class NoEquality:
    """Cannot be compared, nor hashed."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no equality")


class NoArray:
    """Says that it is an array, and is none."""

    dtype = "float64"
    shape = (2, 2)

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("no array")


class NoAttributes:
    """Has an answer to nothing."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"no {name}")


class NoNumber:
    """Says that it is a number, and is none."""

    def __index__(self) -> int:
        raise RuntimeError("no index")

    def __float__(self) -> float:
        raise RuntimeError("no float")


class Anything:
    """Has every attribute, as a mock has."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()


class Keys(collections.UserDict[str, Any]):
    """A mapping whose values cannot be had."""

    def __getitem__(self, key: str) -> Any:
        raise RuntimeError("no value")


def itself() -> list[Any]:
    """Return a list within itself."""
    made: list[Any] = []
    made.append(made)
    return made


def deep(kind: Callable[[Any], Any], depth: int = 3000) -> Any:
    """Return a container within containers."""
    made: Any = 1.0
    for _ in range(depth):
        made = kind(made)
    return made


def raises(*_: Any, **__: Any) -> Any:
    """Raise."""
    raise RuntimeError("raised on purpose")


def nothing(*_: Any, **__: Any) -> Any:
    """Return nothing."""


MAKERS: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "True": lambda: True,
    "False": lambda: False,
    "NotImplemented": lambda: NotImplemented,
    "…": lambda: ...,
    "object()": object,
    "a class": lambda: int,
    "a class of arrays": lambda: np.ndarray,
    "a module": lambda: types,
    "an exception": lambda: ValueError("no"),
    "a function that raises": lambda: raises,
    "a function that returns nothing": lambda: nothing,
    "a function without arguments": lambda: lambda: 0.0,
    "a generator": lambda: (i for i in range(3)),
    "an iterator": lambda: iter([1.0, 2.0]),
    "a range": lambda: range(3),
    "a slice": lambda: slice(3),
    "a set": lambda: {1.0, 2.0},
    "bytes": lambda: b"tanh",
    "a date": lambda: datetime.date(2026, 1, 1),
    "a Decimal": lambda: decimal.Decimal("0.5"),
    "a signalling Decimal": lambda: decimal.Decimal("sNaN"),
    "a Fraction": lambda: fractions.Fraction(1, 2),
    "a complex number": lambda: 1j,
    "a complex nan": lambda: complex(0.0, float("nan")),
    "[]": list,
    "{}": dict,
    "()": tuple,
    "[None]": lambda: [None],
    "a ragged list": lambda: [1.0, [2.0, 3.0]],
    "a list of texts": lambda: ["W", "b"],
    "a mapping of a number": lambda: {3: 1.0},
    "a mapping of nothing": lambda: {None: None},
    "a mapping of lines": lambda: {"a\nb": 1.0},
    "a list within itself": itself,
    "a deep list": lambda: deep(lambda inner: [inner]),
    "a deep mapping": lambda: deep(lambda inner: {"W": inner}),
    "a mapping without values": lambda: Keys({"W": 1.0, "w": 1.0, "v": 1.0}),
    "no repr": NoText,
    "a repr of lines": Lines,
    "no truth": NoTruth,
    "no equality": NoEquality,
    "no array": NoArray,
    "no attributes": NoAttributes,
    "no number": NoNumber,
    "a mock": Anything,
    "''": str,
    "a text": lambda: "junk",
    "a text of lines": lambda: "a\nb",
    "a text with zero bytes": lambda: "W\x00",
    "a surrogate": lambda: "\udce4",
    "a long text": lambda: "x" * 100_000,
    "a text of a number": lambda: "1",
    "0": lambda: 0,
    "-1": lambda: -1,
    "1": lambda: 1,
    "2": lambda: 2,
    "1.5": lambda: 1.5,
    "-0.0": lambda: -0.0,
    "nan": lambda: float("nan"),
    "inf": lambda: float("inf"),
    "-inf": lambda: -float("inf"),
    "1e308": lambda: 1e308,
    "-1e308": lambda: -1e308,
    "5e-324": lambda: 5e-324,
    "1e-310": lambda: 1e-310,
    "10**30": lambda: 10**30,
    "10**400": lambda: 10**400,
    "-10**400": lambda: -(10**400),
    "10**9000": lambda: 10**9000,
    "NumPy's int64": lambda: np.int64(1),
    "NumPy's uint64": lambda: np.uint64(2**64 - 1),
    "NumPy's float32": lambda: np.float32(0.5),
    "NumPy's float16": lambda: np.float16(0.5),
    "NumPy's longdouble": lambda: np.longdouble(0.5),
    "NumPy's nan": lambda: np.float64("nan"),
    "NumPy's bool": lambda: np.bool_(True),
    "NumPy's text": lambda: np.str_("tanh"),
    "NumPy's date": lambda: np.datetime64("2026-01-01"),
    "NumPy's no date": lambda: np.datetime64("NaT"),
    "masked": lambda: np.ma.masked,
    "a number in an array": lambda: np.array(1.0),
    "a number in an axis": lambda: np.array([1.0]),
    "a number in a list": lambda: [1],
}
"""By name: each makes one anew, since some can be used up."""
