"""A counterexample in one sentence."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from bpttcheck.notebook.markdown import plain
from bpttcheck.statements.judge import Finding
from bpttcheck.statements.trial import Counterexample


def counterexample(found: Counterexample) -> str:
    """Return both sides, or the reason why there are none, and the case without its zeros."""
    if not found.finding.sides:
        return sides(found.finding)
    return f"{sides(found.finding).removesuffix('.')} for `{_brief(found.case)}`."


def sides(finding: Finding) -> str:
    """Return both sides and where they differ, or the reason why there are none."""
    if not finding.sides:
        return f"{plain(finding.reason)}."
    at = ", ".join(f"*{symbol}* = {i}" for symbol, i in (finding.at or {}).items())
    text = f" {finding.relation} ".join(f"**{plain(side)}**" for side in finding.sides)
    return f"{text}{at and ' at ' + at}."


def _brief(case: Any) -> str:
    """Return the sizes above one, the functions, and what is not zero."""
    parts = [f"{symbol} = {size}" for symbol, size in case.sizes.items() if size > 1]
    for f in fields(case):
        value = getattr(case, f.name)
        if f.name in ("phi", "theta"):
            parts.append(f"{f.name} = {value}")
        elif not isinstance(value, str) and np.any(value):
            whole = np.asarray(value)
            whole = whole.astype(int) if (whole == whole.astype(int)).all() else whole
            parts.append(f"{f.name} = {whole.tolist()}")
    return "; ".join([*parts, "all else 0"] if parts else ["all 0"])
