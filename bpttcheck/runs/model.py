"""A model: its symbols, how a case of it is evaluated, and the words every statement may use."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from bpttcheck.activations import relu, sigmoid, tanh
from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.order import positive
from bpttcheck.runs.systems import System
from bpttcheck.shapes import Sizes, numbers
from bpttcheck.statements.latex import Printer
from bpttcheck.statements.notation import composition, down, product, steps, summation
from bpttcheck.statements.terms import IllTyped, Term, Variable


class AnyCase(Protocol):
    """One example of a model: plain numbers, pasteable into Python."""

    @property
    def sizes(self) -> dict[str, int]:
        """The sizes by symbol."""


def as_arrays(case: Any, **axes: str) -> Sizes:
    """Turn lists that were pasted into a case into the arrays that they stand for, checked.

    ``axes`` has the symbols of each array's axes; with a ``+`` in front, the first of them is one
    step longer than T, which an array before it has given.

    Raises:
        TypeError, ValueError: not a finite array of numbers of that shape.
    """
    sizes = Sizes()
    for name, symbols in axes.items():
        array = numbers(name, getattr(case, name))
        object.__setattr__(case, name, array)
        if symbols.startswith("+"):
            steps = sizes.known["T"] + 1
            if len(array.shape) == 0 or len(array) != steps:
                raise ValueError(f"{name}: expected T + 1 = {steps} steps, got shape {array.shape}")
            array = array[1:]
        sizes.match(name, array, *symbols.removeprefix("+"))
    return sizes


def blank(
    axes: Mapping[str, str], T: int, B: int, m: int, n: int, p: int, r: int = 0
) -> dict[str, Array]:
    """Return a case's arrays, as ``as_arrays`` has them: zeros, but for the targets, one-hot rows.

    ``D`` among the axes is 2n, the states of both directions; r those of a projection.
    """
    sizes = {"T": T, "B": B, "m": m, "n": n, "p": p, "D": 2 * n, "+": T + 1, "r": r}
    arrays = {
        name: np.zeros([sizes[s] for s in symbols.replace("+T", "+")])
        for name, symbols in axes.items()
    }
    return arrays | {"y": np.eye(p)[np.arange(T * B) % p].reshape(T, B, p)}


def check_targets(y: Array, targets: str) -> None:
    """Check that rows of targets are what a case says they are.

    Raises:
        ValueError: an unknown word, or rows that are not one-hot, or do not sum to one.
    """
    if targets not in ("class", "distribution", "any"):
        raise ValueError(f"targets: expected class, distribution or any, got {targets!r}")
    if targets == "class" and not ((y == 0) | (y == 1)).all():
        raise ValueError("y: expected one-hot rows for targets='class'")
    if targets != "any" and not (y.sum(axis=-1) == 1).all():
        raise ValueError(f"y: expected rows that sum to one for targets={targets!r}")


@dataclass(frozen=True)
class Symbol:
    """A name of the notation, its LaTeX, what it stands for and which algorithm computes it."""

    name: str
    latex: str
    meaning: str
    origin: str = "forward"
    component: str = ""
    """The LaTeX of an entry's letter, for a column."""
    each_step: bool = False
    """Whether there is such a column for each step."""


@dataclass(frozen=True)
class Model:
    """What statements about one model need."""

    name: str
    title: str
    symbols: tuple[Symbol, ...]
    evaluate: Callable[[Any, System], dict[str, Any]]
    exact_cases: Callable[[], list[Any]]
    """Cases whose sizes and functions the finite field decides; their floats are not used."""
    distinct: Callable[[], list[Any]] = list
    """More cases whose sizes differ from each other and from 1, where no exact case is such."""
    small: dict[str, Any] = field(default_factory=dict)
    """Bounds of the sizes, as the model's strategy takes them, of cases evaluated in balls."""
    smallest: dict[str, Any] = field(default_factory=dict)
    """The same for the search of a smallest counterexample."""
    most_examples: int | None = None
    """At most so many random cases are sampled, however many are asked for, and enclosed."""

    def typed_cases(self) -> list[Any]:
        """Return cases of pairwise distinct sizes, none of them 1: no wrong shape fits there."""
        cases = [*self.exact_cases(), *self.distinct()]
        return [case for case in cases if len({1, *case.sizes.values()}) == len(case.sizes) + 1]

    @property
    def latex(self) -> dict[str, str]:
        """The LaTeX of each symbol."""
        return {s.name: s.latex for s in self.symbols}

    @property
    def printer(self) -> Printer:
        """Return what prints statements about the model."""
        components = {s.name: s.component for s in self.symbols if s.component}
        return Printer(self.latex, components, {s.name for s in self.symbols if s.each_step})

    def computed_by(self, origin: str) -> set[str]:
        """Return the symbols that one algorithm computes."""
        return {s.name for s in self.symbols if s.origin == origin}


