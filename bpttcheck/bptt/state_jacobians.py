"""State Jacobians of any cell, and the immediate and total derivatives of its states by weights.

One step carries tangents through what it makes, by the cell's factors and weights; a Jacobian is a
product of such steps. In numerator layout row i belongs to entry i of the later state, so that the
chain rule reads from left to right; denominator layout is the transpose of the whole.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bpttcheck.arguments import shown, told_of, words
from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.local_derivatives import local_derivatives
from bpttcheck.cells.cell import of
from bpttcheck.cells.run import Run
from bpttcheck.shapes import finite_result

LAYOUTS = ("numerator", "denominator")

Tangents = Mapping[str, Array]
"""Of things in a step by name, (B, n, d): a column for each of d directions."""


def state_jacobian(
    weights: Mapping[str, Array],
    run: Run,
    t: int,
    k: int,
    *,
    state: str = "h",
    by: str | None = None,
    layout: str = "numerator",
) -> Array:
    """Return the derivative of a state by an earlier one.

        ∂h_t/∂h_k = ∂h_t/∂h_{t−1} ⋯ ∂h_{k+1}/∂h_k,   of the vanilla RNN D_t W D_{t−1} W ⋯ D_{k+1} W,
        D_j = diag(φ′(a_j)), in numerator layout

    Of a cell with two states a step is one of both: ∂c_t/∂c_k goes through h as well.

    Arguments:
        weights: of the run, checked.
        run: a forward pass.
        t: the later step, at most T.
        k: the earlier step, from 0 for a state and from 1 for a pre-activation; k ≤ t.
        state: the later one's letter, ``"h"`` or ``"c"``, or a pre-activation such as ``"a"`` or
            ``"a_f"``: the a_t of the RNN are the states x_t of Pascanu et al.
        by: the earlier one's; the same as ``state`` unless given.
        layout: ``"numerator"``, or ``"denominator"`` for the transpose, checked.

    Returns:
        (B, n, n), or (n, n) for one sequence.

    Raises:
        TypeError, ValueError: an argument of the wrong kind or value; a pre-activation with a
            mask, under which a step that does not take place has none.
        OverflowError: an entry leaves the range of the dtype.

    Source: Pascanu, Mikolov and Bengio 2013, eq. 5 (with W for its Wᵀ).
    Checked by: rnn.state-jacobian, rnn.preactivation-jacobian, lstm.state-jacobian-step,
        gru.state-jacobian-step, and the steps of the other cells' Jacobians.
    """
    earlier = state if by is None else by
    names = (*run.cell.states, *(of("a", g) for g in run.cell.gates))
    for name, given in (("state", state), ("by", earlier)):
        words(name, given, names)
        if given not in run.cell.states and run.mask is not None:
            raise ValueError(f"{name}: expected a state for a run with a mask, got {given!r}")
    _step("t", t, int(state not in run.cell.states), len(run.x))
    _step("k", k, int(earlier not in run.cell.states), t)
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        jacobian = jacobian_of(weights, run, t, k, state, earlier)
    finite_result("state_jacobian", jacobian)
    return jacobian if layout == "numerator" else jacobian.mT


def jacobian_of(
    weights: Mapping[str, Array], run: Run, t: int, k: int, state: str, by: str
) -> Array:
    """Return the product of the steps' Jacobians, unchecked, over any number system."""
    steps = Steps(weights, run)
    like = run.made[by][0]
    unit = np.asarray(np.eye(like.shape[-1]) + 0 * like[..., None], dtype=like.dtype)
    if k:
        found = steps.through(k, steps.nothing(unit), {by: unit})
    else:
        found = steps.nothing(unit) | {by: unit}
    for j in range(k + 1, t + 1):
        found = steps.through(j, found, {})
    return np.asarray(found[state])


