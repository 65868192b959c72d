"""BPTT of any cell: the loop, the sums and the checks; a cell brings one step back.

def back(s):                                            # the minimal gated unit
h, f, g, dh = s.before("h"), s.made("f"), s.made("g"), s.gradient("h")
dq = s.gate("g", f * dh)                            # W_gᵀ ∂L/∂a_g
s.leave("h", (1 − f) * dh + f * dq + s.gate("f", (g − h) * dh + h * dq))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.passes import every_array, like_outputs, loss_and_gradient, outer, total
from bpttcheck.cells.cell import Cell, Run, equations
from bpttcheck.cells.gated import check_arguments
from bpttcheck.shapes import finite_result


class Back:
    """One step on the way back, seen by a cell's ``back``."""

    def __init__(
        self, cell: Cell, weights: Mapping[str, Array], run: Run, t: int,
        gradients: Mapping[str, Array],
    ) -> None:  # fmt: skip
        self._cell, self._weights, self._run, self._t = cell, weights, run, t
        self._gradients = dict(gradients)
        self.met: dict[str, Array] = {}
        self.left: dict[str, Array] = {}

    def before(self, state: str) -> Array:
        """Return a state of the step before."""
        return np.asarray(self._run.made[state][self._t - 1])

    def made(self, name: str) -> Array:
        """Return a gate or a state of this step."""
        return np.asarray(self._run.made[name][self._t - (name not in self._cell.states)])

    def gradient(self, state: str) -> Array:
        """Return the gradient of a state of this step, as far as later steps and the loss go."""
        return self._gradients[state]

    def through(self, state: str, more: Array) -> Array:
        """Return that gradient with what comes through other states of this step."""
        self._gradients[state] = self.met[state] = self._gradients[state] + more
        return self._gradients[state]

    def squashed(self, state: Array) -> Array:
        """Return a state as it is let out."""
        return self._cell.squash.value(state)

    def slope(self, state: Array) -> Array:
        """Return the derivative of what a state is squashed by where it is let out."""
        return self._cell.squash.derivative(state)

    def gate(self, letter: str, gradient: Array) -> Array:
        """Return W_kᵀ ∂L/∂a_k, the gradient of what a gate read, from that of the gate."""
        a = self._run.made[f"a_{letter}"][self._t - 1]
        self.met[f"a_{letter}"] = gradient * self._cell.gates[letter].squash.derivative(a)
        return self.met[f"a_{letter}"] @ self._weights[f"W_{letter}"]

    def leave(self, state: str, gradient: Array) -> None:
        """Hand the gradient of a state of the step before to that step."""
        self.left[state] = gradient


@dataclass(frozen=True)
class Gradients:
    """Every gradient of a backward pass, named for its variable: ``dh``, ``da_f``, ….

    Shapes: ``da_k`` of each gate (T, B, n) and ``dx`` (T, B, m) at index t − 1; ``dh`` and that of
    every other state (T + 1, B, n) at index t, so that ``dh[0]`` is ∂L/∂h_0; ``weights`` has each
    weight's gradient under the weight's name, summed over T and B, whether or not it was given.
    """

    steps: Mapping[str, Array]
    dx: Array
    weights: Mapping[str, Array]

    def __getattr__(self, name: str) -> Array:
        if name != "steps" and name[:1] == "d" and name[1:] in self.steps:
            return self.steps[name[1:]]
        known = ", ".join(f"d{key}" for key in self.steps)
        raise AttributeError(f"Gradients: expected dx, weights or one of {known}, got {name!r}")


def recursion(
    cell: Cell, back: Callable[[Back], None], weights: Mapping[str, Array], run: Run, ds: Array
) -> Gradients:
    """Solve the recursion, unchecked, over any number system."""
    direct = ds @ weights["V"]
    shape, zero = run.h.shape[1:], 0 * direct[0]
    gradients: dict[str, list[Array]] = {k: [] for k in cell.states}
    gradients |= {f"a_{k}": [] for k in cell.gates}
    coming = {k: np.broadcast_to(zero, shape) for k in cell.states}
    for t in range(len(run.x), 0, -1):
        coming["h"] = coming["h"] + direct[t - 1]
        acting, resting = coming, None
        if run.mask is not None:  # where no step takes place, states stay what they were
            taken = run.mask[t - 1][..., None]
            acting = {k: np.where(taken, g, 0 * g) for k, g in coming.items()}
            resting = {k: np.where(taken, 0 * g, g) for k, g in coming.items()}
        step = Back(cell, weights, run, t, acting)
        back(step)
        for name, values in gradients.items():
            found = step.met.get(name, acting.get(name))
            values.append(plus_resting(np.asarray(found), resting, name))
        coming = {k: plus_resting(step.left[k], resting, k) for k in cell.states}
    for name in cell.states:
        gradients[name].append(coming[name])
    steps = {name: np.stack(values[::-1]) for name, values in gradients.items()}
    sums: dict[str, Array] = {}
    for k in cell.gates:
        da = steps[f"a_{k}"]
        sums |= {f"U_{k}": outer(da, run.x), f"W_{k}": outer(da, run.made[f"read_{k}"]),
                 f"b_{k}": total(da)}  # fmt: skip
    sums |= {"V": outer(ds, run.h[1:]), "b_s": total(ds)}
    dx = np.asarray(sum(steps[f"a_{k}"] @ weights[f"U_{k}"] for k in cell.gates))
    return Gradients(steps, dx, sums)


