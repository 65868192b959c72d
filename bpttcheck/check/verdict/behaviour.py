"""What a function does besides returning: remember, draw random numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bpttcheck.arguments.wording import gradients_of
from bpttcheck.arithmetic.base import Array
from bpttcheck.check.derivative.directions import together
from bpttcheck.check.program.contract import Broken
from bpttcheck.check.program.probe_point import ProbePoint, probe

AWAY = 1 / 4
"""Another point lies so far away, in units of the parameters: the gradient is another one there."""


def second_call(here: ProbePoint) -> ProbePoint:
    """Call again at a point, and return it with what comes: the same has to.

    Raises:
        Broken: another loss comes (random, or state is kept), or other gradients.
    """
    calls, again = here.calls, probe(here.calls, here.params)
    if again.value != here.value:
        calls.freeze()
        first, again = probe(calls, here.params), probe(calls, here.params)
        if again.value != first.value:
            _moved(here, again.value)
            return here
        here = replace(here, value=first.value, claim=first.claim)
        calls.behaviour["first"] = "the first call returned another loss than the later ones do"
    _the_same_again(here, again, "a second call at the same point returns others")
    return here


def there_and_back(here: ProbePoint) -> ProbePoint | None:
    """Ask at another point, and at the first again: the same gradients have to come.

    Returns:
        The other point; None where there is none.

    Raises:
        Broken: other gradients come: they are those of a call before.
    """
    ways = together(np.random.default_rng(0), here.params, tuple(here.params))
    other = {n: (a + AWAY * ways[n]).astype(a.dtype) for n, a in here.params.items()}
    try:
        there, back = probe(here.calls, other), probe(here.calls, here.params)
    except Broken:
        return None
    _the_same_again(here, back, "a call at the same point after one elsewhere returns others")
    return there


def _the_same_again(here: ProbePoint, again: ProbePoint, what: str) -> None:
    claim, other = here.claim, again.claim
    changed = [name for name in claim if not _same(claim[name], other[name])]
    if not changed:
        return
    name = changed[0]
    flat = int(np.argmax(np.abs(claim[name] - other[name])))
    index = np.unravel_index(flat, claim[name].shape)
    at = [int(i) for i in index]
    text = (
        f"{gradients_of(changed)}: {what}; "
        f"{name}{at} was {claim[name][index]:.6g}, then {other[name][index]:.6g}"
    )
    raise Broken("second call", text, "wrong")


def _same(first: Array, second: Array) -> bool:
    """Tell whether two gradients differ by no more than the order of a sum can."""
    if np.array_equal(first, second):
        return True
    scale = np.abs(first).max(initial=0.0)
    return bool((np.abs(first - second) <= first.size * 2.0**-23 * scale).all())


def _moved(here: ProbePoint, again: float) -> None:
    """Say what is wrong with a loss that differs from call to call, unless it is rounding alone."""
    value = here.value
    if abs(again - value) <= 2.0**-44 * abs(value):  # threads that add up in another order
        here.calls.behaviour["threads"] = "the last digits of the loss change from call to call"
        return
    more = [probe(here.calls, here.params).value for _ in range(2)]
    why = "random" if len({value, again, *more}) == 4 else "state"
    text = f"two calls at the same point return the losses {value!r} and {again!r}"
    raise Broken(why, f"value_and_grad: {text}: it is random, or keeps state between calls")
