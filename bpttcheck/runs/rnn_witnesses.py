"""The vanilla RNN's witnesses as symbols: RTRL, the sum over paths, the untied network."""

from __future__ import annotations

from dataclasses import fields
from functools import cached_property
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.passes import Gradients
from bpttcheck.bptt.recursion import recursion
from bpttcheck.runs.evaluation import axis_of_directions
from bpttcheck.runs.model import Symbol
from bpttcheck.runs.rnn_evaluation import WEIGHTS, RNNEvaluation
from bpttcheck.statements.terms import Deferred, DeferredSequence, Sequence
from bpttcheck.witnesses import paths, rtrl, unrolled
from bpttcheck.witnesses.duals import derivatives

COPY = "_copy"

SYMBOLS = (
    *(
        Symbol(
            f"{name}{COPY}",
            rf"\widetilde{{{letter}}}",
            f"the copy of {name} of each step of the untied network, all equal to {name}",
            component=rf"\widetilde{{{name}}}",
            each_step=True,
        )
        for name, letter in zip(WEIGHTS, ("U", "W", "V", r"\mathbf{b}", r"\mathbf{c}"), strict=True)
    ),
    Symbol(
        "h_untied",
        r"\widetilde{\mathbf{h}}",
        "state of the untied network, columns of n",
        "unrolled",
        component=r"\widetilde{h}",
        each_step=True,
    ),
    Symbol(
        "o_untied",
        r"\widetilde{\mathbf{o}}",
        "output of the untied network, columns of p",
        "unrolled",
        component=r"\widetilde{o}",
        each_step=True,
    ),
    *(
        Symbol(
            f"rtrl_{name}",
            rf"\mathtt{{rtrl}}_{{{'h_0' if name == 'h0' else name}}}",
            f"∂L/∂{'h_0' if name == 'h0' else name} as RTRL computes it",
            "rtrl",
        )
        for name in (*WEIGHTS, "h0")
    ),
    Symbol("s", "s", "factors of the messages: any numbers s_1, …, s_T", each_step=True),
    Symbol(
        "rescaled_W",
        r"\mathtt{rescaled}_{W}",
        "what the recursion returns for ∂L/∂W, each message times its factor",
        "rescaled",
    ),
    Symbol("rescaled_V", r"\mathtt{rescaled}_{V}", "the same for ∂L/∂V", "rescaled"),
    Symbol(
        "rescaled_h",
        r"\mathtt{rescaled}^{h}",
        "the message at a step, times its factor",
        "rescaled",
        each_step=True,
    ),
    Symbol("paths", r"\mathtt{paths}", "∂L/∂a_t as the sum over paths", "paths"),
)


class Witnessed(RNNEvaluation):
    """An evaluated case that can also be asked for what the witnesses compute."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        copies = {f"{name}{COPY}": self.shapes[name] for name in WEIGHTS}
        self.shapes = {**self.shapes, **copies}

    @cached_property
    def copies(self) -> dict[str, Array]:
        """The weights of the untied network, one copy a step that the loss reads."""
        return unrolled.copied(self.weights, self.T)

    @cached_property
    def untied(self) -> unrolled.States:
        """The forward pass of the untied network."""
        return unrolled.forward(self.copies, self.scored.x, self.numbers["h0"], self.phi)

    @cached_property
    def rtrl(self) -> rtrl.VectorGradients:
        """The output of RTRL."""
        return rtrl.rnn(self.weights, self.scored, self.do)

    @cached_property
    def factors(self) -> Array:
        """Factors of the messages, (T, B): any numbers."""
        waves = np.cos(1.3 * np.arange(self.T * self.B) + 0.5).reshape(self.T, self.B)
        return self.system.drawn("s", waves)

    @cached_property
    def rescaled(self) -> Gradients:
        """The output of BPTT with each message times its factor."""

        def rescale(t: int, dh: Array) -> Array:
            return np.asarray(self.factors[t - 1][:, None] * dh)

        return recursion(self.weights, self.scored, self.do, rescale=rescale)

    def _derive(self, name: str, mode: str) -> dict[str, Array]:
        if not name.endswith(COPY):
            return super()._derive(name, mode)
        own = name.removesuffix(COPY)
        values = self.copies[own][:, None]
        shape = (self.T, *values.shape[2:])
        entries = np.eye(int(np.prod(shape))).reshape(-1, *shape)  # one direction an entry
        return derivatives(
            self.system,
            values,
            np.moveaxis(entries, 0, 1),
            lambda z: self._outputs_by(own, z),
            1,
            axis_of_directions,
        )

    def _outputs_by(self, name: str, copy: Array) -> dict[str, Array]:
        """Run the untied network with an axis of directions between time and batch."""
        others = {k: v[:, None] for k, v in self.copies.items()}
        s = unrolled.forward(
            others | {name: copy}, self.scored.x[:, None], self.numbers["h0"], self.phi
        )
        directions = copy.shape[1]

        def along(steps: Array) -> Array:
            """Give what no copy of this weight reaches the axis of directions all the same."""
            return np.broadcast_to(steps, (len(steps), directions, *steps.shape[2:]))

        a, h, o = along(s.a), along(s.h), along(s.o)
        losses = self.loss.value(o, self.y[:, None])
        return {"E": losses, "L": losses.sum(axis=0), "a": a, "h": h, "o": o}

    def symbols(self) -> dict[str, Any]:
        """Return what statements may ask for."""
        modulus, B = self.modulus, self.sizes["B"]

        def copy(name: str) -> Sequence:
            weight = self.copies[name]
            columns = weight.mT if name in "bc" else weight
            shape = (self.T, B, *columns.shape[1:])
            return Sequence(f"{name}{COPY}", np.broadcast_to(columns[:, None], shape), modulus)

        def gradient(name: str) -> Deferred:
            def make() -> Array:
                value: Array = getattr(self.rtrl, name)
                return value[..., None] if value.ndim == 2 else value

            return Deferred(f"rtrl_{name}", make, modulus)

        return {
            **{f"{name}{COPY}": copy(name) for name in WEIGHTS},
            "h_untied": DeferredSequence(
                "h_untied", lambda: self.untied.h[..., None], modulus, first=0
            ),
            "o_untied": DeferredSequence("o_untied", lambda: self.untied.o[..., None], modulus),
            **{f"rtrl_{f.name}": gradient(f.name) for f in fields(rtrl.VectorGradients)},
            "s": DeferredSequence("s", lambda: self.factors, modulus),
            "rescaled_W": Deferred("rescaled_W", lambda: self.rescaled.dW[None], modulus),
            "rescaled_V": Deferred("rescaled_V", lambda: self.rescaled.dV[None], modulus),
            "rescaled_h": DeferredSequence(
                "rescaled_h", lambda: self.rescaled.dh[..., None], modulus, first=0
            ),
            "paths": DeferredSequence(
                "paths",
                lambda: paths.rnn(self.weights, self.scored, self.do)[..., None],
                modulus,
            ),
        }
