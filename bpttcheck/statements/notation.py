"""The notation of statements: a small part of Python's expression syntax, parsed once.

    d(L, s[t]) == (d(L, y_hat[t]) * theta.prime(h[t]) + d(L, s[t + 1]) * w) * phi.prime(s[t])

The parsed tree is what runs (over any number system), what is printed as LaTeX and what is
mutated into wrong versions, so the three cannot drift apart. Sums and products are written
``sum(… for k in steps(1, T))``, both ends included.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache, reduce
from operator import matmul
from types import CodeType
from typing import Any

from bpttcheck.statements.terms import IllTyped

RELATIONS = (ast.Expression, ast.Compare, ast.Eq, ast.LtE)
OPERATIONS = (ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.MatMult, ast.Pow, ast.UnaryOp)
NAMES = (ast.USub, ast.Name, ast.Load, ast.Store, ast.Constant, ast.Subscript, ast.Tuple)
CALLS = (ast.Attribute, ast.Call, ast.GeneratorExp, ast.comprehension)
ALLOWED = (*RELATIONS, *OPERATIONS, *NAMES, *CALLS)


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
    """Return the sum of scalars or matrices; 0 if there are none, or all are empty sums."""
    result: Any = 0
    for term in terms:
        if not _is_empty(term):
            result = term if _is_empty(result) else result + term
    return result


def _is_empty(term: Any) -> bool:
    """Tell whether a sum had no terms: it is 0, whatever the others' shape is."""
    return isinstance(term, int) and term == 0


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


def _exact(node: Any) -> Any:
    """Return an expression with every number that is a value made an exact rational.

    1 / 3 is a third in every system. Indices, the ends of ranges and exponents stay whole numbers.
    """
    match node:
        case ast.Constant():
            return ast.Call(ast.Name("__rational__", ast.Load()), [node], [])
        case ast.Subscript():
            return ast.Subscript(_exact(node.value), node.slice, node.ctx)
        case ast.Call(func=ast.Name(id="steps" | "down" | "unit")):
            return node
        case ast.BinOp(op=ast.Pow()):
            return ast.BinOp(_exact(node.left), node.op, node.right)
        case ast.AST():
            return type(node)(**{name: _exact(value) for name, value in ast.iter_fields(node)})
        case list():
            return [_exact(one) for one in node]
    return node


@lru_cache(maxsize=4096)
def _compiled(node: ast.expr) -> CodeType:
    exact = ast.fix_missing_locations(ast.Expression(_exact(node)))
    return compile(exact, "<statement>", "eval")


_NOTHING_ELSE: dict[str, Any] = {"__builtins__": {}, "__rational__": Fraction}


def _scope(symbols: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is in reach of an expression: the given symbols, and nothing else."""
    return {**symbols, **_NOTHING_ELSE}


def _evaluated(node: ast.expr, scope: dict[str, Any]) -> Any:
    """Evaluate an expression.

    Raises:
        IllTyped: it does not compose, or uses a symbol that is not in its scope.
    """
    try:
        return eval(_compiled(node), scope)
    except NameError as missing:
        raise IllTyped(f"{missing.name} is not defined") from None
    except (AttributeError, TypeError, IndexError) as wrong:
        # A number where a matrix belongs, a matrix as an exponent, half an index.
        raise IllTyped(f"{ast.unparse(node)} does not compose: {wrong}") from None


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

    @cached_property
    def sides(self) -> list[ast.expr]:
        """The expressions that the relation compares, from left to right."""
        return [self.tree.left, *self.tree.comparators]

    @cached_property
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
        loops = [n.target for n in ast.walk(side) if isinstance(n, ast.comprehension)]
        own = {target.id for target in loops if isinstance(target, ast.Name)}
        return every - own - {q.name for q in self.quantifiers}

    def with_right(self, text: str, side: ast.expr | None = None) -> Statement:
        """Return the statement with another last side: a wrong version.

        ``side`` is what the text says, where that is known.
        """
        kept = [ast.unparse(side) for side in self.sides[:-1]]
        relation = " == " if self.is_equation else " <= "
        wrong = Statement(relation.join([*kept, text]), self.forall)
        # All but the last side is parsed already, and compiled.
        vars(wrong).update(
            sides=[*self.sides[:-1], side or parse(text)],
            is_equation=self.is_equation,
            quantifiers=self.quantifiers,
        )
        return wrong

    def instances(self, symbols: Mapping[str, Any]) -> Iterator[tuple[dict[str, int], list[Any]]]:
        """Evaluate every side for every value of the indices."""
        return self.at_each(symbols, self._indices(_scope(symbols), self.quantifiers))

    def at_each(
        self, symbols: Mapping[str, Any], places: Iterable[dict[str, int]]
    ) -> Iterator[tuple[dict[str, int], list[Any]]]:
        """Evaluate every side at each of some values of the indices."""
        scope = _scope(symbols)
        for at in places:
            scope.update(at)
            yield at, [_evaluated(side, scope) for side in self.sides]

    def few(self, symbols: Mapping[str, Any], most: int, turn: int) -> list[dict[str, int]]:
        """Return about ``most`` values of the indices: all, or the ends and some between.

        Those between depend on ``turn``, so that over several turns none is left out.
        """
        if not self.forall:
            return [{}]
        every = list(self._indices(_scope(symbols), self.quantifiers))
        stride = max(1, -(-len(every) // most))
        if stride == 1:
            return every
        return [every[0], *every[1:-1][turn % stride :: stride], every[-1]]

    def _indices(self, scope: dict[str, Any], left: list[Quantifier]) -> Iterator[dict[str, int]]:
        if not left:
            yield {}
            return
        q, *others = left
        between = steps(int(_evaluated(q.first, scope)), int(_evaluated(q.last, scope)))
        if not others:
            yield from ({q.name: i} for i in between)
            return
        for i in between:
            for rest in self._indices({**scope, q.name: i}, others):
                yield {q.name: i, **rest}
