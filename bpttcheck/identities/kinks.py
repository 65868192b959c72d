"""Where a ReLU unit sits so near its kink that rounding chooses its slope.

Two networks that are one and the same, renamed or run in other batches, add in another order. A
unit within the rounding of its own pre-activation may be on in one and off in the other.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bpttcheck.activations import relu
from bpttcheck.cells.forward import equations
from bpttcheck.cells.rnn import rnn
from bpttcheck.statements.identity import Domain

ROUNDOFF = 2.0**-53
UNDERFLOW = 2.0**-1074


def off_the_kink(case: Any) -> bool:
    """Return whether every ReLU unit's side of the kink survives rounding.

    A sum of k products, added in any order, is within γ_k Σ|products| of its value, γ_k =
    k u / (1 − k u), and k underflows; ReLU passes on the error of h_{t−1} no larger than it came.
    Two sums, each within that of the true one, are on the same side of zero if either is further
    than twice that from it.

    Source: Higham 2002, Accuracy and Stability of Numerical Algorithms, eq. 3.5.
    """
    if case.phi != "relu":
        return True
    weights = {"U": case.U, "W": case.W, "V": case.V, "b": case.b, "b_s": case.c}
    with np.errstate(all="ignore"):
        run = equations(rnn(relu), weights, case.x, {"h": case.h0})
        terms = case.sizes["m"] + case.sizes["n"] + 1
        gamma = terms * ROUNDOFF / (1 - terms * ROUNDOFF)
        U, W, b = abs(case.U), abs(case.W), abs(case.b)
        error = np.zeros_like(run.h[0])
        for t, a in enumerate(run.a):
            h, x = abs(run.h[t]), abs(case.x[t])
            rounded = gamma * (x @ U.T + h @ W.T + b) + terms * UNDERFLOW
            error = rounded + (1 + gamma) * (error @ W.T)
            if not (abs(a) > 2 * error).all():
                return False
    return True


OFF_THE_KINK = Domain("no ReLU unit is within rounding of its kink", off_the_kink)
