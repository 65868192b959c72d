"""Claims of source ``notes``: the derivatives of the activations."""

from __future__ import annotations

from bpttcheck.claims.claim import Claim, holds_as, mistake
from bpttcheck.statements.identity import Source

VANISHING = Source("notes", "vanishing gradient")

CLAIMS = (
    Claim(
        "notes.tanh-derivative",
        "The derivative of tanh from sinh over cosh, and the interval it lies in.",
        r"\frac{d \tanh x}{dx} = \frac{d \frac{\sinh x}{\cosh x}}{dx} = 1 - \tanh^2 x \in [0, 1]",
        VANISHING,
        (
            holds_as(
                "activations.tanh-definition",
                "activations.tanh-derivative",
                "activations.tanh-range",
            ),
            holds_as("activations.tanh-peak", name="the upper end read as sharp"),
        ),
    ),
    Claim(
        "notes.sigmoid-derivative",
        "The derivative of the sigmoid, and the interval it is said to lie in.",
        r"\frac{\partial \sigma(x)}{\partial x} = \sigma(x) [1 - \sigma(x)] \in [0, 1]",
        VANISHING,
        (
            holds_as(
                "activations.sigmoid-derivative",
                "activations.sigmoid-range",
                name="the interval contains it",
            ),
            mistake(
                "activations.sigmoid-peak",
                "the interval [0, 1] read as sharp",
                name="the upper end read as sharp",
            ),
        ),
        corrected="activations.sigmoid-quarter",
        condition="[0, 1] is read as an interval that contains σ′, not as its range: σ′ ≤ 1/4.",
    ),
)
