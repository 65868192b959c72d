"""PyTorch: functions of tensors, such as those that call an ``autograd.Function``, in float64."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from bpttcheck.adaptors.adapted import TREE, Adapted, Given, Params, Pullback, WeightedOutputs
from bpttcheck.adaptors.cotangents import flattened
from bpttcheck.adaptors.optional import imported
from bpttcheck.arguments import function, seed, takes
from bpttcheck.arithmetic.base import Array
from bpttcheck.check.program.container import level, numbers_alone
from bpttcheck.check.program.libraries import is_float, library, like, numpy_of
from bpttcheck.check.program.tree import looked_into


@takes(run=function, params=TREE, seed=seed)
def from_torch(run: Callable[[Any], Any], params: Any, *, seed: int = 0) -> Adapted:
    """Adapt a function of tensors, such as one that applies an ``autograd.Function``.

        from_torch(lambda p: MyCell.apply(p["x"], p["h0"], p["W"]), {"x": x, "h0": h0, "W": W})

    Arguments:
        run: called with a structure like ``params``, of float64 tensors that require gradients;
            returns a tensor, or a structure of tensors. A single number is the loss; other outputs
            are weighted with a drawn cotangent, but for those that are no floats.
        params: a mapping of names to tensors or arrays, or another structure of them; the point of
            the check. What is no float in it is passed on, arrays as tensors.
        seed: of the cotangents.

    Returns:
        :class:`Adapted`: ``value_and_grad`` and float64 arrays, by name.

    Raises:
        ImportError: PyTorch is not installed.
        TypeError, ValueError: an argument of the wrong kind.
    """
    torch = imported("torch", "PyTorch")
    with looked_into(params, "params"):
        held = tensors_in(torch, params)
    given = Given(held)
    found = given.tree.leaves

    def forward(values: Params) -> tuple[Any, Gradients]:
        leaves = {n: tensor(torch, n, values[n], one.given) for n, one in found.items()}

        def gradients(flat: Sequence[Any], cotangents: Sequence[Any]) -> dict[str, Any]:
            wanted = list(leaves.values())
            return dict(zip(leaves, pulled_back(torch, flat, cotangents, wanted), strict=True))

        return run(given.tree.built(leaves)), gradients

    return Adapted(weighted(torch, forward, seed, given), given.wide())


def tensors_in(torch: Any, params: Any, device: Any = None) -> Any:
    """Return a structure with tensors for the arrays of whole numbers and flags in it."""
    here = level(params)
    if here is None:
        return _placed(torch, params, device)
    return here.rebuilt(
        [
            _placed(torch, one, device) if numbers_alone(one) else tensors_in(torch, one, device)
            for one in here.items.values()
        ]
    )


def _placed(torch: Any, thing: Any, device: Any) -> Any:
    if isinstance(thing, np.ndarray | list | tuple):
        try:
            array = np.asarray(thing)
        except ValueError:  # said by who reads the structure
            return thing
        return torch.as_tensor(array, device=device) if array.dtype.kind in "iub" else thing
    return thing.to(device) if library(thing) == "torch" and device is not None else thing


def tensor(torch: Any, name: str, value: Any, where: Any, device: Any = None) -> Any:
    """Return a tensor that requires gradients, where another is, or on a device.

    Raises:
        TypeError: the value is none of floats.
    """
    array = np.asarray(value)
    if not is_float(array.dtype):
        raise TypeError(f"params[{name!r}]: expected floats, got dtype {array.dtype}")
    other = where if library(where) == "torch" else torch.empty(0, device=device)
    return like(other, array).requires_grad_()


def pulled_back(
    torch: Any, outputs: Sequence[Any], cotangents: Sequence[Any], wanted: Sequence[Any]
) -> list[Any]:
    """Return the gradients of the tensors that are wanted, None where there is none."""
    if not outputs:
        return [None] * len(wanted)
    try:
        return list(torch.autograd.grad(outputs, wanted, cotangents, allow_unused=True))
    except RuntimeError as error:
        if "checkpoint" not in str(error).lower():
            raise
    for leaf in wanted:  # a reentrant checkpoint works with backward() alone
        leaf.grad = None
    torch.autograd.backward(outputs, cotangents)
    return [leaf.grad for leaf in wanted]


Gradients = Callable[[Sequence[Any], Sequence[Any]], Mapping[str, Any]]


def weighted(
    torch: Any, forward: Callable[[Params], tuple[Any, Gradients]], seed: int, *given: Given
) -> WeightedOutputs:
    """Return the loss of a function of tensors: what it returns, or its weighted outputs.

    Arguments:
        torch: the library.
        forward: returns tensors, and a function that takes those that require gradients and their
            cotangents to the gradients by name, None for zero.
        seed: of the cotangents.
        given: what is passed on.
    """

    def pull(values: Params) -> tuple[Any, Pullback]:
        returned, gradients = forward(values)
        flat = flattened(returned)[0]
        outputs = [numpy_of(y) for y in flat]

        def pullback(cotangents: Any) -> dict[str, Any]:
            pairs = [
                (y, like(y, v).to(y))
                for y, v in zip(flat, cotangents, strict=True)
                if library(y) == "torch" and y.requires_grad
            ]
            found = gradients([y for y, _ in pairs], [v for _, v in pairs])
            return {n: _array(g, values[n]) for n, g in found.items()}

        return outputs, pullback

    # With gradients recorded here too: a forward pass may differentiate something of its own.
    return WeightedOutputs(pull, seed, lambda values: pull(values)[0], *given, complex_ones=True)


def _array(gradient: Any, value: Any) -> Array:
    return np.zeros(np.shape(value)) if gradient is None else numpy_of(gradient)
