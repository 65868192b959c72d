"""A step earlier or later: an index, the ends of a slice; a sequence the other way round."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpttcheck.mend.edits.change import Change, change
from bpttcheck.mend.site import Site
from bpttcheck.mend.slots import statements
from bpttcheck.mend.values import is_array

TURNED = "::-1"
"""Who never turns a sequence round has none to turn."""


def changes(site: Site) -> Iterator[Change]:
    """Return indices and ends of slices moved by one, slices the other way round, and ranges."""
    for node in site.nodes:
        yield from _turned(site, node)
        if isinstance(node, ast.Subscript):
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            for part in parts:
                if isinstance(part, ast.Slice):
                    yield from _slices(site, node, part)
                elif _may_be_a_number(part):
                    yield from _moved(site, part)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "range":
                yield from (one for part in node.args for one in _moved(site, part))
            if node.func.id == "reversed" and len(node.args) == 1:
                text = site.text(node.args[0])
                yield change(node, text, "reversed", f"{text} from the first on")
    node = site.slot.expression
    if isinstance(site.slot.statement, ast.For):
        text = f"reversed({site.text(node)})"
        yield change(node, text, "reversed", f"{site.text(node)} from the last on")


def _turned(site: Site, node: ast.expr) -> Iterator[Change]:
    """Return a sequence that is read the other way round: in the direction of the other half."""
    kind = site.kind(node)
    if not isinstance(node, ast.Name) or kind is None or TURNED not in site.slot.source.text:
        return
    if kind[0] == "list" or (is_array(kind) and len(kind[1]) > 1):
        new = f"{node.id}[{TURNED}]"
        yield change(node, new, "reversed", f"{node.id} the other way round")


def _may_be_a_number(part: ast.expr) -> bool:
    if isinstance(part, ast.JoinedStr):  # a key, of which no part has a place in the text
        return False
    return not isinstance(part, ast.Constant) or type(part.value) is int


def _moved(site: Site, part: ast.expr) -> Iterator[Change]:
    kind = site.kind(part)
    if kind is not None and kind[0] != "int":
        return
    text = site.text(part)
    for loop in _counters(site):
        for other in (loop, f"{loop} + 1", f"{loop} - 1"):
            if loop not in text:
                yield change(part, other, "index", f"{other} for {text}")
    for other, words in ((moved(part, text, -1), "earlier"), (moved(part, text, 1), "later")):
        yield change(part, other, "index", f"{other} for {text}: one step {words}")


def moved(node: ast.expr, text: str, step: int) -> str:
    """Return the text of an index moved by a step; t − 1 by one is t."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return str(node.value + step)
    if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant):
        sign = {ast.Add: 1, ast.Sub: -1}.get(type(node.op), 0)
        if sign and type(node.right.value) is int:
            total = sign * node.right.value + step
            left = ast.unparse(node.left)
            return f"{left} {'+' if total > 0 else '-'} {abs(total)}" if total else left
    return f"{text} {'+' if step > 0 else '-'} 1"


def _slices(site: Site, node: ast.Subscript, part: ast.Slice) -> Iterator[Change]:
    if part.step is not None:
        return
    lower = "" if part.lower is None else site.text(part.lower)
    upper = "" if part.upper is None else site.text(part.upper)
    ways = []
    if lower or upper:
        ways.append((lower and _end(part.lower, lower, -1), upper and _end(part.upper, upper, -1)))
        ways.append((lower and _end(part.lower, lower, 1), upper and _end(part.upper, upper, 1)))
    if bool(lower) != bool(upper) and "-" not in (lower + upper)[:1]:
        ways.append((upper, lower))  # the other part of two that were put together
    if (lower, upper) == ("1", ""):
        ways += [("", "-1"), ("", "")]
    elif (lower, upper) == ("", "-1"):
        ways += [("1", ""), ("", "")]
    elif not lower and not upper and isinstance(node.slice, ast.Slice):
        ways += [("1", ""), ("", "-1")]
        yield change(part, "::-1", "reversed", "the other way round")
    for a, b in ways:
        text = f"{a}:{b}"
        words = f"the slice {text} for {lower}:{upper}"
        yield change(part, text, "slice", words)


def _end(node: ast.expr | None, text: str, step: int) -> str:
    if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
        value = -int(node.operand.value) + step if type(node.operand.value) is int else 0
        return str(value) if value else ""
    return text if node is None else moved(node, text, step)


def _counters(site: Site) -> list[str]:
    """Return the names that the loops around the slot count in; a loop is not around its own head.

    What its counter is there, another loop has left.
    """
    return [
        part.id
        for statement in statements(site.slot.function)
        if isinstance(statement, ast.For)
        and statement is not site.slot.statement
        and any(inner is site.slot.statement for inner in ast.walk(statement))
        for part in ast.walk(statement.target)
        if isinstance(part, ast.Name) and site.atoms.get(part.id) == ("int",)
    ]