def immediate_derivative(
    weights: Mapping[str, Array], run: Run, k: int, weight: str, *, state: str = "h"
) -> Array:
    """Return what a weight does to a state within its step alone, the states before held fixed.

        ∂⁺a_k[i]/∂W[i, j] = h_{k−1}[j],   ∂⁺a_k[i]/∂U[i, j] = x_k[j],   ∂⁺a_k[i]/∂b[i] = 1,
        zero in other rows;   ∂⁺h_k = φ′(a_k) ∘ ∂⁺a_k   of the vanilla RNN

    Arguments:
        weights: of the run, checked.
        run: a forward pass.
        k: the step, 1 ≤ k ≤ T.
        weight: ``"W"``, ``"U"``, ``"b"``, of a gate: ``"W_f"``, …, or a further one of the cell:
            ``"P_i"``, ``"b_Wg"``, ``"R"``. The output layer's do nothing to a state.
        state: the letter of a state, or a pre-activation such as ``"a"``.

    Returns:
        (B, n, …) with the axes of the weight last; without B for one sequence.

    Raises:
        TypeError, ValueError: an argument of the wrong kind or value.
        OverflowError: an entry leaves the range of the dtype.

    Source: Pascanu, Mikolov and Bengio 2013, after eq. 4.
    Checked by: rnn.temporal-W, rnn.temporal-U, rnn.temporal-b, rnn.immediate-step.
    """
    words("weight", weight, acting(run))
    words("state", state, (*run.cell.states, *(of("a", g) for g in run.cell.gates)))
    _step("k", k, 1, len(run.x))
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        immediate = immediate_of(weights, run, k, weight, state)
    finite_result("immediate_derivative", immediate)
    return immediate


def immediate_of(weights: Mapping[str, Array], run: Run, k: int, weight: str, state: str) -> Array:
    """Return ∂⁺, unchecked, over any number system."""
    steps = Steps(weights, run)
    acts = steps.acts(k, weight)
    found = steps.through(k, steps.nothing(next(iter(acts.values()))), acts)[state]
    return _shaped(found, weights[weight])


def total_derivative(
    weights: Mapping[str, Array], run: Run, t: int, weight: str, *, state: str = "h"
) -> Array:
    """Return the derivative of a state by a weight, through every step at which it acted.

        ∂h_t/∂θ = ∂⁺h_t/∂θ + ∂h_t/∂h_{t−1} ∂h_{t−1}/∂θ,   ∂h_0/∂θ = 0

    Arguments:
        weights: of the run, checked.
        run: a forward pass.
        t: the step, 0 ≤ t ≤ T.
        weight: ``"W"``, ``"U"``, ``"b"``, of a gate: ``"W_f"``, …, or a further one of the cell:
            ``"P_i"``, ``"b_Wg"``, ``"R"``. The output layer's do nothing to a state.
        state: the letter of a state.

    Returns:
        (B, n, …) with the axes of the weight last; without B for one sequence.

    Raises:
        TypeError, ValueError: an argument of the wrong kind or value.
        OverflowError: an entry leaves the range of the dtype.

    Source: Williams and Zipser 1989, the recursion of RTRL.
    Checked by: rnn.total-step.
    """
    words("weight", weight, acting(run))
    words("state", state, tuple(run.cell.states))
    _step("t", t, 0, len(run.x))
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        total = total_of(weights, run, t, weight, state)
    finite_result("total_derivative", total)
    return total


def total_of(
    weights: Mapping[str, Array], run: Run, t: int, weight: str, state: str = "h"
) -> Array:
    """Run the recursion, unchecked, over any number system."""
    steps = Steps(weights, run)
    found = steps.nothing(next(iter(steps.acts(1, weight).values())))
    for k in range(1, t + 1):
        found = steps.through(k, found, steps.acts(k, weight))
    return _shaped(found[state], weights[weight])


def acting(run: Run) -> tuple[str, ...]:
    """Return the names of the weights whose immediate derivatives there are."""
    gates, graph = run.cell.gates, run.cell.graph
    reading = [k for k in gates if any(k in p.gates for p in graph.products)]
    of_gates = [of(letter, k) for letter in "UWb" for k in (reading if letter == "W" else gates)]
    effective = {under for _, under in graph.edges} | dict(graph.linear).keys()
    effective |= {f"b_W{k}" for k in graph.apart}
    return (*of_gates, *(name for name in run.cell.weights if name in effective))


