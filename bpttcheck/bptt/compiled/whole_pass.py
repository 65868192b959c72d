"""The loss of class indices with all gradients, in one call: there, softmax and NLL, back."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from bpttcheck.bptt.compiled import elementary
from bpttcheck.bptt.compiled.cached import compiled, kept, sources
from bpttcheck.bptt.compiled.loops import U, sections


@compiled
def finite(w, first, last):
    """Tell whether all numbers of a part are finite."""
    bad = 0
    for j in range(U(first), U(last)):
        bad |= not abs(w[j]) < np.inf
    return bad == 0


@compiled
def two_sum(a, b):
    """Return fl(a + b) and what rounding took from it (Knuth)."""
    s = a + b
    part = s - a
    return s, (a - (s - part)) + (b - part)


@compiled
def total(e, above):
    """Return Σ e_j, about once rounded, for 0 ≤ e_j ≤ 1 and a power of two ``above`` their sum.

    The high parts are multiples of one power of two and add up without rounding.
    """
    high = more = low = less = 0.0
    n = len(e)
    for j in range(0, n - 1, 2):
        one, other = (above + e[j]) - above, (above + e[j + 1]) - above
        high += one
        more += other
        low += e[j] - one
        less += e[j + 1] - other
    if n % 2:
        low += e[n - 1]
    return (high + more) + (low + less)


CHUNK = 4096
"""Scores that are looked at together."""


@compiled
def nll(w, s, y, p, share):
    """Return Σ −ln ŷ_c of the rows of scores at s, and put its gradient over ``share`` there.

    In double, as :mod:`bpttcheck.softmax_nll` does: what rounding takes from s − max s is kept, and
    the target's entry is a sum of the others.
    """
    loss = lost = 0.0
    count, above = max(1, CHUNK // p), 2.0
    e, errors, leaders = np.empty(count * p), np.empty(count * p), np.empty(count, np.intp)
    while above <= 2 * (p + 1):
        above *= 2.0
    for start in range(0, len(y), count):
        rows = min(count, len(y) - start)
        for row in range(rows):
            o, at, leader = U(s + (start + row) * p), U(row * p), U(0)
            for j in range(U(p)):
                if w[o + j] > w[o + leader]:
                    leader = j
            leaders[row], top = leader, np.float64(w[o + leader])
            for j in range(U(p)):
                e[at + j], errors[at + j] = two_sum(np.float64(w[o + j]), -top)
            c = at + U(y[start + row])
            loss, rounded = two_sum(loss, -e[c])
            lost += rounded - errors[c]
        for j in range(U(rows * p)):
            entry, error = elementary.exp(e[j]), errors[j]
            e[j] = entry + (entry * error if abs(error) < np.inf else 0.0)
        for row in range(rows):
            own = e[row * p : (row + 1) * p]
            leader, c, out = leaders[row], y[start + row], U(s + (start + row) * p)
            own[leader] = 0.0
            rest = total(own, above)
            own[leader] = 1.0
            loss, rounded = two_sum(loss, math.log1p(rest))
            lost += rounded
            others = rest if c == leader else (1.0 + rest) - own[c]
            over = (1.0 + rest) * share
            for j in range(U(p)):
                w[out + j] = own[j] / over
            w[out + U(c)] = -others / over
    return (loss + lost) / share


THERE, LOSS, BACK = 1, 2, 4


def _go(known: int) -> Callable[..., float]:
    """Return the one function that is called from Python."""

    @kept
    def go(asked, there, there_ends, back, back_ends, spans, w, B, y, share, marks):
        """Go there, take the loss, go back; return the loss, or NaN if anything is not finite.

        Arguments:
            asked: which of the three, added up.
            there: operations.
            there_ends: where its sections end.
            back: operations.
            back_ends: where its sections end.
            spans: first step and last of each block.
            w: the workspace.
            B: sequences.
            y: class indices, (T·B,).
            share: what the sum over steps is divided by.
            marks: where what is given begins and ends, and what is made there; s or ∂L/∂s_t; what
                is made back, and ∂L/∂x; p.
        """
        _ = known  # enclosed, so that Numba sees that sources have changed
        loss, p = 0.0, marks[10]
        for row in range(len(y)):
            if not 0 <= y[row] < p:
                return np.nan
        for way in range(2):
            if asked & (BACK if way else THERE):
                if way and asked & LOSS:
                    loss = nll(w, marks[4], y, p, share)
                read, made = 4 * way, 4 * way + 2
                if not finite(w, marks[read], marks[read + 1]):
                    return np.nan
                ops, ends = (back, back_ends) if way else (there, there_ends)
                sections(ops, ends, spans, way > 0, w, B)
                if not finite(w, marks[made], marks[made + 1]):
                    return np.nan
                if way and not finite(w, marks[8], marks[9]):
                    return np.nan
        return loss

    return go


go = _go(sources())
