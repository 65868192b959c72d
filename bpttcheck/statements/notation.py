"""The notation of statements: a small part of Python's expression syntax, parsed once.

    d(L, s[t]) == (d(L, y_hat[t]) * theta.prime(h[t]) + d(L, s[t + 1]) * w) * phi.prime(s[t])

The parsed tree is what runs (over any number system), what is printed as LaTeX and what is
mutated into wrong versions, so the three cannot drift apart. Sums and products are written
``sum(… for k in steps(1, T))``, both ends included.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache, reduce
from operator import matmul
from types import CodeType
from typing import Any

from bpttcheck.statements.terms import IllTyped

ALLOWED = (
    ast.Expression, ast.Compare, ast.Eq, ast.LtE,
    ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.MatMult, ast.Pow,
    ast.UnaryOp, ast.USub, ast.Name, ast.Load, ast.Store, ast.Constant,
    ast.Subscript, ast.Tuple, ast.Attribute, ast.Call, ast.GeneratorExp, ast.comprehension,
)  # fmt: skip


def steps(first: int, last: int) -> range:
    """Return first, first + 1, …, last: both ends included, as under a Σ."""
    return range(first, last + 1)


def down(first: int, last: int) -> range:
    """Return first, first − 1, …, last: both ends included, downwards."""
    return range(first, last - 1, -1)


def composition(factors: Iterator[Any]) -> Any:
    """Return the matrix product of at least one factor, from left to right.

    Raises:
        IllTyped: there is no factor, hence no size for an identity matrix.
    """
    matrices = list(factors)
    if not matrices:
        raise IllTyped("an empty matrix product has no size")
    return reduce(matmul, matrices)


def summation(terms: Iterator[Any]) -> Any:
    """Return the sum of scalars or matrices; 0 if there are none."""
    result: Any = 0
    for i, term in enumerate(terms):
        result = result + term if i else term
    return result


def product(factors: Iterator[Any]) -> Any:
    """Return the product of scalars, from left to right; 1 if there are none."""
    result: Any = 1
    for factor in factors:
        result = factor * result if isinstance(result, int) else result * factor
    return result


def parse(text: str) -> ast.expr:
    """Parse one expression, refusing what the notation does not have.

    Raises:
        ValueError: the text is not an expression of the notation.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as wrong:
        raise ValueError(f"statement: expected an expression, got {text!r} ({wrong.msg})") from None
    for node in ast.walk(tree):
        if not isinstance(node, ALLOWED):
            raise ValueError(f"statement: {type(node).__name__} is not in the notation: {text!r}")
    return tree.body


@lru_cache(maxsize=4096)
def _compiled(node: ast.expr) -> CodeType:
    return compile(ast.fix_missing_locations(ast.Expression(node)), "<statement>", "eval")


def evaluate(node: ast.expr, symbols: Mapping[str, Any]) -> Any:
    """Evaluate an expression with the given symbols; nothing else is in reach."""
    return eval(_compiled(node), {"__builtins__": {}, **symbols})


@dataclass(frozen=True)
class Quantifier:
    """For every ``name`` = first, …, last."""

    name: str
    first: ast.expr
    last: ast.expr


@dataclass(frozen=True)
class Statement:
    """Two or three sides and the relation between them, for every value of some indices.

    ``says`` holds the sides and relation, ``forall`` the ranges: ``{"t": "steps(1, T)"}``.
    """

    says: str
    forall: tuple[tuple[str, str], ...] = ()

    @cached_property
    def tree(self) -> ast.Compare:
        """The parsed relation."""
        body = parse(self.says)
        if not isinstance(body, ast.Compare) or len({type(op) for op in body.ops}) != 1:
            raise ValueError(f"statement: expected one relation, == or <=, got {self.says!r}")
        return body

    @property
    def sides(self) -> list[ast.expr]:
        """The expressions that the relation compares, from left to right."""
        return [self.tree.left, *self.tree.comparators]

    @property
    def is_equation(self) -> bool:
        """Whether the relation is ==, rather than <=."""
        return isinstance(self.tree.ops[0], ast.Eq)

    @cached_property
    def quantifiers(self) -> list[Quantifier]:
        """The parsed ranges."""
        result = []
        for name, text in self.forall:
            call = parse(text)
            if not (isinstance(call, ast.Call) and ast.unparse(call.func) == "steps"):
                raise ValueError(f"statement: expected steps(first, last) for {name}, got {text!r}")
            result.append(Quantifier(name, *call.args))
        return result

    def names(self, side: ast.expr) -> set[str]:
        """Return the symbols that a side uses, less its own indices."""
        every = {n.id for n in ast.walk(side) if isinstance(n, ast.Name)}
        own = {n.target.id for n in ast.walk(side) if isinstance(n, ast.comprehension)
               and isinstance(n.target, ast.Name)}  # fmt: skip
        return every - own - {q.name for q in self.quantifiers}

    def with_right(self, text: str) -> Statement:
        """Return the statement with another last side: a wrong version."""
        kept = [ast.unparse(side) for side in self.sides[:-1]]
        relation = " == " if self.is_equation else " <= "
        return Statement(relation.join([*kept, text]), self.forall)

    def instances(self, symbols: Mapping[str, Any]) -> Iterator[tuple[dict[str, int], list[Any]]]:
        """Evaluate every side for every value of the indices."""
        for at in self._indices(dict(symbols), self.quantifiers):
            yield at, self.at(symbols, at)

    def at(self, symbols: Mapping[str, Any], indices: Mapping[str, int]) -> list[Any]:
        """Evaluate every side at given indices."""
        bound = {**symbols, **indices}
        return [evaluate(side, bound) for side in self.sides]

    def few(self, symbols: Mapping[str, Any], most: int) -> Iterator[dict[str, int]]:
        """Return at most about ``most`` values of the indices: all, or evenly spread with ends."""
        every = list(self._indices(dict(symbols), self.quantifiers))
        stride = max(1, -(-len(every) // most))
        yield from every[::stride]
        if every and (len(every) - 1) % stride:
            yield every[-1]

    def _indices(self, symbols: dict[str, Any], left: list[Quantifier]) -> Iterator[dict[str, int]]:
        if not left:
            yield {}
            return
        q = left[0]
        for i in steps(evaluate(q.first, symbols), evaluate(q.last, symbols)):
            for rest in self._indices({**symbols, q.name: i}, left[1:]):
                yield {q.name: i, **rest}
