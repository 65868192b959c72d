"""``check_conformance``: somebody's cell against the reference, within what rounding can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from bpttcheck.adaptors.adapted import WeightedOutputs
from bpttcheck.adaptors.cotangents import Cotangents, flattened
from bpttcheck.adaptors.outputs import OutputsAlone
from bpttcheck.arithmetic.base import Array, Inapplicable
from bpttcheck.arithmetic.floating import float_type
from bpttcheck.check.program import contract
from bpttcheck.conformance.axes import arranged
from bpttcheck.conformance.comparison import Conformance
from bpttcheck.conformance.layout import Layout
from bpttcheck.conformance.library_layouts import layout_of
from bpttcheck.conformance.observed import Observed
from bpttcheck.conformance.point import ReferencePoint, read
from bpttcheck.conformance.verdict import judged, not_finite


def check_conformance(
    value_and_grad: Any, params: Mapping[str, Any], layout: Layout | str, *, seed: int = 0
) -> Conformance:
    """Compare outputs and gradients with a reference cell, at the point of the parameters.

        check_conformance(*adaptors.from_module(torch.nn.RNN(3, 4), {"input": x}), "torch.nn.RNN")

    Arguments:
        value_and_grad: of an adaptor that draws cotangents: ``from_vjp``, ``from_layer``,
            ``from_cell``, ``from_torch``, ``from_module`` or ``from_jax``; of ``from_outputs``, the
            outputs alone are compared. Of several outputs the first counts.
        params: the adaptor's, in the layout's arrays, input and states included. States that are
            not among them are zero.
        layout: a :class:`Layout`, or the name of one in ``LAYOUTS``.
        seed: of the cotangents.

    Returns:
        A :class:`Conformance`. ``right`` says that every number lies within the interval that
        float arithmetic can reach from the reference's formulas; ``inaccurate``, that it does if
        tanh and σ are only accurate in absolute terms; ``wrong``, that some number does not;
        ``undecided``, that the intervals are too wide to say.

    Raises:
        TypeError, ValueError: an array is missing, unknown, or of another shape than the layout's.

    Accuracy: intervals allow each operation two roundings, sums one for each term, and elementary
        functions 4 ulp, besides underflow to zero. Each step is compared from the program's own
        state before it, where all states are among the outputs.
    """
    form = layout_of(layout)
    if not isinstance(value_and_grad, WeightedOutputs):
        raise TypeError(
            "value_and_grad: expected that of from_vjp, from_layer, from_cell, from_torch, "
            f"from_module or from_jax, got {type(value_and_grad).__name__}"
        )
    given = contract.parameters(params)
    point = read(form, given)
    outputs, pullback = value_and_grad.pull(given)
    h = np.asarray(flattened(outputs)[0][0])
    dh, cotangents = _cotangents(outputs, form, point, seed)
    kinds = (float_type(a.dtype) for a in (h, *given.values()))
    seen = Observed(form, given, {"outputs": h}, dh, max(kinds, key=lambda k: k.unit))
    try:
        if not isinstance(value_and_grad, OutputsAlone):
            grads, _ = contract.gradients(pullback(cotangents), given)
            seen = replace(seen, got={"outputs": h, **grads})
        return judged(seen)
    except contract.Broken as broken:
        if broken.kind != "nan":
            raise ValueError(broken.reason) from None
        return not_finite(seen, broken.reason)
    except Inapplicable as why:
        return Conformance("undecided", str(why), unit=seen.kind.unit)


def assert_conformance(
    value_and_grad: Any, params: Mapping[str, Any], layout: Layout | str, **options: Any
) -> None:
    """Raise AssertionError with the report's text unless the code implements the cell.

    Arguments:
        value_and_grad: as for :func:`check_conformance`.
        params: the point.
        layout: where each weight stands.
        **options: its other arguments.

    Raises:
        AssertionError: the verdict is ``wrong`` or ``undecided``.
        TypeError, ValueError: as for :func:`check_conformance`.
    """
    report = check_conformance(value_and_grad, params, layout, **options)
    if not report.ok:
        raise AssertionError(str(report))


def _cotangents(outputs: Any, form: Layout, point: ReferencePoint, seed: int) -> tuple[Array, Any]:
    """Return ∂L/∂h_t for all states, and the cotangents of all outputs: the first one's alone."""
    leaves, rebuilt = flattened(outputs)
    first = np.asarray(leaves[0])
    what, axes = form.given_out()
    last = form.axes["h0"]
    expected = tuple(1 if a == "1" else point.sizes[a] for a in axes)
    if first.shape != expected:
        raise ValueError(f"outputs: expected {form.outputs} = {expected}, got {first.shape}")
    zero = np.zeros([point.sizes[a] for a in f"T{last}"])
    drawn = np.asarray(Cotangents(seed).like(zero))
    if what == "h_T":
        drawn[:-1] = 0
        shown = arranged(drawn[-1], last, axes)
    else:
        shown = arranged(drawn, f"T{last}", axes)
    others = [np.zeros_like(np.asarray(leaf)) for leaf in leaves[1:]]
    return drawn, rebuilt([np.ascontiguousarray(shown, dtype=first.dtype), *others])