def named(over: Any, under: Any, computed: Container[str], given: Container[str]) -> None:
    """Check that a derivative is one of what the forward pass computes, by what it has.

    Raises:
        IllTyped: it is not.
    """
    for quantity, allowed in ((over, computed), (under, given)):
        if not isinstance(quantity, Variable):
            raise IllTyped("a derivative is taken of a named quantity, by a named quantity")
        if quantity.name not in allowed:
            raise IllTyped(f"∂{over.name}/∂{under.name} is not a derivative of the forward pass")


FIRST_STEP = {"h": 0, "c": 0, "S": 0}
"""The first step of a sequence, where it is not 1: h_0 is given, and c_0 where c is a cell."""


def position(variable: Variable) -> int:
    """Return where a quantity's step stands in the array of its steps; 0 if it has none."""
    if variable.index is None:
        return 0
    return variable.index - FIRST_STEP.get(variable.name, 1)


class Function:
    """A function of one variable, applied to every entry of a term."""

    def __init__(
        self, value: Callable[[Array], Array], derivative: Callable[[Array], Array] | None = None
    ) -> None:
        self.value = value
        self.derivative = derivative

    def __call__(self, term: Term) -> Term:
        """Apply the function."""
        if not isinstance(term, Term):
            raise IllTyped("a function is applied to an empty sum")
        return term.apply(self.value)

    def prime(self, term: Term) -> Term:
        """Apply the reference derivative."""
        assert self.derivative is not None, "only activations have a reference derivative"
        return term.apply(self.derivative)


class MatrixFunction:
    """A number of a matrix, its spectral norm or radius, bounded by the norm of the moduli."""

    def __init__(
        self, value: Callable[[Array], Array], norm: Callable[[Array], Array], square: bool
    ) -> None:
        self.value = value
        self.norm = norm
        self.square = square

    def __call__(self, term: Term) -> Term:
        """Return the number of each sequence's matrix."""
        if not isinstance(term, Term) or len(term.core) != 2:
            raise IllTyped("a norm is of a matrix or a column")
        if self.square and term.core[0] != term.core[1]:
            raise IllTyped("eigenvalues are those of a square matrix")

        def number() -> Term:
            return Term(self.value(term.value), term.modulus, lambda: self.norm(term.size))

        return term.once(self, number)


def norm_and_radius(system: System) -> dict[str, MatrixFunction]:
    """Return the two words, ``norm`` and ``rho``, in a number system."""
    return {
        "norm": MatrixFunction(system.norm, system.norm, square=False),
        "rho": MatrixFunction(system.radius, system.norm, square=True),
    }


def batch_sum(term: Term) -> Term:
    """Return the sum over the sequences, as a term of one sequence."""

    def summed(values: Array) -> Array:
        return np.asarray(values.sum(axis=0, keepdims=True))

    return Term(summed(term.value), term.modulus, lambda: summed(term.size))


def diagonal(column: Term) -> Term:
    """Return the diagonal matrix of a column."""
    if len(column.core) != 2 or column.core[1] != 1:
        raise IllTyped("diag needs a column")
    n = column.core[0]
    places = np.eye(n, dtype=bool)

    def placed(values: Array) -> Array:
        return np.where(places, values, 0 * values)

    return Term(placed(column.value), column.modulus, lambda: placed(column.size))


def inner(left: Term, right: Term) -> Term:
    """Return the inner product of two columns."""
    if left.core != right.core or left.core[1:] != (1,):
        raise IllTyped("an inner product is of two columns of one length")
    product = left.T @ right
    return Term(product.value[:, 0, 0], product.modulus, lambda: product.size[:, 0, 0])


def _active(a: Array) -> Array:
    return np.where(positive(a), 0 * a + 1, 0 * a)


def environment(**symbols: Any) -> dict[str, Any]:
    """Return the symbols with the words that belong to the notation itself."""
    return {
        "sum": summation,
        "prod": product,
        "compose": composition,
        "steps": steps,
        "down": down,
        "diag": diagonal,
        "inner": inner,
        "active": Function(_active),
        "square": Function(lambda z: z * z),
        "exp": Function(np.exp),
        "log": Function(np.log),
        "tanh": Function(tanh.value, tanh.derivative),
        "sigmoid": Function(sigmoid.value, sigmoid.derivative),
        "relu": Function(relu.value, relu.derivative),
        **symbols,
    }
