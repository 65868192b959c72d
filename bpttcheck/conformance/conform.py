"""``check_conformance``: somebody's cell against the reference, within what rounding can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bpttcheck.adaptors.adapted import WeightedOutputs
from bpttcheck.adaptors.cotangents import Cotangents, flattened
from bpttcheck.arithmetic.balls import exactly, precision
from bpttcheck.arithmetic.base import Array, Inapplicable
from bpttcheck.check.program import contract
from bpttcheck.conformance.axes import arranged
from bpttcheck.conformance.blocks import assembled
from bpttcheck.conformance.comparison import Comparison, Conformance
from bpttcheck.conformance.layout import Layout
from bpttcheck.conformance.library_layouts import layout_of
from bpttcheck.conformance.point import ReferencePoint, read
from bpttcheck.conformance.reference import BITS, WORK, enclosed, products

BLUNT = 2.0**-7
"""An interval wider than this share of the largest entry says too little."""


def check_conformance(
    value_and_grad: Any, params: Mapping[str, Any], layout: Layout | str, *, seed: int = 0
) -> Conformance:
    """Compare outputs and gradients with a reference cell, at the point of the parameters.

        check_conformance(*adaptors.from_module(torch.nn.RNN(3, 4), {"input": x}), "torch.nn.RNN")

    Arguments:
        value_and_grad: of an adaptor that draws cotangents: ``from_vjp``, ``from_layer``,
            ``from_cell``, ``from_torch``, ``from_module`` or ``from_jax``. Of several outputs the
            first counts.
        params: the adaptor's, in the layout's arrays, input and states included. States that are
            not among them are zero.
        layout: a :class:`Layout`, or the name of one in ``LAYOUTS``.
        seed: of the cotangents.

    Returns:
        A :class:`Conformance`. ``right`` says that every number lies within the interval that
        float arithmetic can reach from the reference's formulas; ``wrong``, that one does not;
        ``undecided``, that the intervals are too wide to say, or a ReLU is at its kink.

    Raises:
        TypeError, ValueError: an array is missing, unknown, or of another shape than the layout's.

    Accuracy: the intervals allow each operation K u of its operands' moduli, K being the length of
    the longest sum + 1, at least 8: see ``bpttcheck.arithmetic.rounding``.
    """
    form = layout_of(layout)
    if not isinstance(value_and_grad, WeightedOutputs):
        raise TypeError(
            "value_and_grad: expected that of from_vjp, from_layer, from_cell, from_torch, "
            f"from_module or from_jax, got {type(value_and_grad).__name__}"
        )
    given = contract.parameters(params)
    point = read(form, given)
    work = products(form.reference, point.sizes)
    if work > WORK:
        shown = ", ".join(f"{symbol} = {size}" for symbol, size in point.sizes.items())
        raise ValueError(
            f"params: expected sizes of at most {WORK:,} products, got {work:,} at {shown}"
        )
    outputs, pullback = value_and_grad.pull(given)
    h = _first(outputs)
    dh, cotangents = _cotangents(outputs, form, point, seed)
    grads, _ = contract.gradients(pullback(cotangents), given)
    unit = max(float(np.finfo(a.dtype).eps) / 2 for a in (h, *given.values()))
    try:
        reference = enclosed(
            form.reference, form.phi, point.weights, point.x, point.states, dh, unit
        )
    except Inapplicable as why:
        return Conformance("undecided", str(why), unit=unit)
    expected = {"outputs": _as_outputs(reference.h, form)}
    expected |= {k: assembled(rows, reference.gradients) for k, rows in form.blocks.items()}
    for what, (name, axes) in form.sequences().items():
        expected[name] = arranged(reference.gradients[what], form.axes[what], axes)
    got = {"outputs": h, **grads}
    parts = tuple(_compared(name, got[name], expected[name]) for name in got)
    return _concluded(parts, unit)


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


def _first(outputs: Any) -> Array:
    return np.asarray(flattened(outputs)[0][0])


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


def _as_outputs(h: Array, form: Layout) -> Array:
    what, axes = form.given_out()
    last = form.axes["h0"]
    return arranged(h, f"T{last}", axes) if what == "h" else arranged(h[-1], last, axes)


def _compared(name: str, got: Array, expected: Array) -> Comparison:
    """Compare an array with its intervals, entry by entry."""
    with precision(BITS):
        pairs = zip(got.reshape(-1), expected.reshape(-1), strict=True)
        shares = [_share(float(g), interval.value) for g, interval in pairs]
    worst = int(np.argmax(shares))
    at = tuple(int(i) for i in np.unravel_index(worst, got.shape))
    interval = expected.reshape(-1)[worst]
    largest = max(abs(z.order_key()) for z in expected.reshape(-1))
    widest = max(z.radius for z in expected.reshape(-1))
    verdict, reason = ("wrong", "") if shares[worst] > 1 else ("right", "")
    if verdict == "right" and widest > BLUNT * largest and widest > 0:
        verdict = "undecided"
        reason = f"rounding can move it by {widest:.1e}, its largest entry being {largest:.1e}"
    return Comparison(
        name=name,
        shape=got.shape,
        verdict=verdict,
        index=at,
        got=float(got[at]),
        expected=interval.order_key(),
        bound=interval.radius,
        share=shares[worst],
        reason=reason,
    )


def _share(got: float, interval: Any) -> float:
    """Return how far a number is from the middle, as a share of the interval's radius."""
    if interval.contains(exactly(got)):
        radius = float(interval.rad())
        return min(abs(got - float(interval.mid())) / radius, 1.0) if radius else 0.0
    radius = float(interval.rad())
    return max(abs(got - float(interval.mid())) / radius, 1.0 + 2**-50) if radius else np.inf


def _concluded(parts: tuple[Comparison, ...], unit: float) -> Conformance:
    wrong = [p.name for p in parts if p.verdict == "wrong"]
    vague = [p for p in parts if p.verdict == "undecided"]
    if wrong:
        right = [p.name for p in parts if p.verdict == "right"]
        rest = f"; {', '.join(right)} as in the reference" if right else ""
        reason = f"{', '.join(wrong)} not what the reference computes{rest}"
        return Conformance("wrong", reason, parts, unit)
    if vague:
        reason = "; ".join(f"{p.name}: {p.reason}" for p in vague)
        return Conformance("undecided", reason, parts, unit)
    entries = sum(int(np.prod(p.shape)) for p in parts)
    reason = f"all {entries:,} entries of {', '.join(p.name for p in parts)}"
    return Conformance("right", reason, parts, unit)
