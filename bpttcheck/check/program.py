"""The program, apart from its formula: how well float arithmetic computes what it says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.jitter import jittered
from bpttcheck.check.ballot import Judge
from bpttcheck.check.contract import Broken
from bpttcheck.check.formula import SECONDS, Formula

RUNS = 8
"""Randomly rounded runs of the same code."""

ALLOWED = 4.0
"""Times their spread: more is not rounding."""

UNDERFLOW = 2.0**-1022
"""What an operation on numbers below the smallest normal one may lose, with room for factors."""


def spread(judge: Judge) -> dict[str, Array] | None:
    """Return how far apart randomly rounded runs of the code lie, for each entry."""
    runs = []
    for seed in range(RUNS):
        drawn = {name: jittered(theta, seed) for name, theta in judge.params.items()}
        try:
            _, gradients = judge.calls.raw_pair(drawn, SECONDS)
            runs.append({n: np.asarray(gradients[n], dtype=np.float64) for n in judge.params})
        except (Broken, TypeError, ValueError, KeyError):
            return None
    stacked = {name: np.stack([run[name] for run in runs]) for name in judge.params}
    if any(s.shape[1:] != judge.params[n].shape for n, s in stacked.items()):
        return None
    with np.errstate(invalid="ignore"):
        return {name: np.asarray(np.ptp(s, axis=0)) for name, s in stacked.items()}


@dataclass(frozen=True)
class Rounding:
    """The largest error of a block over what rounding explains, and the largest that it does."""

    share: float
    allowed: float


def errors(judge: Judge, formula: Formula) -> dict[str, Rounding] | None:
    """Return how each block's float gradient compares with its formula; None if it cannot run."""
    apart = spread(judge)
    if apart is None:
        return None
    found = {}
    for name, scatter in apart.items():
        middle, radii = formula.midpoint(name)
        allowed = ALLOWED * scatter + radii + UNDERFLOW
        share = np.abs(judge.claim[name] - middle) / allowed
        if not np.isfinite(share).all():
            return None
        found[name] = Rounding(float(share.max()), float(allowed.max()))
    return found
