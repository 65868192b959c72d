"""Where a program keeps its arrays: ``W``, ``params[0]``, ``cell.parameters['Waa']``."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np

from bpttcheck.arguments import got, mapping, shown, told_of
from bpttcheck.check.program.container import Level, level, numbers_alone
from bpttcheck.check.program.leaf import is_array, refused
from bpttcheck.check.program.libraries import is_float, numpy_of
from bpttcheck.check.program.tree import looked_into

Where: TypeAlias = str | Sequence[str] | Mapping[str, str]
Step: TypeAlias = tuple[str, Any]


def where(name: str, given: Any) -> Where:
    """Return a path, a list of paths, or a mapping of names to paths.

    Raises:
        TypeError: something else.
    """
    if isinstance(given, str):
        return given
    if isinstance(given, Mapping):
        paths: Where = mapping("paths")(name, given)
        found: Any = given.values()
    else:
        if not isinstance(given, list | tuple):
            what = "a path, paths, or a mapping of names to paths"
            raise TypeError(f"{name}: expected {what}, got {told_of(given)}")
        found = paths = tuple(given)
    for one in found:
        if not isinstance(one, str):
            raise TypeError(f"{name}: expected paths, got {got(one)}")
    return paths


class KeyPath:
    """A path from a root: attributes, list indices and dictionary keys."""

    def __init__(self, path: str, argument: str, within: str = "") -> None:
        self.path = path
        self.within = within
        """The path of the container that was named for it, if one was."""
        self._argument = argument
        self._steps = _parsed(path, argument)

    @property
    def depth(self) -> int:
        """How many steps it is from the container that was named."""
        return len(self._steps) - len(_parsed(self.within, self._argument) if self.within else ())

    def read(self, root: Any) -> Any:
        """Return what is there.

        Raises:
            ValueError: nothing is.
        """
        return self._walk(root, self._steps)

    def write(self, root: Any, value: Any) -> None:
        """Put a value there."""
        holder = self._walk(root, self._steps[:-1])
        kind, key = self._steps[-1]
        if kind == "attribute" and not isinstance(holder, dict):
            setattr(holder, key, value)
        else:
            holder[key] = value

    def _walk(self, root: Any, steps: Sequence[Step]) -> Any:
        here = root
        for k, (kind, key) in enumerate(steps):
            try:
                plain = kind == "attribute" and not (here is root and isinstance(root, dict))
                here = getattr(here, key) if plain else here[key]
            except Exception:  # of somebody's class, of whatever kind
                name = root.__name__ if isinstance(root, ModuleType) else type(root).__name__
                got_to = f": {_written(steps[:k])} is {_contents(here)}" if k else ""
                raise ValueError(
                    f"{self._argument}: expected a path in {name}, got {shown(self.path)}, "
                    f"which does not lead anywhere{got_to}"
                ) from None
        return here


def _written(steps: Sequence[Step]) -> str:
    """Return steps as a path."""
    return "".join(f".{key}" if kind == "attribute" else f"[{key!r}]" for kind, key in steps)[1:]


def _contents(thing: Any) -> str:
    """Say what a container has, for who looked for something else in it."""
    kind = type(thing).__name__
    article = "an" if kind[0] in "aeiou" else "a"
    if isinstance(thing, Mapping) and thing:
        keys = [repr(key) for key in itertools.islice(thing, 6)]
        return f"{article} {kind} with {', '.join(keys)}{', …' if len(thing) > 6 else ''}"
    if isinstance(thing, Sequence | Mapping) and not isinstance(thing, str):
        return f"{article} {kind} of {len(thing)}"
    return f"{article} {kind}"


def _parsed(path: str, argument: str) -> list[Step]:
    steps: list[Step] = []
    try:
        node = ast.parse(f"root.{path}", mode="eval").body
        while not isinstance(node, ast.Name):
            if isinstance(node, ast.Attribute):
                steps.append(("attribute", node.attr))
            elif isinstance(node, ast.Subscript):
                steps.append(("item", ast.literal_eval(node.slice)))
            else:
                raise ValueError
            node = node.value
    except (SyntaxError, ValueError):
        raise ValueError(
            f'{argument}: expected a path such as "W", "params[0]" or "cell.grads[\'W\']", '
            f"got {shown(path)}"
        ) from None
    return steps[::-1]


def found(root: Any, where: Where, argument: str) -> dict[str, KeyPath]:
    """Return the places of parameters by name.

    Arguments:
        root: an object, a module or a dictionary.
        where: the path of a dictionary, list or tuple of arrays; or paths, each its own name; or
            a mapping of names to paths.
        argument: what errors call it.

    Raises:
        TypeError, ValueError: a path that leads nowhere, or to no arrays of floats.
    """
    if isinstance(where, str):
        places = _inside(root, where, argument)
    elif isinstance(where, Mapping):
        places = {str(name): KeyPath(path, argument) for name, path in where.items()}
    elif isinstance(where, Sequence):
        places = {path: KeyPath(path, argument) for path in where}
    else:
        raise TypeError(
            f"{argument}: expected a path, paths, or a mapping of names to paths, "
            f"got {type(where).__name__}"
        )
    if not places:
        raise ValueError(f"{argument}: expected at least one array, got none")
    return places


def _inside(root: Any, path: str, argument: str) -> dict[str, KeyPath]:
    """Return a place for each array of a container; one for a path that is an array itself.

    Texts, sizes and functions beside the arrays are left where they are.
    """
    container = KeyPath(path, argument).read(root)
    here = _level(container)
    if here is None:
        return {path: KeyPath(path, argument)}
    found: dict[str, KeyPath] = {}
    for key, thing in here.items.items():
        below = f"{path}.{key}" if "fields" in here.kind else f"{path}[{key!r}]"
        for inner in _paths(thing, below):
            name = str(key) if here.kind == "mapping" and inner == below else inner
            found[name] = KeyPath(inner, argument, path)
    arrays = {n: place for n, place in found.items() if _may_be_parameter(place.read(root))}
    return arrays or found


def _may_be_parameter(thing: Any) -> bool:
    """Tell whether a thing in a container is an array, or a number with a fraction."""
    return is_array(thing) or isinstance(thing, float) or bool(refused(thing))


def _level(thing: Any) -> Level | None:
    return None if numbers_alone(thing) else level(thing)


def _paths(thing: Any, path: str) -> list[str]:
    here = _level(thing)
    if here is None:
        return [path] if thing is not None else []
    steps = {k: f".{k}" if "fields" in here.kind else f"[{k!r}]" for k in here.items}
    return [inner for k, one in here.items.items() for inner in _paths(one, path + steps[k])]


def gradient_places(
    root: Any, where: Where, parameters: Mapping[str, KeyPath]
) -> dict[str, KeyPath]:
    """Return the places of gradients, under the names of the parameters that they belong to.

    ``where`` is a pattern such as ``"d{}"``, filled with the parameter's path, or, in a key such as
    ``"grads['d{}']"``, with its name; or the path of a container with the same keys or the same
    order; or paths in that order; or a mapping of names to paths. The container itself may be made
    by the backward pass: it is looked into when gradients are read.
    """
    names = tuple(parameters)
    if isinstance(where, str):
        if "{}" in where:
            return {n: _by_pattern(where, n, parameters[n].path) for n in names}
        return {n: _in_container(where, n, i, parameters) for i, n in enumerate(names)}
    if isinstance(where, Mapping):
        if set(where) != set(names):
            raise ValueError(
                f"gradients: expected paths for {', '.join(names)}, got {', '.join(where)}"
            )
        return {n: KeyPath(where[n], "gradients") for n in names}
    if len(where) != len(names):
        raise ValueError(
            f"gradients: expected {len(names)} paths ({', '.join(names)}), got {len(where)}"
        )
    return {n: KeyPath(path, "gradients") for n, path in zip(names, where, strict=True)}


def _by_pattern(pattern: str, name: str, path: str) -> KeyPath:
    """Return the place of one parameter's gradient: in a key its name, else its path."""
    key = "[" in pattern.split("{}")[0]
    return KeyPath(pattern.format(name if key else path), "gradients")


