"""Kinds of things: flags, texts, names, functions, objects of a class, mappings, files."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from bpttcheck.arguments.declared import Kind
from bpttcheck.arguments.wording import did_you_mean, first_line, got, listed, shown, told_of

T = TypeVar("T")


def flag(name: str, given: Any) -> bool:
    """Return True or False.

    Raises:
        TypeError: it is neither.
    """
    kind = type(given)  # NumPy's is looked at by its name: a command line does without NumPy
    if kind is not bool and (kind.__module__, kind.__name__.rstrip("_")) != ("numpy", "bool"):
        raise TypeError(f"{name}: expected True or False, got {shown(given)}")
    return bool(given)


def text(name: str, given: Any) -> str:
    """Return a text.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(given, str):
        raise TypeError(f"{name}: expected a text, got {got(given)}")
    return str(given)


def function(name: str, given: Any) -> Callable[..., Any]:
    """Return a function.

    Raises:
        TypeError: it is none.
    """
    if not callable(given):
        raise TypeError(f"{name}: expected a function, got {told_of(given)}")
    return given  # type: ignore[no-any-return]


def generator(name: str, given: Any) -> Any:
    """Return a generator of random numbers, of NumPy's.

    Raises:
        TypeError: it is none.
    """
    import numpy as np

    if not isinstance(given, np.random.Generator):
        raise TypeError(f"{name}: expected a numpy.random.Generator, got {told_of(given)}")
    return given


def file(name: str, given: Any) -> str:
    """Return the path of a file.

    Raises:
        TypeError, ValueError: it is none, or no system has it.
    """
    if not isinstance(given, str | os.PathLike):
        raise TypeError(f"{name}: expected a path, got {got(given)}")
    path = os.fspath(given)
    if not isinstance(path, str) or not path or "\0" in path or len(path) > 4096:
        raise ValueError(f"{name}: expected a path, got {shown(path)}")
    return path


def held(name: str, given: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return what a mapping holds.

    Raises:
        TypeError: it does not give it out.
    """
    if type(given) is dict:
        return given
    try:
        return {key: given[key] for key in given}
    except Exception as error:
        what = f"{told_of(given)}: {first_line(error)}"
        raise TypeError(f"{name}: expected a mapping with its values, got {what}") from None


def mapping(to: str = "arrays") -> Kind:
    """Return the kind of mappings of names to something."""

    def of_names(name: str, given: Any) -> Mapping[str, Any]:
        if not isinstance(given, Mapping):
            raise TypeError(f"{name}: expected a mapping of names to {to}, got {told_of(given)}")
        found = given if isinstance(given, dict) else held(name, given)
        for key in found:
            if not isinstance(key, str):
                raise TypeError(f"{name}: expected names as keys, got {shown(key)}")
        return found

    return of_names


def mapping_of(kind: Kind, to: str = "texts") -> Kind:
    """Return the kind of mappings of names to what is of a kind."""

    def of_kind(name: str, given: Any) -> Mapping[str, Any]:
        found: Mapping[str, Any] = mapping(to)(name, given)
        for key, value in found.items():
            kind(f"{name}[{shown(key)}]", value)
        return found

    return of_kind


texts: Kind = mapping_of(text)
"""The kind of mappings of names to texts."""


def instance(kind: type | tuple[type, ...], expected: str) -> Kind:
    """Return the kind of objects of a class, which errors call ``expected``."""

    def of_class(name: str, given: Any) -> Any:
        if not isinstance(given, kind):
            raise TypeError(f"{name}: expected {expected}, got {got(given)}")
        return given

    return of_class


def words(name: str, given: Any, known: Collection[str]) -> str:
    """Return one of some words.

    Raises:
        ValueError: another one; the nearest is in the message.
    """
    if isinstance(given, str) and given in known:
        return str(given)
    hint = did_you_mean(given, known)
    raise ValueError(f"{name}: expected one of {listed(known)}, got {shown(given)}{hint}")


def one_of(known: Collection[str]) -> Kind:
    """Return the kind of some words, one of which it has to be."""
    return lambda name, given: words(name, given, known)


def chosen(name: str, given: object, kind: type[T], by_name: Mapping[str, T]) -> T:
    """Return what was given: an object of a class, or the name of one.

    Raises:
        ValueError, TypeError: an unknown name, or something else altogether.
    """
    if isinstance(given, kind):
        return given
    if isinstance(given, str):
        return by_name[words(name, given, sorted(by_name))]
    article = "an" if kind.__name__[0] in "AEIOU" else "a"
    expected = f"{article} {kind.__name__} or one of {', '.join(sorted(by_name))}"
    raise TypeError(f"{name}: expected {expected}, got {told_of(given)}")


def names(name: str, given: Any) -> tuple[str, ...]:
    """Return names: one, or a list of them.

    Raises:
        TypeError: something else.
    """
    if isinstance(given, str):
        return (str(given),)
    if not isinstance(given, list | tuple):
        raise TypeError(f"{name}: expected a name, or a list of names, got {got(given)}")
    for one in given:
        if not isinstance(one, str):
            raise TypeError(f"{name}: expected a list of names, got {got(one)} among them")
    return tuple(given)
