"""What a function does besides returning: remember, draw random numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.check.calls import Calls
from bpttcheck.check.contract import Broken
from bpttcheck.check.directions import together
from bpttcheck.check.process_state import Randomness, undisturbed

AWAY = 1 / 4
"""Another point lies so far away, in units of the parameters: the gradient is another one there."""


class Moved(NamedTuple):
    """Another point, with the loss and the gradients there."""

    params: dict[str, Array]
    value: float
    claim: dict[str, Array]

    def unmoved(self, claim: dict[str, Array]) -> bool:
        """Tell whether the gradients are those of the first point, to the last bit."""
        return all(np.array_equal(claim[n], g) for n, g in self.claim.items())


@contextmanager
def global_randomness_kept() -> Iterator[None]:
    """Leave the global random generators as they were, and what else the process shares."""
    with undisturbed():
        before = Randomness()
        try:
            yield
        finally:
            before.restore()


def second_call(
    calls: Calls, point: dict[str, Array], value: float, claim: dict[str, Array]
) -> tuple[float, dict[str, Array]]:
    """Call again at the same point, and return the loss and gradients: the same have to come.

    Raises:
        Broken: another loss comes (random, or state is kept), or other gradients.
    """
    again, other, _ = calls.value_and_grad(point)
    if again != value:
        calls.freeze()
        first, claim_first, _ = calls.value_and_grad(point)
        again, other, _ = calls.value_and_grad(point)
        if again != first:
            _moved(calls, point, value, again)
            return value, claim
        value, claim = first, claim_first
        calls.behaviour["random"] = "the loss draws global random numbers; they were held fixed"
    _the_same_again(claim, other, "a second call at the same point returns others")
    return value, claim


def there_and_back(calls: Calls, point: dict[str, Array], claim: dict[str, Array]) -> Moved | None:
    """Ask at another point, and at the first again: the same gradients have to come.

    Returns:
        The other point with its loss and gradients; None where there is none.

    Raises:
        Broken: other gradients come: they are those of a call before.
    """
    rng = np.random.default_rng(0)
    ways = together(rng, point, tuple(point))
    other = {n: (a + AWAY * ways[n]).astype(a.dtype) for n, a in point.items()}
    try:
        value, gradients, _ = calls.value_and_grad(other)
        _, back, _ = calls.value_and_grad(point)
    except Broken:
        return None
    _the_same_again(claim, back, "a call at the same point after one elsewhere returns others")
    return Moved(other, value, gradients)


def _the_same_again(claim: dict[str, Array], other: dict[str, Array], what: str) -> None:
    changed = [name for name in claim if not _same(claim[name], other[name])]
    if not changed:
        return
    name = changed[0]
    flat = int(np.argmax(np.abs(claim[name] - other[name])))
    index = np.unravel_index(flat, claim[name].shape)
    at = [int(i) for i in index]
    text = (
        f"gradients of {', '.join(changed)}: {what}; "
        f"{name}{at} was {claim[name][index]:.6g}, then {other[name][index]:.6g}"
    )
    raise Broken("second call", text, "wrong")


def _same(first: Array, second: Array) -> bool:
    """Tell whether two gradients differ by no more than the order of a sum can."""
    scale = np.abs(first).max(initial=0.0)
    return bool((np.abs(first - second) <= first.size * 2.0**-23 * scale).all())


def _moved(calls: Calls, point: dict[str, Array], value: float, again: float) -> None:
    """Say what is wrong with a loss that differs from call to call, unless it is rounding alone."""
    if abs(again - value) <= 2.0**-44 * abs(value):  # threads that add up in another order
        calls.behaviour["threads"] = "the last digits of the loss change from call to call"
        return
    third, _, _ = calls.value_and_grad(point)
    fourth, _, _ = calls.value_and_grad(point)
    why = "random" if len({value, again, third, fourth}) == 4 else "state"
    text = f"two calls at the same point return the losses {value!r} and {again!r}"
    raise Broken(why, f"value_and_grad: {text}: it is random, or keeps state between calls")
