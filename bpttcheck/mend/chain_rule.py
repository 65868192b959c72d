"""The chain rule in text: what a statement's gradient hands back to one of the values it reads.

Of h = o·tanh(c), with dh for the gradient of h, c is handed back dh·o·(1 − tanh(c)²).
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from bpttcheck.mend.site import PLAIN

SLOPES = {
    "tanh": "(1 - {v} ** 2)",
    "exp": "{v}",
    "sqrt": "0.5 / {v}",
    "sin": "{f}cos({a})",
    "cos": "-{f}sin({a})",
    "log": "1 / {a}",
    "square": "2 * {a}",
}
"""Of functions by their names: v is what they return, a what they are given, f their module."""

SUMS = ("sum",)

SIGMOIDS = ("sig", "logistic", "expit")
"""Somebody's own function with one of these in its name is taken for σ: the check tells."""


@dataclass(frozen=True)
class Message:
    """A gradient on its way back: a text, and a number that it is times.

    ``factors`` are those of a matrix product that it is.
    """

    text: str
    number: float = 1.0
    factors: tuple[str, str] | None = None

    def times(self, text: str) -> Message:
        """Return it times a text."""
        return Message(f"{self.text} * {text}" if self.text else text, self.number)

    def transposed(self) -> Message:
        """Return it transposed: of A B it is Bᵀ Aᵀ."""
        if self.factors is None:
            return Message(_transposed(_grouped(self.text)), self.number)
        left, right = (_transposed(one) for one in reversed(self.factors))
        return Message(f"{left} @ {right}", self.number, (left, right))

    def __str__(self) -> str:
        if abs(self.number) == 1.0 and self.text:
            return self.text if self.number > 0 else f"-{self.text}"
        number = f"{self.number:g}"
        return f"{number} * {self.text}" if self.text else number


def handed_back(
    whole: ast.expr, part: ast.expr, gradient: str, text: Callable[[ast.expr], str]
) -> str | None:
    """Return what a value within an expression is handed back; None where no rule is known.

    Arguments:
        whole: the expression.
        part: the value, a node of it.
        gradient: the text of the expression's gradient, empty for 1.
        text: returns a node's text.
    """
    message = Message(gradient)
    for here, below in _way(whole, part):
        new = _through(here, below, message, text)
        if new is None:
            return None
        message = new
    return str(message)


def _way(whole: ast.expr, part: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """Return the nodes from the whole down to a part, each with the next."""
    if whole is part:
        return []
    for child in ast.iter_child_nodes(whole):
        if isinstance(child, ast.expr) and any(node is part for node in ast.walk(child)):
            return [(whole, child), *_way(child, part)]
    return []


def _through(
    here: ast.expr, below: ast.expr, message: Message, text: Callable[[ast.expr], str]
) -> Message | None:
    def whole(node: ast.expr) -> str:
        return text(node) if isinstance(node, PLAIN) else f"({text(node)})"

    match here:
        case ast.UnaryOp(op=ast.USub()):
            return Message(message.text, -message.number)
        case ast.BinOp(left=left, op=op, right=right):
            beside = right if below is left else left
            alike = _is_product(here) and _is_product(beside)  # a * (b * c) is a * b * c
            other = text(beside) if alike else whole(beside)
            return _operator(op, below is left, message, other, whole(below), right)
        case ast.Call(func=func, args=[argument], keywords=keywords) if argument is below:
            return _function(text(func), bool(keywords), message, text(here), whole(argument))
        case ast.Attribute(attr="T"):
            return message.transposed()
        case ast.Call(func=ast.Attribute(attr=name) as func, args=[]) if func is below:
            return message if name in SUMS and not here.keywords else None
        case ast.Attribute(attr=name) if name in SUMS:
            return message
    return None


def _is_product(node: ast.expr) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)


def _operator(
    op: ast.operator, left: bool, message: Message, other: str, own: str, right: ast.expr
) -> Message | None:
    number = message.number
    match op:
        case ast.Add():
            return message
        case ast.Sub():
            return Message(message.text, number if left else -number)
        case ast.Mult():
            return _times(message, other)
        case ast.Div() if left:
            return Message(f"{message.text or '1'} / {other}", number)
        case ast.Div():
            return Message(f"{message.text or '1'} * {other} / {own} ** 2", -number)
        case ast.Pow() if left and isinstance(right, ast.Constant):
            power = right.value
            if not isinstance(power, int | float) or power < 2:
                return None
            base = own if power == 2 else f"{own} ** {power - 1}"
            return Message(message.text, number * power).times(base)
        case ast.MatMult() if message.text:
            own = _grouped(message.text)
            factors = (own, _transposed(other)) if left else (_transposed(other), own)
            return Message(" @ ".join(factors), number, factors)
    return None


def _times(message: Message, other: str) -> Message:
    try:
        return Message(message.text, message.number * float(other))
    except ValueError:
        return message.times(other)


def _function(name: str, keywords: bool, message: Message, made: str, given: str) -> Message | None:
    module, _, last = name.rpartition(".")
    if keywords:
        return None
    if last in SUMS:
        return message
    if last in SLOPES:
        prefix = f"{module}." if module else ""
        return message.times(SLOPES[last].format(v=made, a=given, f=prefix))
    if any(part in last.lower() for part in SIGMOIDS):
        return message.times(f"{made} * (1 - {made})")
    return None


def _transposed(text: str) -> str:
    """Return the transpose of a name, a part of an array or what is in parentheses."""
    return text.removesuffix(".T") if text.endswith(".T") else f"{text}.T"


def _grouped(text: str) -> str:
    return text if text.isidentifier() else f"({text})"
