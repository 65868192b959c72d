"""State Jacobians of the vanilla RNN, and the immediate and total derivatives of its states.

In numerator layout row i belongs to entry i of the later state, so that the chain rule reads from
left to right; denominator layout is the transpose of the whole, not of W alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.rnn import Run, Weights, check_arguments
from bpttcheck.shapes import finite_result, one_of

LAYOUTS = ("numerator", "denominator")
STATES = ("h", "a")
ACTING = ("U", "W", "b")


def state_jacobian(
    params: Mapping[str, Any],
    run: Run,
    t: int,
    k: int,
    *,
    state: str = "h",
    layout: str = "numerator",
) -> Array:
    """Return the derivative of a state by an earlier one.

        ∂h_t/∂h_k = D_t W D_{t−1} W ⋯ D_{k+1} W,   ∂a_t/∂a_k = W D_{t−1} ⋯ W D_k,
        D_j = diag(φ′(a_j)), in numerator layout

    Arguments:
        params: those of the forward pass.
        run: what :func:`~bpttcheck.rnn.forward` returned.
        t: the later step, at most T.
        k: the earlier step, from 0 for ``"h"`` and from 1 for ``"a"``; k ≤ t.
        state: ``"h"``, or ``"a"`` for the pre-activations, the states x_t of Pascanu et al.
        layout: ``"numerator"``, or ``"denominator"`` for the transpose.

    Returns:
        (B, n, n), or (n, n) for one sequence.

    Raises:
        TypeError, ValueError: an argument of the wrong kind or value; ``"a"`` with a mask, under
            which a step that does not take place has no pre-activation.
        OverflowError: an entry leaves the range of the dtype.

    Source: Pascanu, Mikolov and Bengio 2013, eq. 5 (with W for its Wᵀ).
    Checked by: rnn.state-jacobian, rnn.preactivation-jacobian, rnn.preactivation-step-denominator.
    """
    weights = _weights(params, run)
    one_of("state", state, STATES)
    one_of("layout", layout, LAYOUTS)
    first = STATES.index(state)
    _step("t", t, first, len(run.a))
    _step("k", k, first, t)
    if state == "a" and run.mask is not None:
        raise ValueError("state: expected 'h' for a run with a mask, got 'a'")
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        jacobian = jacobian_of(weights, run, t, k, state)
    finite_result("state_jacobian", jacobian)
    return jacobian if layout == "numerator" else jacobian.mT


def jacobian_of(weights: Weights, run: Run, t: int, k: int, state: str) -> Array:
    """Return the product of the steps' Jacobians, unchecked, over any number system."""
    slope = run.phi.derivative(run.a)[..., None]  # scales the rows of what stands to its right
    product = _identity_matrices(run)
    if state == "a":
        for j in range(k, t):
            product = weights.W @ (slope[j - 1] * product)
        return product
    for j in range(k + 1, t + 1):
        product = _where_step(run, j, slope[j - 1] * (weights.W @ product), product)
    return product


def immediate_derivative(
    params: Mapping[str, Any], run: Run, k: int, weight: str, *, state: str = "h"
) -> Array:
    """Return what a weight does to a state within its step alone, the state before held fixed.

        ∂⁺a_k[i]/∂W[i, j] = h_{k−1}[j],   ∂⁺a_k[i]/∂U[i, j] = x_k[j],   ∂⁺a_k[i]/∂b[i] = 1,
        zero in other rows;   ∂⁺h_k = φ′(a_k) ∘ ∂⁺a_k

    Arguments:
        params: those of the forward pass.
        run: what :func:`~bpttcheck.rnn.forward` returned.
        k: the step, 1 ≤ k ≤ T.
        weight: ``"W"``, ``"U"`` or ``"b"``.
        state: ``"h"`` or ``"a"``.

    Returns:
        (B, n, …) with the axes of the weight last; without B for one sequence.

    Raises:
        TypeError, ValueError: an argument of the wrong kind or value.

    Source: Pascanu, Mikolov and Bengio 2013, after eq. 4.
    Checked by: rnn.temporal-W, rnn.temporal-U, rnn.temporal-b, rnn.immediate-step.
    """
    _weights(params, run)
    one_of("weight", weight, ACTING)
    one_of("state", state, STATES)
    _step("k", k, 1, len(run.a))
    return immediate_of(run, k, weight, state)


