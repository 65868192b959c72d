"""All steps forward, enclosed.

Where a program gives out all its states, each step is taken from *its own* state before, so that
nothing adds up over steps: a state is right if it is what rounding can make of the one before it.
A state that is not given out beside them, as the cell of an LSTM, is carried on with what may be
off in it.

Where only the last state is given out, or those of a layer above, all are carried on: to first
order errors go through the Jacobian of each step, and what is of second order, or rounding, is
local to a step.

Where no step is taken, the states are those before it, and its Jacobian is the identity.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.midrad import MidRad, exact, stacked, stored
from bpttcheck.conformance.back import Back
from bpttcheck.conformance.errors import Errors
from bpttcheck.conformance.step_jacobians import step_jacobians, unmoved
from bpttcheck.conformance.steps_forward import CellProgram, EnclosedSteps, along_time, step


def trajectory(
    program: CellProgram,
    x: MidRad,
    initial: Mapping[str, Array],
    h: Array | None,
    taken: Array | None = None,
) -> EnclosedSteps:
    """Return all steps.

    Arguments:
        program: the cell, as a program may compute it.
        x: inputs, (T, B, m), whose errors are their own.
        initial: each state's beginning (B, n), by its letter.
        h: all states (T, B, n) as the program gave them out; None if it did not.
        taken: (T, B), where a step moves the states; None where every one does.
    """
    start = {k: exact(a, program.kind) for k, a in initial.items()}
    if h is None:
        return _carried(program, x, start, taken)
    given = stored(h if taken is None else _kept(h, initial["h"], taken), program.kind)
    if len(start) > 1:
        return _beside(program, x, start, given, taken)
    before = stacked([start["h"], *(given[t] for t in range(len(h) - 1))])
    made = step(program, x, {"h": before}, {"h": given})
    return made.moved(taken, {"h": given})


def _kept(h: Array, start: Array, taken: Array) -> Array:
    """Return all states, where no step is taken that before it, whatever was given out there."""
    found, before = [], start
    for state, moved in zip(h, taken, strict=True):
        before = np.where(moved[:, None], state, before)
        found.append(before)
    return np.stack(found)


def _beside(
    program: CellProgram,
    x: MidRad,
    start: Mapping[str, MidRad],
    given: MidRad,
    taken: Array | None,
) -> EnclosedSteps:
    """Return steps from states of which one is given out, and others are not.

    A hidden state that a step reads once is moved by a factor. What reads it more often, as gates
    with peepholes do, may cancel what is off in it, which the moduli do not and its Jacobian does.
    """
    T, B, _ = x.shape
    hidden = {k: a.shape[-1] for k, a in start.items() if k != "h"}
    sizes = {"h": start["h"].shape[-1], **hidden}
    read = [under for _, under in program.cell.graph.edges if under.removesuffix("-") in hidden]
    often = sum(under.endswith("-") for under in read) > len(hidden)
    errors = Errors(hidden, T, B) if often else None
    each: list[EnclosedSteps] = []
    before = dict(start)
    if errors is not None:
        before |= errors.taken_up({k: start[k] for k in hidden})
    for t in range(T):
        made = step(program, x[t], before, {"h": given[t]})
        here = None if taken is None else taken[t]
        made = made.moved(here, {**before, "h": given[t]})
        if errors is None:
            before = {k: made.made[k].settled() for k in start}
        else:
            own = slice(sizes["h"], None)
            J = None if errors.boxes else _jacobian(program, made, sizes, B, here)[:, own, own]
            found = errors.taken_up(errors.through(J, {k: made.states[k] for k in hidden}))
            made = made.replaced(found)
            before = {"h": given[t], **found}
        each.append(made)
    return along_time(each)


def _carried(
    program: CellProgram, x: MidRad, start: Mapping[str, MidRad], taken: Array | None
) -> EnclosedSteps:
    """Return steps from states of which none is given out."""
    sizes = {k: a.shape[-1] for k, a in start.items()}
    T, B, _ = x.shape
    errors = Errors(sizes, T, B)
    each, before = [], errors.taken_up(start)
    for t in range(T):
        here = None if taken is None else taken[t]
        made = step(program, x[t], before, {}).moved(here, before)
        J = None if errors.boxes else _jacobian(program, made, sizes, B, here)
        found = errors.taken_up(errors.through(J, made.states))
        each.append(made.replaced(found))
        before = found
    return along_time(each)


def _jacobian(
    program: CellProgram, made: EnclosedSteps, sizes: Mapping[str, int], B: int, taken: Array | None
) -> Array:
    (transposed,) = step_jacobians(Back(program, along_time([made])), sizes, 1, B)
    return unmoved(np.swapaxes(transposed, -1, -2), taken)
