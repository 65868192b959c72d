"""A forward pass and its VJP: the loss is ⟨ȳ, y⟩ with a drawn cotangent ȳ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bpttcheck.adaptors.adapted import Adapted, Params, Pullback, WeightedOutputs, copied
from bpttcheck.adaptors.gradients import Names, Returned
from bpttcheck.check.arguments import function


def from_vjp(
    forward: Callable[[dict[str, Any]], Any],
    backward: Callable[..., Any] | None,
    params: Mapping[str, Any],
    *,
    cache: bool = True,
    returns: Names | str | None = None,
    seed: int = 0,
) -> Adapted:
    """Adapt a forward pass and a backward pass that pulls cotangents back.

        from_vjp(lambda p: rnn_forward(**p), rnn_backward, {"x": x, "h0": h0, "W": W, "b": b})

    Put the input and the initial state among ``params``, and their gradients are checked too.

    Arguments:
        forward: called with a mapping like ``params``; returns ``(outputs…, cache)``. Each output
            is an array, or a nest of tuples, lists and mappings of arrays.
        backward: called with ``(cotangents…, cache)``, one cotangent like each output; returns
            the gradients. None if what ``forward`` returns last is itself the pullback, to be
            called with the cotangents.
        params: names and arrays of floats, the point of the check.
        cache: False if ``forward`` returns outputs alone, and ``backward`` gets cotangents alone.
        returns: names in the order of the gradients, None for what is no gradient; or the pattern
            of a mapping's keys, such as ``"d{}"``. By default names and order of ``params``.
        seed: of the cotangents.

    Returns:
        :class:`Adapted`: ``value_and_grad`` and a copy of ``params``.

    Raises:
        TypeError, ValueError: an argument of the wrong kind.
    """
    function("forward", forward)
    if backward is not None:
        function("backward", backward)
    elif not cache:
        raise ValueError("backward: expected a function where cache=False, got None")
    point = copied(params)
    read = Returned(tuple(point), returns, "backward")

    def pull(given: Params) -> tuple[Any, Pullback]:
        outputs, kept = _parted(forward(dict(given)), cache)

        def pullback(cotangents: Any) -> dict[str, Any]:
            each = (cotangents,) if len(outputs) == 1 else cotangents
            if backward is None:
                return read.named(function("forward: its last result", kept)(*each))
            return read.named(backward(*each, kept) if cache else backward(*each))

        return (outputs[0] if len(outputs) == 1 else outputs), pullback

    return Adapted(WeightedOutputs(pull, seed, lambda given: pull(given)[0]), point)


def _parted(returned: Any, cache: bool) -> tuple[tuple[Any, ...], Any]:
    """Return the outputs and the cache."""
    if not cache:
        return (tuple(returned) if isinstance(returned, tuple | list) else (returned,)), None
    if not isinstance(returned, tuple | list) or len(returned) < 2:
        what = type(returned).__name__
        raise TypeError(
            f"forward: expected (outputs…, cache), got {what}; cache=False if it keeps none"
        )
    return tuple(returned[:-1]), returned[-1]
