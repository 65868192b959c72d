"""Other people's gradient checkers, asked whether a NumPy function passes.

Each gets the same ``value_and_grad`` at the same point, in the form that it wants. ``tolerance``
None is the default of the library; a number replaces its absolute and relative tolerance.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

Checker = Callable[[Callable[[dict[str, Any]], Any], dict[str, Any], float | None], bool]


def bpttcheck(value_and_grad: Any, params: dict[str, Any], _tolerance: float | None) -> bool:
    """Return our verdict; there is no tolerance to set."""
    from bpttcheck import check_gradients

    return check_gradients(value_and_grad, params, locate=False).verdict == "right"


def gradcheck(
    value_and_grad: Any, params: dict[str, Any], tolerance: float | None, fast: bool = False
) -> bool:
    """Return the answer of ``torch.autograd.gradcheck``."""
    import torch

    names = list(params)

    class Network(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *tensors: Any) -> Any:
            given = {n: t.detach().numpy().copy() for n, t in zip(names, tensors, strict=True)}
            loss, gradients = value_and_grad(given)
            ctx.save_for_backward(*(torch.from_numpy(np.array(gradients[n])) for n in names))
            return torch.tensor(loss, dtype=tensors[0].dtype)

        @staticmethod
        def backward(ctx: Any, cotangent: Any) -> Any:
            return tuple(cotangent * g for g in ctx.saved_tensors)

    tensors = [torch.from_numpy(params[n].copy()).requires_grad_() for n in names]
    options = {} if tolerance is None else {"atol": tolerance, "rtol": tolerance}
    return bool(
        torch.autograd.gradcheck(
            Network.apply, tensors, raise_exception=False, fast_mode=fast, **options
        )
    )


def gradcheck_fast(value_and_grad: Any, params: dict[str, Any], tolerance: float | None) -> bool:
    """Return the answer of its fast mode."""
    return gradcheck(value_and_grad, params, tolerance, fast=True)


def jax(value_and_grad: Any, params: dict[str, Any], tolerance: float | None) -> bool:
    """Return the answer of ``jax.test_util.check_vjp``, which ``check_grads`` calls."""
    from jax import test_util

    names = list(params)

    def loss(*arrays: Any) -> Any:
        return np.asarray(value_and_grad(dict(zip(names, map(np.array, arrays), strict=True)))[0])

    def vjp(*arrays: Any) -> Any:
        given = dict(zip(names, map(np.array, arrays), strict=True))
        value, gradients = value_and_grad(given)
        return np.asarray(value), lambda ct: tuple(np.asarray(ct) * gradients[n] for n in names)

    try:
        test_util.check_vjp(
            loss, vjp, tuple(params[n] for n in names), atol=tolerance, rtol=tolerance
        )
    except AssertionError:
        return False
    return True


def autograd(value_and_grad: Any, params: dict[str, Any], tolerance: float | None) -> bool:
    """Return the answer of ``autograd.test_util.check_grads``."""
    from autograd import test_util
    from autograd.extend import defvjp, primitive

    names = list(params)

    @primitive
    def loss(*arrays: Any) -> Any:
        return value_and_grad(dict(zip(names, arrays, strict=True)))[0]

    def vjp(k: int) -> Any:
        def of(_answer: Any, *arrays: Any) -> Any:
            gradient = value_and_grad(dict(zip(names, arrays, strict=True)))[1][names[k]]
            return lambda ct: ct * gradient

        return of

    defvjp(loss, *(vjp(k) for k in range(len(names))))
    kept = test_util.TOL, test_util.RTOL
    if tolerance is not None:
        test_util.TOL = test_util.RTOL = tolerance
    try:
        test_util.check_grads(loss, modes=["rev"], order=1)(*(params[n] for n in names))
    except AssertionError:
        return False
    finally:
        test_util.TOL, test_util.RTOL = kept
    return True


def scipy(value_and_grad: Any, params: dict[str, Any], tolerance: float | None) -> bool:
    """Return whether ``scipy.optimize.check_grad`` is below a tolerance: 1e-6 unless told."""
    from scipy.optimize import check_grad

    names, shapes = list(params), [a.shape for a in params.values()]
    ends = np.cumsum([a.size for a in params.values()])[:-1]

    def unpacked(flat: Any) -> dict[str, Any]:
        parts = np.split(flat, ends)
        return {n: p.reshape(s) for n, p, s in zip(names, parts, shapes, strict=True)}

    def gradient(flat: Any) -> Any:
        found = value_and_grad(unpacked(flat))[1]
        return np.concatenate([found[n].reshape(-1) for n in names])

    flat = np.concatenate([a.reshape(-1) for a in params.values()])
    error = check_grad(lambda z: value_and_grad(unpacked(z))[0], gradient, flat)
    size = max(1.0, float(np.linalg.norm(gradient(flat))))
    return bool(error <= (1e-6 if tolerance is None else tolerance) * size)


def available() -> dict[str, Checker]:
    """Return the checkers whose library is installed."""
    if importlib.util.find_spec("jax"):
        import jax as library

        library.config.update("jax_enable_x64", True)
    found: dict[str, Checker] = {"bpttcheck": bpttcheck}
    for label, checker, library_name in (
        ("torch gradcheck", gradcheck, "torch"),
        ("its fast mode", gradcheck_fast, "torch"),
        ("JAX check_vjp", jax, "jax"),
        ("autograd check_grads", autograd, "autograd"),
        ("SciPy check_grad", scipy, "scipy"),
    ):
        if importlib.util.find_spec(library_name):
            found[label] = checker
    return found
