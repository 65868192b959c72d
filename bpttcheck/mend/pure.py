"""Calls that do nothing but return a value: what an edit may evaluate once more, or elsewhere."""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Callable, Mapping
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

import numpy as np

from bpttcheck.mend.source import Function, Key

BUILTINS = frozenset(
    map(
        id,
        (
            abs,
            bool,
            dict,
            divmod,
            enumerate,
            float,
            int,
            isinstance,
            len,
            list,
            max,
            min,
            pow,
            range,
            reversed,
            round,
            set,
            slice,
            sorted,
            str,
            sum,
            tuple,
            type,
            zip,
            complex,
        ),
    )
)

METHODS = frozenset(
    (
        "all",
        "any",
        "argmax",
        "argmin",
        "astype",
        "clip",
        "conj",
        "copy",
        "cumsum",
        "diagonal",
        "dot",
        "flatten",
        "max",
        "mean",
        "min",
        "nonzero",
        "prod",
        "ravel",
        "repeat",
        "reshape",
        "squeeze",
        "std",
        "sum",
        "swapaxes",
        "take",
        "tolist",
        "transpose",
        "var",
        "item",
        "get",
        "items",
        "keys",
        "values",
        "index",
        "count",
        "t",
        "mm",
        "matmul",
        "bmm",
        "mul",
        "div",
        "add",
        "sub",
        "pow",
        "exp",
        "log",
        "tanh",
        "sigmoid",
        "sqrt",
        "square",
        "unsqueeze",
        "expand",
        "expand_as",
        "view",
        "permute",
        "size",
        "dim",
        "abs",
        "neg",
        "detach",
        "clone",
        "contiguous",
        "outer",
        "unbind",
        "type_as",
        "float",
        "double",
        "masked_fill",
        "where",
        "gather",
        "relu",
        "cos",
        "sin",
    )
)
"""Of arrays, tensors, lists and mappings: those that change nothing."""

CHANGES = frozenset(
    (
        "copyto",
        "put",
        "place",
        "putmask",
        "put_along_axis",
        "fill_diagonal",
        "save",
        "savez",
        "savez_compressed",
        "savetxt",
        "load",
        "loadtxt",
        "fromfile",
        "seed",
        "shuffle",
        "at",
        "resize",
        "setflags",
        "manual_seed",
        "set_rng_state",
        "seterr",
        "set_printoptions",
    )
)
"""Functions of NumPy and its like that change something."""

SUSPENDED = inspect.CO_COROUTINE | inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR
"""A call of these returns what has yet to run, and complains if it never does."""

PACKAGES = frozenset({"numpy", "scipy", "torch", "jax", "jaxlib", "math"})


class Purity:
    """Tells of functions whether a call does nothing but return; remembers what it has looked up.

    ``functions`` are those of somebody's own files, by file and key.
    """

    def __init__(self, functions: Mapping[str, Mapping[Key, Function]]) -> None:
        self._functions = functions
        self._known: dict[Any, bool] = {}

    def is_pure(self, called: Any) -> bool:
        """Tell whether a call of this function does nothing but return a value."""
        if id(called) in BUILTINS:
            return True
        if isinstance(called, FunctionType):
            code = called.__code__
            key = (code.co_filename, code.co_qualname, code.co_firstlineno)
            if key not in self._known:
                self._known[key] = False  # one that calls itself is none that is known
                self._known[key] = self._of_function(called)
            return self._known[key]
        name = getattr(called, "__name__", "")
        if isinstance(called, np.ufunc):
            return True
        if name in CHANGES or name.endswith("_") or "random" in (_package(called, True) or ""):
            return False
        owner = getattr(called, "__self__", None)
        if owner is not None and not isinstance(owner, ModuleType):
            plain = isinstance(called, BuiltinFunctionType) or _package(type(owner)) in PACKAGES
            return plain and name in METHODS
        return _package(called) in PACKAGES

    def _of_function(self, function: FunctionType) -> bool:
        code = function.__code__
        if _package(function) in PACKAGES:
            return function.__name__ not in CHANGES and "random" not in function.__module__
        of_file = self._functions.get(code.co_filename, {})
        node = of_file.get((code.co_qualname, code.co_firstlineno))
        if node is None:
            return False
        if code.co_flags & SUSPENDED:
            return False
        if isinstance(node, ast.Lambda):
            return self.of(node.body, _names(function))
        return all(self._of_statement(one, function) for one in node.body)

    def _of_statement(self, statement: ast.stmt, function: FunctionType) -> bool:
        match statement:
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                return True
            case ast.Return(value=None):
                return True
            case ast.Assign(targets=targets, value=value):
                plain = all(isinstance(target, ast.Name | ast.Tuple) for target in targets)
                return plain and self.of(value, _names(function))
            case ast.Return(value=value) if value is not None:
                return self.of(value, _names(function))
            case ast.If(test=test, body=body, orelse=orelse):
                inner = (self._of_statement(one, function) for one in (*body, *orelse))
                return self.of(test, _names(function)) and all(inner)
        return False

    def of(self, expression: ast.AST, look_up: Callable[[str], Any]) -> bool:
        """Tell whether an expression calls pure functions alone; ``look_up`` finds them."""
        for node in ast.walk(expression):
            if isinstance(node, ast.NamedExpr | ast.Yield | ast.YieldFrom | ast.Await | ast.Lambda):
                return False
            if not isinstance(node, ast.Call):
                continue
            if any(keyword.arg == "out" for keyword in node.keywords):
                return False
            if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
                root = _root(node.func)
                if root is None:
                    continue  # a method of a value that is made here
            if not isinstance(node.func, ast.Name) and not self.of(node.func, look_up):
                return False  # what is called is made by a call, which looking up would make
            try:
                called = look_up(ast.unparse(node.func))
            except Exception:
                if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
                    continue
                return False
            if not self.is_pure(called):
                return False
        return True


def _root(node: ast.expr) -> str | None:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _names(function: FunctionType) -> Callable[[str], Any]:
    """Return what finds a function by its text among the globals of another."""

    def look_up(text: str) -> Any:
        builtins = vars(__import__("builtins"))
        return eval(text, {"math": math, "__builtins__": builtins} | function.__globals__)

    return look_up


def _package(thing: Any, whole: bool = False) -> str:
    module = getattr(thing, "__module__", None)
    if not isinstance(module, str):
        owner = getattr(thing, "__self__", None)
        module = owner.__name__ if isinstance(owner, ModuleType) else ""
    return module if whole else module.partition(".")[0]
