"""Hypothesis strategies for cases: sizes and distributions, shrinking to small integers.

    @given(bpttcheck.strategies.scalar_rnn())
    def test_mine(case): ...

With ``draws``, all that needs Hypothesis to draw.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from bpttcheck import draws, runs
from bpttcheck.arguments import one_of, optional, takes
from bpttcheck.cases import Case
from bpttcheck.cells.gru import RESETS
from bpttcheck.distributions import DISTRIBUTIONS
from bpttcheck.draws import (
    TARGETS,
    Draw,
    any_of,
    between,
    distributions,
    fills,
    several,
    sizes,
    targets_of,
    whole,
)
from bpttcheck.gated_draws import gated
from bpttcheck.ranges import ranges_of


@draws.strategy
def activations(draw: Draw, *, distribution: str | None = None) -> runs.activations.Case:
    """Draw pre-activations (B,)."""
    kind = distribution or draw(distributions())
    fill = fills(draw, kind)
    return runs.activations.Case(fill("a", (draw(sizes(4)),)))


@draws.strategy
def softmax_nll(
    draw: Draw, *, distribution: str | None = None, max_B: int = 4, max_p: int = 8
) -> runs.softmax_nll.Case:
    """Draw logits and targets, (B, p) each."""
    kind = distribution or draw(distributions())
    fill = fills(draw, kind)
    B, p = draw(sizes(max_B)), draw(sizes(max_p))
    targets = draw(any_of(*TARGETS))
    return runs.softmax_nll.Case(fill("o", (B, p)), targets_of(draw, fill, targets, B, p), targets)


SMOOTH = ("linear", "tanh", "sigmoid")
NAMED, LOSSES = (*SMOOTH, "relu"), ("squared_error", "coupled_square")


@draws.strategy
def scalar_rnn(
    draw: Draw,
    *,
    distribution: str | None = None,
    max_T: int = 60,
    max_B: int = 3,
    smooth: bool = False,
) -> runs.scalar_rnn.Case:
    """Draw a scalar network, its input (T + 1, B), initial state (B,) and targets (T, B).

    ``smooth`` leaves out ReLU, whose derivative at zero is a convention.
    """
    kind = distribution or draw(distributions())
    fill = fills(draw, kind)
    T, B = draw(sizes(max_T)), draw(sizes(max_B))
    functions = any_of(*(SMOOTH if smooth else NAMED))
    phi, theta = draw(functions), draw(functions)
    loss, (w, v) = draw(any_of(*LOSSES)), fill("w, v", (2,))
    x, h0, y = fill("x", (T + 1, B)), fill("h0", (B,)), fill("y", (T, B))
    return runs.scalar_rnn.Case(float(w), float(v), x, h0, y, phi, theta, loss)


@draws.strategy
def rnn(
    draw: Draw,
    *,
    distribution: str | None = None,
    max_T: int = 60,
    max_B: int = 3,
    max_n: int = 8,
    smooth: bool = False,
) -> runs.rnn.Case:
    """Draw a vanilla RNN with input (T + 1, B, m), initial state (B, n), targets (T, B, p).

    Many steps and many states come with weights that neither explode nor vanish at once; the
    other distributions come with few of both.
    """
    kind = distribution or draw(distributions())
    fill = fills(draw, kind)
    few = kind != "moderate"
    T, n = (
        draw(sizes(min(max_T, 8) if few else max_T)),
        draw(sizes(min(max_n, 4) if few else max_n)),
    )
    B, m, p = draw(sizes(max_B)), draw(sizes(4)), draw(sizes(4 if few else 6))
    loss = draw(any_of("nll", "squared_error"))
    targets = draw(any_of(*TARGETS)) if loss == "nll" else "any"
    U, W, V = fill("U", (n, m)), fill("W", (n, n)), fill("V", (p, n))
    if not few:
        W = W * draw(any_of(0.25, 0.5, 1.0)) / np.sqrt(n)
    b, c = fill("b", (n,)), fill("c", (p,))
    x, h0 = fill("x", (T + 1, B, m)), fill("h0", (B, n))
    y = np.stack([targets_of(draw, fill, targets, B, p) for _ in range(T)])
    phi = draw(any_of(*(SMOOTH if smooth else NAMED)))
    return runs.rnn.Case(U, W, V, b, c, x, h0, y, phi, loss, targets)


@draws.strategy
def clipping(draw: Draw, *, distribution: str | None = None, max_B: int = 3) -> runs.clipping.Case:
    """Draw gradients (B, n) and a limit: whole gradients within it, and beyond it."""
    fill = fills(draw, distribution or draw(distributions()))
    g = fill("g", (draw(sizes(max_B)), draw(sizes(6))))
    return runs.clipping.Case(g, draw(any_of(1.0, 0.5, 3.0, 5.0, 1e-3, 1e3)))


@draws.like(rnn)
def symmetries(draw: Draw, **options: Any) -> runs.symmetries.Case:
    """Draw what :func:`rnn` draws, to be seen in other ways."""
    return runs.symmetries.Case(**vars(rnn.draws(draw, **options)))


@draws.like(rnn, max_T=6)
def truncation(draw: Draw, **options: Any) -> runs.truncation.Case:
    """Draw what :func:`rnn` draws, and after how many steps messages are cut."""
    case = rnn.draws(draw, **options)
    k1 = draw(whole(1, 2))
    return runs.truncation.Case(**vars(case), k1=k1, k2=k1 + draw(whole(0, 2)))


@draws.strategy
def lstm(
    draw: Draw,
    *,
    distribution: str | None = None,
    max_T: int = 5,
    max_B: int = 3,
    max_n: int = 4,
) -> Any:
    """Draw an LSTM, now and then without a forget gate, with input (T + 1, B, m)."""
    fields = gated(draw, runs.lstm.axes, runs.lstm.states, distribution, max_T, max_B, max_n)
    return runs.lstm.Case(**fields, forget=draw(any_of("gate", "gate", "none")))


@draws.strategy
def gru(
    draw: Draw,
    *,
    distribution: str | None = None,
    max_T: int = 5,
    max_B: int = 3,
    max_n: int = 4,
) -> Any:
    """Draw a GRU of either form, with input (T + 1, B, m)."""
    fields = gated(draw, runs.gru.axes, runs.gru.states, distribution, max_T, max_B, max_n)
    return runs.gru.Case(**fields, reset=draw(any_of(*RESETS)))


def _of_cell(name: str) -> Any:
    """Return the strategy of a cell that is declared by its shape."""

    @draws.strategy
    def cell(
        draw: Draw,
        *,
        distribution: str | None = None,
        max_T: int = 4,
        max_B: int = 2,
        max_n: int = 3,
    ) -> Any:
        """Draw such a cell, with input (T + 1, B, m)."""
        of = runs.cells.CELLS[name]
        return of.Case(**gated(draw, of.axes, of.states, distribution, max_T, max_B, max_n))

    return cell


@draws.strategy
def stack(
    draw: Draw,
    *,
    distribution: str | None = None,
    max_T: int = 3,
    max_B: int = 2,
    max_n: int = 2,
    smooth: bool = False,
) -> runs.stack.Case:
    """Draw two layers in two directions, with input (T, B, m)."""
    states = {f"{part}0": "n" for part in runs.stack.PARTS}
    fields = gated(draw, runs.stack.AXES, states, distribution, max_T, max_B, max_n)
    phi = draw(any_of(*(SMOOTH if smooth else NAMED)))
    return runs.stack.Case(**fields | {"x": fields["x"][:-1]}, phi=phi)


@draws.strategy
def masked(
    draw: Draw, *, distribution: str = "", max_T: int = 5, max_B: int = 3, max_n: int = 2
) -> runs.masked.Case:
    """Draw any cell with a mask, (T + 1, B), of which half the steps or so take place."""
    fill = fills(draw, distribution or draw(any_of("moderate", "moderate", *DISTRIBUTIONS)))
    T = draw(any_of(max_T, *range(1, max_T + 1)))  # a mask shows little in few steps
    B, m, n, p = (draw(sizes(most)) for most in (max_B, 2, max_n, 2))
    cell = draw(any_of("lstm", *runs.masked.CELLS))  # of which one state acts on the other
    shape = runs.masked.of_cell(cell, "squared_error", T, B, m, n, p)
    arrays: Any = {k: fill(k, getattr(shape, k).shape) for k in ("theta", "S0", "x", "y")}
    taken = draw(several(any_of(0.0, 1.0), T * B + B))
    return replace(shape, **arrays, taken=np.array(taken).reshape(T + 1, B))


@draws.like(masked)
def functions(draw: Draw, **options: Any) -> Any:
    """Draw what :func:`masked` draws, for the functions of a network."""
    return runs.functions.of(masked.draws(draw, **options))


@draws.like(masked)
def compiled(draw: Draw, **options: Any) -> Any:
    """Draw what :func:`masked` draws, with every step."""
    return runs.compiled.of(masked.draws(draw, **options))


BY_MODEL: dict[str, Any] = {
    "activations": activations,
    "softmax_nll": softmax_nll,
    "scalar_rnn": scalar_rnn,
    "rnn": rnn,
    "symmetries": symmetries,
    "clipping": clipping,
    "truncation": truncation,
    "stack": stack,
    "masked": masked,
    "functions": functions,
    "compiled": compiled,
    "lstm": lstm,
    "gru": gru,
    **{name: _of_cell(name) for name in runs.cells.CELLS if name not in ("lstm", "gru")},
}


@draws.strategy
def points(
    draw: Draw, *, max_T: int = 12, max_B: int = 3, most: int = 4, within: Any = None
) -> Case:
    """Draw a case for a check of somebody's backward pass: sizes, regime, seed.

    ``within`` says what sizes and regimes make sense, as ``problem.cases`` does.
    """
    ranges = ranges_of(within, "within")
    regime = draw(any_of(*ranges.regimes))
    largest = {"T": max_T, "B": max_B} | dict.fromkeys("mnp", most)
    T, B, m, n, p = (
        draw(between(*ranges.sizes.get(symbol, (1, most)))) for symbol, most in largest.items()
    )
    return Case(T, B, m, n, p, regime, draw(whole(0, 2**16)))


@takes(model=optional(one_of(BY_MODEL)))
def cases(model: str | None = None, **options: Any) -> Any:
    """Return the strategy for cases of a model of the registry, or of a check without one.

        @given(bpttcheck.strategies.cases())
        def test_backward(case):
            bpttcheck.assert_gradients(*problem(case))

    Raises:
        TypeError, ValueError: no model of that name, or an option that it does not have.
    """
    strategy = points if model is None else BY_MODEL[model]
    draws.check_options(strategy, options)
    return strategy(**options)
