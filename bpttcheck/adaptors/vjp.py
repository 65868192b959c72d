"""A forward pass and its VJP: the loss is ⟨ȳ, y⟩ with a drawn cotangent ȳ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bpttcheck.adaptors.adapted import TREE, Adapted, Given, Params, Pullback, WeightedOutputs
from bpttcheck.adaptors.returned_gradients import Names, Returned, order
from bpttcheck.arguments import flag, function, optional, seed, takes


@takes(
    forward=function,
    backward=optional(function),
    params=TREE,
    cache=flag,
    returns=order,
    seed=seed,
)
def from_vjp(
    forward: Callable[[Any], Any],
    backward: Callable[..., Any] | None,
    params: Any,
    *,
    cache: bool = True,
    returns: Names | str | None = None,
    seed: int = 0,
) -> Adapted:
    """Adapt a forward pass and a backward pass that pulls cotangents back.

        from_vjp(lambda p: rnn_forward(**p), rnn_backward, {"x": x, "h0": h0, "W": W, "b": b})

    Put the input and the initial state among ``params``, and their gradients are checked too.

    Arguments:
        forward: called with a structure like ``params``; returns ``(outputs…, cache)``. Each output
            is an array, or a structure of arrays; what is no float in it is passed over.
        backward: called with ``(cotangents…, cache)``, one cotangent like each output, None for an
            output without floats; returns the gradients. None if what ``forward`` returns last is
            itself the pullback, to be called with the cotangents.
        params: a mapping of names to arrays of floats, or another structure of arrays; the point
            of the check.
        cache: False if ``forward`` returns outputs alone, and ``backward`` gets cotangents alone.
        returns: names in the order of the gradients, None for what is no gradient; or the pattern
            of a mapping's keys, such as ``"d{}"``. By default names and order of ``params``.
        seed: of the cotangents.

    Returns:
        :class:`Adapted`: ``value_and_grad`` and a copy of ``params``, by name.

    Raises:
        TypeError, ValueError: an argument of the wrong kind.
    """
    if backward is None and not cache:
        raise ValueError("backward: expected a function where cache=False, got None")
    given = Given(params)
    read = Returned(given.names, returns, "backward", given.tree)

    def pull(values: Params) -> tuple[Any, Pullback]:
        outputs, kept = _parted(forward(given.structure(values)), cache)

        def pullback(cotangents: Any) -> dict[str, Any]:
            each = (cotangents,) if len(outputs) == 1 else cotangents
            if backward is None:
                return read.named(function("forward: its last result", kept)(*each))
            return read.named(backward(*each, kept) if cache else backward(*each))

        return (outputs[0] if len(outputs) == 1 else outputs), pullback

    run = WeightedOutputs(pull, seed, lambda values: pull(values)[0], given)
    return Adapted(run, given.point())


def _parted(returned: Any, cache: bool) -> tuple[tuple[Any, ...], Any]:
    """Return the outputs and the cache."""
    if not cache:
        several = isinstance(returned, tuple | list) and not hasattr(returned, "_fields")
        return (tuple(returned) if several else (returned,)), None
    if not isinstance(returned, tuple | list) or len(returned) < 2:
        what = type(returned).__name__
        raise TypeError(
            f"forward: expected (outputs…, cache), got {what}; cache=False if it keeps none"
        )
    return tuple(returned[:-1]), returned[-1]
