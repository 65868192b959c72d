"""Softmax, log-softmax, the negative log-likelihood, and its gradient ŷ − y.

Everything is computed from the logits o (…, p), along the last axis, over every number system.

Accuracy, in real dtypes: at most 4 ulp where the result is a normal float, one subnormal step
otherwise. The gradient is computed as (e_i Σ_{j≠i} y_j − y_i Σ_{j≠i} e_j) / Σ_j e_j with
e = exp(o − max o), never as a difference of numbers near one. The bound holds for every entry for
class indices and one-hot targets; for soft targets the two products may cancel, and it is 8 ulp of
the larger product. Weights above one cannot give back the digits that a subnormal e has lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bpttcheck.arguments import jointly, one_of, takes
from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.blocks import rowwise
from bpttcheck.arithmetic.compensated import total, two_sum
from bpttcheck.arithmetic.order import Places, entry, leading, places, replaced, shift
from bpttcheck.arithmetic.precision import in_double
from bpttcheck.shapes import REDUCTIONS, alike, divisor, finite_result, numbers, read


@dataclass(frozen=True)
class _Shifted:
    """Logits less the shift of their row, the largest one, exponentiated.

    ``d`` = o − max o and ``error``, what rounding took from it; ``e`` = exp(o − max o);
    ``leader`` is the index of one largest entry a row, (…, 1), whose e is ``top`` = 1 (exactly:
    without an order there is no shift, and it is what it is); Σ of the other e is ``rest``, (…, 1),
    of all ``whole``.
    """

    d: Array
    error: Array | int
    e: Array
    leader: Array
    top: Array
    rest: Array
    whole: Array

    def others(self, i: Array, e: Array) -> Array:
        """Return Σ_{j≠i} e_j for the entries e_i with index i, without cancellation."""
        return np.where(i == self.leader, self.rest, self.whole - e)


def _shifted(o: Array) -> _Shifted:
    leader = leading(o)
    at = places(leader)
    d, error = two_sum(o, -shift(o, at))
    e = np.exp(d)
    if not isinstance(error, int):
        if not np.isfinite(np.add.reduce(error, axis=None)):  # where o − max o is −inf
            error = np.where(np.isfinite(error), error, 0)
        e += e * error
    top, rest = _top_and_rest(e, at)
    return _Shifted(d, error, e, leader, top, rest, top + rest)


def _top_and_rest(terms: Array, at: Places) -> tuple[Array, Array]:
    """Return the entry of each row at the given places, and the sum of the others, (…, 1)."""
    top = entry(terms, at)
    return top, total(replaced(terms, at, 0 * top))[..., None]


def _others(terms: Array) -> Array:
    """Return Σ_{j≠i} terms_j for each i, for terms ≥ 0: it cancels for the largest term alone."""
    at = places(leading(terms))
    largest, rest = _top_and_rest(terms, at)
    return replaced((rest + largest) - terms, at, rest)


def _log_softmax(z: _Shifted, d: Array, error: Array | int) -> Array:
    """Return ln ŷ where o − max o is d, less what rounding took from it."""
    return np.asarray((d - np.log1p((z.top - 1) + z.rest)) + error)


def _nll(z: _Shifted, y: Array) -> Array:
    if y.dtype.kind == "i":
        at = places(y)
        error = z.error if isinstance(z.error, int) else entry(z.error, at)
        return -_log_softmax(z, entry(z.d, at), error)[..., 0]
    terms = -y * _log_softmax(z, z.d, z.error)
    if terms.dtype != object:
        terms = np.where(y == 0, 0, terms)  # 0 · ln 0 = 0: what is not a target costs nothing
    return total(terms)


def _nll_gradient(z: _Shifted, y: Array) -> Array:
    if y.dtype.kind == "i":
        at = places(y)
        numerator = replaced(z.e, at, -z.others(y[..., None], entry(z.e, at)))
    else:
        numerator = z.e * _others(y) - y * z.others(np.arange(z.e.shape[-1]), z.e)
    return np.asarray(numerator / z.whole)


# The functions on checked arrays, which the registry runs over every number system. Targets y are
# weights (…, p), or class indices (…), integers: these say which entries of a row to look at.


@rowwise
@in_double
def softmax_of(o: Array) -> Array:
    """Return ŷ_i = exp o_i / Σ_j exp o_j, unchecked."""
    z = _shifted(o)
    return np.asarray(z.e / z.whole)


@rowwise
@in_double
def log_softmax_of(o: Array) -> Array:
    """Return ln ŷ_i = (o_i − max o) − ln(1 + Σ_{j≠max} exp(o_j − max o)), unchecked.

    Both parts are ≤ 0, so they do not cancel.
    """
    z = _shifted(o)
    return _log_softmax(z, z.d, z.error)


@rowwise
@in_double
def nll_of(o: Array, y: Array) -> Array:
    """Return −Σ_i y_i ln ŷ_i for each row, unchecked; that is −ln ŷ_c for a class c."""
    return _nll(_shifted(o), y)


@in_double
def _nll_of_all(o: Array, y: Array) -> Array:
    return total(nll_of(o, y).reshape(-1))


@rowwise
@in_double
def nll_gradient_of(o: Array, y: Array) -> Array:
    """Return (e_i Σ_{j≠i} y_j − y_i Σ_{j≠i} e_j) / Σ_j e_j for each row, unchecked.

    That is ŷ_i Σ_j y_j − y_i, less what cancels; for a class c, ŷ_i where i ≠ c, and −Σ_{j≠c} ŷ_j.
    """
    return _nll_gradient(_shifted(o), y)


@rowwise
@in_double
def nll_and_gradient_of(o: Array, y: Array) -> tuple[Array, Array]:
    """Return what :func:`nll_of` and :func:`nll_gradient_of` do, from one exponentiation."""
    z = _shifted(o)
    return _nll(z, y), _nll_gradient(z, y)


@takes(o=jointly("(…, p)"))
def softmax(o: Any) -> Array:
    """Return the probabilities ŷ_i = exp o_i / Σ_j exp o_j.

    Arguments:
        o: logits, (…, p).

    Returns:
        ŷ, the shape of ``o``; each row sums to one.

    Raises:
        TypeError, ValueError: ``o`` is not a finite numeric array with p ≥ 1.

    Source: Goodfellow, Bengio and Courville 2016, eq. 6.29.
    Checked by: softmax-nll.softmax.
    """
    return softmax_of(_logits(o))


@takes(o=jointly("(…, p)"))
def log_softmax(o: Any) -> Array:
    """Return ln ŷ_i = o_i − ln Σ_j exp o_j.

    Arguments:
        o: logits, (…, p).

    Returns:
        ln ŷ, the shape of ``o``.

    Raises:
        TypeError, ValueError: ``o`` is not a finite numeric array with p ≥ 1.
        OverflowError: two logits of a row are further apart than the largest float.

    Source: Goodfellow, Bengio and Courville 2016, eq. 6.30.
    Checked by: softmax-nll.log-softmax.
    """
    result = log_softmax_of(_logits(o))
    finite_result("log_softmax", result)
    return result


@takes(o=jointly("(…, p)"), targets=jointly("(…) or (…, p)"), reduction=one_of(REDUCTIONS))
def nll(o: Any, targets: Any, *, reduction: str = "sum") -> Array:
    """Return the negative log-likelihood −Σ_i y_i ln ŷ_i of the targets under softmax(o).

    Arguments:
        o: logits, (…, p).
        targets: class indices 0 ≤ c < p, integers (…); or weights y ≥ 0, floats (…, p), one-hot
            or soft. They need not sum to one.
        reduction: ``"sum"`` over all rows, or ``"mean"`` over them.

    Returns:
        The loss, a single number in nats.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, shape or value.
        OverflowError: the loss leaves the range of the dtype.

    Source: Goodfellow, Bengio and Courville 2016, eqs. 10.12–10.14.
    Checked by: softmax-nll.loss, softmax-nll.loss-expansion.
    """
    o, y = _pair(o, targets)
    result = np.asarray(_nll_of_all(o, y) / divisor(reduction, o.size // o.shape[-1]))
    finite_result("nll", result)
    return result


@takes(o=jointly("(…, p)"), targets=jointly("(…) or (…, p)"), reduction=one_of(REDUCTIONS))
def nll_gradient(o: Any, targets: Any, *, reduction: str = "sum") -> Array:
    """Return the gradient of :func:`nll` with respect to the logits: (Σ_j y_j) ŷ − y.

    That is ŷ − y when the targets of a row sum to one.

    Arguments:
        o: logits, (…, p).
        targets: as for :func:`nll`.
        reduction: ``"sum"`` or ``"mean"`` over all rows.

    Returns:
        ∂L/∂o, the shape of ``o``.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, shape or value.

    Accuracy: 4 ulp for class indices and one-hot targets; for others see the module.
    Source: Goodfellow, Bengio and Courville 2016, eq. 10.18.
    Checked by: softmax-nll.gradient, softmax-nll.gradient-any-targets.
    """
    o, y = _pair(o, targets)
    result = nll_gradient_of(o, y)
    if (count := divisor(reduction, o.size // o.shape[-1])) != 1:
        result = np.asarray(result / count)
    finite_result("nll_gradient", result)
    return result


def _logits(o: Any) -> Array:
    return _with_classes(numbers("o", o))


def _with_classes(o: Array) -> Array:
    if o.ndim == 0 or o.size == 0:
        expected = "shape (…, p) with p ≥ 1 classes and no empty axis"
        raise ValueError(f"o: expected {expected}, got {o.shape}")
    return o


def _pair(o: Any, targets: Any) -> tuple[Array, Array]:
    """Return logits, and weights of the same shape and dtype or class indices."""
    given = read("targets", targets)
    if given.dtype.kind in "iu":
        logits = _logits(o)
        if given.shape != logits.shape:
            return logits, classes(given, logits)
    logits, y = alike(o=o, targets=targets)
    return logits, weights(y, _with_classes(logits))


def weights(y: Array, o: Array) -> Array:
    """Return target weights, checked against the logits that they are for.

    Raises:
        ValueError: another shape than that of ``o``, or a negative weight.
    """
    if y.shape != o.shape:
        expected = f"weights (…, p) = {o.shape}, or class indices as integers {o.shape[:-1]}"
        raise ValueError(f"targets: expected {expected}, got shape {y.shape}")
    if y.dtype.kind == "f" and (y < 0).any():
        raise ValueError(f"targets: expected weights ≥ 0, got {y.min()}")
    return y


def classes(given: Array, o: Array) -> Array:
    """Return class indices, checked against the logits that they are for.

    Raises:
        ValueError: another shape than the rows of ``o``, or an index outside 0 … p − 1.
    """
    p = o.shape[-1]
    if given.shape != o.shape[:-1]:
        raise ValueError(f"targets: expected class indices (…) = {o.shape[:-1]}, got {given.shape}")
    indices = given.astype(np.intp, copy=False)
    if given.size and not indices.view(np.uintp).max() < p:  # where a negative one is huge
        outside = given[(given < 0) | (given >= p)]
        raise ValueError(f"targets: expected class indices 0 … {p - 1}, got {outside[0]}")
    return indices