def _in_container(
    where: str, name: str, position: int, parameters: Mapping[str, KeyPath]
) -> KeyPath:
    """Return the place of one parameter's gradient in a container that has them all.

    Where parameters are nested in one of their own, the gradients are nested likewise.
    """
    place = parameters[name]
    if any(one.within and one.depth > 1 for one in parameters.values()):
        return KeyPath(where + place.path.removeprefix(place.within), "gradients")
    return Container(where, name, position, len(parameters))


class Container(KeyPath):
    """The gradient of one name within a container that has them all."""

    def __init__(self, path: str, name: str, position: int, count: int) -> None:
        super().__init__(path, "gradients")
        self._name, self._position, self._count = name, position, count

    def read(self, root: Any) -> Any:
        """Return the gradient of that name, or of its place in the order."""
        container = super().read(root)
        if isinstance(container, Mapping):
            if self._name not in container:
                held = _contents(container)
                raise ValueError(f"gradients: {self.path} has no {self._name!r}, it is {held}")
            return container[self._name]
        if not isinstance(container, tuple | list):
            if self._count == 1:
                return container
            what = type(container).__name__
            raise TypeError(f"gradients: expected {self.path} to be a dict or list, got {what}")
        if len(container) != self._count:
            raise ValueError(
                f"gradients: expected {self._count} in {self.path}, got {len(container)}"
            )
        return container[self._position]


def arrays(root: Any, places: Mapping[str, KeyPath]) -> dict[str, Any]:
    """Return copies of what is at each place; a number stays a number.

    Raises:
        TypeError: something other than an array of floats is there.
        ValueError: a number that is not finite.
    """
    found = {}
    for name, place in places.items():
        at = f"params: {place.path}"
        with looked_into(place.read(root), at):
            found[name] = array(place.read(root), at)
        if not np.isfinite(found[name]).all():
            raise ValueError(f"{at}: expected finite numbers, got one that is not")
    return found


def array(value: Any, what: str) -> Any:
    """Return a copy of an array of floats, or a float.

    Raises:
        TypeError: it is neither.
    """
    if isinstance(value, float) and not isinstance(value, np.generic):
        return value
    fractions = is_array(value) and is_float(numpy_of(value).dtype)
    if refused(value) or not fractions:
        got = getattr(value, "dtype", None)
        kind = refused(value) or type(value).__name__
        kind = kind if got is None or refused(value) else f"dtype {got}"
        raise TypeError(f"{what}: expected an array of floats, got {kind}")
    return numpy_of(value)
