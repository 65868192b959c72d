"""What is known of a slot that is visited: the kinds of its parts, and what else is there."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from bpttcheck.mend.eager import Twin
from bpttcheck.mend.pure import Purity
from bpttcheck.mend.schemata import SCOPES, Expression
from bpttcheck.mend.siblings import skeleton
from bpttcheck.mend.slots import Slot, statements
from bpttcheck.mend.values import Kind, array_of, is_array, kind

LOOKS = 2
"""Kinds are asked at so many visits: some names are there from the second step on."""

HELD = 40
"""A mapping of more is none of parameters."""

NUMBERS = (("int",), ("array", ()))

ATOMS = (ast.Name, ast.Attribute, ast.Subscript)
"""What stands for a value without computing one."""

PLAIN = (*ATOMS, ast.Call, ast.Constant)
"""What needs no parentheses as a factor."""

SIZES = ("shape", "size", "ndim", "dtype")

LOOSE = (ast.Call, ast.Subscript, ast.Slice, ast.Tuple, ast.List, ast.Dict, ast.keyword, ast.stmt)
"""Within these no operator takes hold of what a part of it is replaced by."""


@dataclass(eq=False)
class Site:
    """A slot, with the kinds of its parts, the other values of the function, and its functions.

    ``numbers`` are the values of those that are numbers, ``lengths`` texts of how long the others
    are, ``zeros`` arrays of nothing but zeros.
    ``keys`` are the other keys or attributes that a part could have instead, by the part; ``held``
    are the values under keys of the function's mappings, whether they are named or not.
    """

    slot: Slot
    parents: Mapping[int, ast.AST]
    nodes: list[ast.expr]
    kinds: dict[int, Kind] = field(default_factory=dict)
    atoms: dict[str, Kind] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    lengths: list[str] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    keys: dict[int, list[str]] = field(default_factory=dict)
    held: dict[str, Kind] = field(default_factory=dict)
    zeros: set[str] = field(default_factory=set)
    pure: bool = True
    skeleton: str = ""
    visits: int = 0

    def text(self, node: ast.expr) -> str:
        """Return the text of a part."""
        return self.slot.source.of(node)

    def whole(self, node: ast.expr) -> str:
        """Return the text of a part, in parentheses where an operator would take hold of it."""
        text = self.text(node)
        return text if isinstance(node, PLAIN) else f"({text})"

    def kind(self, node: ast.expr) -> Kind | None:
        """Return of which kind a part was; None where it was not seen."""
        return self.kinds.get(id(node))

    def fitted(self, node: ast.expr, text: str) -> str:
        """Return what an operator's text has to be in the place of a part: in parentheses or not.

        Those that are there already, around the part, are enough.
        """
        parent = self.parents.get(id(node))
        if parent is None or isinstance(parent, LOOSE):
            called = isinstance(parent, ast.Call) and parent.func is node
            based = isinstance(parent, ast.Subscript) and parent.value is node
            if not called and not based:
                return text
        whole = self.slot.source.text
        start, end = self.slot.source.span(node)
        before, after = whole[:start].rstrip()[-1:], whole[end:].lstrip()[:1]
        return text if before == "(" and after == ")" else f"({text})"


def parts(expression: ast.expr) -> Iterator[tuple[ast.expr, ast.AST | None]]:
    """Return the parts of an expression with what each is part of, outermost first.

    Parts of formatted strings have no place of their own in the text and are left out, and so are
    arrays that are asked for their size alone.
    """
    stack: list[tuple[ast.AST, ast.AST | None]] = [(expression, None)]
    while stack:
        node, parent = stack.pop()
        if isinstance(node, ast.JoinedStr):
            continue
        if isinstance(parent, ast.Attribute) and parent.attr in SIZES:
            continue
        if isinstance(node, ast.expr):
            yield node, parent
        stack += [(child, node) for child in reversed(list(ast.iter_child_nodes(node)))]


def scoped(expression: ast.expr) -> set[int]:
    """Return the parts of an expression that are within a scope of their own, by identity."""
    return {
        id(inner)
        for node in ast.walk(expression)
        if isinstance(node, SCOPES)
        for inner in ast.walk(node)
        if inner is not node
    }


def site_of(slot: Slot) -> Site:
    """Return a slot of which nothing is known yet."""
    found = list(parts(slot.expression))
    parents = {id(node): parent for node, parent in found if parent is not None}
    return Site(slot, parents, [node for node, _ in found], skeleton=skeleton(slot))


def pool(slot: Slot) -> list[str]:
    """Return the texts of all values that are named in the function of a slot."""
    found: dict[str, str] = {}
    roots: list[ast.AST] = [*statements(slot.function)] or [slot.expression]
    for statement in roots:
        called = {id(node.func) for node in ast.walk(statement) if isinstance(node, ast.Call)}
        inner: set[int] = set()
        for node in ast.walk(statement):
            if isinstance(node, SCOPES):
                inner |= {id(one) for one in ast.walk(node)}
            if not isinstance(node, ATOMS) or id(node) in called or id(node) in inner:
                continue
            found.setdefault(ast.unparse(node), slot.source.of(node))
    return list(found.values())


class Observer:
    """Listens to a run, and learns the kinds of all parts of the slots that are visited."""

    def __init__(self, slots: list[Slot], purity: Purity, functions: list[str]) -> None:
        self.sites = {slot.number: site_of(slot) for slot in slots}
        self.order: list[int] = []
        self._purity = purity
        self._functions = functions
        self._compiled: dict[tuple[str, str], Expression | None] = {}
        self._pools: dict[int, list[str]] = {}

    def __call__(self, number: int, value: Any, frame: FrameType) -> None:
        """Take in a visit of a slot."""
        site = self.sites[number]
        site.visits += 1
        if site.visits > LOOKS:
            return
        if site.visits == 1:
            self.order.append(number)
        twin = Twin(frame.f_globals, frame.f_locals)

        def of(text: str) -> Any:
            found = self._expression(text, site.slot.owner)
            if found is None:
                raise SyntaxError(text)
            return twin.value(found)

        site.pure = self._purity.of(site.slot.expression, of)
        site.kinds.setdefault(id(site.slot.expression), kind(value))
        hidden = scoped(site.slot.expression)
        for node in site.nodes:
            if id(node) not in hidden and id(node) not in site.kinds:
                self._learn(site, node, of)
        if id(site.slot.function) not in self._pools:
            self._pools[id(site.slot.function)] = pool(site.slot)
        for text in self._pools[id(site.slot.function)]:
            self._try(site.atoms, text, text, of)
            if site.visits == 1 and site.atoms.get(text) in NUMBERS:
                site.numbers[text] = float(of(text))
            if site.atoms.get(text, ())[:1] == ("dict",):
                self._hold(site.held, text, of)
        if site.visits == 1:
            site.lengths = _lengths(site, of)
        self._note_zeros(site, of)
        if not site.functions:
            site.functions = [f for f in self._functions if self._callable(f, of)]

    def _learn(self, site: Site, node: ast.expr, of: Any) -> None:
        text = site.text(node)
        if not isinstance(node, ast.Slice | ast.Starred) and self._purity.of(node, of):
            self._try(site.kinds, id(node), text, of)
        try:
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                holder, mine = of(site.text(node.value)), kind(of(text))
                if isinstance(holder, Mapping):
                    others = {key: one for key, one in holder.items() if type(key) is str}
                    site.keys[id(node)] = [k for k, one in others.items() if kind(one) == mine]
            elif isinstance(node, ast.Attribute):
                holder, mine = of(site.text(node.value)), kind(of(text))
                others = getattr(holder, "__dict__", {})
                if not isinstance(holder, type) and type(holder).__name__ != "module":
                    site.keys[id(node)] = [k for k, one in others.items() if kind(one) == mine]
        except Exception:
            return

    def _hold(self, held: dict[str, Kind], text: str, of: Any) -> None:
        holder = of(text)
        if len(holder) <= HELD:
            for key in holder:
                if type(key) is str and key.isidentifier():
                    self._try(held, f'{text}["{key}"]', f'{text}["{key}"]', of)

    def _note_zeros(self, site: Site, of: Any) -> None:
        """Keep the arrays that are nothing but zeros, at every visit that is looked at."""
        if site.visits > 1 and not site.zeros:
            return
        asked = site.zeros if site.visits > 1 else {**site.atoms, **site.held}
        named = (text for text in asked if not text.endswith(".T"))
        site.zeros = {text for text in named if _is_zero(text, of)}

    def _callable(self, text: str, of: Any) -> bool:
        try:
            return self._purity.is_pure(of(text))
        except Exception:
            return False

    def _try(self, kinds: dict[Any, Kind], key: Any, text: str, of: Any) -> None:
        if key not in kinds:
            try:
                kinds[key] = kind(of(text))
            except Exception:
                return

    def _expression(self, text: str, owner: str) -> Expression | None:
        key = (text, owner)
        if key not in self._compiled:
            try:
                self._compiled[key] = Expression(text, owner)
            except (SyntaxError, ValueError):
                self._compiled[key] = None
        return self._compiled[key]


def _lengths(site: Site, of: Any) -> list[str]:
    """Return how long sequences and arrays are, as texts: what no number says, each once."""
    named = [(text, its) for text, its in site.atoms.items() if text.isidentifier()]
    some = [f"len({text})" for text, its in named if its[0] in ("list", "tuple")]
    arrays = [text for text, its in named if is_array(its) and its[1]]
    some += [*(f"len({text})" for text in arrays), *(f"{text}.size" for text in arrays)]
    some.sort(key=lambda text: text not in site.slot.source.text)
    found: dict[int, str] = {}
    for text in some:
        try:
            length = of(text)
        except Exception:
            continue
        if type(length) is int and length > 1 and length not in site.numbers.values():
            found.setdefault(length, text)
    return [*found.values()]


def _is_zero(text: str, of: Any) -> bool:
    try:
        array = array_of(of(text))
    except Exception:
        return False
    return array is not None and array.dtype.kind == "f" and array.ndim > 0 and not array.any()
