"""Functions that are accurate beside one, and not beside themselves.

A σ that is 0 below −18, or a tanh that is off by 7 % at 10⁻⁶, is within an ulp *of one* of what it
should be: good enough for the states of most networks, and not to 4 ulp of its own value. A program
with one is no other cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from bpttcheck.arithmetic.floating import ULPS
from bpttcheck.conformance.comparison import Conformance
from bpttcheck.conformance.judged import concluded
from bpttcheck.conformance.observed import Observed

LIMIT = 2.0 * ULPS
"""Units of roundoff that a function may be off by in absolute terms: 4 ulp of one.

That widens what is allowed of gates near one by a factor of two and no more, so that hardly any
other mistake hides behind it.
"""

UNSEEN = 2.0
"""So many where the outputs do not show it: a σ that is 0 below −18 is off by half an ulp of one,
and a tanh as 2σ(2a) − 1, of a σ that is within an ulp of one half, by an ulp."""

FINE = 1.1
"""How exactly the accuracy is measured: to such a factor."""

NAMES = {"tanh": "tanh", "sigmoid": "σ"}


def inaccurate(seen: Observed, report: Conformance) -> Conformance | None:
    """Return the verdict if all is right but for the accuracy of a tanh or σ, else None.

    Such an error is in the outputs, or else in all that a gate leads to: in one gradient alone it
    is another.
    """
    wrong = [part.name for part in report.parts if part.verdict == "wrong"]
    if len(wrong) == 1 and wrong != ["outputs"]:
        return None
    limit = LIMIT if "outputs" in wrong else UNSEEN
    cell = seen.form.reference
    used = {gate.squash.name if k else seen.form.phi for k, gate in cell.gates.items()}
    known = [name for name in NAMES if name in used | {cell.squash.name}]
    if not _explains(seen, dict.fromkeys(known, limit)):
        return None
    for some in (names for size in range(1, 3) for names in combinations(known, size)):
        if _explains(seen, dict.fromkeys(some, limit)):
            return _told(seen, dict.fromkeys(some, _smallest(seen, some, limit)))
    return None


def _smallest(seen: Observed, names: tuple[str, ...], limit: float) -> float:
    """Return the smallest error, in units of roundoff, that explains all, to a factor."""
    low, high = 0.0, limit
    while high > FINE * low and high > 2.0**-20:
        middle = (low * high) ** 0.5 if low else high / 4
        if _explains(seen, dict.fromkeys(names, middle)):
            high = middle
        else:
            low = middle
    return high


def _off(seen: Observed, units: Mapping[str, float]) -> dict[str, float]:
    return {name: count * seen.kind.unit for name, count in units.items()}


def _explains(seen: Observed, units: Mapping[str, float]) -> bool:
    return not any(p.verdict == "wrong" for p in seen.off_by(_off(seen, units)).all())


def _told(seen: Observed, units: Mapping[str, float]) -> Conformance:
    off = _off(seen, units)
    own = seen.off_by(off)
    found = concluded(own.all(), seen.kind)
    if found.verdict != "right":
        return found
    functions = " and ".join(
        f"{NAMES[name]} (off by {error:.1e} in absolute terms, where {ULPS} ulp would be right)"
        for name, error in off.items()
    )
    reason = f"right but for the accuracy of its {functions}: {found.reason}"
    return Conformance("inaccurate", reason, found.parts, found.unit, off)
