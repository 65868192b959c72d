"""Arrays of PyTorch and JAX, read as NumPy's and made of them; neither library is imported."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array

NEITHER = (np.ndarray, np.float64, float)
"""Types that are of neither library, told at once: JAX is long in saying so."""


def library(value: Any) -> str | None:
    """Return the library that an array is of, torch or jax; None for other things."""
    if type(value) in NEITHER:
        return None
    for name, kind in (("torch", "Tensor"), ("jax", "Array")):
        module = sys.modules.get(name)
        if module is not None and isinstance(value, getattr(module, kind, ())):
            return name
    return None


def is_float(dtype: Any) -> bool:
    """Tell whether a type of NumPy has fractions: floats and complex numbers, bfloat16 too."""
    return dtype.kind in "fc" or dtype.name == "bfloat16"


def has_fractions(value: Any) -> bool:
    """Tell whether an array of PyTorch or JAX is one of floats or complex numbers."""
    if library(value) == "torch":
        return bool(value.is_floating_point() or value.is_complex())
    return not is_key(value) and is_float(value.dtype)


def is_key(value: Any) -> bool:
    """Tell whether something is a key of JAX's random numbers, which is no array of numbers."""
    return library(value) == "jax" and not isinstance(value.dtype, np.dtype)


def numpy_of(value: Any) -> Array:
    """Return a new array with the numbers of an array of any library.

    Raises:
        ValueError, TypeError, RuntimeError: NumPy cannot read it.
    """
    if library(value) != "torch":
        return np.array(value)
    torch = sys.modules["torch"]
    # PyTorch conjugates and negates when somebody reads; NumPy cannot be told that.
    tensor = value.detach().cpu().resolve_conj().resolve_neg()
    if tensor.layout != torch.strided:
        tensor = tensor.to_dense()
    known = tensor.dtype in (torch.float16, torch.float32, torch.float64)
    if tensor.is_floating_point() and not known:
        array: Array = tensor.float().numpy()
        return _as_bfloat16(array) if tensor.dtype == torch.bfloat16 else np.array(array)
    return np.array(tensor.numpy())


def like(value: Any, array: Any) -> Any:
    """Return an array as one of the library, and the place, that a value is of.

    Raises:
        TypeError: an array of elements that are no numbers of the machine.
    """
    kind = library(value)
    if kind is None:
        return array
    plain = np.asarray(array)
    if plain.dtype.kind not in "fciub" and not is_float(plain.dtype):
        raise TypeError(f"arrays of {kind} hold floats, and no numbers of another system")
    if kind == "jax":
        return asarray(plain)
    torch = sys.modules["torch"]
    if plain.dtype.name == "bfloat16":
        return torch.tensor(plain.astype(np.float32)).to(value.device, torch.bfloat16)
    return torch.tensor(plain, device=value.device)


def parameter_like(value: Any, array: Any) -> Any:
    """Return the same, which requires gradients, and is a parameter, where the value does."""
    made = like(value, array)
    if library(value) != "torch":
        return made
    torch = sys.modules["torch"]
    if isinstance(value, torch.nn.Parameter):
        return torch.nn.Parameter(made, requires_grad=value.requires_grad)
    return made.requires_grad_(value.requires_grad)


def copied(value: Any) -> Any:
    """Return a copy of a tensor."""
    return value.detach().clone() if library(value) == "torch" else value


def _as_bfloat16(array: Array) -> Array:
    try:
        import ml_dtypes
    except ImportError:  # then NumPy has no such type, and float32 stands for it
        return np.array(array)
    return array.astype(ml_dtypes.bfloat16)


def wide(jax: Any) -> Any:
    """Return the context in which JAX has float64."""
    if hasattr(jax, "enable_x64"):
        return jax.enable_x64(True)
    return import_module("jax.experimental").enable_x64()  # before there was jax.enable_x64


def asarray(array: Array) -> Any:
    """Return a JAX array of the type that the array has."""
    import jax

    with wide(jax):
        return jax.numpy.asarray(array)