def plus_resting(values: Array, resting: Mapping[str, Array] | None, name: str) -> Array:
    """Return a state's gradient with what it is where no step takes place."""
    return values if resting is None or name not in resting else values + resting[name]


class Network:
    """A recurrent layer of a cell and a linear output layer: forward, backward, loss.

    Arguments:
        cell: a :class:`~bpttcheck.cells.cell.Cell`.
        back: one step back of it.
    """

    def __init__(self, cell: Cell, back: Callable[[Back], None]) -> None:
        self.cell, self.back = cell, back

    def forward(
        self, params: Mapping[str, Any], x: Any, *, mask: Any = None, **initial: Any
    ) -> Run:
        """Run the network over a sequence, or over a batch of them.

        Arguments:
            params: ``U_k`` (n, m), ``W_k`` (n, n), ``b_k`` (n,) for each gate k, ``V`` (p, n),
                ``b_s`` (p,). Each bias may be left out.
            x: inputs, (T, B, m), or (T, m) for one sequence.
            mask: for sequences of unequal length, booleans (T, B): where False, the step does not
                take place, states stay what they were. (T,) for one sequence.
            initial: ``h0``, and ``c0`` of a cell with a state c: (B, n), (n,) for one sequence, or
                a single number for all of it; zero unless given.

        Returns:
            A :class:`~bpttcheck.cells.cell.Run` with every intermediate.

        Raises:
            TypeError, ValueError: an argument of the wrong kind, shape or value; the message says
                which, what was expected and what came.
            OverflowError: a state or score leaves the range of the dtype.

        Checked by: the identities of the cell.
        """
        weights, x, states, steps = self._checked(params, x, initial, mask)
        with np.errstate(all="ignore"):  # whatever overflows is refused below
            run = equations(self.cell, weights, x, states, mask=steps)
        finite_result("forward", *run.made.values(), run.s)
        return run

    def _checked(
        self, params: Any, x: Any, initial: Mapping[str, Any], mask: Any
    ) -> tuple[dict[str, Array], Array, dict[str, Array], Array | None]:
        names = tuple(f"{k}0" for k in self.cell.states)
        for name in initial:
            if name not in names:
                raise TypeError(f"{name}: expected one of {', '.join(names)}, mask")
        states = {name: initial.get(name, 0.0) for name in names}
        weights, x, full, steps = check_arguments(params, self.cell.axes, x, states, mask)
        return weights, x, dict(zip(self.cell.states, full, strict=True)), steps

    def backward(self, params: Mapping[str, Any], run: Run, ds: Any) -> Gradients:
        """Pull the gradient of any loss with respect to the scores back through time.

        Arguments:
            params: those of the forward pass.
            run: what :meth:`forward` returned.
            ds: ∂L/∂s_t, the shape of ``run.s``: (T, B, p), or (T, p).

        Returns:
            :class:`Gradients`.

        Raises:
            TypeError, ValueError: an argument of the wrong kind, shape or value.
            OverflowError: a gradient leaves the range of the dtype.

        Checked by: the identities of the cell whose names begin with bptt-.
        """
        if not isinstance(run, Run) or run.cell != self.cell.name:
            got = run.cell if isinstance(run, Run) else type(run).__name__
            raise TypeError(f"run: expected what {self.cell.name}.forward returned, got {got}")
        initial = {f"{k}0": run.made[k][0] for k in self.cell.states}
        weights, x, _, _ = self._checked(params, run.x, initial, run.mask)
        ds = like_outputs(run, x, ds=ds)
        with np.errstate(all="ignore"):  # whatever overflows is refused below
            gradients = recursion(self.cell, self.back, weights, run, ds)
        finite_result("backward", *every_array(gradients))
        return gradients

    def value_and_grad(
        self, params: Mapping[str, Any], x: Any, targets: Any, *, loss: str = "nll",
        reduction: str = "sum", mask: Any = None, **initial: Any,
    ) -> tuple[Array, dict[str, Array]]:  # fmt: skip
        """Return the loss and its gradients, by BPTT.

        Arguments:
            params: the weights, as for :meth:`forward`.
            x: inputs, (T, B, m), or (T, m) for one sequence.
            targets: for ``"nll"`` class indices (T, B) or weights (T, B, p); for
                ``"squared_error"`` numbers (T, B, p). One sequence drops B.
            loss: ``"nll"``, of softmax(s_t); or ``"squared_error"``, ½ ‖s_t − y_t‖².
            reduction: ``"sum"`` over T and B, or ``"mean"``: the sum divided by the steps that the
                mask leaves, T·B without one.
            mask: booleans (T, B); a step where it is False neither moves a state nor counts.
            initial: ``h0`` and the others, as for :meth:`forward`.

        Returns:
            The loss, a single number (nats for ``"nll"``), and a dictionary with the gradient of
            each given weight under its name, of each initial state and of ``"x"``.

        Raises:
            TypeError, ValueError: an argument of the wrong kind, shape or value.
            OverflowError: the loss or a gradient leaves the range of the dtype.

        Checked by: the identities of the cell whose names begin with bptt-.
        """
        run = self.forward(params, x, mask=mask, **initial)
        value, ds = loss_and_gradient(run.s, targets, loss, reduction, run.mask)
        gradients = self.backward(params, run, ds)
        grads = {name: gradients.weights[name] for name in params}
        grads |= {f"{k}0": gradients.steps[k][0] for k in self.cell.states}
        return value, grads | {"x": gradients.dx}
