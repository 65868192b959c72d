"""``check_conformance``: somebody's cell against the reference, within what rounding can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from bpttcheck.adaptors.adapted import WeightedOutputs
from bpttcheck.adaptors.cotangents import flattened
from bpttcheck.adaptors.forward_alone import OutputsAlone
from bpttcheck.arguments import Kind, count, flag, got, jointly, seed, takes
from bpttcheck.arithmetic.base import Array, Inapplicable
from bpttcheck.arithmetic.floating import float_type
from bpttcheck.check.program import contract, raised
from bpttcheck.check.program.leaf import described
from bpttcheck.conformance.comparison import Conformance
from bpttcheck.conformance.layout import Layout
from bpttcheck.conformance.library_layouts import layout_of
from bpttcheck.conformance.named import advice
from bpttcheck.conformance.observed import Observed
from bpttcheck.conformance.output_cotangents import OutputCotangents
from bpttcheck.conformance.padding import read_lengths
from bpttcheck.conformance.point import ReferencePoint, read
from bpttcheck.conformance.stacks import MOST_LAYERS, LayerDirection, parts_of
from bpttcheck.conformance.state_arrays import returned
from bpttcheck.conformance.verdict import judged, not_finite

MOVED = 2.0**-7
"""A share of the largest output: what two calls differ in by more is no rounding."""

ARGUMENTS: Mapping[str, Kind] = {
    "value_and_grad": jointly("that of an adaptor"),
    "params": jointly("names and arrays, of the layout's shapes"),
    "layout": layout_of,
    "layers": count(most=MOST_LAYERS),
    "bidirectional": flag,
    "lengths": jointly("(B,)"),
    "seed": seed,
}


@takes(**ARGUMENTS)
def check_conformance(
    value_and_grad: Any,
    params: Mapping[str, Any],
    layout: Layout | str,
    *,
    layers: int = 1,
    bidirectional: bool = False,
    lengths: Any = None,
    seed: int = 0,
) -> Conformance:
    """Compare outputs and gradients with a reference cell, at the point of the parameters.

        check_conformance(*adaptors.from_module(torch.nn.RNN(3, 4), {"input": x}), "torch.nn.RNN")
        both = torch.nn.LSTM(3, 4, num_layers=2, bidirectional=True)
        check_conformance(
            *adaptors.from_module(both, {"input": x}), "torch.nn.LSTM", layers=2, bidirectional=True
        )

    Arguments:
        value_and_grad: of an adaptor that draws cotangents: ``from_vjp``, ``from_layer``,
            ``from_cell``, ``from_torch``, ``from_module`` or ``from_jax``; of ``from_outputs``, the
            outputs alone are compared. Of several outputs those count that the layout says;
            where it says several, the first may stand alone.
        params: the adaptor's, in the layout's arrays, input and states included. States that are
            not among them are zero.
        layout: a :class:`Layout`, or the name of one in ``LAYOUTS``.
        layers: how many there are, each of which reads what the one below gives out.
        bidirectional: whether every layer has a second direction, whose states are beside those of
            the first. Arrays are named as for :func:`bpttcheck.conformance.load`, and so are
            states that have no axis for layers: ``"l0.reverse.h0"``.
        lengths: of sequences that do not all have T steps, whole numbers (B,). What is padded is at
            the end, and may be anything; the program is one that knows the lengths itself. What
            padded steps give out is that of ``padded`` in the layout; the last states are those
            after the last step of each sequence, and gradients of inputs after it are zero.
        seed: of the cotangents.

    Returns:
        A :class:`Conformance`. ``right`` says that every number lies within the interval that
        float arithmetic can reach from the reference's formulas; ``inaccurate``, that it does if
        tanh and σ are only accurate in absolute terms; ``wrong``, that some number does not;
        ``undecided``, that the intervals are too wide to say.

    Raises:
        TypeError, ValueError: an array is missing, unknown, or of another shape than the layout's;
            or outputs that are wrong are others at every call.

    Accuracy: intervals allow each operation two roundings, sums one for each term, and elementary
        functions 4 ulp, besides underflow to zero. Each step is compared from the program's own
        state before it, where all states are among the outputs.
    """
    form: Layout = layout  # type: ignore[assignment]
    if not isinstance(value_and_grad, WeightedOutputs):
        raise TypeError(
            "value_and_grad: expected that of from_vjp, from_layer, from_cell, from_torch, "
            f"from_module or from_jax, got {got(value_and_grad)}"
        )
    given = contract.parameters(contract.structure("params", params))
    for name in params if isinstance(params, Mapping) else ():
        complex_ = "complex" in str(getattr(params[name], "dtype", ""))
        if name in form.arrays and (name not in given or complex_):
            raise TypeError(
                f"params[{name!r}]: expected an array of floats, got {described(params[name])}"
            )
    form = form.called(given)
    parts = parts_of(form, layers, bidirectional)
    for name in value_and_grad.constant:
        if any(name in part.blocks for part in parts):
            raise ValueError(f"params: expected {name}, got one that requires no gradient")
    point = _read(form, parts, given)
    ends = read_lengths(lengths, form, point.sizes, bidirectional)
    outputs, pullback = _run(value_and_grad, given)
    leaves, rebuilt = flattened(outputs)
    arrays = [np.asarray(leaf) for leaf in leaves]
    drawn = OutputCotangents(form, returned(form, parts), point.sizes, arrays, seed)
    h, *states = arrays
    kinds = (float_type(a.dtype) for a in (h, *given.values()))
    seen = Observed(
        form,
        given,
        {"outputs": h},
        drawn.dh,
        max(kinds, key=lambda k: k.unit),
        {array.name: a for array, a in zip(drawn.said[1:], states, strict=False)},
        drawn.last,
        layers,
        bidirectional,
        ends,
    )
    try:
        if not isinstance(value_and_grad, OutputsAlone):
            grads, _ = contract.gradients(pullback(rebuilt(drawn.shown)), given)
            seen = replace(seen, got={"outputs": h, **grads})
        report = judged(seen)
        if report.verdict == "wrong":
            _same_again(h, value_and_grad, given)
        return report
    except contract.Broken as broken:
        if broken.kind != "nan":
            raise ValueError(broken.reason) from None
        return not_finite(seen, broken.reason)
    except Inapplicable as why:
        return Conformance("undecided", str(why), unit=seen.kind.unit)


@takes(**ARGUMENTS)
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


def _run(program: WeightedOutputs, given: Mapping[str, Array]) -> tuple[Any, Any]:
    """Return the outputs of somebody's forward pass, and its pullback."""
    try:
        return program.pull(given)
    except (TypeError, ValueError):
        raise
    except Exception as error:
        raise ValueError(f"value_and_grad: expected outputs, got {raised.said(error)}") from error


def _same_again(h: Array, value_and_grad: WeightedOutputs, given: Mapping[str, Array]) -> None:
    """Refuse a program whose outputs are others when it is run again, by more than rounding."""
    again = np.asarray(flattened(value_and_grad.pull(given)[0])[0][0])
    with np.errstate(invalid="ignore"):
        off = np.abs(again.astype(np.float64) - h)
    if np.max(off, initial=0.0) > MOVED * np.max(np.abs(h), initial=0.0):
        raise ValueError(
            "value_and_grad: expected the same outputs at every call, got others at the same "
            "point; is there a dropout, as of a module in training?"
        )


def _read(form: Layout, parts: list[LayerDirection], given: Mapping[str, Array]) -> ReferencePoint:
    """Return the point; where the arrays are another layout's, the message names it."""
    try:
        return read(form, parts, given)
    except ValueError as error:
        raise ValueError(f"{error}{advice(form, given, parts)}") from None
