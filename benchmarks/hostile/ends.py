"""How a call ends, and whether that is how it is documented to end."""

from __future__ import annotations

import inspect
import re
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import bpttcheck
from benchmarks.hostile.valid import Valid

PACKAGE = str(Path(bpttcheck.__file__).parent)
PROGRAMS = str(Path(__file__).parent)
"""Where the programs are that are asked about: what they do is their own."""

LONGEST = 600
"""Characters of a message: names of all weights of a cell, and what came."""


class TooLong(BaseException):
    """The call took longer than it may."""


class End(NamedTuple):
    """How a call ended: what was wrong with that, if anything was, and what was seen."""

    wrong: str
    seen: str


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TooLong where the block takes longer, in seconds of the processor.

    Again and again: what is raised within a callback of the interpreter's is lost.
    """

    def over(*_: Any) -> None:
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def called(valid: Valid, seconds: float) -> tuple[Any, BaseException | None, list[str]]:
    """Return what a call returned, or what it raised, and the warnings that came out."""
    found, error = None, None
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            with limited(seconds):
                found = valid.function(**valid.arguments)
        except (Exception, TooLong, SystemExit) as raised:
            error = raised
    ours = [one for one in heard if not one.filename.startswith(PROGRAMS)]
    return found, error, [str(one.message) for one in ours]


def end_of(
    valid: Valid, argument: str, within: Any, same: bool, usual: Any, seconds: float = 5.0
) -> End:
    """Call, and judge how that ends.

    Arguments:
        valid: the call, one of its arguments replaced.
        argument: which one.
        within: the key of what in it was replaced, or None.
        same: whether it means what the valid one means.
        usual: what the valid call returns.
        seconds: how long it may take.
    """
    before = seen_in(valid.arguments)
    found, error, heard = called(valid, seconds)
    if seen_in(valid.arguments) != before:
        return End("an input is changed", "")
    if heard:
        return End("a warning comes out", heard[0][:200])
    if isinstance(error, TypeError | ValueError) and argument not in valid.arguments:
        # Of a name that there is not, or by Python of the one that is missing for it.
        named = {argument, within} & set(re.findall(r"\w+", str(error)))
        return End("" if named else "an error that names no argument", str(error))
    if error is not None:
        return End(*_raised(error, valid, {argument, str(within)}))
    if text := not_finite(found):
        return End("a number that is not finite comes out", text)
    if same and (text := unlike(found, usual)):
        return End("the same numbers, and another result", text)
    return End(_shaped(found, valid.arguments), repr(type(found)))


LISTENERS = {"progress", "on_verdict", "on_report"}


def _raised(error: BaseException, valid: Valid, names: set[str]) -> tuple[str, str]:
    try:
        text = str(error)
    except Exception:
        return "an error that cannot be shown", type(error).__name__
    seen = f"{type(error).__name__}: {text}"[:300]
    if isinstance(error, TooLong):
        return "it takes too long", ""
    if any(callable(valid.arguments.get(name)) for name in names & LISTENERS):
        return "", seen  # whoever gives a function that raises is told so by it
    if not {kind.__name__ for kind in type(error).__mro__} & documented(valid.function):
        return "an error of a kind that is not documented", f"{seen} {_place(error)}"
    if isinstance(error, AssertionError) and "\n" in text:
        return "", seen  # a report
    if isinstance(error, OSError):
        return "", seen
    frame = traceback.extract_tb(error.__traceback__)[-1]
    if not frame.filename.startswith(PACKAGE):
        return "an error from inside another library", f"{seen} {_place(error)}"
    if "\n" in text:
        return "an error of several lines", seen
    if len(text) > LONGEST:
        return "an error of very many words", seen
    if isinstance(error, OverflowError | ArithmeticError | OSError | AssertionError):
        return "", seen
    first = set(re.findall(r"\w+", " ".join(text.split(": ")[:2])))
    known = {*names, *valid.arguments, *inspect.signature(valid.function).parameters}
    if not first & known and not {"path", "problem"} & names:
        return "an error that names no argument", seen
    if "expected" not in text and not any(callable(valid.arguments.get(k)) for k in names):
        return "an error that does not say what was expected", seen
    return "", seen


def _place(error: BaseException) -> str:
    ours = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(PACKAGE)]
    return f"at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""


def documented(function: Callable[..., Any]) -> set[str]:
    """Return the errors that the docstring names under *Raises*.

    Of an object that is called, its call's; of a class, its own or its bases'.
    """
    asked: Any = function
    if not inspect.isroutine(function) and not isinstance(function, type):
        asked = type(function).__call__
    texts = [asked.__doc__ or ""]
    if isinstance(asked, type):
        texts = [kind.__doc__ or "" for kind in asked.__mro__] + [asked.__init__.__doc__ or ""]
    found: set[str] = set()
    for text in texts:
        _, raises, rest = text.partition("Raises:")
        part = re.split(r"\n\s*\n", rest)[0] if raises else ""
        for line in re.findall(r"^\s+([A-Z][\w, ]*):", part, re.M):
            found |= set(line.split(", "))
    return found


def seen_in(arguments: Any) -> str:
    """Return what can be told of the arguments, to be compared after a call."""
    return "; ".join(_told(value, 0) for value in arguments.values())


def _told(value: Any, depth: int) -> str:
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            return f"{value.shape} objects"
        return f"{value.shape} {value.dtype} {hash(np.asarray(value).tobytes())}"
    if type(value) is dict and depth < 3:
        return "{" + ", ".join(f"{k!r}: {_told(v, depth + 1)}" for k, v in value.items()) + "}"
    if type(value) in (list, tuple) and depth < 3:
        return f"[{', '.join(_told(v, depth + 1) for v in value)}]"
    if is_dataclass(value) and not isinstance(value, type) and depth < 2:
        names = (f.name for f in fields(value))
        return ", ".join(_told(vars(value).get(k), depth + 1) for k in names)
    return type(value).__name__


def arrays_of(found: Any, depth: int = 0) -> dict[str, Any]:
    """Return the arrays and floats in a result, by where they are."""
    if depth > 3:
        return {}
    if isinstance(found, np.ndarray | np.number | float):
        return {"": found}
    if isinstance(found, dict):  # and no mapping of somebody's, which is passed on
        parts: Any = found.items()
    elif isinstance(found, list | tuple):
        parts = enumerate(found)
    elif is_dataclass(found) and type(found).__name__ in NUMERIC:
        parts = [(f.name, vars(found)[f.name]) for f in fields(found) if f.repr]
    else:
        return {}
    inside = ((k, arrays_of(v, depth + 1)) for k, v in parts)
    return {f"[{k}]{rest}": a for k, own in inside for rest, a in own.items()}


NUMERIC = ("Run", "Gradients", "ScalarRun", "ScalarRNNGradients", "Chunk")


def not_finite(found: Any) -> str:
    """Return which number of a result is not finite, if one is not."""
    for where, a in arrays_of(found).items():
        array = np.asarray(a)
        if array.dtype.kind in "fc" and not np.isfinite(array).all():
            return f"result{where}: {array.reshape(-1)[:3]}"
    return ""


def unlike(found: Any, usual: Any) -> str:
    """Return where a result differs by more than rounding from the usual one, if it does."""
    ours, theirs = arrays_of(found), arrays_of(usual)
    if theirs and not ours.keys() & theirs.keys():
        return f"{list(ours)[:4]} and {list(theirs)[:4]}"
    for where, a in ours.items():
        one, other = np.asarray(a), np.asarray(theirs.get(where, a))
        if one.shape != other.shape:
            return f"result{where}: {one.shape} and {other.shape}"
        if one.dtype.kind in "fc" and other.dtype.kind in "fc":
            gap = np.abs(one - other) - 1e-5 * (1 + np.abs(other))
            if (gap > 0).any():
                return f"result{where}: {one.reshape(-1)[:3]} and {other.reshape(-1)[:3]}"
    return ""


def _shaped(found: Any, arguments: Mapping[str, Any]) -> str:
    """Return that a gradient has another shape than its variable, if one has."""
    pair = isinstance(found, tuple) and len(found) == 2 and isinstance(found[1], dict)
    if not pair or not isinstance(arguments.get("params"), Mapping):
        return ""
    variables = {**arguments["params"], "x": arguments.get("x")}
    for name, gradient in found[1].items():
        given = variables.get(name)
        both = given is not None and isinstance(gradient, np.ndarray)
        if both and gradient.shape != _shape(given):
            return f"the gradient of {name} has another shape than it"
    return ""


def _shape(given: Any) -> tuple[int, ...]:
    library = type(given).__module__.partition(".")[0]
    if library == "torch" and "torch" in sys.modules:
        return tuple(given.shape)
    return np.shape(given)
