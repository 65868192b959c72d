"""A recurrent layer of a cell, with a linear output layer, run forward; its kinds and arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any

import numpy as np

from bpttcheck.arguments import did_you_mean, first_line, shown, takes, told_of
from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.compiled import compiled_passes
from bpttcheck.bptt.kinds import INPUTS, MASK, PARAMS, RUN
from bpttcheck.cells.cell import Cell
from bpttcheck.cells.checked import Arguments, check_arguments
from bpttcheck.cells.forward import equations
from bpttcheck.cells.run import Run
from bpttcheck.shapes import finite_result

DECLARED = "declared: expected a Cell, or a function that returns one"


class Layer:
    """A recurrent layer of a cell and a linear output layer, s_t = V h_t + b_s, run forward.

    Arguments:
        declared: a :class:`~bpttcheck.cells.cell.Cell`, or a function that returns one for the
            options of its kind: ``phi`` of the RNN, ``forget`` of the LSTM, ``reset`` of the GRU.
            The methods take these options too.

    Raises:
        TypeError: ``declared`` is neither.
    """

    def __init__(self, declared: Cell | Callable[..., Cell]) -> None:
        self._declared = declared
        self.options: tuple[str, ...] = ()
        self.cell = declared if isinstance(declared, Cell) else self._usual(declared)

    def _usual(self, declared: Any) -> Cell:
        """Return the cell of no options, of a function that returns cells."""
        if not callable(declared):
            raise TypeError(f"{DECLARED}, got {told_of(declared)}")
        try:
            self.options = tuple(signature(declared).parameters)
            cell = declared()
        except Exception as error:
            raise TypeError(f"{DECLARED}, got {told_of(error)}: {first_line(error)}") from error
        if not isinstance(cell, Cell):
            raise TypeError(f"{DECLARED}, got one that returns {told_of(cell)}")
        return cell

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.cell.name}>"

    @takes()
    def kind(self, **options: Any) -> Cell:
        """Return the cell of some options, such as ``reset="after"``.

        Raises:
            TypeError, ValueError: no such option, or not of that value.
        """
        for option, value in options.items():
            if option not in self.options:
                hint = did_you_mean(option, self.options)
                raise TypeError(
                    f"{option}: expected no such option of {self.cell.name!r}, "
                    f"got {shown(value)}{hint}"
                )
        return self._declared if isinstance(self._declared, Cell) else self._declared(**options)

    @takes(params=PARAMS, x=INPUTS, mask=MASK)
    def forward(self, params: Mapping[str, Any], x: Any, *, mask: Any = None, **given: Any) -> Run:
        """Run the network over a sequence, or over a batch of them.

        Arguments:
            params: ``U_k`` (n, m), ``W_k`` (n, n), ``b_k`` (n,) for each gate k, ``U``, ``W``,
                ``b`` of the RNN; ``V`` (p, n), ``b_s`` (p,); ``b_Wg`` (n,) of a GRU that resets
                after the product. Each bias may be left out.
            x: inputs, (T, B, m), or (T, m) for one sequence.
            mask: for sequences of unequal length, booleans (T, B): where False, the step does not
                take place, states stay what they were. (T,) for one sequence.
            given: ``h0``, and ``c0`` of a cell with a state c: (B, n), (n,) for one sequence, or a
                single number for all of it; zero unless given. ``a0`` of the RNN in place of
                ``h0``: an initial pre-activation, h_0 = φ(a_0), the x_0 of Pascanu's convention
                x_t = W σ(x_{t−1}) + …, in which ``a`` is the state. Options of the cell's kind:
                ``phi``, ``forget``, ``reset``.

        Returns:
            A :class:`~bpttcheck.cells.run.Run` with every intermediate.

        Raises:
            TypeError, ValueError: an argument of the wrong kind, shape or value; the message says
                which, what was expected and what came.
            OverflowError, ArithmeticError: a state or score leaves the range of the dtype, or is
                NaN.

        Checked by: the identities of the cell.
        """
        cell, initial = self._asked(given, ("mask",))
        arguments = self._arguments(cell, params, x, initial, mask)
        return compiled_passes.forward(cell, arguments) or run_of(cell, arguments)

    @takes(params=PARAMS, run=RUN)
    def weights_of(self, params: Any, run: Any) -> dict[str, Array]:
        """Return the weights of a run, checked.

        Raises:
            TypeError, ValueError: not those of the run, or no run of this network.
        """
        if not isinstance(run, Run) or run.cell.name != self.cell.name:
            got = run.cell.name if isinstance(run, Run) else told_of(run)
            raise TypeError(f"run: expected what {self.cell.name}.forward returned, got {got}")
        initial = {f"{k}0": run.made[k][0] for k in run.cell.states}
        return check_arguments(run.cell, params, run.x, initial, run.mask).weights

    def _asked(
        self, given: Mapping[str, Any], others: tuple[str, ...]
    ) -> tuple[Cell, dict[str, Any]]:
        """Return the cell of the options among what was given, and the initial states."""
        options = {k: v for k, v in given.items() if k in self.options}
        cell = self.kind(**options) if options else self.cell
        names = cell.initial + (("a0",) if "" in cell.gates else ())
        for name in given:
            if name not in names and name not in options:
                known = (*names, *self.options, *others)
                hint = did_you_mean(name, known)
                raise TypeError(f"{name}: expected one of {', '.join(known)}{hint}")
        return cell, {k: v for k, v in given.items() if k not in options}

    def _arguments(
        self, cell: Cell, params: Any, x: Any, initial: Mapping[str, Any], mask: Any
    ) -> Arguments:
        if initial.get("a0") is None:
            states = {name: initial.get(name, 0.0) for name in cell.initial}
            return check_arguments(cell, params, x, states, mask)
        h0 = initial.get("h0", 0.0)
        if not isinstance(h0, int | float) or h0 != 0.0:
            raise ValueError("h0, a0: expected one of them, got both")
        found = check_arguments(cell, params, x, {"a0": initial["a0"]}, mask)
        (gate,) = cell.gates.values()
        with np.errstate(all="ignore"):  # whatever overflows is refused below
            state = gate.squash.value(found.initial["h"])
        finite_result("h0 = φ(a0)", state)
        return found._replace(initial={"h": state})


def run_of(cell: Cell, arguments: Arguments) -> Run:
    """Run a cell forward over checked arguments; refuse what leaves the range of the dtype."""
    weights, x, initial, mask = arguments
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        run = equations(cell, weights, x, initial, mask=mask)
    finite_result("forward", run.stack, *(run.made[k] for k in cell.states), run.s)
    return run
