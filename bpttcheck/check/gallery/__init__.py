"""A gallery of mistakes: a backward pass, a line of it changed, and what the check says of it.

Nothing is recorded: each exhibit is run, searched for its smallest failing case and diagnosed.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bpttcheck.check.gallery import coupled_lstm, gru, lstm, mgu, vanilla
from bpttcheck.check.search.problem import check_problem
from bpttcheck.check.verdict.report import Report
from bpttcheck.diagnosis.explanation.catalogue import CATALOGUE, Entry

NETWORKS = {
    "vanilla RNN": (vanilla.SOURCE, vanilla.MISTAKES),
    "LSTM": (lstm.SOURCE, lstm.MISTAKES),
    "GRU": (gru.SOURCE, gru.MISTAKES),
    "LSTM with coupled gates": (coupled_lstm.SOURCE, coupled_lstm.MISTAKES),
    "minimal gated unit": (mgu.SOURCE, mgu.MISTAKES),
}
"""By name, a right backward pass, and the mistakes that are planted in it."""


@dataclass(frozen=True)
class Exhibit:
    """A mistake: the catalogue's entry, the network, its right and wrong line, and the report.

    ``report.case`` is the smallest failing case, ``report.cause`` the diagnosis.
    """

    entry: Entry
    network: str
    right: str
    wrong: str
    report: Report


def gallery(names: Iterable[str] | None = None, *, max_examples: int = 10) -> Iterator[Exhibit]:
    """Yield the mistakes of the gallery, each run as ``bpttcheck check`` would.

    Arguments:
        names: causes of the catalogue; all that are planted without.
        max_examples: random cases, beyond those that are always visited.

    Raises:
        ValueError: a name that is not planted.
    """
    planted = {
        cause: (network, source, old, new)
        for network, (source, mistakes) in NETWORKS.items()
        for cause, old, new in mistakes
    }
    for name in planted if names is None else names:
        if name not in planted:
            raise ValueError(f"names: expected some of {', '.join(planted)}, got {name!r}")
        network, source, old, new = planted[name]
        at = source[: source.index(old)].count("\n")
        right = source.split("\n")[at].strip()
        wrong = source.replace(old, new, 1).split("\n")[at].strip()
        problem = problem_with(old, new, source)
        report = check_problem(problem, max_examples=max_examples, budget=None)
        yield Exhibit(CATALOGUE[name], network, right, wrong, report)


def problem_with(old: str = "", new: str = "", source: str = vanilla.SOURCE) -> Callable[..., Any]:
    """Return ``problem`` of a source, with one piece of it replaced."""
    text, name = source.replace(old, new, 1) if old else source, f"<gallery: {new}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    space: dict[str, Any] = {}
    exec(compile(text, name, "exec", dont_inherit=True), space)
    found: Callable[..., Any] = space["problem"]
    return found
