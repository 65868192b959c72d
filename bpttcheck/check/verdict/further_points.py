"""Further points of the same code: at each, a cause has to reproduce everything."""

from __future__ import annotations

import math

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.check.derivative.directions import together
from bpttcheck.check.derivative.gradient_test import GradientTest
from bpttcheck.check.program.calls import Calls
from bpttcheck.check.program.contract import Broken
from bpttcheck.check.program.probe_point import ProbePoint, probe, probed
from bpttcheck.check.verdict.block import Block
from bpttcheck.check.verdict.block_verdicts import block_of, located
from bpttcheck.check.verdict.directional_test import accepts
from bpttcheck.check.verdict.report import Report

LARGEST = 20_000
"""More parameters, or states at all steps, are too many for hundreds of backward passes."""


WALKED = 400
"""So many parameters are walked at further points, where the network is not recognised."""


def _beside(report: Report, most: int) -> list[tuple[str, dict[str, Array]]]:
    """Return other parameters by name: near the point, and random ones of moderate size."""
    assert report.evidence is not None
    params = report.evidence.params
    if sum(a.size for a in params.values()) > most:
        return []
    rng = np.random.default_rng([report.seed, 1])
    near = {n: a + 0.3 * rng.uniform(-1, 1, a.shape) * (np.abs(a) + 0.5) for n, a in params.items()}
    anew = {
        n: rng.normal(size=a.shape) / math.sqrt(max(a.shape[-1:] or (1,)))
        for n, a in params.items()
    }
    return [
        (name, {n: a.astype(params[n].dtype) for n, a in point.items()})
        for name, point in (("beside the point", near), ("a random point", anew))
    ]


def further_points(calls: Calls, report: Report) -> list[ProbePoint]:
    """Return what the function says at further points."""
    assert report.evidence is not None
    unit = report.evidence.precision.unit
    found = (probed(calls, p, name=name, unit=unit) for name, p in _beside(report, LARGEST))
    return [one for one in found if one is not None]


def walked(calls: Calls, report: Report) -> list[Report]:
    """Return reports of further points: every entry of what is wrong, the rest in one direction."""
    found = []
    for _, point in _beside(report, WALKED):
        try:
            one = _walked(calls, report, point)
        except Broken:
            continue
        if one is not None:
            found.append(one)
    return found


def _walked(calls: Calls, report: Report, point: dict[str, Array]) -> Report | None:
    here = report.evidence
    assert here is not None
    test = GradientTest(probe(calls, point), here.precision, here.grains, here.clock)
    rng = np.random.default_rng([report.seed, 3])
    wrong = [block for block in report.blocks if block.verdict == "wrong"]
    right = tuple(block.name for block in report.blocks if block.verdict != "wrong")
    blocks = [located(test, _anew(block, test), rng) for block in wrong]
    if right:
        largest = max(float(np.abs(g).max()) for g in test.claim.values())
        outcome = accepts(test, lambda: together(rng, point, right))
        if outcome is None:
            return None
        blocks += [block_of(test, name, outcome, largest) for name in right]
    done = tuple(blocks)
    return Report("wrong", report.reason, done, test.value, seed=report.seed, evidence=test)


def _anew(block: Block, test: GradientTest) -> Block:
    size = float(np.abs(test.claim[block.name]).max())
    return Block(block.name, block.shape, "wrong", "", block.oracle, 0.0, "", size)
