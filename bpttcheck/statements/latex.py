"""LaTeX of a statement, printed from the same tree that is evaluated."""

from __future__ import annotations

import ast
from collections.abc import Container, Mapping

from bpttcheck.statements.notation import Statement

SUM, BIG, PRODUCT, POWER, ATOM = range(1, 6)
"""How tightly a text binds. A Σ or ∏ takes in the product after it, but no sum."""

FUNCTIONS = {
    "log": r"\ln",
    "tanh": r"\tanh",
    "sinh": r"\sinh",
    "cosh": r"\cosh",
    "sigmoid": r"\sigma",
    "relu": r"\operatorname{relu}",
    "diag": r"\operatorname{diag}",
    "rho": r"\rho",
}


class Printer:
    """Prints trees over a table of symbols, name to LaTeX.

    ``components`` has the letters of columns' entries; ``columns`` names those of which there is
    one a step, so that their first index is a step and their second an entry.
    """

    def __init__(
        self,
        symbols: Mapping[str, str],
        components: Mapping[str, str] | None = None,
        columns: Container[str] = (),
    ) -> None:
        self.symbols = symbols
        self.components = components or {}
        self.columns = columns

    def statement(self, statement: Statement) -> str:
        """Print the relation, and the ranges of its indices."""
        ranges = [
            rf"{q.name} = {self.print(q.first)}, \ldots, {self.print(q.last)}"
            for q in statement.quantifiers
        ]
        return self.sides(statement) + "".join(rf", \quad {r}" for r in ranges)

    def sides(self, statement: Statement) -> str:
        """Print the relation alone."""
        relation = " = " if statement.is_equation else r" \le "
        return relation.join(self.print(side, SUM) for side in statement.sides)

    def print(self, node: ast.expr, context: int = 0) -> str:
        """Print an expression, in parentheses where it binds less than its context."""
        text, binds = self._visit(node)
        return text if binds >= context else rf"\left({text}\right)"

    def _visit(self, node: ast.expr) -> tuple[str, int]:
        match node:
            case ast.Constant():
                return str(node.value), ATOM
            case ast.Name():
                return self._name(node.id), ATOM
            case ast.UnaryOp():
                return f"-{self.print(node.operand, BIG)}", SUM
            case ast.BinOp():
                return self._operation(node)
            case ast.Subscript():
                return self._subscript(node), ATOM
            case ast.Attribute(attr="T"):
                return rf"{_without('^', self.print(node.value, ATOM))}^{{\top}}", POWER
            case ast.Call():
                return self._call(node)
        raise ValueError(f"statement: cannot print {ast.unparse(node)!r}")

    def _name(self, name: str) -> str:
        if name in FUNCTIONS:
            return FUNCTIONS[name]
        return self.symbols.get(name, name)

    def _subscript(self, node: ast.Subscript) -> str:
        index, name = self._index(node.slice), ast.unparse(node.value)
        if isinstance(node.value, ast.Subscript):  # an entry of a column at a step
            step, name = self._index(node.value.slice), ast.unparse(node.value.value)
            base = _without("^", _without("_", self.components.get(name, name)))
            return rf"{base}_{{{index}}}^{{({step})}}"
        column = self.print(node.value, ATOM)
        base = column if name in self.columns else self.components.get(name) or column
        return rf"{_without('_', base)}_{{{index}}}"

    def _index(self, node: ast.expr) -> str:
        places = node.elts if isinstance(node, ast.Tuple) else [node]
        return ",".join(self.print(place).replace(" ", "") for place in places)

    def _operation(self, node: ast.BinOp) -> tuple[str, int]:
        left, right = node.left, node.right
        match node.op:
            case ast.Add():
                return f"{self.print(left, SUM)} + {self.print(right, SUM)}", SUM
            case ast.Sub():
                return f"{self.print(left, SUM)} - {self.print(right, BIG)}", SUM
            case ast.Mult() | ast.MatMult():
                return self._product(left, right)
            case ast.Div():
                return rf"\frac{{{self.print(left)}}}{{{self.print(right)}}}", ATOM
            case ast.Pow():
                return self._power(left, right), POWER
        raise ValueError(f"statement: cannot print {ast.unparse(node)!r}")

    def _product(self, left: ast.expr, right: ast.expr) -> tuple[str, int]:
        if isinstance(left, ast.UnaryOp):  # −a b is −(a b)
            text, _ = self._product(left.operand, right)
            return f"-{text}", SUM
        last, binds = self._visit(right)
        if binds < BIG:
            last, binds = rf"\left({last}\right)", ATOM
        first = self.print(left, PRODUCT)
        match left:
            case ast.BinOp(op=ast.Mult() | ast.MatMult()):
                inner, _ = self._visit(left)
                if inner.startswith("-"):  # (−a b) c is −(a b c)
                    return rf"{inner}\, {last}", SUM
        return rf"{first}\, {last}", min(binds, PRODUCT)

    def _power(self, base: ast.expr, exponent: ast.expr) -> str:
        match base:
            case ast.Call(func=ast.Name(id=name)) if name in FUNCTIONS:
                return self._applied(rf"{FUNCTIONS[name]}^{{{self.print(exponent)}}}", base)
        return rf"{_without('^', self.print(base, ATOM))}^{{{self.print(exponent)}}}"

    def _call(self, node: ast.Call) -> tuple[str, int]:
        match node.func:
            case ast.Name(id="square"):
                return rf"{_without('^', self.print(node.args[0], ATOM))}^{{2}}", POWER
            case ast.Name(id="sum" | "prod" | "compose" as name):
                return self._big(name, node)
            case ast.Name(id="d" | "direct" as name):
                over, under = node.args
                partial = r"\partial" if name == "d" else r"\partial^{+}"
                return (
                    rf"\frac{{{partial} {self.print(over)}}}{{\partial {self.print(under)}}}",
                    ATOM,
                )
            case ast.Name(id="exp"):
                return rf"e^{{{self.print(node.args[0])}}}", POWER
            case ast.Name(id="norm"):
                return rf"\left\lVert {self.print(node.args[0])} \right\rVert", ATOM
            case ast.Name(id="inner"):
                first, second = (self.print(argument) for argument in node.args)
                return rf"\left\langle {first}, {second} \right\rangle", ATOM
            case ast.Name(id="active"):
                return rf"\left[{self.print(node.args[0])} > 0\right]", ATOM
            case ast.Name(id="immediate"):
                numerator, denominator = (self.print(argument) for argument in node.args)
                return rf"\frac{{\partial^{{+}} {numerator}}}{{\partial {denominator}}}", ATOM
            case ast.Name(id="batch"):
                return rf"\sum_{{b=1}}^{{B}} {self.print(node.args[0], BIG)}", BIG
            case ast.Name(id="D"):
                raise ValueError("statement: D(f) must be applied, as in D(f)(a)")
            case ast.Call(func=ast.Name(id="D")) as derivative:
                return self._derivative(self.print(derivative.args[0]), node.args[0]), POWER
            case ast.Attribute(attr="prime") as prime:
                return self._applied(f"{self.print(prime.value)}'", node), ATOM
            case ast.Name(id=name):
                return self._applied(self._name(name), node), ATOM
        raise ValueError(f"statement: cannot print {ast.unparse(node)!r}")

    def _derivative(self, function: str, at: ast.expr) -> str:
        """Print df/da, at a place other than a itself with a bar."""
        where = self.print(at)
        if isinstance(at, ast.Name) and where.isalpha():
            return rf"\frac{{d\, {function}({where})}}{{d {where}}}"
        return rf"\left.\frac{{d\, {function}(a)}}{{d a}}\right|_{{a = {where}}}"

    def _applied(self, function: str, call: ast.Call) -> str:
        inside = ", ".join(self.print(a) for a in call.args)
        tall = any(word in inside for word in (r"\sum", r"\prod", r"\frac"))
        return rf"{function}\left({inside}\right)" if tall else f"{function}({inside})"

    def _big(self, name: str, node: ast.Call) -> tuple[str, int]:
        (generator,) = node.args
        assert isinstance(generator, ast.GeneratorExp)
        (loop,) = generator.generators
        assert isinstance(loop.iter, ast.Call)
        first, last = (self.print(a) for a in loop.iter.args)
        index, body = self.print(loop.target), self.print(generator.elt, BIG)
        if name == "compose":  # matrices do not commute: the order is part of the formula
            return rf"\prod_{{{index} = {first}, \ldots, {last}}} {body}", BIG
        sign = r"\sum" if name == "sum" else r"\prod"
        return rf"{sign}_{{{index} = {first}}}^{{{last}}} {body}", BIG


def _without(sign: str, text: str) -> str:
    """Return LaTeX that may be given an index or a power: in braces if it has one already."""
    depth = 0
    for position, letter in enumerate(text):
        depth += (letter == "{") - (letter == "}")
        if letter == sign and depth == 0 and text[position - 1 : position] != "\\":
            return f"{{{text}}}"
    return text
