"""The kernel's opinion on what the judge decided exactly, at the same random points.

What is handed to the kernel: the equations that define a network, from the registry; the shapes of
what is drawn; and, under the names that are none of the network's, what algorithms returned.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from typing import Any

import numpy as np

from bpttcheck.kernel.definitions import Definitions
from bpttcheck.kernel.equation import Given, Kernel
from bpttcheck.kernel.numbers import DoesNotCompose, Refused
from bpttcheck.runs.arbitrary import ARBITRARY
from bpttcheck.runs.systems import Field
from bpttcheck.statements.identity import Domain, Identity
from bpttcheck.statements.notation import Statement
from bpttcheck.statements.terms import IllTyped, Sequence, Term

DEFINING = re.compile(
    r".*\.(preactivation|candidate|gate|cell|state|output|prediction|total-loss)"
    r"(-[a-z]|-before|-after)?"
)
"""The IDs of identities that say how a quantity is made. An algorithm's are called bptt-…"""

AT_EVERY_STEP = (("t", "steps(1, T)"),)

LOSSES = {
    "y_hat": ("L == loss(y_hat)", "L"),
    "o": ("L == sum(loss(o[t]) for t in steps(1, T))", "E"),
    "s": ("L == sum(loss(s[t]) for t in steps(1, T))", "E"),
    "E": ("E[t] == loss(o[t])", "E"),
}
"""The arbitrary loss of what a network puts out, and the name of its hash."""

COPY = "_copy"


def definitions(case: Any, identities: Iterable[Identity]) -> Definitions | None:
    """Return the network that a case is of; None where it is beyond the kernel.

    Arguments:
        case: one whose functions are arbitrary: the kernel knows no loss of its own.
        identities: those of the case's model.
    """
    if getattr(case, "loss", None) != ARBITRARY or getattr(case, "phi", ARBITRARY) != ARBITRARY:
        return None
    made: dict[str, str] = {}
    for identity in identities:
        statement = identity.statement
        if DEFINING.fullmatch(identity.id) and case in identity.domain:
            name = ast.unparse(statement.sides[0]).removesuffix("[t]")
            if name.isidentifier() and statement.forall in ((), AT_EVERY_STEP):
                made[name] = statement.says
    given = {f.name: getattr(case, f.name) for f in fields(case)}
    shapes = {name: np.shape(value) for name, value in given.items() if type(value) is not str}
    del shapes["y"]  # an arbitrary loss reads no target
    inputs = {"x": shapes.pop("x")[2:]}
    initial = {k[:-1]: shapes.pop(k)[1:] for k in list(shapes) if k.endswith("0")}
    if not made.keys() >= initial.keys():
        return None
    output = next(name for name in ("y_hat", "s", "o") if name in made)
    loss, hashed = LOSSES["E" if "L" in made else output]
    functions = {f: f for f in ("phi", "theta") if hasattr(case, f)}
    equations = (*made.values(), loss)
    return Definitions(case.sizes, shapes, inputs, initial, equations, functions, {"loss": hashed})


def untied(network: Definitions) -> Definitions:
    """Return the network with a copy of every weight at every step, all equal to it."""

    class Copies(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            if node.id not in network.weights:
                return node
            return ast.parse(f"{node.id}{COPY}[t]", mode="eval").body

    equations = [ast.unparse(Copies().visit(ast.parse(text))) for text in network.equations]
    copies = [f"{weight}{COPY}[t] == {weight}" for weight in network.weights]
    return replace(network, equations=(*equations, *copies))


def given_by(symbols: dict[str, Any]) -> Given:
    """Return how the kernel asks for what algorithms returned."""

    def given(name: str, step: int | None, sequence: int) -> list[list[int]] | int:
        found = symbols.get(name)
        if step is not None and isinstance(found, Sequence):
            found = found[step]
        if not isinstance(found, Term):
            raise Refused(f"{name} is not given")
        value = found.value[sequence if len(found.value) > 1 else 0]
        if value.ndim if isinstance(value, np.ndarray) else 0:
            return [[int(entry.value) for entry in row] for row in value]
        return int(value.value)

    return given


class SecondOpinion:
    """What the kernel says of statements about one model, at one point of the field.

    Arguments:
        identities: those of the model.
        evaluate: the model's, for what its algorithms return.
        cases: sizes and functions, as the field decides them.
        seed: of the field, as the judge has it.
    """

    def __init__(
        self,
        identities: Iterable[Identity],
        evaluate: Callable[[Any, Any], dict[str, Any]],
        cases: Iterable[Any],
        seed: str,
    ) -> None:
        self.system = Field(seed)
        self.points: list[tuple[Any, Kernel, Kernel]] = []
        mine = list(identities)
        for case in cases:
            network = definitions(case, mine)
            if network is not None:
                with self.system.active():
                    given = given_by(evaluate(case, self.system))
                kernels = (Kernel(n, seed, given) for n in (network, untied(network)))
                self.points.append((case, *kernels))

    def on(self, statement: Statement, domain: Domain) -> tuple[int, Any | None]:
        """Return at how many cases the kernel agrees, and a case where it does not."""
        agreed = 0
        for case, tied, copied in self.points:
            if case not in domain:
                continue
            kernel = copied if COPY in statement.says else tied
            try:
                with self.system.active():
                    if not kernel.agrees(statement.says, statement.forall):
                        return agreed, case
            except (DoesNotCompose, IllTyped):
                return agreed, case
            except Refused:
                continue
            agreed += 1
        return agreed, None
