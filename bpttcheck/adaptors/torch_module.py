"""PyTorch modules: a copy of the module, in float64, holds the weights that are asked about."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from bpttcheck.adaptors.adapted import Adapted, Given, Params, widened
from bpttcheck.adaptors.optional import imported
from bpttcheck.adaptors.pytorch import Gradients, tensor, tensors_in, weighted
from bpttcheck.arguments import (
    anything,
    flag,
    function,
    got,
    mapping,
    optional,
    seed,
    takes,
)
from bpttcheck.check.program.libraries import is_float, like
from bpttcheck.check.program.raised import message
from bpttcheck.check.program.tree import looked_into


@takes(
    module=anything,
    inputs=mapping("tensors"),
    run=optional(function),
    double=flag,
    seed=seed,
)
def from_module(
    module: Any,
    inputs: Mapping[str, Any],
    run: Callable[[Any, dict[str, Any]], Any] | None = None,
    *,
    double: bool = True,
    seed: int = 0,
) -> Adapted:
    """Adapt a ``torch.nn.Module``: a float64 copy of it, its parameters and its inputs.

        from_module(torch.nn.RNN(3, 4), {"input": x, "hx": h0})

    The copy holds the parameters that are asked about in its own, during the backward pass too, so
    that a pass which runs the module again (a checkpoint, an adjoint) meets them. Its buffers, such
    as running means, begin each call as they are in the module.

    Arguments:
        module: the module; its copy is in the same mode, training or evaluation, and on the same
            device.
        inputs: names and tensors or arrays, or structures of them such as ``(h0, c0)``. Those of
            floats are differentiated; others, such as indices, are passed on.
        run: called with the copy and the inputs; returns the outputs, as for :func:`from_torch`.
            By default ``module(**inputs)``.
        double: False to leave the module and the inputs in the types they have.
        seed: of the cotangents.

    Returns:
        :class:`Adapted`: ``value_and_grad``, and float64 arrays of all parameters that require
        gradients, by their names in the module, and of the inputs.

    Raises:
        ImportError: PyTorch is not installed.
        TypeError, ValueError: an argument of the wrong kind.
    """
    torch = imported("torch", "PyTorch")
    if not isinstance(module, torch.nn.Module):
        raise TypeError(f"module: expected a torch.nn.Module, got {got(module)}")
    call = _plainly if run is None else run
    own = _copied(torch, module, double)
    weights = {n: p for n, p in own.named_parameters() if p.requires_grad}
    device = next((p.device for p in own.parameters()), None)
    with looked_into(inputs, "inputs"):
        held = tensors_in(torch, inputs, device)
    fed = Given(held, "inputs", needs_floats=not weights)
    if twice := sorted(set(weights) & set(fed.names)):
        raise ValueError(f"inputs: expected names that no parameter has, got {', '.join(twice)}")
    point = (Given(weights, "module").point() if weights else {}) | fed.point()
    buffers = Buffers(torch, own)

    def forward(values: Params) -> tuple[Any, Gradients]:
        buffers.restore()
        with torch.no_grad():
            for name, weight in weights.items():
                array = np.asarray(values[name])
                if not is_float(array.dtype) or (array.dtype.kind == "c") > weight.is_complex():
                    raise TypeError(f"params[{name!r}]: expected floats, got {array.dtype}")
                weight.copy_(like(weight, array))
                weight.grad = None
        moving = {
            n: tensor(torch, n, values[n], one.given, device) for n, one in fed.tree.leaves.items()
        }

        def gradients(flat: Sequence[Any], cotangents: Sequence[Any]) -> dict[str, Any]:
            # Not torch.autograd.grad, which a reentrant checkpoint refuses.
            if flat:
                torch.autograd.backward(flat, cotangents)
            return {name: leaf.grad for name, leaf in (weights | moving).items()}

        return call(own, fed.tree.built(moving)), gradients

    whole = {n: widened(v) for n, v in point.items()} if double else point
    outputs = weighted(torch, forward, seed, fed)
    outputs.constant = tuple(n for n, p in own.named_parameters() if not p.requires_grad)
    return Adapted(outputs, whole)


def _copied(torch: Any, module: Any, double: bool) -> Any:
    try:
        own = copy.deepcopy(module)
    except Exception as error:
        raise TypeError(
            "module: expected one that can be copied; copy.deepcopy raised "
            f"{type(error).__name__}: {message(error)}"
        ) from error
    if double:
        for one in own.double().parameters():  # which leaves complex ones as they are
            one.data = one.data.to(torch.complex128) if one.is_complex() else one.data
    return own


def _plainly(module: Callable[..., Any], inputs: dict[str, Any]) -> Any:
    return module(**inputs)


class Buffers:
    """The buffers of a module and what they held at first."""

    def __init__(self, torch: Any, module: Any) -> None:
        self._torch = torch
        self._kept = [
            (part, name, buffer, None if buffer is None else buffer.detach().clone())
            for part in module.modules()
            for name, buffer in part._buffers.items()
        ]

    def restore(self) -> None:
        """Put back what a call has changed or replaced."""
        with self._torch.no_grad():
            for part, name, buffer, held in self._kept:
                if buffer is not None:
                    buffer.copy_(held)
                part._buffers[name] = buffer
