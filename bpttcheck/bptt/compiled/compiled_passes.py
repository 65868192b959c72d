"""What compiled loops take, and what is made of what they leave; None for what they do not take.

Arguments that are not as they usually are, numbers that are not finite, indices out of range: all
is left to NumPy's loops and the checks before them, which say what is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.compiled import switch
from bpttcheck.bptt.compiled.plan import Plan, plan, view
from bpttcheck.bptt.passes import Gradients, StepLosses
from bpttcheck.cells.cell import Cell, of
from bpttcheck.cells.checked import Arguments
from bpttcheck.cells.run import Run
from bpttcheck.shapes import REDUCTIONS

USUAL = (np.dtype(np.float64), np.dtype(np.float32))


def value_and_grad(
    cell: Cell,
    params: Any,
    x: Any,
    targets: Any,
    loss: Any,
    reduction: Any,
    initial: Mapping[str, Any],
) -> tuple[Array, dict[str, Array]] | None:
    """Return the loss and its gradients, by name."""
    loops = switch.loops()
    if loops is None or type(params) is not dict or reduction not in REDUCTIONS:
        return None
    found = _plan_of(cell, params, x)
    w = None if found is None else _given(found, params, x, initial)
    if found is None or w is None:
        return None
    try:
        value = _loss(loops, found, w, x, targets, loss, reduction)
    except _Unavailable:
        return None
    if not math.isfinite(value):
        return None
    first, end = found.way_back.sums, found.way_back.sums_end
    out = w[first:end].copy()  # nothing that is returned holds the workspace
    grads = {}
    for name in params:
        shape, own, _ = found.weights[name]
        grads[name] = out[own].reshape(shape)
    lead = x.shape[1:-1]
    for k, at in found.way_back.messages.items():
        place = at.base - first
        size = math.prod(lead) * at.width
        grads[f"{k}0"] = out[place : place + size].reshape(*lead, at.width)
    grads["x"] = view(w, found.way_back.dx, *x.shape[:-1]).copy()
    return np.array(value, x.dtype), grads


def _plan_of(cell: Cell, weights: Mapping[str, Any], x: Any, *, keep: bool = False) -> Plan | None:
    """Return the plan for arrays as they usually are."""
    if type(x) is not np.ndarray or x.dtype not in USUAL or x.ndim not in (2, 3) or not x.size:
        return None
    U, V = weights.get(cell.names["U"][0]), weights.get("V")
    if type(U) is not np.ndarray or type(V) is not np.ndarray or U.ndim != 2 or V.ndim != 2:
        return None
    if not U.size or not V.size:
        return None
    B = x.shape[1] if x.ndim == 3 else 1
    return plan(cell, x.shape[0], B, x.shape[-1], U.shape[0], *V.shape, keep=keep)


def _given(found: Plan, params: Mapping[str, Any], x: Array, initial: Any) -> Array | None:
    """Return a workspace with all that is given, if it fits."""
    dtype, pieces, count = x.dtype, [], 0
    for name, (shape, _, zeros) in found.weights.items():
        a = params.get(name)
        if type(a) is np.ndarray:
            if a.shape != shape or a.dtype != dtype:
                return None
            pieces.append(a.ravel())
            count += 1
        elif zeros is None or name in params:
            return None
        else:
            pieces.append(zeros)
    if count != len(params):
        return None
    pieces.append(x.ravel())
    lead = x.shape[1:-1]
    for k, zeros in found.no_state.items():
        start = initial.get(f"{k}0", 0.0)
        if type(start) is np.ndarray:
            if start.shape != (*lead, found.workspace.width(k)) or start.dtype != dtype:
                return None
            pieces.append(start.ravel())
        elif type(start) is float:
            pieces.append(zeros + start if start else zeros)
        else:
            return None
    w = np.empty(found.size, dtype)
    np.concatenate([*pieces, found.constants], out=w[: found.workspace.given])
    return w


def _loss(
    loops: Any, found: Plan, w: Array, x: Array, targets: Any, loss: Any, reduction: str
) -> float:
    """Return the loss, and leave all gradients in the workspace; NaN if anything is not finite."""
    B = math.prod(x.shape[1:-1])
    y = np.asarray(targets) if isinstance(loss, str) and loss == "nll" else None
    if y is not None and y.dtype.kind in "iu" and y.shape == x.shape[:-1]:
        share = float(y.size if reduction == "mean" else 1)
        indices = np.array(y, np.intp).reshape(-1)  # what is read-only is another type to Numba
        return _go(loops, loops.THERE | loops.LOSS | loops.BACK, found, w, B, indices, share)
    if math.isnan(_go(loops, loops.THERE, found, w, B)):
        return math.nan
    scores = view(w, found.step.s, *x.shape[:-1])
    losses = StepLosses(scores, targets, loss, reduction, None)
    with np.errstate(all="ignore"):  # whatever overflows is refused
        view(w, found.way_back.ds, *x.shape[:-1])[...] = losses.gradient(scores, slice(0, len(x)))
        value = float(losses.value())
    return value + _go(loops, loops.BACK, found, w, B)  # zero, or NaN


class _Unavailable(Exception):
    """What Numba made of the loops does not run: NumPy's have to do, from here on."""


