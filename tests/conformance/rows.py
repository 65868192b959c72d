"""A tanh RNN as somebody has it: rows for sequences, x U + h W, in a layout."""

import numpy as np

from bpttcheck import adaptors
from bpttcheck.conformance import Layout
from tests.adaptors import styles_of_code as code
from tests.adaptors.styles_of_code import drawn

# Rows for sequences: x U + h W is (Uᵀ xᵀ + Wᵀ hᵀ)ᵀ.
ROWS = Layout(
    "rnn", {"U": "U.T", "W": "W.T", "b": "b", "x": "x[T,B,m]", "h0": "h0[B,n]"}
)  # fmt: skip


def tanh_rnn(slip=1.0, dtype=np.float64, **options):
    params = drawn(dtype=dtype, **options)
    return adaptors.from_vjp(
        lambda p: code.forward(**p), lambda dh, cache: code.backward(dh, cache, slip), params
    )
