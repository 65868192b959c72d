"""What has to be right for a verdict to be believed, and what would follow if it were not.

A test holds these lists against what the files import; the page on evidence prints them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Trusted:
    """A file of the package, what it does, and what a mistake in it could do."""

    path: str
    does: str
    otherwise: str

    @property
    def lines(self) -> int:
        """How long it is."""
        return len((PACKAGE / self.path).read_text(encoding="utf-8").splitlines())


KERNEL = (
    Trusted(
        "kernel/numbers.py",
        "residues with derivatives; exp, log, any φ and any loss as hashes; matrices",
        "a wrong rule of differentiation would be that of every network",
    ),
    Trusted(
        "kernel/definitions.py",
        "which names a network has, and the equation that makes each",
        "a quantity could be made twice, in two ways",
    ),
    Trusted(
        "kernel/expression.py",
        "what an expression means: sums, products, indices, functions",
        "the sides of an equation would be others than it says",
    ),
    Trusted(
        "kernel/quantities.py",
        "a network at a random point, every entry with an ε of its own",
        "a derivative would be by something else than its name says",
    ),
    Trusted(
        "kernel/equation.py",
        "both sides for all steps and sequences; derivatives read off; the comparison",
        "sides that differ would be called equal",
    ),
)
"""These decide by themselves, and import nothing else of the package."""

HANDED_OVER = (
    Trusted(
        "verification/second.py",
        "hands the kernel the defining equations, the shapes, and what algorithms returned",
        "the network would be another than the registry's; dW not what the algorithm returned",
    ),
)
"""What the kernel is told. The equations themselves are identities: read them."""

JUDGE = (
    Trusted(
        "statements/notation.py",
        "parses a statement, evaluates it for all values of its indices",
        "steps could be left out",
    ),
    Trusted(
        "statements/terms.py",
        "numbers and matrices, one a sequence, with the size of what was added up",
        "sides could have broadcast; the scale of a difference would be wrong",
    ),
    Trusted(
        "statements/judge.py",
        "compares two sides in floats, in balls, in the field",
        "sides that differ would be called equal",
    ),
    Trusted(
        "statements/trial.py",
        "adds up the cases: what refutes, what counts as evidence, the verdict",
        "what is undecided, or vacuous, would hold",
    ),
    Trusted(
        "statements/evidence.py",
        "counts cases, shapes and sizes",
        "a badge would say more than was done",
    ),
    Trusted(
        "statements/evaluation_cache.py",
        "evaluates a case once in each number system",
        "a statement could be judged on another case's numbers",
    ),
    Trusted(
        "statements/identity.py",
        "a statement with its domain and its wrong versions",
        "cases could be left out as beyond the domain",
    ),
    Trusted(
        "arithmetic/base.py",
        "what number systems share: packing into arrays, tanh from one exp",
        "tanh would be another function, the same in every system",
    ),
    Trusted(
        "arithmetic/balls.py",
        "enclosures by Arb, which must hold the exact value",
        "balls that are disjoint would prove nothing",
    ),
    Trusted(
        "arithmetic/finite_field.py",
        "residues by FLINT, exp and log as hashes",
        "unequal residues would be equal",
    ),
    Trusted(
        "arithmetic/dual.py",
        "a number and its derivative, the rules of differentiation",
        "a wrong rule would be that of every network",
    ),
    Trusted(
        "arithmetic/rows.py",
        "derivatives in all directions at once",
        "a derivative would be read at another place",
    ),
    Trusted(
        "arithmetic/degrees.py",
        "the degree of what the field computes",
        "the bound of a false acceptance would be too small",
    ),
    Trusted(
        "arithmetic/norms.py",
        "spectral norms and radii, enclosed",
        "a bound on a norm would be about another number",
    ),
    Trusted(
        "arithmetic/complex_step.py",
        "derivatives in floats, which only screen",
        "cases would go to the balls in vain, or wrong versions not be seen",
    ),
    Trusted(
        "runs/systems.py",
        "how the numbers of a case enter a number system",
        "what is called random would not be drawn",
    ),
    Trusted(
        "witnesses/duals.py",
        "derivatives on the forward pass alone",
        "a derivative would be another, for every network",
    ),
)
"""What the kernel does not reach is decided by these."""

DICTIONARY = (
    Trusted(
        "runs/evaluation.py",
        "which derivative of the forward pass a statement's d(…, …) stands for",
        "a derivative would be of, or by, something else than its name says",
    ),
    Trusted(
        "runs/model.py",
        "the words of the notation: diag, batch, inner, functions",
        "a statement would say something else than it reads",
    ),
)
"""What statements' names and words stand for, beside each network's run and its forward pass."""

TRUSTED = (*KERNEL, *HANDED_OVER, *JUDGE, *DICTIONARY)
