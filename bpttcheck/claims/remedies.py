"""Claims of source ``notes`` in prose: what vanishes, what explodes, and what is said to help.

Each is read weakly and strongly. Both readings are statements that run.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bpttcheck.claims.claim import Claim, ClaimReading, holds_as, mistake
from bpttcheck.identities.kinks import OFF_THE_KINK
from bpttcheck.statements.identity import EVERYTHING, Domain, Source

VANISHING = Source("notes", "vanishing gradient")


def _growing(case: Any) -> bool:
    return case.phi == "tanh" and bool(np.abs(np.linalg.eigvals(case.W)).max() > 1)


GROWING = Domain("the activation of the state is tanh, and W has an eigenvalue above 1", _growing)


RELU = Domain(
    f"the activation is ReLU, and {OFF_THE_KINK.assuming}",
    lambda case: case.phi == "relu" and case in OFF_THE_KINK,
)

CLAIMS = (
    Claim(
        "notes.epsilon-power",
        "The product of the Jacobians is said to be about W and a slope, each to a power.",
        r"\prod_{j=k+1}^{t} \frac{\partial h_j}{\partial h_{j-1}} \approx W^{t-k} \epsilon^{t-k},"
        r" \quad \epsilon \in [0, 1]",
        VANISHING,
        (
            holds_as("rnn.slopes-bound", name="weak: ‖W‖ and the steepest slopes met, as a bound"),
            mistake(
                "rnn.slopes-bound",
                "W to a power, inside the norm",
                name="strong: the power of W itself, with the steepest slopes, as a bound",
            ),
        ),
        corrected="rnn.slopes-bound",
        condition="it is read as a bound on norms, with ‖W‖ᵗ⁻ᵏ and not ‖Wᵗ⁻ᵏ‖: slopes between the"
        " W can undo a cancellation in their product.",
    ),
    Claim(
        "notes.vanishing",
        "With small weights and many steps the gradient is said to shrink exponentially.",
        r"W \text{ small, } t \text{ large: } \frac{\partial \mathcal{L}_t}{\partial W} \text{"
        r" shrinks exponentially fast and vanishes}",
        VANISHING,
        (
            holds_as(
                "rnn.gradient-bound",
                "rnn.W-gradient-bound",
                name="weak: each part shrinks with the steps that it came through",
            ),
            mistake(
                "rnn.W-gradient-bound",
                "the whole shrinks as its longest part",
                name="strong: the whole gradient shrinks with t",
            ),
        ),
        corrected="rnn.W-gradient-bound",
        condition="the part of step k is meant, ‖W‖γ < 1: the last steps' parts do not shrink.",
    ),
    Claim(
        "notes.exploding",
        "The power of W is said to make gradients explode, which training is said to show.",
        r"W^{t-k} \text{ can make gradients explode, and this is easily detectable}",
        VANISHING,
        (
            holds_as("rnn.linear-growth", name="it can: linear states, an eigenvalue above one"),
            ClaimReading(
                "it does: tanh states, an eigenvalue above one",
                ("rnn.linear-growth",),
                domain=GROWING,
            ),
            holds_as("rnn.W-part-norm", name="detectable: the gradient of W shows it"),
            mistake(
                "rnn.W-part-norm",
                "whatever the state",
                name="detectable: the gradient of W shows it, whatever the states are",
            ),
        ),
        corrected="rnn.W-part-norm",
        condition="the slopes do not saturate, and the states are not zero: at zero states the"
        " gradient of W is zero, however large the message is.",
    ),
    Claim(
        "notes.clipping",
        "A largest value for the gradient is said to prevent the explosion.",
        r"\text{explosion can be prevented by setting a maximum value for the gradient}",
        VANISHING,
        (
            holds_as("clipping.norm-limit", "clipping.global-norm", name="by norm: bounded"),
            holds_as("clipping.value-limit", "clipping.value-length", name="by value: bounded"),
            holds_as("clipping.norm-direction", name="by norm: the direction is kept"),
            ClaimReading(
                "by value: the direction is kept",
                ("clipping.norm-direction",),
                says="norm(g) * by_value == norm(by_value) * g",
            ),
        ),
        corrected="clipping.norm-direction",
        condition="the step is to be bounded. Its direction is kept by norm, not by value.",
    ),
    Claim(
        "notes.sigmoid-vanishes",
        "The sigmoid is said to suffer from vanishing gradients as tanh does.",
        r"\text{the sigmoid would also suffer the vanishing gradient problem as the } \tanh",
        VANISHING,
        (
            holds_as(
                "rnn.jacobian-bound",
                "activations.sigmoid-quarter",
                "activations.tanh-of-sigmoid",
                name="weak: its gradients vanish too, and for ‖W‖ < 4 already",
            ),
            mistake(
                "activations.tanh-of-sigmoid",
                "the slopes taken for equal",
                name="strong: to the same degree",
            ),
        ),
        corrected="activations.tanh-of-sigmoid",
        condition="the kind is meant, not the degree: σ′ is tanh′ four times as flat and twice as"
        " wide.",
    ),
    Claim(
        "notes.tanh-preferred",
        "The expected derivative of tanh is said to be larger over the same range of input.",
        r"\text{the expected gradient of } \tanh \text{ is larger for the same range of input}",
        VANISHING,
        (
            holds_as("activations.mean-slope", name="weak: on average, over [−a, a]"),
            ClaimReading(
                "on average, over [a, 2a]",
                ("activations.mean-slope",),
                says="(sigmoid(2 * a) - sigmoid(a)) / a <= (tanh(2 * a) - tanh(a)) / a",
            ),
            ClaimReading(
                "strong: at every point",
                ("activations.mean-slope",),
                says="D(sigmoid)(a) <= D(tanh)(a)",
                domain=EVERYTHING,
            ),
        ),
        corrected="activations.mean-slope",
        condition="the range lies around zero; far from it σ′ is the larger one.",
    ),
    Claim(
        "notes.relu-solution",
        "ReLU is said to solve the vanishing gradient.",
        r"\text{solutions include } \operatorname{relu} \text{, whose gradient is either 0 or 1}",
        VANISHING,
        (
            holds_as(
                "rnn.relu-jacobian", name="weak: through active units no slope shrinks anything"
            ),
            ClaimReading(
                "strong: nothing shrinks but by W",
                ("rnn.relu-jacobian",),
                "every unit taken for active",
                domain=RELU,
            ),
            ClaimReading(
                "strong: nothing shrinks",
                ("rnn.relu-jacobian",),
                says="1 <= norm(d(h[t], h[k]))",
                domain=RELU,
            ),
        ),
        corrected="rnn.relu-jacobian",
        condition="the units on the way are active; and W itself must not shrink the message.",
    ),
)
