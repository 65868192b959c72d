"""PyTorch: modules, and functions that call an ``autograd.Function``, in float64."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bpttcheck.adaptors.adapted import Adapted, Params, Pullback, WeightedOutputs, copied
from bpttcheck.adaptors.optional import imported
from bpttcheck.check.arguments import function, mapping


def from_torch(
    run: Callable[[dict[str, Any]], Any], params: Mapping[str, Any], *, seed: int = 0
) -> Adapted:
    """Adapt a function of tensors, such as one that applies an ``autograd.Function``.

        from_torch(lambda p: MyCell.apply(p["x"], p["h0"], p["W"]), {"x": x, "h0": h0, "W": W})

    Arguments:
        run: called with a mapping of float64 tensors that require gradients; returns a tensor, or
            a nest of tuples, lists and mappings of tensors. A single number is the loss; other
            outputs are weighted with a drawn cotangent.
        params: names and tensors or arrays of floats, the point of the check.
        seed: of the cotangents.

    Returns:
        :class:`Adapted`: ``value_and_grad`` and float64 arrays of ``params``.

    Raises:
        ImportError: PyTorch is not installed.
        TypeError, ValueError: an argument of the wrong kind.
    """
    torch = imported("torch", "PyTorch")
    call = function("run", run)
    point = _doubles(torch, params, "params")
    return Adapted(_weighted(torch, call, seed), point)


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

    Arguments:
        module: the module; its copy is in the same mode, training or evaluation, and on the same
            device.
        inputs: names and tensors or arrays. Those of floats are differentiated; others, such as
            indices, are passed on.
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
        raise TypeError(f"module: expected a torch.nn.Module, got {type(module).__name__}")
    mapping("inputs", inputs, "tensors")
    call = function("run", run) if run is not None else lambda own, fed: own(**fed)
    own = copy.deepcopy(module).double() if double else copy.deepcopy(module)
    weights = {n: p for n, p in own.named_parameters() if p.requires_grad}
    device = next((p.device for p in own.parameters()), None)
    fed = {k: torch.as_tensor(v, device=device).detach().clone() for k, v in inputs.items()}
    moving = {k: v for k, v in fed.items() if v.dtype.is_floating_point}
    if twice := sorted(set(weights) & set(fed)):
        raise ValueError(f"inputs: expected names that no parameter has, got {', '.join(twice)}")

    def outputs(tensors: dict[str, Any]) -> Any:
        values = {k: tensors.get(k, v) for k, v in fed.items()}
        swapped = {n: tensors[n] for n in weights}
        return torch.func.functional_call(_Run(own, call), swapped_names(swapped), (values,))

    class _Run(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self, inner: Any, action: Callable[[Any, dict[str, Any]], Any]) -> None:
            super().__init__()
            self.inner = inner
            self.action = action

        def forward(self, values: dict[str, Any]) -> Any:
            return self.action(self.inner, values)

    def swapped_names(tensors: dict[str, Any]) -> dict[str, Any]:
        return {f"inner.{n}": t for n, t in tensors.items()}

    point = _doubles(torch, weights | moving, "inputs", double)
    return Adapted(_weighted(torch, outputs, seed, device), point)


def _doubles(torch: Any, params: Any, what: str, double: bool = True) -> dict[str, Any]:
    """Return copies, in float64 unless they are to stay as they are; float32 converts exactly."""
    given = {
        k: v.detach().cpu().numpy() if isinstance(v, torch.Tensor) else v
        for k, v in mapping(what, params, "tensors").items()
    }
    arrays = copied(given, what)
    keep = (float,) if double else (float, np.ndarray)
    return {k: v if isinstance(v, keep) else v.astype(np.float64) for k, v in arrays.items()}


def _weighted(
    torch: Any, run: Callable[[dict[str, Any]], Any], seed: int, device: Any = None
) -> WeightedOutputs:
    """Return the loss of a function of tensors: what it returns, or its weighted outputs."""

    def tensors(given: Params) -> dict[str, Any]:
        arrays = {k: np.asarray(v) for k, v in given.items()}
        for name, array in arrays.items():
            if array.dtype.kind != "f":
                raise TypeError(f"params[{name!r}]: expected floats, got dtype {array.dtype}")
        return {k: torch.tensor(a, requires_grad=True, device=device) for k, a in arrays.items()}

    def pull(given: Params) -> tuple[Any, Pullback]:
        leaves = tensors(given)
        flat, rebuilt = _flattened(torch, run(leaves))

        def pullback(cotangents: Any) -> dict[str, Any]:
            weights = [torch.as_tensor(v) for v in _flattened(torch, cotangents)[0]]
            pairs = [(y, v) for y, v in zip(flat, weights, strict=True) if y.requires_grad]
            if not pairs:
                return {n: np.zeros(leaf.shape) for n, leaf in leaves.items()}
            grads = torch.autograd.grad(
                [y for y, _ in pairs], list(leaves.values()),
                [v.to(y) for y, v in pairs], allow_unused=True,
            )  # fmt: skip
            pairs_of = zip(leaves.items(), grads, strict=True)
            return {
                n: np.zeros(x.shape) if g is None else g.cpu().numpy() for (n, x), g in pairs_of
            }

        return rebuilt([y.detach().cpu().numpy() for y in flat]), pullback

    # With gradients recorded here too: a forward pass may differentiate something of its own.
    return WeightedOutputs(pull, seed, lambda given: pull(given)[0])


def _flattened(torch: Any, outputs: Any) -> tuple[list[Any], Callable[[list[Any]], Any]]:
    """Return the tensors of a nest, and how to nest arrays like it."""
    leaves, spec = torch.utils._pytree.tree_flatten(outputs)
    for leaf in leaves:
        if not isinstance(leaf, torch.Tensor | np.ndarray | np.generic):
            raise TypeError(f"outputs: expected tensors of floats, got {type(leaf).__name__}")
    return leaves, lambda new: torch.utils._pytree.tree_unflatten(new, spec)
