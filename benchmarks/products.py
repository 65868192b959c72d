"""The matrix products of a network alone, against all that PyTorch and JAX do: ``--help``.

Loss and gradients of the networks of :mod:`benchmarks.networks`: of our compiled loops all is left
out but the products, of the same matrices in the same order. What is left is what no other loop
around them can save.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks import timing

CELLS, DTYPES, PEERS = ("rnn", "lstm", "gru"), ("float64", "float32"), ("torch", "jax")
GIVEN = None
if __name__ == "__main__":
    GIVEN = timing.options(__doc__, cells=CELLS, dtypes=DTYPES, peers=PEERS)

import numpy as np  # noqa: E402 — after the number of threads is settled

import bpttcheck  # noqa: E402
from benchmarks import networks, peers  # noqa: E402
from bpttcheck.bptt.compiled import whole_pass  # noqa: E402
from bpttcheck.bptt.compiled.operations import Code  # noqa: E402
from bpttcheck.bptt.compiled.plan import plan  # noqa: E402

ALONE = (Code.PRODUCT, Code.PRODUCT_ADD, Code.OUTER_ADD)


def products(operations: Any, ends: Any) -> tuple[Any, Any]:
    """Return the products among the operations, and where their sections end."""
    chosen = np.isin(operations[:, 0], ALONE)
    return operations[chosen], np.append(0, np.cumsum(chosen))[ends]


def alone(cell: str, shape: tuple[int, ...], dtype: Any) -> timing.Call:
    """Return a call that does the products of both ways."""
    T, B, m, n, p = shape
    kind = getattr(bpttcheck, cell).kind(**networks.KIND.get(cell, {}))
    found = plan(kind, T, B, m, n, p, n)
    assert found is not None
    w = np.random.default_rng(0).uniform(size=found.size).astype(dtype) / n
    there, back = products(*found.there), products(*found.back)
    given = (*there, *back, found.spans, w, B, np.empty(0, np.intp), 1.0, found.marks)
    return lambda: whole_pass.go(whole_pass.THERE | whole_pass.BACK, *given)


def rows(cell: str, given: Any) -> Iterator[list[str]]:
    """Time all shapes."""
    for dtype in given.dtypes:
        for shape in networks.SHAPES:
            problem = networks.problem(cell, shape, dtype)
            calls = {"products": alone(cell, shape, dtype)}
            calls |= {name: peers.BY_NAME[name](cell, *problem)[1] for name in given.peers}
            times = timing.turns(calls, given.seconds)
            ratios = (timing.ratio(times["products"], times[name]) for name in given.peers)
            yield [f"{shape}, {dtype}", timing.milliseconds(times["products"]), *ratios]


def main(given: Any) -> None:
    """Print the tables."""
    timing.about(given, *timing.installed(*given.peers), "numba")
    for cell in given.cells:
        print(f"\n{cell}: milliseconds of the products alone, and over all of theirs\n")
        timing.table(["(T, B, m, n, p), dtype", "products, ms", *given.peers], rows(cell, given))


if __name__ == "__main__":
    main(GIVEN)