def immediate_of(run: Run, k: int, weight: str, state: str) -> Array:
    """Return ∂⁺, unchecked, over any number system."""
    unit = _identity_matrices(run)
    if weight == "b":
        acts = unit
    else:
        met = run.h[k - 1] if weight == "W" else run.x[k - 1]
        acts = unit[..., None] * met[..., None, None, :]
    if state == "h":
        slope = run.phi.derivative(run.a[k - 1])
        acts = slope.reshape(*slope.shape, *(1,) * (acts.ndim - slope.ndim)) * acts
    return _where_step(run, k, acts, 0 * acts)


def total_derivative(params: Mapping[str, Any], run: Run, t: int, weight: str) -> Array:
    """Return the derivative of a state by a weight, through every step at which it acted.

        ∂h_t/∂θ = ∂⁺h_t/∂θ + ∂h_t/∂h_{t−1} ∂h_{t−1}/∂θ,   ∂h_0/∂θ = 0

    Arguments:
        params: those of the forward pass.
        run: what :func:`~bpttcheck.rnn.forward` returned.
        t: the step, 0 ≤ t ≤ T.
        weight: ``"W"``, ``"U"`` or ``"b"``.

    Returns:
        (B, n, …) with the axes of the weight last; without B for one sequence.

    Raises:
        TypeError, ValueError: an argument of the wrong kind or value.
        OverflowError: an entry leaves the range of the dtype.

    Source: Williams and Zipser 1989, the recursion of RTRL.
    Checked by: rnn.total-step.
    """
    weights = _weights(params, run)
    one_of("weight", weight, ACTING)
    _step("t", t, 0, len(run.a))
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        total = total_of(weights, run, t, weight)
    finite_result("total_derivative", total)
    return total


def total_of(weights: Weights, run: Run, t: int, weight: str) -> Array:
    """Run the recursion, unchecked, over any number system."""
    total = 0 * immediate_of(run, 1, weight, "h")
    for k in range(1, t + 1):
        step = jacobian_of(weights, run, k, k - 1, "h")
        flat = total.reshape(*step.shape[:-1], -1)
        total = immediate_of(run, k, weight, "h") + (step @ flat).reshape(total.shape)
    return total


def _identity_matrices(run: Run) -> Array:
    """Return (B, n, n), in the numbers of the run."""
    n = run.a.shape[-1]
    return np.asarray(np.eye(n) + 0 * run.a[0][..., None], dtype=run.a.dtype)


def _where_step(run: Run, k: int, taken: Array, otherwise: Array) -> Array:
    """Return what step k makes where it takes place; a mask leaves some out."""
    if run.mask is None:
        return taken
    takes_place = run.mask[k - 1]
    return np.where(
        takes_place.reshape(takes_place.shape + (1,) * (taken.ndim - takes_place.ndim)),
        taken,
        otherwise,
    )


def _weights(params: Any, run: Any) -> Weights:
    if not isinstance(run, Run):
        raise TypeError(f"run: expected what forward returned, got {type(run).__name__}")
    return check_arguments(params, run.x, run.h[0], run.mask)[0]


def _step(name: str, given: object, first: int, last: int) -> None:
    if isinstance(given, bool) or not isinstance(given, (int, np.integer)):
        raise TypeError(f"{name}: expected a step, a whole number, got {type(given).__name__}")
    if not first <= given <= last:
        raise ValueError(f"{name}: expected a step {first} ≤ {name} ≤ {last}, got {given}")
