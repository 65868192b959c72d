"""A counterexample on one line, and the Python that repeats it."""

from __future__ import annotations

from bpttcheck.statements.trial import Counterexample
from bpttcheck.verification.paste import source_of
from site_tools.generated.prose import fenced, plain


def one_line(found: Counterexample) -> str:
    """Return both sides, or the reason why there are none, and the case."""
    return f"{sides(found)} for `{arguments(found)}`"


def sides(found: Counterexample) -> str:
    """Return both sides and the place, or the reason why there are none."""
    finding = found.finding
    if not finding.sides:
        return plain(finding.reason)
    at = ", ".join(f"*{symbol}* = {i}" for symbol, i in (finding.at or {}).items())
    text = " ≠ ".join(f"**{plain(side)}**" for side in finding.sides)
    return f"{text} at {at}" if at else text


def arguments(found: Counterexample) -> str:
    """Return the case's values."""
    return source_of(found.case).partition("(")[2][:-1]


def repeat(name: str, found: Counterexample) -> str:
    """Return Python that judges the same case again."""
    model = found.case.model
    return fenced("python", "\n".join([
        f"from bpttcheck.runs import {model}",
        "from bpttcheck.verification import replay",
        "",
        f"case = {source_of(found.case)}",
        f"replay({name!r}, case)",
    ]))  # fmt: skip
