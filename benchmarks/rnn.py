"""The vanilla RNN against PyTorch (eager), JAX (compiled) and HIPS autograd: ``--help``.

A row is a shape (T, B, m, n, p) with tanh states, both biases and softmax + NLL of class indices,
summed. ``forward`` is the pass with every intermediate kept; ``value_and_grad`` the loss and the
gradients of the five weights, the initial state and the inputs. Ratios are ours / theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks import timing

GIVEN = timing.options(__doc__) if __name__ == "__main__" else None

import numpy as np  # noqa: E402 — after the number of threads is settled

from benchmarks import peers  # noqa: E402
from benchmarks.timing import assert_same  # noqa: E402
from bpttcheck import rnn  # noqa: E402

SHAPES = [
    (8, 3, 4, 5, 3),
    (50, 1, 8, 16, 8),
    (20, 16, 16, 32, 10),
    (40, 32, 64, 128, 64),
    (200, 8, 32, 64, 32),
    (128, 64, 256, 512, 256),
]


def problem(shape: tuple[int, ...], dtype: Any) -> tuple[dict[str, Any], Any, Any, Any]:
    """Return weights, inputs, class indices and an initial state, of a usual size."""
    T, B, m, n, p = shape
    random = np.random.default_rng(0)

    def normal(*sizes: int) -> Any:
        return (random.standard_normal(sizes) / np.sqrt(sizes[-1])).astype(dtype)

    params = {
        "U": normal(n, m),
        "W": normal(n, n),
        "V": normal(p, n),
        "b": normal(n),
        "b_s": normal(p),
    }
    x = random.standard_normal((T, B, m)).astype(dtype)
    return params, x, random.integers(0, p, (T, B)), normal(B, n)


def contenders(names: list[str], shape: tuple[int, ...], dtype: Any) -> dict[str, Any]:
    """Return for each function who computes it, after checking that all compute the same."""
    params, x, y, h0 = problem(shape, dtype)

    def forward() -> Any:
        return rnn.forward(params, x, h0=h0).s

    def value_and_grad() -> Any:
        return rnn.value_and_grad(params, x, y, h0=h0)

    found = {"forward": {"ours": forward}, "value_and_grad": {"ours": value_and_grad}}
    loss, grads = value_and_grad()
    for name in names:
        theirs = peers.RNN[name](params, x, y, h0)
        found["forward"][name], found["value_and_grad"][name] = theirs
        assert_same(f"{name}, s", forward(), theirs[0]())
        their_loss, their_grads = theirs[1]()
        assert_same(f"{name}, loss", loss, their_loss.detach() if name == "torch" else their_loss)
        for key, gradient in zip(peers.GRADIENTS, their_grads, strict=True):
            assert_same(f"{name}, d{key}", grads[key], gradient)
    return found


def rows(names: list[str], function: str, seconds: float) -> Iterator[list[str]]:
    """Time one function over all shapes."""
    for dtype in (np.float64, np.float32):
        for shape in SHAPES:
            times = timing.turns(contenders(names, shape, dtype)[function], seconds)
            yield [
                f"{shape}, {np.dtype(dtype).name}",
                timing.milliseconds(times["ours"]),
                *(timing.ratio(times["ours"], times[name]) for name in names),
            ]


def main(given: Any) -> None:
    """Print the two tables."""
    names = timing.installed(*peers.RNN)
    timing.about(given, *names)
    for function in ("value_and_grad", "forward"):
        print(f"\n{function}: milliseconds, and ours / theirs\n")
        head = ["(T, B, m, n, p), dtype", "ours, ms", *names]
        timing.table(head, rows(names, function, given.seconds))


if __name__ == "__main__":
    main(GIVEN)