NO_CLASSES = np.empty(0, np.intp)


def _go(
    loops: Any,
    asked: int,
    found: Plan,
    w: Array,
    B: int,
    y: Array = NO_CLASSES,
    share: float = 1.0,
) -> float:
    """Go there or back, or both; NaN if anything is not finite."""
    given = (*found.there, *found.back, found.spans, w, B, y, share, found.marks)
    try:
        return float(loops.go(asked, *given))
    except Exception as reason:  # of Numba's, of LLVM's, of the cache's
        switch.give_up(reason)
        raise _Unavailable from None


def forward(cell: Cell, arguments: Arguments) -> Run | None:
    """Return a forward pass over checked arguments."""
    loops = switch.loops()
    weights, x, initial, mask = arguments
    if loops is None or mask is not None:
        return None
    found = _plan_of(cell, weights, x, keep=True)
    if found is None:
        return None
    pieces = [weights[k].ravel() for k in found.weights]
    pieces += [x.ravel(), *(initial[k].ravel() for k in cell.states), found.constants]
    w = np.empty(found.there_size, x.dtype)
    np.concatenate(pieces, out=w[: found.workspace.given])
    lead = x.shape[:-1]
    try:
        if math.isnan(_go(loops, loops.THERE, found, w, math.prod(lead[1:]))):
            return None
    except _Unavailable:
        return None
    step, n = found.step, found.workspace.n
    states = {k: view(w, at, len(x) + 1, *lead[1:]) for k, at in step.states.items()}
    stack, made = view(w, step.a, *lead), {}
    values = states["h"][1:] if "" in cell.gates else view(w, step.values, *lead)
    for j, k in enumerate(cell.graph.order):
        own = slice(j * n, (j + 1) * n)
        made[of("a", k)] = stack[..., own]
        if k:
            made[k] = values[..., own]
    others = {k: view(w, at, *lead) for k, at in step.others.items()}
    return Run(cell, x, made | states | others, view(w, step.s, *lead), None, stack)


def backward(weights: Mapping[str, Array], run: Run, ds: Array) -> Gradients | None:
    """Return every gradient of a forward pass, from checked arguments."""
    loops, x, cell = switch.loops(), run.x, run.cell
    if loops is None or run.mask is not None:
        return None
    found = _plan_of(cell, weights, x, keep=True)
    if found is None or any(a.dtype != x.dtype for a in (*run.made.values(), run.stack, ds)):
        return None
    T, lead = len(x), x.shape[1:-1]
    B = math.prod(lead)
    step, back, n = found.step, found.way_back, found.workspace.n
    w = np.empty(found.size, x.dtype)
    pieces = [*(weights[k].ravel() for k in found.weights), x.ravel()]
    pieces += [*(run.made[k][0].ravel() for k in cell.states), found.constants]
    np.concatenate(pieces, out=w[: found.workspace.given])
    view(w, step.a, T, *lead)[...] = run.stack
    for k, at in step.states.items():
        view(w, at, T + 1, *lead)[...] = run.made[k]
    if "" not in cell.gates:
        values = view(w, step.values, T, *lead)
        for j, k in enumerate(cell.graph.order):
            values[..., j * n : (j + 1) * n] = run.made[k]
    for k, at in step.others.items():
        view(w, at, T, *lead)[...] = run.made[k]
    view(w, back.ds, T, *lead)[...] = ds
    try:
        if math.isnan(_go(loops, loops.BACK, found, w, B)):
            return None
    except _Unavailable:
        return None
    out = w[back.sums : back.end].copy()
    moved = {k: back.d[k].base - back.sums for k in cell.states}
    first = back.da.base - back.sums
    da = out[first : first + T * B * found.workspace.stack].reshape(T, *lead, -1)
    steps = {of("a", k): da[..., j * n : (j + 1) * n] for j, k in enumerate(cell.graph.order)}
    for k, place in moved.items():
        width = found.workspace.width(k)
        steps[k] = out[place : place + (T + 1) * B * width].reshape(T + 1, *lead, width)
    dx = view(w, back.dx, T, *lead).copy()
    sums = {k: out[weight.own].reshape(weight.shape) for k, weight in found.weights.items()}
    return Gradients(steps, dx, sums)
