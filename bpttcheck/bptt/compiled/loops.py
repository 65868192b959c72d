"""The compiled loop: does a list of operations, step by step, a block of steps at a time.

Every index is unsigned, since a signed one might be negative and mean the end, and a loop that asks
is not vectorised. No row overlaps another that is written, but where it is the same. No function is
called with a number as it stands: Numba would compile it once more for that number.
"""

from __future__ import annotations

import numpy as np

from bpttcheck.bptt.compiled import elementary
from bpttcheck.bptt.compiled.cached import compiled, inlined
from bpttcheck.bptt.compiled.operations import MANY, STEP, Code

U = np.uintp

COPY, FILL_ZERO, FILL_ONE, ADD, SUBTRACT, MULTIPLY, DIVIDE, ADD_TO, MULTIPLY_ADD = range(9)
TANH, TANH_SLOPE, SIGMOID, SIGMOID_SLOPE, RELU, RELU_SLOPE = range(9, 15)
TANH_BOTH, SIGMOID_BOTH, RELU_BOTH, LINEAR_BOTH = range(15, 19)
PRODUCT, PRODUCT_ADD, OUTER_ADD, SUM_ADD, TRANSPOSE = range(19, 24)
assert [c.value for c in Code] == [*range(24)]  # Numba takes no enumeration as fast

CHUNK = 1024
"""Entries of rows that are worked on together."""

SMALL = 3000
"""Multiplications of a matrix product that a loop does faster than BLAS is called."""


@compiled
def entrywise(code, w, d, a, b, count):
    """Do an operation entry by entry."""
    n = U(count)
    if code == MULTIPLY:
        for j in range(n):
            w[d + j] = w[a + j] * w[b + j]
    elif code == MULTIPLY_ADD:
        for j in range(n):
            w[d + j] += w[a + j] * w[b + j]
    elif code == ADD_TO:
        for j in range(n):
            w[d + j] += w[a + j]
    elif code == TANH:
        for j in range(n):
            w[d + j] = elementary.tanh(w[a + j])
    elif code == SIGMOID:
        for j in range(n):
            w[d + j] = elementary.sigmoid(w[a + j])
    elif code == TANH_SLOPE:
        for j in range(n):
            w[d + j] = elementary.tanh_slope(w[a + j])
    elif code == SIGMOID_SLOPE:
        for j in range(n):
            w[d + j] = elementary.sigmoid_slope(w[a + j])
    elif code == SUBTRACT:
        for j in range(n):
            w[d + j] = w[a + j] - w[b + j]
    elif code == ADD:
        for j in range(n):
            w[d + j] = w[a + j] + w[b + j]
    elif code == COPY:
        for j in range(n):
            w[d + j] = w[a + j]
    elif code == FILL_ZERO:
        for j in range(n):
            w[d + j] = 0.0
    elif code == FILL_ONE:
        for j in range(n):
            w[d + j] = 1.0
    elif code == DIVIDE:
        for j in range(n):
            w[d + j] = w[a + j] / w[b + j]
    elif code == TANH_BOTH and a == b:
        for j in range(n):
            x = w[a + j]
            w[d + j], slope = elementary.tanh_and_slope(x)
            w[a + j] = slope + (x - x)
    elif code == SIGMOID_BOTH and a == b:
        for j in range(n):
            x = w[a + j]
            w[d + j], slope = elementary.sigmoid_and_slope(x)
            w[a + j] = slope + (x - x)
    elif code == TANH_BOTH:
        for j in range(n):
            w[d + j], w[b + j] = elementary.tanh_and_slope(w[a + j])
    elif code == SIGMOID_BOTH:
        for j in range(n):
            w[d + j], w[b + j] = elementary.sigmoid_and_slope(w[a + j])
    elif code == RELU_BOTH:
        for j in range(n):
            x = w[a + j]
            w[d + j] = max(x, w.dtype.type(0))
            w[b + j] = (1.0 if x > 0 else 0.0) + (x - x)
    elif code == LINEAR_BOTH:
        for j in range(n):
            x = w[a + j]
            w[d + j] = x
            w[b + j] = 1.0 + (x - x)
    elif code == RELU:
        for j in range(n):
            w[d + j] = max(w[a + j], w.dtype.type(0))
    elif code == RELU_SLOPE:
        for j in range(n):
            w[d + j] = 1.0 if w[a + j] > 0 else 0.0


