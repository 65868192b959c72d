"""Central differences of order eight, with what truncation and noise can do to them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bpttcheck.check.derivative.line_restriction import LineRestriction
from bpttcheck.check.derivative.weighted_sums import summed

ORDER_8 = (4 / 5, -1 / 5, 4 / 105, -1 / 280)
ORDER_6 = (3 / 4, -3 / 20, 1 / 60, 0.0)
ORDER_4 = (2 / 3, -1 / 12, 0.0, 0.0)

STRUCTURE = 64.0
"""An eighth difference of so many times the noise that is known is one of the loss itself."""

UNRESOLVED = 8.0
"""Orders 2 to 8 see 0.5 to 0.63 of a jump within the window, a twelfth of it apart at most."""

DEVIATIONS = 3.0
"""A bound on noise is so many standard deviations wide; three directions then have to agree."""

AMPLIFICATION = DEVIATIONS * math.sqrt(2 * sum(c * c for c in ORDER_8))
"""Noise of standard deviation σ in every loss moves the difference by at most this times σ/h."""

TABLE = (1, -8, 28, -56, 70, -56, 28, -8, 1)
"""The eighth difference: zero for every polynomial of degree seven, so what is left is noise."""

HAMMING = math.sqrt(math.factorial(8) ** 2 / math.factorial(16))
"""Noise of standard deviation σ gives an eighth difference of σ / this (Hamming 1962)."""


def _extrapolation(points: int) -> tuple[float, ...]:
    """Return w with Σ w_k q(k) = q(0) for q(τ) = J + c₁τ + c₃τ³ + …, k = 1 … points."""
    import numpy as np

    powers = [0, *range(1, 2 * points - 2, 2)]
    matrix = np.array([[float(k) ** e for k in range(1, points + 1)] for e in powers])
    return tuple(float(w) for w in np.linalg.solve(matrix, np.eye(points)[0]))


KINK_4 = _extrapolation(4)
KINK_3 = (*_extrapolation(3), 0.0)


@dataclass(frozen=True)
class CentralDifference:
    """R′(0) by differences with step h: ``value`` ± ``truncation`` ± noise.

    ``jitter`` is the noise that the table of differences shows in one loss; ``kink`` the jump of
    slope at t = 0, with the bound that it has to exceed to be one; ``largest`` the largest |L|;
    ``flat`` that all losses were the same; ``restless`` the noise of the losses themselves,
    without the rounding of a huge claimed gradient; ``pair`` what the innermost two losses alone
    are off by, ``bend`` their common part, which a parabola has and a kink.
    """

    step: float
    value: float
    truncation: float
    jitter: float
    kink: float
    kink_truncation: float
    largest: float
    flat: bool
    restless: float
    pair: float
    bend: float
    rough: float
    converges: bool

    def resolved(self, noise: float) -> bool:
        """Tell whether orders get closer, or are apart by noise: not so with an edge within."""
        return self.converges or self.jitter <= STRUCTURE * noise

    def bound(self, noise: float, rounding: float, known: float = math.inf) -> float:
        """Return what |value − R′(0)| does not exceed with noise of that standard deviation.

        ``known`` is the noise that is known without this window.
        """
        truncation = self.truncation if self.resolved(known) else UNRESOLVED * self.rough
        return AMPLIFICATION * noise / self.step + truncation + rounding

    def has_kink(self, noise: float) -> bool:
        """Tell whether the slopes on the two sides of t = 0 differ beyond doubt."""
        spread = (
            DEVIATIONS * sum(4 * abs(w) / k for k, w in enumerate(KINK_4, 1)) * noise / self.step
        )
        return abs(self.kink) > 2 * (spread + self.kink_truncation)


def central_difference(line: LineRestriction, step: float) -> CentralDifference | None:
    """Return the difference at one step; None where a loss is not finite."""
    window = line.window(step)
    if window is None:
        return None
    odd = [window[4 + k] - window[4 - k] for k in range(1, 5)]
    even = [(window[4 + k] + window[4 - k]) / (k * step) for k in range(1, 5)]
    eight = summed(c * d for c, d in zip(ORDER_8, odd, strict=True)) / step
    six = summed(c * d for c, d in zip(ORDER_6, odd, strict=True)) / step
    four = summed(c * d for c, d in zip(ORDER_4, odd, strict=True)) / step
    kink = summed(w * e for w, e in zip(KINK_4, even, strict=True))
    coarse = summed(w * e for w, e in zip(KINK_3, even, strict=True))
    if not all(map(math.isfinite, (eight, six, kink, coarse))):
        return None
    apart = abs(eight - six), abs(six - four), abs(four - odd[0] / (2 * step))
    return CentralDifference(
        step,
        value=eight,
        truncation=abs(eight - six),
        jitter=max(table_noise(window), line.stair(step)),
        kink=kink,
        kink_truncation=abs(kink - coarse),
        largest=line.largest(step),
        flat=line.flat(step),
        restless=table_noise(line.losses(step)),
        pair=abs(odd[0] / (2 * step) - eight),
        bend=even[0] / 2,
        rough=max(apart),
        converges=apart[0] <= apart[1] / 4 and apart[1] <= apart[2] / 4,
    )


def table_noise(values: list[float]) -> float:
    """Return the standard deviation of one value that the eighth difference of nine shows."""
    return HAMMING * abs(summed(c * v for c, v in zip(TABLE, values, strict=True)))
