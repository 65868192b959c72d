"""LaTeX of a statement, printed from the same tree that is evaluated."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from bpttcheck.statements.notation import Statement

SUM, BIG, PRODUCT, POWER, ATOM = range(1, 6)
"""How tightly a text binds. A Σ or ∏ takes in the product after it, but no sum."""

BOLD = re.compile(r"\\(?:mathbf|boldsymbol)\{((?:[^{}]|\{[^{}]*\})*)\}")
"""The bold letter of a column."""

FUNCTIONS = {"log": r"\ln", "tanh": r"\tanh", "sigmoid": r"\sigma", "sinh": r"\sinh",
             "cosh": r"\cosh", "relu": r"\operatorname{relu}"}  # fmt: skip


class Printer:
    """Prints trees over a table of symbols, name to LaTeX."""

    def __init__(self, symbols: Mapping[str, str]) -> None:
        self.symbols = symbols

    def statement(self, statement: Statement) -> str:
        """Print the relation, and the ranges of its indices."""
        relation = " = " if statement.is_equation else r" \le "
        text = relation.join(self.print(side, SUM) for side in statement.sides)
        ranges = [
            rf"{q.name} = {self.print(q.first)}, \ldots, {self.print(q.last)}"
            for q in statement.quantifiers
        ]
        return text + "".join(rf", \quad {r}" for r in ranges)

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
                return rf"{self.print(node.value, ATOM)}^{{\top}}", POWER
            case ast.Call():
                return self._call(node)
        raise ValueError(f"statement: cannot print {ast.unparse(node)!r}")

    def _name(self, name: str) -> str:
        if name in FUNCTIONS:
            return FUNCTIONS[name]
        return self.symbols.get(name, name)

    def _subscript(self, node: ast.Subscript) -> str:
        base = BOLD.sub(r"\1", self.print(node.value, ATOM))  # a component is a scalar
        index = self.print(node.slice).replace(" ", "")
        return rf"{base}_{{{index}}}"

    def _operation(self, node: ast.BinOp) -> tuple[str, int]:
        left, right = node.left, node.right
        match node.op:
            case ast.Add():
                return f"{self.print(left, SUM)} + {self.print(right, SUM)}", SUM
            case ast.Sub():
                return f"{self.print(left, SUM)} - {self.print(right, PRODUCT)}", SUM
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
        return rf"{self.print(left, PRODUCT)}\, {last}", min(binds, PRODUCT)

    def _power(self, base: ast.expr, exponent: ast.expr) -> str:
        if isinstance(base, ast.Call) and isinstance(base.func, ast.Name) and base.func.id != "exp":
            return self._applied(rf"{self._name(base.func.id)}^{{{self.print(exponent)}}}", base)
        return rf"{self.print(base, ATOM)}^{{{self.print(exponent)}}}"

    def _call(self, node: ast.Call) -> tuple[str, int]:
        match node.func:
            case ast.Name(id="sum" | "prod" as name):
                return self._big(name, node)
            case ast.Name(id="d"):
                over, under = node.args
                return (
                    rf"\frac{{\partial {self.print(over)}}}{{\partial {self.print(under)}}}",
                    ATOM,
                )
            case ast.Name(id="exp"):
                return rf"e^{{{self.print(node.args[0])}}}", POWER
            case ast.Name(id="batch"):
                return rf"\sum_{{b=1}}^{{B}} {self.print(node.args[0], BIG)}", BIG
            case ast.Name(id="D"):
                raise ValueError("statement: D(f) must be applied, as in D(f)(a)")
            case ast.Call(func=ast.Name(id="D")) as derivative:
                return self._derivative(self.print(derivative.args[0]), node.args[0]), ATOM
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
        sign = r"\sum" if name == "sum" else r"\prod"
        body = self.print(generator.elt, BIG)
        return rf"{sign}_{{{self.print(loop.target)} = {first}}}^{{{last}}} {body}", BIG
