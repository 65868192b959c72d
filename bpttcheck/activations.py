"""Activations and their derivatives, over every number system.

Each is a pair of plain NumPy functions of the pre-activation. Derivatives are computed from the
*pre-activation*: 1 − h² from a rounded h = tanh a loses every digit once |a| > 19, while
4q²/(1 + q²)² with q = e^(−|a|) keeps them until the result is subnormal.

Accuracy: at most 4 ulp where the result is a normal float, one subnormal step otherwise, in
float32, float64 and longdouble (float32 is computed in float64 and rounded once).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.order import looks_negative, positive
from bpttcheck.arithmetic.precision import in_double
from bpttcheck.shapes import numbers

Elementwise: TypeAlias = Callable[[Array], Array]


@dataclass(frozen=True)
class Activation:
    """A differentiable scalar function, applied entrywise, with its derivative.

    ``value`` and ``derivative`` are the bare functions that the cells call in their loops;
    calling the activation itself, or :meth:`prime`, checks the argument first.
    """

    name: str
    value: Elementwise
    derivative: Elementwise

    def __call__(self, a: Any) -> Array:
        """Return the activation of ``a``, any shape, same shape out.

        Raises:
            TypeError, ValueError: ``a`` is not numeric, or not finite.
        """
        return self.value(numbers("a", a))

    def prime(self, a: Any) -> Array:
        """Return the derivative at the pre-activation ``a``, any shape, same shape out.

        Raises:
            TypeError, ValueError: ``a`` is not numeric, or not finite.
        """
        return self.derivative(numbers("a", a))


def _minus_abs(a: Array) -> Array:
    """Return −|a|, holomorphic on each half plane."""
    return np.where(looks_negative(a), a, -a)


@in_double
def _tanh(a: Array) -> Array:
    return np.tanh(a)


@in_double
def _tanh_prime(a: Array) -> Array:
    q = np.exp(_minus_abs(a))
    sech = 2 * q / (1 + q * q)
    return np.asarray(sech * sech)


@in_double
def _sigmoid(a: Array) -> Array:
    q = np.exp(_minus_abs(a))
    return np.asarray(np.where(looks_negative(a), q, 1) / (1 + q))


@in_double
def _sigmoid_prime(a: Array) -> Array:
    q = np.exp(_minus_abs(a))
    return np.asarray(q / ((1 + q) * (1 + q)))


def _constant(a: Array, c: int) -> Array:
    """Return c everywhere, as numbers of the system that ``a`` is in."""
    return np.asarray(0 * a + c)


def _relu(a: Array) -> Array:
    return np.where(positive(a), a, _constant(a, 0))


def _relu_prime(a: Array) -> Array:
    return np.where(positive(a), _constant(a, 1), _constant(a, 0))


def _identity(a: Array) -> Array:
    return np.asarray(a)


def _identity_prime(a: Array) -> Array:
    return _constant(a, 1)


tanh = Activation("tanh", _tanh, _tanh_prime)
sigmoid = Activation("sigmoid", _sigmoid, _sigmoid_prime)
relu = Activation("relu", _relu, _relu_prime)
identity = Activation("identity", _identity, _identity_prime)

BY_NAME = {f.name: f for f in (tanh, sigmoid, relu, identity)}


def activation(name: str, given: object) -> Activation:
    """Return the activation that the argument ``name`` was given as: an Activation or its name.

    Raises:
        ValueError, TypeError: an unknown name, or something else altogether.
    """
    if isinstance(given, Activation):
        return given
    if isinstance(given, str):
        if given in BY_NAME:
            return BY_NAME[given]
        raise ValueError(f"{name}: expected one of {', '.join(sorted(BY_NAME))}, got {given!r}")
    raise TypeError(
        f"{name}: expected an Activation or one of {', '.join(sorted(BY_NAME))}, "
        f"got {type(given).__name__}"
    )
