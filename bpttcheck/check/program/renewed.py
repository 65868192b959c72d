"""A function made anew with other small constants: what it would compute without its epsilons.

What the function reaches is copied as far as a constant is changed in it: nested functions, those
of the user's modules that it names, objects and their methods. Nothing of the user's is changed.
"""

from __future__ import annotations

import functools
import sys
import types
from typing import Any

from bpttcheck.check.program import inert
from bpttcheck.check.program.inert import is_a

SMALLEST, LARGEST = 1e-300, 1e-4
"""Constants between them, whatever their sign, are taken for epsilons."""

MOST = 300
"""At most so many functions and objects are made anew."""

UNCOPIED = frozenset({"__new__", "__del__"})
"""Objects of a class with one of these may own what cannot be shared."""

OURS = "bpttcheck"


class Renewed:
    """Copies of functions and objects in which epsilons are zero; ``removed`` has them.

    With ``only``, other epsilons than that stay. They are multiplied by ``factor``, and are not
    larger than ``largest``.
    """

    def __init__(
        self, only: float | None = None, factor: float = 0.0, largest: float = LARGEST
    ) -> None:
        self.only = only
        self.factor = factor
        self.largest = largest
        self.removed: dict[float, None] = {}
        self._made: dict[int, Any] = {}
        self._kept: list[Any] = []
        self._spaces: dict[int, dict[str, Any]] = {}

    def of(self, thing: Any) -> Any:
        """Return a thing without its epsilons: itself, if it is nothing that holds one."""
        if type(thing) is float:
            return self._constant(thing)
        if id(thing) in self._made or len(self._made) > MOST:
            return self._made.get(id(thing), thing)
        self._kept.append(thing)
        if is_a(thing, types.FunctionType):
            return self._function(thing) if not _of_a_library(thing.__globals__) else thing
        if is_a(thing, types.MethodType):
            bound = self.of(thing.__self__)
            own = thing.__func__
            return types.MethodType(self.of(own) if is_a(own, types.FunctionType) else own, bound)
        if type(thing) is functools.partial:
            keywords = {name: self.of(value) for name, value in thing.keywords.items()}
            return functools.partial(self.of(thing.func), *map(self.of, thing.args), **keywords)
        if type(thing) is dict:
            mapping: dict[Any, Any] = {}
            self._made[id(thing)] = mapping
            mapping.update((name, self.of(value)) for name, value in thing.items())
            return mapping
        return self._object(thing)

    def _constant(self, value: float) -> float:
        if not SMALLEST < abs(value) <= self.largest or self.only not in (None, value):
            return value
        self.removed[value] = None
        return value * self.factor

    def _code(self, code: types.CodeType) -> types.CodeType:
        def of(constant: Any) -> Any:
            if type(constant) is types.CodeType:
                return self._code(constant)
            return self._constant(constant) if type(constant) is float else constant

        consts = tuple(map(of, code.co_consts))
        return code.replace(co_consts=consts)

    def _function(self, function: types.FunctionType) -> types.FunctionType:
        ours = _top(function.__globals__) == OURS
        cells = tuple(types.CellType() for _ in function.__closure__ or ())
        made = types.FunctionType(
            function.__code__ if ours else self._code(function.__code__),
            function.__globals__ if ours else self._globals(function.__globals__),
            function.__name__,
            None,
            cells,
        )
        self._made[id(function)] = made
        made.__defaults__ = tuple(map(self.of, function.__defaults__ or ())) or None
        keywords = function.__kwdefaults__
        made.__kwdefaults__ = None if keywords is None else self.of(dict(keywords))
        made.__dict__.update((k, self.of(v)) for k, v in function.__dict__.items())
        for cell, old in zip(cells, function.__closure__ or (), strict=True):
            try:
                cell.cell_contents = self.of(old.cell_contents)
            except ValueError:  # not yet assigned
                continue
        if not ours:
            self._fill(function)
        return made

    def _globals(self, space: dict[str, Any]) -> dict[str, Any]:
        if id(space) not in self._spaces:
            self._kept.append(space)
            self._spaces[id(space)] = dict(space)
        return self._spaces[id(space)]

    def _fill(self, function: types.FunctionType) -> None:
        """Make what a function names of its module anew, in the copy of the module's names."""
        space = self._globals(function.__globals__)
        for name in function.__code__.co_names:
            value = dict.get(function.__globals__, name)
            if is_a(value, types.FunctionType, types.MethodType) or type(value) is float:
                space[name] = self.of(value)

    def _object(self, thing: Any) -> Any:
        """Return an object of the user's, or of ours, with its attributes and methods anew."""
        kind = type(thing)
        held = dict(inert.attributes(thing))
        own = [vars(k) for k in kind.__mro__ if k is not object]
        if type(kind) is not type or not held or any(UNCOPIED & space.keys() for space in own):
            return thing
        if any(type(name) is not str for name in held) or "__slots__" in vars(kind):
            return thing
        module = sys.modules.get(kind.__module__) if type(kind.__module__) is str else None
        if module is None or _of_a_library(vars(module)):
            return thing
        made: Any = object.__new__(self._class(kind))
        self._made[id(thing)] = made
        for name, value in held.items():
            object.__setattr__(made, name, self.of(value))
        return made

    def _class(self, kind: type) -> type:
        own = [k for k in kind.__mro__ if k is not object and _top(_space(k)) != OURS]
        simple = all(type(k) is type and "__init_subclass__" not in vars(k) for k in own)
        if not own or not simple:
            return kind
        methods: dict[str, Any] = {}
        for k in reversed(own):
            for name, value in vars(k).items():
                if is_a(value, types.FunctionType) and not _of_a_library(value.__globals__):
                    methods[name] = self.of(value)
        return type(kind.__name__, (kind,), methods)


def _space(kind: type) -> dict[str, Any]:
    return vars(sys.modules.get(kind.__module__, types))


def _top(space: dict[str, Any]) -> str:
    name = dict.get(space, "__name__")
    return name.partition(".")[0] if type(name) is str else ""


def _of_a_library(space: dict[str, Any]) -> bool:
    """Tell whether a module is installed, or Python's own; ours holds functions of the user's."""
    if _top(space) == OURS or _top(space) == "__main__":
        return False
    file = dict.get(space, "__file__")
    installed = type(file) is str and ("site-packages" in file or "dist-packages" in file)
    return installed or _top(space) in sys.stdlib_module_names
