"""JAX in float64, whatever its configuration says, which is left as it is."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from bpttcheck.arithmetic.base import Array


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
