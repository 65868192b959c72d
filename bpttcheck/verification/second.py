"""The kernel's opinion on what the judge decided exactly, at the same random points.

What is handed to the kernel: the equations that define a network, from the registry; the shapes of
what is drawn; and, under the names that are none of the network's, what algorithms returned.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping
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

SOFTMAX = "y_hat[t] == exp({0}[t]) / sum(exp({0}[t][i]) for i in steps(1, p))"

LOSSES = {
    ARBITRARY: "loss({0}[t])",
    "nll": "-sum(y[t][i] * log(y_hat[t][i]) for i in steps(1, p))",
    "squared_error": "inner({0}[t] - y[t], {0}[t] - y[t]) / 2",
}
"""The loss of a step, of what a network puts out."""

COPY = "_copy"


def definitions(case: Any, identities: Iterable[Identity]) -> Definitions | None:
    """Return the network that a case is of; None where it is beyond the kernel.

    Arguments:
        case: an example of a model.
        identities: those of the model.
    """
    made: dict[str, str] = {}
    for identity in identities:
        statement = identity.statement
        if DEFINING.fullmatch(identity.id) and case in identity.domain:
            name = ast.unparse(statement.sides[0]).removesuffix("[t]")
            if name.isidentifier() and statement.forall in ((), AT_EVERY_STEP):
                if name in made:  # which of two is the definition is not ours to say
                    return None
                made[name] = statement.says
    given = {f.name: getattr(case, f.name) for f in fields(case)}
    shapes = {name: np.shape(value) for name, value in given.items() if type(value) is not str}
    initial = {k[:-1]: shapes.pop(k)[1:] for k in list(shapes) if k.endswith("0")}
    losses = _losses(given.get("loss", ""), made)
    if not (made and losses and made.keys() >= initial.keys()):
        return None
    del shapes["y"]
    inputs = {"x": shapes.pop("x")[2:]}
    functions: dict[str, str] = {
        f: f if given[f] == ARBITRARY else given[f] for f in ("phi", "theta") if f in given
    }
    hashed = "L" if "y_hat" in made else "E"
    return Definitions(
        case.sizes,
        shapes,
        inputs,
        initial,
        (*made.values(), *losses),
        entrywise=functions,
        joint={"loss": hashed},
        constants=("y",),
    )


def _losses(name: str, made: Mapping[str, str]) -> tuple[str, ...]:
    """Return the equations of a case's loss; none of one that is not known here."""
    if "y_hat" in made:  # of a scalar RNN, whose arbitrary loss couples the steps
        return ("L == loss(y_hat)",) if name == ARBITRARY else ()
    output = next((k for k in ("s", "o") if k in made), None)
    if name not in LOSSES or output is None:
        return ()
    step = LOSSES[name].format(output)
    whole = f"E[t] == {step}" if "L" in made else f"L == sum({step} for t in steps(1, T))"
    return whole, SOFTMAX.format(output)


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