@compiled
def product(w, d, lead_d, a, lead_a, matrix, rows, inner, cols, add):
    """Set d (rows, cols) to a (rows, inner) @ matrix, or add it."""
    if rows > U(1) and rows * inner * cols > U(SMALL):
        left = dense(w, a, lead_a, rows, inner)
        right = w[matrix : matrix + inner * cols].reshape(inner, cols)
        if add or lead_d != cols:
            found = np.dot(left, right)
            for r in range(rows):
                o = d + r * lead_d
                if add:
                    for j in range(cols):
                        w[o + j] += found[r, j]
                else:
                    for j in range(cols):
                        w[o + j] = found[r, j]
        else:
            np.dot(left, right, w[d : d + rows * cols].reshape(rows, cols))
        return
    for r in range(rows):
        o, i = d + r * lead_d, a + r * lead_a
        if not add:
            for j in range(cols):
                w[o + j] = 0.0
        combine(w, o, i, U(1), matrix, inner, cols)


@compiled
def combine(w, d, a, stride, matrix, count, cols):
    """Add to the row d the rows of a matrix, each times a number of a."""
    k, four = U(0), U(4)
    one, two, three = U(1), U(2), U(3)
    while k + four <= count:  # four at once, since to read and write d takes longest
        i, m = a + k * stride, matrix + k * cols
        p, q, r, s = w[i], w[i + stride], w[i + two * stride], w[i + three * stride]
        for j in range(cols):
            w[d + j] = (
                ((w[d + j] + p * w[m + j]) + q * w[m + cols + j]) + r * w[m + two * cols + j]
            ) + s * w[m + three * cols + j]
        k += four
    while k < count:
        p, m = w[a + k * stride], matrix + k * cols
        for j in range(cols):
            w[d + j] += p * w[m + j]
        k += one


@compiled
def dense(w, a, lead, rows, cols):
    """Return rows as a matrix: the very numbers where they lie close, and else a copy."""
    if lead == cols:
        return w[a : a + rows * cols].reshape(rows, cols)
    found = np.empty((rows, cols), w.dtype)
    for r in range(rows):
        for j in range(cols):
            found[r, j] = w[a + r * lead + j]
    return found


@compiled
def outer_add(w, d, a, lead_a, b, lead_b, rows, high, wide):
    """Add Σ a bᵀ over the rows to d (high, wide)."""
    if rows * high * wide > U(SMALL):
        found = np.dot(dense(w, a, lead_a, rows, high).T, dense(w, b, lead_b, rows, wide))
        for i in range(high):
            for j in range(wide):
                w[d + i * wide + j] += found[i, j]
        return
    for r in range(rows):
        for i in range(high):
            p, o, s = w[a + r * lead_a + i], d + i * wide, b + r * lead_b
            for j in range(wide):
                w[o + j] += p * w[s + j]


@inlined
def perform(ops, first, last, w, t, place, many, single):
    """Do a section's operations at step t, ``place`` steps into its block.

    Those that go entry by entry, one after another, are done to some rows at a time, so that what
    one wrote is still in cache when the next one reads it: none reads a row that is not its own.
    """
    i = first
    while i < last:
        stop, code, cols = i + 1, ops[i, 0], U(ops[i, 1])
        rows = U(many if ops[i, 2] == MANY else single if ops[i, 2] == STEP else 1)
        wide, chunk = U(ops[i, 15]), rows
        if code < PRODUCT:
            while stop < last and ops[stop, 0] < PRODUCT and ops[stop, 2] == ops[i, 2]:
                stop += 1
            if rows * cols > U(CHUNK):
                chunk = max(U(1), U(CHUNK) // cols)
        for start in range(U(0), rows, chunk):
            count = min(chunk, rows - start)
            for k in range(i, stop):
                lead_d, lead_a, lead_b = U(ops[k, 6]), U(ops[k, 10]), U(ops[k, 14])
                d = U(ops[k, 3] + t * ops[k, 4] + place * ops[k, 5]) + start * lead_d
                a = U(ops[k, 7] + t * ops[k, 8] + place * ops[k, 9]) + start * lead_a
                b = U(ops[k, 11] + t * ops[k, 12] + place * ops[k, 13]) + start * lead_b
                if code < PRODUCT:
                    entry, n = ops[k, 0], U(ops[k, 1])
                    if lead_d == n and lead_a == n and lead_b == n:
                        entrywise(entry, w, d, a, b, count * n)
                    else:
                        for r in range(count):
                            entrywise(entry, w, d + r * lead_d, a + r * lead_a, b + r * lead_b, n)
                elif code < OUTER_ADD:
                    product(w, d, lead_d, a, lead_a, b, rows, wide, cols, code == PRODUCT_ADD)
                elif code == OUTER_ADD:
                    outer_add(w, d, a, lead_a, b, lead_b, rows, wide, cols)
                elif code == SUM_ADD:
                    for r in range(rows):
                        entrywise(code - SUM_ADD + ADD_TO, w, d, a + r * lead_a, b, cols)
                else:  # a (wide, cols) becomes d (cols, wide)
                    for r in range(wide):
                        for j in range(cols):
                            w[d + j * wide + r] = w[a + r * cols + j]
        i = stop


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
