"""Activations and their derivatives, over every number system.

Each is a pair of plain NumPy functions of the pre-activation. Derivatives are computed from the
*pre-activation*: 1 − h² from a rounded h = tanh a loses every digit once |a| > 19, while
4r/(1 + r)² with r = e^(−2|a|) keeps them until the result is subnormal.

Accuracy: at most 4 ulp where the result is a normal float, one subnormal step otherwise, in
float32, float64 and longdouble (float32 is computed in float64 and rounded once).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from typing import Any, TypeAlias

import numpy as np

from bpttcheck.arguments import chosen, function, jointly, takes, text
from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.blocks import BLOCK, entrywise
from bpttcheck.arithmetic.each_row import Calls, Rows, copies
from bpttcheck.arithmetic.order import looks_negative, positive
from bpttcheck.arithmetic.precision import in_double
from bpttcheck.shapes import finite_result, numbers, same_shape

Elementwise: TypeAlias = Callable[[Array], Array]
Into: TypeAlias = Callable[[Array, Array], object]
"""From an array, and where to put what is made of it."""


@takes(name=text, value=function, derivative=function)
@dataclass(frozen=True)
class Activation:
    """A differentiable scalar function, applied entrywise, with its derivative.

    ``value`` and ``derivative`` are the bare functions that the cells call in their loops;
    calling the activation itself, or :meth:`prime`, checks the argument first.

    Raises:
        TypeError: no text, or no functions.
    """

    name: str
    value: Elementwise
    derivative: Elementwise

    @takes(a=jointly("any shape"))
    def __call__(self, a: Any) -> Array:
        """Return the activation of ``a``, any shape, same shape out.

        Raises:
            TypeError, ValueError: ``a`` is not numeric, or not finite.
            OverflowError: the result leaves the range of the dtype.
        """
        return self._checked(self.value, numbers("a", a))

    @takes(name=text)
    def within(self, name: str) -> Into:
        """Return what writes the activation of its first argument into its second, unchecked.

        But for the shape, as the activation ``name`` of an error.

        Raises:
            TypeError: ``name`` is no text.
        """
        if isinstance(self.value, np.ufunc):
            return self.value
        if self.value is _sigmoid:
            return _sigmoid_into

        def into(a: Array, out: Array) -> None:
            state = self.value(a)
            if np.shape(state) != a.shape:  # a scalar would fill ``out`` in silence
                same_shape(f"{name} {self.name!r}", state, a)
            out[...] = state

        return into

    @takes(a=jointly("any shape"))
    def prime(self, a: Any) -> Array:
        """Return the derivative at the pre-activation ``a``, any shape, same shape out.

        Raises:
            TypeError, ValueError: ``a`` is not numeric, or not finite.
            OverflowError: the result leaves the range of the dtype.
        """
        return self._checked(self.derivative, numbers("a", a))

    def _checked(self, function: Elementwise, a: Array) -> Array:
        with np.errstate(all="ignore"):  # whatever overflows is refused below
            result = np.asarray(function(a))
        same_shape(f"activation {self.name!r}", result, a)
        finite_result(f"activation {self.name!r}", result)
        return result


def _minus_abs(a: Array) -> Array:
    """Return −|a|, holomorphic on each half plane."""
    if a.dtype.kind == "f":
        return np.copysign(a, -1.0)
    return np.where(looks_negative(a), a, -a)


def _bell(q: Array) -> Array:
    """Return q / (1 + q)² for |q| ≤ 1, as q / (1 + q (2 + q)), where nothing cancels.

    At most 4 units in the last place from e^(−|a|) of one: the error of q counts less as q grows,
    that of q (2 + q) more.
    """
    d = q + 2
    d *= q
    d += 1
    return np.asarray(q / d)


@cache
def _near_subnormal(dtype: Any) -> Any:
    """Return what is so small that an ulp of it may be a subnormal number."""
    info = np.finfo(dtype)
    return info.smallest_normal / info.eps


@entrywise
@in_double
def _tanh_prime(a: Array) -> Array:
    if a.dtype == object:  # exact systems know e^(2z) only as (e^z)²
        q = np.exp(_minus_abs(a))
        return 4 * _bell(q * q)
    m = _minus_abs(a)
    r = np.exp(m + m)
    slope = 4 * _bell(r)
    # Where e^(−2|a|) nears the subnormal numbers, 4 e^(−2|a|) = (2 e^(−|a|))² rounds but once.
    far = (r if r.dtype.kind == "f" else np.abs(r)) < _near_subnormal(r.dtype)
    if np.logical_or.reduce(far, axis=None):
        twice = 2 * np.exp(m)
        slope = np.where(far, twice * twice, slope)
    return slope


_FLOATS = (np.dtype(np.float64), np.dtype(np.float32))
ONE_FROM = 700.0
"""From where on σ is 1, as its e^a / (1 + e^a) is already from 38 on; e^a is still a double."""


@entrywise
@in_double
def _sigmoid(a: Array) -> Array:
    if a.dtype.kind == "f":
        e = np.exp(np.minimum(a, ONE_FROM))
        return np.asarray(e / (1 + e))
    q = np.exp(_minus_abs(a))
    return np.asarray(np.where(looks_negative(a), q, 1) / (1 + q))


def _sigmoid_into(a: Array, out: Array) -> None:
    """Write σ(a) into ``out``: the same operations without a copy, for rows of few doubles."""
    if a.dtype != np.float64 or a.size > BLOCK:
        out[...] = _sigmoid(a)
        return
    e = np.fmin(a, ONE_FROM)
    np.exp(e, out=e)
    np.divide(e, e + 1.0, out=out)


def _sigmoid_calls(a: list[Array], out: Rows) -> Calls:
    """Return the same operations as calls on rows of few doubles, or singles."""
    e, s, limit, one = np.empty((4, *a[0].shape))
    limit[...], one[...] = ONE_FROM, 1.0
    calls: Calls = []
    source: Rows = a
    made: Rows = out
    if a[0].dtype != e.dtype:
        source = made = repeat(e)
        calls.append(copies(a, source))
    calls += [
        map(np.fmin, source, repeat(limit), repeat(e)),
        map(np.exp, repeat(e), repeat(e)),
        map(np.add, repeat(e), repeat(one), repeat(s)),
        map(np.divide, repeat(e), repeat(s), made),
    ]
    return calls if made is out else [*calls, copies(made, out)]


@entrywise
@in_double
def _sigmoid_prime(a: Array) -> Array:
    return _bell(np.exp(_minus_abs(a)))


def _constant(a: Array, c: int) -> Array:
    """Return c everywhere, as numbers of the system that ``a`` is in."""
    return np.asarray(0 * a + c)


@entrywise
def _relu(a: Array) -> Array:
    return np.where(positive(a), a, 0 * a)


@entrywise
def _relu_prime(a: Array) -> Array:
    return np.where(positive(a), _constant(a, 1), _constant(a, 0))


def _linear(a: Array) -> Array:
    return np.asarray(a)


def _linear_prime(a: Array) -> Array:
    return _constant(a, 1)


def activation_calls(squash: Activation, into: Into, a: Rows, out: Rows) -> Calls:
    """Return the calls that write the activation of each row of a list into one of another.

    ``into`` is what :meth:`Activation.within` returned. Where a is NaN, σ may be a number: loops
    look at a itself.
    """
    rows = list(a)
    if squash.value is _sigmoid and rows[0].dtype in _FLOATS and rows[0].size <= BLOCK:
        return _sigmoid_calls(rows, out)
    return [map(into, rows, out)]


tanh = Activation("tanh", np.tanh, _tanh_prime)
sigmoid = Activation("sigmoid", _sigmoid, _sigmoid_prime)
relu = Activation("relu", _relu, _relu_prime)
linear = Activation("linear", _linear, _linear_prime)

BY_NAME = {f.name: f for f in (tanh, sigmoid, relu, linear)}


def activation(name: str, given: object) -> Activation:
    """Return the activation that the argument ``name`` was given as: an Activation or its name.

    Raises:
        ValueError, TypeError: an unknown name, or something else altogether.
    """
    if (
        isinstance(given, str) and given == "identity"
    ):  # its name until 0.1, which is that of a matrix and of an equation
        raise ValueError(f"{name}: 'identity' is now called 'linear'")
    return chosen(name, given, Activation, BY_NAME)
