"""The loss of class indices with all gradients, in one call: there, softmax and NLL, back."""

from __future__ import annotations

import math

import numpy as np

from bpttcheck.bptt.compiled import elementary
from bpttcheck.bptt.compiled.cached import compiled, inlined
from bpttcheck.bptt.compiled.loops import U, perform


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
def exponentials(w, o, top, e):
    """Put e^(o_j − top) into e for a row of scores, what rounding takes from o_j − top kept."""
    for j in range(U(len(e))):
        d, error = two_sum(np.float64(w[o + j]), -top)
        entry = elementary.exp(d)
        e[j] = entry + (entry * error if abs(error) < np.inf else 0.0)


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


@compiled
def nll(w, s, ds, y, p, share):
    """Return Σ −ln ŷ_c of the rows of scores at s, and put its gradient over ``share`` at ds.

    In double, as :mod:`bpttcheck.softmax_nll` does: what rounding takes from s − max s is kept, and
    the target's entry is a sum of the others.
    """
    loss = lost = 0.0
    e = np.empty(p)
    above = 2.0
    while above <= 2 * (p + 1):
        above *= 2.0
    for row in range(len(y)):
        o, out, c = U(s + row * p), U(ds + row * p), y[row]
        leader = 0
        for j in range(1, p):
            if w[o + U(j)] > w[o + U(leader)]:
                leader = j
        top = np.float64(w[o + U(leader)])
        exponentials(w, o, top, e)
        e[leader] = 0.0
        rest = total(e, above)
        e[leader] = 1.0
        d, error = two_sum(np.float64(w[o + U(c)]), -top)
        loss, rounded = two_sum(loss, -((d - math.log1p(rest)) + error))
        lost += rounded
        others = rest if c == leader else (1.0 + rest) - e[c]
        over = (1.0 + rest) * share
        for j in range(U(p)):
            w[out + j] = e[j] / over
        w[out + U(c)] = -others / over
    return (loss + lost) / share


@inlined
def sections(ops, ends, spans, back, w, B):
    """Go through all blocks of steps, there or back."""
    count, once = len(spans), True
    for i in range(count):
        k = count - 1 - i if back else i
        start, length = spans[k, 0], spans[k, 1] - spans[k, 0]
        for stage in range(-3, length + 1):
            section, place, rows = 3, stage, B  # a step
            if stage == -3:
                section, place = 0, 0
                if not once:
                    continue
                once = False
            elif stage == -2:
                section, place, rows = 1, 0, length * B
            elif stage == -1:
                section, place = 2, length
            elif stage == length:
                section, place, rows = 4, 0, length * B
            elif back:
                place = length - 1 - stage
            perform(ops, ends[section], ends[section + 1], w, start + place, place, rows, B)


THERE, LOSS, BACK = 1, 2, 4


@compiled
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
        marks: where what is given begins and ends, and what is made there; ∂L/∂s_t, and what is
            made back; where s begins; p.
    """
    loss, p = 0.0, marks[9]
    for row in range(len(y)):
        if not 0 <= y[row] < p:
            return np.nan
    for way in range(2):
        if asked & (BACK if way else THERE):
            if way and asked & LOSS:
                loss = nll(w, marks[8], marks[4], y, p, share)
            read, made = 4 * way, 4 * way + 2
            if not finite(w, marks[read], marks[read + 1]):
                return np.nan
            ops, ends = (back, back_ends) if way else (there, there_ends)
            sections(ops, ends, spans, way > 0, w, B)
            if not finite(w, marks[made], marks[made + 1]):
                return np.nan
    return loss
