"""``check_conformance``: somebody's cell against the reference, within what rounding can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from bpttcheck.adaptors.adapted import WeightedOutputs
from bpttcheck.adaptors.cotangents import Cotangents, flattened
from bpttcheck.adaptors.forward_alone import OutputsAlone
from bpttcheck.arithmetic.base import Array, Inapplicable
from bpttcheck.arithmetic.floating import float_type
from bpttcheck.check.program import contract
from bpttcheck.conformance.array_axes import arranged
from bpttcheck.conformance.comparison import Conformance
from bpttcheck.conformance.layout import Layout
from bpttcheck.conformance.library_layouts import layout_of
from bpttcheck.conformance.named import advice
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
            outputs alone are compared. Of several outputs those count that the layout says;
            where it says several, the first may stand alone.
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
    form = form.called(given)
    point = _read(form, given)
    outputs, pullback = value_and_grad.pull(given)
    h = np.asarray(flattened(outputs)[0][0])
    dh, last, cotangents = _cotangents(outputs, form, point, seed)
    ends = dict(zip(last, (np.asarray(a) for a in flattened(outputs)[0][1:]), strict=False))
    kinds = (float_type(a.dtype) for a in (h, *given.values()))
    seen = Observed(form, given, {"outputs": h}, dh, max(kinds, key=lambda k: k.unit), ends, last)
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


def _read(form: Layout, given: Mapping[str, Array]) -> ReferencePoint:
    """Return the point; where the arrays are another layout's, the message names it."""
    try:
        return read(form, given)
    except ValueError as error:
        raise ValueError(f"{error}{advice(form, given, one=True)}") from None


def _cotangents(
    outputs: Any, form: Layout, point: ReferencePoint, seed: int
) -> tuple[Array, dict[str, Array], Any]:
    """Return ∂L/∂h_t for all states, that of last states beside them, and all outputs' own.

    Those of outputs that the layout does not say are zero; the first may stand alone.
    """
    leaves, rebuilt = flattened(outputs)
    arrays = [np.asarray(leaf) for leaf in leaves]
    what, axes = form.given_out()
    own = form.axes["h0"] if what == "h_T" else f"T{form.axes['h0']}"
    said = [(own, axes), *((form.axes[f"{k}0"], axes) for k, axes in form.given_last())]
    if len(arrays) == 1:
        said = said[:1]
    if len(arrays) < len(said):
        raise ValueError(f"outputs: expected {form.outputs}, got {len(arrays)} of {len(said)}")
    sizes = point.sizes
    for text, (_, axes), array in zip(form.outputs.split(";"), said, arrays, strict=False):
        expected = tuple(1 if a == "1" else sizes[a] for a in axes)
        if array.shape != expected:
            raise ValueError(f"outputs: expected {text.strip()} = {expected}, got {array.shape}")
    drawn = Cotangents(seed).like([np.zeros([sizes[a] for a in own]) for own, _ in said])
    shown = [np.zeros_like(array) for array in arrays]
    for k, ((own, axes), dy) in enumerate(zip(said, drawn, strict=True)):
        turned = arranged(np.asarray(dy), own, axes)
        shown[k] = np.ascontiguousarray(turned, dtype=arrays[k].dtype)
    dh = np.asarray(drawn[0])
    if what == "h_T":
        dh = np.concatenate([np.zeros((sizes["T"] - 1, *dh.shape)), dh[None]])
    last = {k: np.asarray(dy) for (k, _), dy in zip(form.given_last(), drawn[1:], strict=False)}
    return dh, last, rebuilt(shown)
