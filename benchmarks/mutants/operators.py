"""Operators of our own: for what is declared, and for what equations and steps are made of.

mutmut mutates the operators, numbers, arguments and assignments of functions. What it leaves out is
most of what this package says: an identity is a string in a call at the top of a module, a cell
is a table of gates and of factors, a layout is a tuple of letters.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

SLIPS = (
    ("sign", r"(?<=[\w\])}]) \+ (?!1\b)", " - "),
    ("sign", r"(?<=[\w\])}]) - (?!1\b)", " + "),
    ("transpose dropped", r"\.T\b", ""),
    ("slope dropped", r"\.prime\b", ""),
    ("index off by one", r"\[t\]", "[t - 1]"),
    ("index off by one", r"\[t [-+] 1\]", "[t]"),
    ("index off by one", r"\[T\]", "[T - 1]"),
    ("another function", r"\btanh\b", "sigmoid"),
    ("another function", r"\bsigmoid\b", "tanh"),
    ("one step less", r"\bsteps\(1, T", "steps(2, T"),
    ("one step less", r", T\)", ", T - 1)"),
    ("order dropped", r"<=", "<"),
)
"""Slips in the notation: what was done, what is looked for, what stands there instead."""

NOTATION = re.compile(r"[=<>@]|\[t|\[T|\bsteps\(|\bd\(|\.T\b|\bdiag\(")
SPOKEN = ("wrong", "equivalent", "title", "source", "name", "help", "otherwise", "does")
"""Arguments that hold prose, or mistakes that are meant: a mistaken mistake is still one."""

PROSE = ("Source", "Domain", "TypeVar", "Claim", "Trusted", "about", "NewType")
"""Calls whose first strings are read by people alone."""

TOGETHER = {"sigmoid": "tanh", "tanh": "sigmoid", "min": "max", "max": "min", "any": "all",
            "all": "any"}  # fmt: skip


class Text:
    """A file's text, with the places of its nodes as characters."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines = source.splitlines(keepends=True)
        self.begins = [0]
        for line in self.lines:
            self.begins.append(self.begins[-1] + len(line))

    def at(self, line: int, column: int) -> int:
        """Return the character at a line and a column of ``ast``, which counts bytes."""
        return self.begins[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def span(self, node: ast.expr | ast.keyword) -> tuple[int, int]:
        """Return where a node begins and ends."""
        end = self.at(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
        return self.at(node.lineno, node.col_offset), end

    def of(self, node: ast.expr) -> str:
        """Return what a node is written as."""
        start, end = self.span(node)
        return self.source[start:end]

    def without(self, places: list[tuple[int, int]]) -> Iterator[str]:
        """Return the file without each of some entries between commas, in turn."""
        for start, end in places:
            after = re.match(r"\s*,[^\S\n]*", self.source[end:])
            if after:
                yield self.source[:start] + self.source[end + after.end() :]
            else:  # the last one, before a bracket; the comma before it may stay
                yield self.source[:start] + self.source[end:]

    def instead(self, node: ast.expr, text: str) -> str:
        """Return the file with other text for a node."""
        start, end = self.span(node)
        return self.source[:start] + text + self.source[end:]


def changed(source: str, lines: range, *, inside: bool) -> Iterator[tuple[str, str]]:
    """Return what our operators make of the nodes that begin at the lines: what, and the new text.

    Arguments:
        source: the file's text.
        lines: where nodes have to begin.
        inside: whether within functions too; else only what modules and classes declare.
    """
    text, keys, by_line = _parsed(source)
    for node, declared in (found for line in lines for found in by_line.get(line, ())):
        if declared or inside:
            yield from _terms(node, text)
            yield from _keys(node, text, keys)
        if declared:
            yield from _declared(node, text)
        if isinstance(node, (ast.Constant, ast.JoinedStr)):
            yield from _notation(node, text)


@lru_cache(64)
def _parsed(source: str) -> tuple[Text, list[str], dict[int, list[tuple[ast.expr, bool]]]]:
    tree = ast.parse(source)
    keys = sorted({n.value for n in ast.walk(tree) if _is_key(n)})
    by_line: dict[int, list[tuple[ast.expr, bool]]] = {}
    for node, declared in _nodes(tree):
        if isinstance(node, ast.expr):
            by_line.setdefault(node.lineno, []).append((node, declared))
    return Text(source), keys, by_line


def _nodes(tree: ast.Module) -> Iterator[tuple[ast.AST, bool]]:
    """Return the nodes that do something, and whether each is outside every function."""
    stack: list[tuple[ast.AST, bool]] = [(tree, True)]
    while stack:
        node, declared = stack.pop()
        yield node, declared
        for child in _children(node):
            within = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            stack.append((child, declared and not within))


def _children(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.JoinedStr):  # its parts are looked at as one text
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    prose = isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in PROSE
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "ctx"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.keyword) and child.arg in SPOKEN:
                continue
            if prose and _is_text(child):
                continue
            if isinstance(child, ast.AST):
                yield child


def _is_text(node: object) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _is_key(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and 0 < len(node.value) <= 3
        and re.fullmatch(r"[A-Za-z]\w*-?", node.value) is not None
    )


def _terms(node: ast.expr, text: Text) -> Iterator[tuple[str, str]]:
    """Return an expression with a term or factor, a transpose or a step less."""
    match node:
        case ast.BinOp(left, ast.Mult() | ast.MatMult(), right):
            yield "factor dropped", text.instead(node, text.of(left))
            yield "factor dropped", text.instead(node, text.of(right))
        case ast.BinOp(left, ast.Add() | ast.Sub(), right) if not _is_text(left):
            yield "term dropped", text.instead(node, text.of(left))
            yield "term dropped", text.instead(node, text.of(right))
        case ast.Attribute(value, "T"):
            yield "transpose dropped", text.instead(node, text.of(value))
        case ast.Subscript(value, ast.Name(name)) if name in ("t", "i", "j", "k"):
            yield "index off by one", text.instead(node, f"{text.of(value)}[{name} - 1]")
        case ast.Subscript(value, ast.BinOp(ast.Name(name), ast.Add() | ast.Sub(), _)):
            yield "index off by one", text.instead(node, f"{text.of(value)}[{name}]")


def _keys(node: ast.expr, text: Text, keys: list[str]) -> Iterator[tuple[str, str]]:
    """Return another letter for a gate, a state or a weight, or another function."""
    if _is_key(node) and len(keys) > 1:
        assert isinstance(node, ast.Constant)
        other = keys[(keys.index(node.value) + 1) % len(keys)]
        yield "another key", text.instead(node, repr(other).replace("'", '"'))
    if isinstance(node, ast.Name) and node.id in TOGETHER:
        yield "another function", text.instead(node, TOGETHER[node.id])


def _declared(node: ast.expr, text: Text) -> Iterator[tuple[str, str]]:
    """Return a declaration with an entry less, another number or another order."""
    match node:
        case ast.Constant(value=bool(value)):
            yield "constant", text.instead(node, str(not value))
        case ast.Constant(value=int(value) | float(value)):
            yield "number", text.instead(node, repr(value + 1))
        case ast.Constant(value=str(value)) if re.fullmatch(r"[A-Za-z]{2,6}", value):
            if value[0] != value[1]:
                yield "order", text.instead(node, f'"{value[1]}{value[0]}{value[2:]}"')
        case ast.Tuple(elts) | ast.List(elts) if len(elts) > 1 and text.of(node)[0] in "([":
            places = [text.span(e) for e in elts]
            yield from (("entry dropped", new) for new in text.without(places))
        case ast.Dict(keys, values) if len(keys) > 1:
            pairs = zip(keys, values, strict=True)
            places = [(text.span(k)[0], text.span(v)[1]) for k, v in pairs if k is not None]
            yield from (("entry dropped", new) for new in text.without(places))
        case ast.Compare(left, [op], [right]) if type(op) in _COMPARED:
            sign = _COMPARED[type(op)]
            yield "comparison", text.instead(node, f"{text.of(left)} {sign} {text.of(right)}")
        case ast.Call(_, args, keywords) if len(keywords) + len(args) > 1:
            named = [w for w in keywords if w.arg not in (None, *SPOKEN)]
            places = [(text.span(w)[0], text.span(w.value)[1]) for w in named]
            yield from (("argument dropped", new) for new in text.without(places))


_COMPARED = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "=="}


def _notation(node: ast.expr, text: Text) -> Iterator[tuple[str, str]]:
    """Return a statement with a slip, if it is one; what an f-string fills in stays as it is."""
    written = text.of(node)
    if not NOTATION.search(written) or written.startswith(('"""', "r'", 'r"')):
        return
    for what, wanted, instead in SLIPS:
        for found in re.finditer(wanted, written):
            if not isinstance(node, ast.JoinedStr) or not _filled(written, found.start()):
                new = written[: found.start()] + instead + written[found.end() :]
                yield f"{what}, in the notation", text.instead(node, new)


def _filled(written: str, at: int) -> bool:
    """Return whether a place of an f-string is within braces."""
    before = written[:at].replace("{{", "").replace("}}", "")
    return before.count("{") > before.count("}")