class Steps:
    """The steps of a run, each of which carries tangents from the states before to what it makes.

    Arguments:
        weights: all of them by name.
        run: a forward pass.
    """

    def __init__(self, weights: Mapping[str, Array], run: Run) -> None:
        self.weights, self.run, self.graph = weights, run, run.cell.graph
        self.local = local_derivatives(weights, run)

    def nothing(self, like: Array) -> dict[str, Array]:
        """Return tangents of the states that are zero, in as many directions as ``like`` has."""
        found = {}
        for k in self.run.cell.states:
            found[k] = 0 * self.run.made[k][0][..., None] * like[..., :1, :]
        return found

    def through(self, t: int, before: Tangents, acts: Tangents) -> dict[str, Array]:
        """Return the tangents of all that step t makes.

        Arguments:
            t: the step, from 1.
            before: of the states of the step before, by letter.
            acts: what is added to things where they are made.
        """
        cell, graph = self.run.cell, self.graph
        found = {f"{k}-": tangent for k, tangent in before.items()}
        reads = {k: p.read for p in graph.products for k in p.gates}
        made_by = {node: name for name, node in graph.linear}

        def made(over: str, *first: Array) -> Array:
            terms = list(first)
            for (o, under), factor in self.local.factors.items():
                if o == over and under in found:
                    by_step = isinstance(factor, np.ndarray) and factor.ndim > 0
                    terms.append((factor[t - 1][..., None] if by_step else factor) * found[under])
            terms += [acts[over]] if over in acts else []
            return np.asarray(sum(terms[1:], start=terms[0]))

        for node in graph.nodes:
            if node in cell.gates:
                apart = node in graph.apart or node not in reads
                a = of("a", node)
                product = () if apart else (self.weights[of("W", node)] @ found[reads[node]],)
                found[a] = made(a, *product)
                found[node] = self.local.slopes[node][t - 1][..., None] * found[a]
            elif node in made_by:
                read = made(f"read_{made_by[node]}")
                found[node] = made(node, self.weights[made_by[node]] @ read)
            elif node[:2] == "q_":
                gate = node[2:]
                found[node] = made(node, self.weights[of("W", gate)] @ found[reads[gate]])
            else:
                found[node] = made(node)
        return found

    def acts(self, k: int, weight: str) -> dict[str, Array]:
        """Return what a weight adds at step k to where it acts, a direction for each entry."""
        run, apart = self.run, self.graph.apart
        gate = weight[2:]
        if weight in (linear := dict(self.graph.linear)):
            return {linear[weight]: self._outer(linear[weight], run.made[f"read_{weight}"], k)}
        if weight not in run.cell.weights:
            where = of("q" if weight[0] == "W" and gate in apart else "a", gate)
            if weight[0] == "b":
                return {where: self._unit(where, k)}
            return {where: self._outer(where, run.x if weight[0] == "U" else run.read(gate), k)}
        found: dict[str, Array] = {}
        for (over, under), factor in self.local.factors.items():
            if under == weight:
                found[over] = self._unit(over, k) * factor[k - 1][..., None]
        for gate in apart:
            if weight == f"b_W{gate}":
                found[of("q", gate)] = self._unit(of("q", gate), k)
        return found

    def _unit(self, where: str, k: int) -> Array:
        """Return a direction for each entry of what is made at step k."""
        made = self.run.made[where][k - 1]
        return np.asarray(np.eye(made.shape[-1]) + 0 * made[..., None], dtype=made.dtype)

    def _outer(self, where: str, met: Array, k: int) -> Array:
        """Return a direction for each entry of the matrix that multiplies ``met``."""
        unit = self._unit(where, k)
        directions = unit[..., None] * met[k - 1][..., None, None, :]
        return np.asarray(directions.reshape(*unit.shape[:-1], -1))


def _shaped(tangents: Array, weight: Array) -> Array:
    return tangents.reshape(*tangents.shape[:-1], *weight.shape)


def _step(name: str, given: object, first: int, last: int) -> None:
    if isinstance(given, bool) or not isinstance(given, int | np.integer):
        raise TypeError(f"{name}: expected a step, a whole number, got {told_of(given)}")
    if not first <= given <= last:
        raise ValueError(f"{name}: expected a step {first} ≤ {name} ≤ {last}, got {shown(given)}")
