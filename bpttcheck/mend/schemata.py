"""Code compiled once, in which any slot can be made to evaluate another expression.

Each slot E becomes "what is on for this slot, or else E". An edit is then a small expression that
is evaluated with the names of the frame, and nothing is compiled anew but that.
"""

from __future__ import annotations

import ast
import copy
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

from bpttcheck.mend.exchange import Codes
from bpttcheck.mend.slots import Slot
from bpttcheck.mend.source import SourceFile, compiled

PLACEHOLDER = "bpttcheck.mend: the switch that this constant stands for"

ASKED = "bpttcheck.mend: the statements that this constant stands for"

SCOPES = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)
"""Expressions with a scope of their own, which sees globals alone where it is evaluated apart."""


class Expression:
    """An expression of somebody's, compiled to be evaluated with the names of a frame."""

    __slots__ = ("code", "scoped", "text")

    def __init__(self, text: str, owner: str = "") -> None:
        self.text = text
        self.scoped = " for " in text or "lambda" in text
        what: Any = f"(\n{text}\n)"  # of several lines, perhaps
        if "__" in text and owner:
            what = _Mangled(owner).visit(ast.parse(what, mode="eval"))
        self.code = compile(what, "<edit>", "eval", dont_inherit=True)

    def value(self, names: Mapping[str, Any], local: Mapping[str, Any]) -> Any:
        """Return its value with the globals and locals of a frame."""
        if self.scoped:
            return eval(self.code, {**names, **local})
        return eval(self.code, names, local)  # type: ignore[arg-type]


class _Mangled(ast.NodeTransformer):
    """Writes private names as they are within a class."""

    def __init__(self, owner: str) -> None:
        self._prefix = f"_{owner.lstrip('_')}"

    def _of(self, name: str) -> str:
        private = name.startswith("__") and not name.endswith("__")
        return self._prefix + name if private else name

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self._of(node.id)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.Attribute:
        self.generic_visit(node)
        node.attr = self._of(node.attr)
        return node


Listener = Callable[[int, Any, FrameType], None]


class Switch:
    """Which slots evaluate another expression; it is a constant of the code that asks it.

    ``statements`` are those in which something is on: of the others nothing else is asked.
    """

    def __init__(self) -> None:
        self.on: Mapping[int, Expression | None] = {}
        self.statements: set[int] = set()
        self.listener: Listener | None = None

    def made(self, number: int) -> Any:
        """Return the value of the expression that is on for a slot, in the frame that asks."""
        frame, expression = sys._getframe(1), self.on[number]
        assert expression is not None
        return expression.value(frame.f_globals, frame.f_locals)

    def seen(self, number: int, value: Any) -> Any:
        """Tell the listener of the value of a slot, and return it."""
        if self.listener is not None:
            self.listener(number, value, sys._getframe(1))
        return value


@dataclass(frozen=True)
class Form:
    """Another form of a statement, by number."""

    number: int
    statement: ast.stmt
    text: str


@dataclass(frozen=True)
class Insertion:
    """A statement at the end of a loop, by number: it sets a target to what is on."""

    number: int
    loop: ast.For | ast.While
    target: str


class _Instrumented(ast.NodeTransformer):
    """Puts a question to the switch in place of every slot, and before every statement's forms."""

    def __init__(
        self,
        numbers: Mapping[int, int],
        forms: Mapping[int, list[Form]],
        ends: Mapping[int, list[Insertion]],
        listening: bool,
    ) -> None:
        self._numbers = numbers
        self._forms = forms
        self._ends = ends
        self._listening = listening

    def visit(self, node: ast.AST) -> Any:
        """Return a node with what is within it asked for, too."""
        number, forms = self._numbers.get(id(node)), self._forms.get(id(node), ())
        ends = self._ends.get(id(node), ())
        plain: Any = copy.deepcopy(node) if forms else node
        inner: Any = self.generic_visit(node)
        if number is not None:
            inner = self._asked_for(inner, number)
        inner_body = inner.body if ends else []
        inner_body += [_inserted(one, node) for one in ends]
        for form in forms:
            body = ast.parse(form.text).body
            for one in (part for statement in body for part in ast.walk(statement)):
                if hasattr(one, "lineno"):
                    ast.copy_location(one, node)
            inner = ast.If(_on(form.number), body, [inner])
            ast.copy_location(inner, node)
        if forms:
            asked = ast.Compare(ast.Constant(forms[0].number), [ast.In()], [ast.Constant(ASKED)])
            inner = ast.copy_location(ast.If(asked, [inner], [plain]), node)
        return inner

    def _asked_for(self, expression: ast.expr, number: int) -> ast.expr:
        what = ast.Constant(number)
        new: ast.expr = ast.IfExp(_on(number), ast.Call(_asked("made"), [what], []), expression)
        if self._listening:
            new = ast.Call(_asked("seen"), [what, new], [])
        return ast.copy_location(new, expression)


def _inserted(one: Insertion, loop: ast.AST) -> ast.stmt:
    """Return the statement at the end of a loop that sets its target to what is on."""
    statement = ast.parse(f"{one.target} = 0").body[0]
    assert isinstance(statement, ast.Assign)
    statement.value = ast.Call(_asked("made"), [ast.Constant(one.number)], [])
    whole = ast.If(_on(one.number), [statement], [])
    for part in ast.walk(whole):
        if hasattr(part, "lineno"):
            ast.copy_location(part, loop)
    return ast.copy_location(whole, loop)


def _on(number: int) -> ast.expr:
    return ast.Compare(ast.Constant(number), [ast.In()], [_asked("on")])


def _asked(attribute: str) -> ast.Attribute:
    return ast.Attribute(ast.Constant(PLACEHOLDER), attribute, ast.Load())


def schemata(
    source: SourceFile,
    slots: Iterable[Slot],
    switch: Switch,
    forms: Iterable[Form] = (),
    ends: Iterable[Insertion] = (),
    listening: bool = False,
) -> Codes:
    """Return the code of every function of a file, with a switch at slots and statements' forms.

    So there is at the ``ends`` of loops, where something may be missing.

    ``listening`` code tells the switch the value of each slot instead.
    """
    # Slots are nodes of the source's own tree, which has to stay: a parse gives equal ones.
    tree = ast.parse(source.text)
    twins = {id(a): id(b) for a, b in zip(ast.walk(source.tree), ast.walk(tree), strict=True)}
    numbers = {
        twins[id(slot.expression)]: slot.number
        for slot in slots
        if slot.source is source and not slot.bound
    }
    others: dict[int, list[Form]] = {}
    for form in forms:
        if id(form.statement) in twins:
            others.setdefault(twins[id(form.statement)], []).append(form)
    missing: dict[int, list[Insertion]] = {}
    for one in ends:
        if id(one.loop) in twins:
            missing.setdefault(twins[id(one.loop)], []).append(one)
    changed = ast.fix_missing_locations(
        _Instrumented(numbers, others, missing, listening).visit(tree)
    )
    return {key: _with(code, switch) for key, code in compiled(changed, source.file).items()}


def _with(code: CodeType, switch: Switch) -> CodeType:
    """Return the code with the switch as a constant, in the functions within it as well."""
    constants = tuple(_constant(one, switch) for one in code.co_consts)
    return code.replace(co_consts=constants)


def _constant(one: Any, switch: Switch) -> Any:
    if isinstance(one, CodeType):
        return _with(one, switch)
    known = {PLACEHOLDER: switch, ASKED: switch.statements}
    return known.get(one, one) if isinstance(one, str) else one
