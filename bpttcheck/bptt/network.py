"""BPTT of any cell: the backward pass of a layer, the loss and its gradients, state Jacobians."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bpttcheck.arguments import count, jointly, one_of, optional, shown, takes
from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.checkpoints import blocks_back
from bpttcheck.bptt.compiled import compiled_passes
from bpttcheck.bptt.kinds import (
    INPUTS,
    LETTER,
    LIMIT,
    LOSS,
    MASK,
    PARAMS,
    REDUCTION,
    RUN,
    SCORES,
    STEP,
    TARGETS,
    WEIGHT,
)
from bpttcheck.bptt.layer import Layer
from bpttcheck.bptt.passes import Gradients, StepLosses, like_outputs, like_scores
from bpttcheck.bptt.recursion import WayBack, recursion
from bpttcheck.bptt.renamed import renamed
from bpttcheck.bptt.state_jacobians import (
    LAYOUTS,
    immediate_derivative,
    state_jacobian,
    total_derivative,
)
from bpttcheck.cells.cell import Cell
from bpttcheck.cells.run import Run
from bpttcheck.clipping import by_norm
from bpttcheck.shapes import alike, finite_result


@takes(declared=jointly("a Cell, or a function that returns one"))
class Network(Layer):
    """A recurrent layer of a cell and a linear output layer, s_t = V h_t + b_s, both ways.

    Every cell of the package is one, with the same methods: ``bpttcheck.rnn``, ``lstm``, ``gru``,
    ``mgu``, ``coupled_lstm``, …; so is a cell of your own, ``Network(cell)``.

    Arguments:
        declared: a :class:`~bpttcheck.cells.cell.Cell` with factors, or a function that returns
            one for the options of its kind: ``phi`` of the RNN, ``forget`` of the LSTM, ``reset``
            of the GRU. The methods take these options too.

    Raises:
        TypeError, ValueError: ``declared`` is neither, or a cell without factors.
    """

    def __init__(self, declared: Cell | Callable[..., Cell]) -> None:
        super().__init__(declared)
        if self.cell.factors is None:
            raise ValueError(f"cell {self.cell.name!r}: expected factors, the way back, got none")
        self.__doc__ = f"{self.cell.title}: forward, BPTT, state Jacobians. {Network.__doc__}"

    @renamed(do="ds")
    @takes(params=PARAMS, run=RUN, ds=SCORES)
    def backward(self, params: Mapping[str, Any], run: Run, ds: Any) -> Gradients:
        """Pull the gradient of any loss with respect to the scores back through time.

        Arguments:
            params: those of the forward pass.
            run: what :meth:`forward` returned.
            ds: ∂L/∂s_t, the shape of ``run.s``: (T, B, p), or (T, p).

        Returns:
            :class:`~bpttcheck.bptt.passes.Gradients`.

        Raises:
            TypeError, ValueError: an argument of the wrong kind, shape or value.
            OverflowError, ArithmeticError: a gradient leaves the range of the dtype, or is NaN.

        Accuracy: each slope to 4 ulp from the pre-activations; rounding of sums and products on
            top.
        Checked by: the identities of the cell whose names begin with bptt-.
        """
        weights = self.weights_of(params, run)
        return _back(weights, run, like_scores(run.x, run.s, ds))

    @renamed(do="ds")
    @takes(params=PARAMS, run=RUN, ds=SCORES, limit=LIMIT)
    def backward_clipped(
        self, params: Mapping[str, Any], run: Run, ds: Any, limit: Any
    ) -> Gradients:
        """Pull a gradient back, every message ∂L/∂h_t clipped by its norm on the way.

        ∂L/∂h_t is replaced by min(1, limit / ‖∂L/∂h_t‖) ∂L/∂h_t before it goes on.

        Arguments:
            params: those of the forward pass.
            run: what :meth:`forward` returned.
            ds: ∂L/∂s_t, the shape of ``run.s``: (T, B, p), or (T, p).
            limit: a positive number; ‖∂L/∂h_t‖ of a sequence is at most that.

        Returns:
            :class:`~bpttcheck.bptt.passes.Gradients`, of which ``dV`` and ``db_s`` are those of
            BPTT, and the others are gradients only as far as no message was clipped.

        Raises:
            TypeError, ValueError: an argument of the wrong kind, shape or value.
            OverflowError, ArithmeticError: a gradient leaves the range of the dtype, or is NaN.

        Source: Graves 2013, section 2.1 (there by value), as implementations do.
        Checked by: rnn.rescaled-W, rnn.rescaled-states, rnn.rescaled-V, clipping.norm-limit.
        """
        weights = self.weights_of(params, run)
        _, bound = alike(x=run.x, limit=limit)
        if bound.ndim or not _positive(bound):
            raise ValueError(f"limit: expected a positive number, got {shown(limit)}")
        scores = like_scores(run.x, run.s, ds)
        with np.errstate(all="ignore"):  # whatever overflows is refused below
            found = recursion(weights, run, scores, rescale=lambda _t, dh: by_norm(dh, bound))
        finite_result("backward_clipped", *found.whole)
        return found

    @takes(
        params=PARAMS,
        x=INPUTS,
        targets=TARGETS,
        loss=LOSS,
        reduction=REDUCTION,
        mask=MASK,
        checkpoint_every=optional(count()),
    )
    def value_and_grad(
        self,
        params: Mapping[str, Any],
        x: Any,
        targets: Any,
        *,
        loss: str = "nll",
        reduction: str = "sum",
        mask: Any = None,
        checkpoint_every: int | None = None,
        **given: Any,
    ) -> tuple[Array, dict[str, Array]]:
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
            checkpoint_every: to need less memory, keep the states of every so many steps alone and
                run forward again from there, for one forward pass more at most. Near √T needs
                least. It is rounded up to whole blocks of steps, of some 512 rows (T, B); every bit
                of the result is what it is without, by NumPy's loops.
            given: ``h0`` and the others, and options of the kind, as for :meth:`forward`.

        Returns:
            The loss, a single number (nats for ``"nll"``), and a dictionary with the gradient of
            each given weight under its name, of each initial state and of ``"x"``; of ``a0``
            where it was given.

        Raises:
            TypeError, ValueError: an argument of the wrong kind, shape or value.
            OverflowError, ArithmeticError: the loss or a gradient is out of range, or NaN.

        Checked by: the identities of the cell whose names begin with bptt-.
        """
        cell, initial = self._asked(given, ("loss", "reduction", "mask", "checkpoint_every"))
        if checkpoint_every is None and mask is None and initial.get("a0") is None:
            usual = compiled_passes.value_and_grad(
                cell, params, x, targets, loss, reduction, initial
            )
            if usual is not None:
                return usual
        arguments = self._arguments(cell, params, x, initial, mask)
        x = arguments.x
        losses = StepLosses(like_outputs(arguments), targets, loss, reduction, arguments.mask)
        way = WayBack(arguments.weights, cell, len(x), keep=False)
        with np.errstate(all="ignore"):  # whatever overflows is refused
            for block, run in blocks_back(cell, arguments, checkpoint_every):
                ds = losses.gradient(run.s, block)
                finite_result("value_and_grad", ds)
                way.through(block, run, ds)
            value = losses.value()
        finite_result("value_and_grad", value)
        found = way.gradients()
        finite_result("backward", *found.whole)
        grads = {name: found.weights[name] for name in params}
        grads |= {f"{k}0": found.steps[k][0] for k in cell.states} | {"x": found.dx}
        if initial.get("a0") is not None:
            (gate,) = cell.gates.values()
            start = np.broadcast_to(alike(x=x, a0=initial["a0"])[1], grads["h0"].shape)
            with np.errstate(all="ignore"):
                grads["a0"] = grads["h0"] * gate.squash.derivative(start)
            finite_result("value_and_grad", grads["a0"])
        return value, grads

    @takes(params=PARAMS, run=RUN, t=STEP, k=STEP, state=LETTER, by=LETTER, layout=one_of(LAYOUTS))
    def state_jacobian(
        self,
        params: Mapping[str, Any],
        run: Run,
        t: int,
        k: int,
        *,
        state: str = "h",
        by: str | None = None,
        layout: str = "numerator",
    ) -> Array:
        """Return the derivative of a state by an earlier one: ∂h_t/∂h_k.

        Arguments:
            params: those of the forward pass.
            run: what :meth:`forward` returned.
            t: the later step, at most T.
            k: the earlier step, from 0 for a state and from 1 for a pre-activation; k ≤ t.
            state: the later one's letter, ``"h"`` or ``"c"``, or a pre-activation: ``"a"``, ….
            by: the earlier one's; the same as ``state`` unless given.
            layout: ``"numerator"``, or ``"denominator"`` for the transpose.

        Returns:
            (B, n, n), or (n, n) for one sequence; see
            :func:`bpttcheck.bptt.state_jacobians.state_jacobian`.

        Raises:
            TypeError, ValueError: an argument of the wrong kind or value.
            OverflowError, ArithmeticError: an entry leaves the range of the dtype, or is NaN.
        """
        weights = self.weights_of(params, run)
        return state_jacobian(weights, run, t, k, state=state, by=by, layout=layout)

    @takes(params=PARAMS, run=RUN, k=STEP, weight=WEIGHT, state=LETTER)
    def immediate_derivative(
        self, params: Mapping[str, Any], run: Run, k: int, weight: str, *, state: str = "h"
    ) -> Array:
        """Return what a weight does to a state within its step alone: ∂⁺h_k/∂θ.

        Arguments:
            params: those of the forward pass.
            run: what :meth:`forward` returned.
            k: the step, 1 ≤ k ≤ T.
            weight: ``"W"``, ``"U"``, ``"b"``, or of a gate: ``"W_f"``, ….
            state: the letter of a state, or a pre-activation: ``"a"``, ….

        Returns:
            (B, n, …) with the axes of the weight last; see
            :func:`bpttcheck.bptt.state_jacobians.immediate_derivative`.

        Raises:
            TypeError, ValueError: an argument of the wrong kind or value.
            OverflowError, ArithmeticError: an entry leaves the range of the dtype, or is NaN.
        """
        return immediate_derivative(self.weights_of(params, run), run, k, weight, state=state)

    @takes(params=PARAMS, run=RUN, t=STEP, weight=WEIGHT, state=LETTER)
    def total_derivative(
        self, params: Mapping[str, Any], run: Run, t: int, weight: str, *, state: str = "h"
    ) -> Array:
        """Return the derivative of a state by a weight, through every step: ∂h_t/∂θ.

        Arguments:
            params: those of the forward pass.
            run: what :meth:`forward` returned.
            t: the step, 0 ≤ t ≤ T.
            weight: ``"W"``, ``"U"``, ``"b"``, or of a gate: ``"W_f"``, ….
            state: the letter of a state.

        Returns:
            (B, n, …) with the axes of the weight last; see
            :func:`bpttcheck.bptt.state_jacobians.total_derivative`.

        Raises:
            TypeError, ValueError: an argument of the wrong kind or value.
            OverflowError, ArithmeticError: an entry leaves the range of the dtype, or is NaN.
        """
        return total_derivative(self.weights_of(params, run), run, t, weight, state=state)


def _positive(bound: Array) -> bool:
    return bound.dtype.kind != "c" and bool(bound > 0)


def _back(weights: Mapping[str, Array], run: Run, ds: Array) -> Gradients:
    usual = compiled_passes.backward(weights, run, ds)
    if usual is not None:
        return usual
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        found = recursion(weights, run, ds)
    finite_result("backward", *found.whole)
    return found
