"""The calls of NumPy that loops over steps cannot do without, over all that others do: ``--help``.

Loss and gradients of the networks of :mod:`benchmarks.networks`, in float64: of NumPy's loops all
is left out but the calls at each step, on rows that are there already, and the matrix products
before and after the loops. Nothing is checked, named or kept, and no loss is taken. What is left is
what no Python around NumPy can save.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import repeat
from typing import Any

from benchmarks import timing

CELLS, PEERS = ("rnn", "lstm", "gru"), ("torch", "jax")
GIVEN = None
if __name__ == "__main__":
    GIVEN = timing.options(__doc__, cells=CELLS, peers=PEERS)

from statistics import geometric_mean, median  # noqa: E402

import numpy as np  # noqa: E402 — after the number of threads is settled

from benchmarks import networks, peers  # noqa: E402

SMALL = 1e-3
"""Weights by which what is handed back through a thousand steps stays in range."""

Calls = list[tuple[Any, ...]]
"""What is called, each with its arguments, the room for the result last."""


class Rooms:
    """Rows to compute with: what is in them does not matter to the time, as long as it is usual."""

    def __init__(self, B: int) -> None:
        self.B, self._random = B, np.random.default_rng(0)

    def __call__(self, size: int) -> Any:
        """Return rows of a size, (B, size)."""
        return self._random.uniform(0.1, 0.9, (self.B, size))


def sigmoid(a: Any, out: Any, q: Any) -> Calls:
    """Return the calls of σ that keep every digit, e^a in the room of ``q``."""
    limit, one = np.full_like(q, 700.0), np.ones_like(q)
    return [
        (np.fmin, a, limit, q),
        (np.exp, q, q),
        (np.add, q, one, out),
        (np.divide, q, out, out),
    ]


def by_gates(message: Any, factors: Any, into: Any) -> Calls:
    """Return the calls that multiply by factors of gates: at once, or each if that is faster."""
    if len(message) > 1:
        return [(np.multiply, message[:, None], factors, into)]
    return [(np.multiply, message, factors[:, k], into[:, k]) for k in range(factors.shape[1])]


PRODUCT = np.ndarray.dot
"""Of rows of a step: faster than ``matmul`` where they are few."""


def rnn(room: Rooms, n: int) -> tuple[Calls, Calls]:
    """Return the calls of h = tanh(a + W h), and of da = dh ∘ slope, dh⁻ = W da + what V sends."""
    a, h, made, W = room(n), room(n), room(n), SMALL * np.eye(n)
    there = [(PRODUCT, h, W, made), (np.add, a, made, a), (np.tanh, a, h)]
    return there, [(np.multiply, h, a, made), (PRODUCT, made, W, a), (np.add, a, h, a)]


def lstm(room: Rooms, n: int) -> tuple[Calls, Calls]:
    """Return the calls of all gates at once, three of them by σ; back, those of three at once."""
    a, made, W = room(4 * n), room(4 * n), SMALL * np.ones((n, 4 * n)) / n
    gates, q, c, h, t = room(4 * n), room(3 * n), room(n), room(n), room(n)
    i, f, o, g = (gates[:, k * n : (k + 1) * n] for k in range(4))
    there = [
        (PRODUCT, h, W, made),
        (np.add, a, made, a),
        *sigmoid(a[:, : 3 * n], gates[:, : 3 * n], q),
        (np.tanh, a[:, 3 * n :], g),
        (np.multiply, f, c, c),
        (np.multiply, i, g, t),
        (np.add, c, t, c),
        (np.tanh, c, t),
        (np.multiply, o, t, h),
    ]
    da, wide = room(4 * n), room(3 * n).reshape(-1, 3, n)
    into = da[:, : 3 * n].reshape(-1, 3, n)
    back = [
        (np.multiply, h, o, da[:, 3 * n :]),
        (np.multiply, h, t, made[:, :n]),
        (np.add, c, made[:, :n], c),
        *by_gates(c, wide, into),
        (np.multiply, c, f, c),
        (PRODUCT, da, W.T, t),
        (np.add, h, t, h),
    ]
    return there, back


def gru(room: Rooms, n: int) -> tuple[Calls, Calls]:
    """Return the calls of two gates by σ, and a candidate from a product that is reset."""
    a, made, W = room(3 * n), room(3 * n), SMALL * np.ones((n, 3 * n)) / n
    gates, q, h, g, t = room(2 * n), room(2 * n), room(n), room(n), room(n)
    z, r = gates[:, :n], gates[:, n:]
    there = [
        (PRODUCT, h, W, made),
        (np.add, a[:, : 2 * n], made[:, : 2 * n], a[:, : 2 * n]),
        *sigmoid(a[:, : 2 * n], gates, q),
        (np.add, made[:, 2 * n :], g, t),
        (np.multiply, r, t, t),
        (np.add, a[:, 2 * n :], t, t),
        (np.tanh, t, g),
        (np.subtract, h, g, t),
        (np.multiply, z, t, t),
        (np.add, g, t, h),
    ]
    da, wide = room(3 * n), room(2 * n).reshape(-1, 2, n)
    back = [
        *by_gates(h, wide, da[:, : 2 * n].reshape(-1, 2, n)),
        (np.multiply, h, z, h),
        (np.multiply, da[:, n : 2 * n], g, da[:, 2 * n :]),
        (np.multiply, da[:, n : 2 * n], r, da[:, n : 2 * n]),
        (PRODUCT, da, W.T, t),
        (np.add, h, t, h),
    ]
    return there, back


GATES: dict[str, tuple[Callable[[Rooms, int], tuple[Calls, Calls]], int]] = {
    "rnn": (rnn, 1),
    "lstm": (lstm, 4),
    "gru": (gru, 3),
}


def alone(cell: str, shape: tuple[int, ...]) -> timing.Call:
    """Return a call that makes all calls of both ways."""
    T, B, m, n, p = shape
    step, gates = GATES[cell]
    there, back = step(Rooms(B), n)
    starts = [(given[-1], given[-1].copy()) for _, *given in (*there, *back)]
    every, random = T * B, np.random.default_rng(0)
    x, h, s, da = (random.uniform(size=(every, k)) for k in (m, n, p, gates * n))
    U, V = random.uniform(size=(m, gates * n)), random.uniform(size=(n, p))
    # What is read, pre-activations, scores; back: dh, dx, and dU, dW, dV.
    once = [(x, U), (h, V), (s, V.T), (da, U.T), (x.T, da), (h.T, da), (h.T, s)]
    products = [(np.matmul, one, other, one @ other) for one, other in once]

    def call() -> None:
        for rows, start in starts:  # again and again, what is added up would leave the range
            rows[...] = start
        for way in (there, back):
            calls = [map(function, *(repeat(a, T) for a in given)) for function, *given in way]
            deque(zip(*calls, strict=True), maxlen=0)
        for function, *given in products:
            function(*given)

    return call


def rows(cell: str, given: Any) -> Iterator[list[str]]:
    """Time all shapes."""
    found: dict[str, list[float]] = {name: [] for name in given.peers}
    for shape in networks.SHAPES:
        problem = networks.problem(cell, shape, np.float64)
        calls = {"calls": alone(cell, shape)}
        calls |= {name: peers.BY_NAME[name](cell, *problem)[1] for name in given.peers}
        times = timing.turns(calls, given.seconds)
        for name in given.peers:
            pairs = zip(times["calls"], times[name], strict=True)
            found[name].append(median(one / other for one, other in pairs))
        ratios = (timing.ratio(times["calls"], times[name]) for name in given.peers)
        yield [f"{shape}", timing.milliseconds(times["calls"]), *ratios]
    yield ["geometric mean", "", *(f"{geometric_mean(found[n]):.2f}" for n in given.peers)]


def main(given: Any) -> None:
    """Print the tables."""
    timing.about(given, *timing.installed(*given.peers))
    for cell in given.cells:
        there, back = GATES[cell][0](Rooms(2), 2)
        print(f"\n{cell}: {len(there)} calls a step there and {len(back)} back, over theirs\n")
        timing.table(["(T, B, m, n, p)", "calls, ms", *given.peers], rows(cell, given))


if __name__ == "__main__":
    main(GIVEN)
