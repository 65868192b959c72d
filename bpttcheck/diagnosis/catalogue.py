"""The mistakes that a diagnosis can name, as data: what is done, what is right, which identity."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A cause: a stable id, what the code does, what the equation says, and the identity's id."""

    id: str
    does: str
    right: str
    identity: str = ""


HIDDEN = "rnn.hidden-gradient"
MESSAGE = "∂L/∂h_t = Vᵀ ∂L/∂o_t + Wᵀ (φ′(a_{t+1}) ∘ ∂L/∂h_{t+1})"
SLOPE = "∂L/∂a_t = φ′(a_t) ∘ ∂L/∂h_t"
PRE = "rnn.preactivation-gradient"
SUMS = "∂L/∂W = Σ_t ∂L/∂a_t h_{t−1}ᵀ, ∂L/∂U = Σ_t ∂L/∂a_t x_tᵀ, ∂L/∂b = Σ_t ∂L/∂a_t"
OVER = "each parameter's gradient is the sum over all T steps and B sequences"

_ENTRIES = (
    # the message from step to step
    Entry("recurrent-transpose", "the recurrent message uses W where it needs Wᵀ, or the reverse",
          MESSAGE, HIDDEN),
    Entry("recurrent-message-dropped", "no gradient flows from step t + 1 back to step t",
          MESSAGE, HIDDEN),
    Entry("recurrent-truncated", "the recurrent message is cut off", MESSAGE, HIDDEN),
    Entry("recurrent-message-sign", "the recurrent message has the wrong sign", MESSAGE, HIDDEN),
    Entry("recurrent-message-scaled", "the recurrent message is scaled at every step",
          MESSAGE, HIDDEN),
    Entry("recurrent-weight-missing", "the recurrent message is not multiplied by Wᵀ",
          MESSAGE, HIDDEN),
    Entry("wrong-weight", "a message is multiplied by another weight than the forward pass uses",
          MESSAGE, HIDDEN),
    Entry("message-not-reset", "a gradient that has been passed on is added again one step earlier",
          MESSAGE, HIDDEN),
    Entry("message-mixes-sequences", "the recurrent message is mixed over the batch",
          "each sequence has a message of its own, (B, n)", HIDDEN),
    Entry("message-stale", "the recurrent message comes from another step than the next one",
          MESSAGE, HIDDEN),
    # the activation
    Entry("slope-missing", "φ′ is left out", SLOPE, PRE),
    Entry("slope-missing-in-message", "φ′ is left out of the recurrent message", MESSAGE, HIDDEN),
    Entry("slope-missing-in-weights", "the sums over time take ∂L/∂h_t where they need ∂L/∂a_t",
          SUMS, PRE),
    Entry("slope-missing-on-output", "φ′ is left out on the path from the output to a_t",
          SLOPE, PRE),
    Entry("slope-twice", "φ′ is applied twice", SLOPE, PRE),
    Entry("slope-of-preactivation", "φ′ in terms of the state (as 1 − h²) is given the "
          "pre-activation a", SLOPE, PRE),
    Entry("slope-of-activated", "φ′ in terms of the pre-activation is given the state h",
          SLOPE, PRE),
    Entry("slope-of-another-step", "φ′ is taken at another step", SLOPE, PRE),
    Entry("slope-of-another-function", "φ′ is not the derivative of the activation", SLOPE, PRE),
    Entry("slope-clamped", "φ′ is kept from becoming small", SLOPE, PRE),
    Entry("slope-wrong-side", "φ′ and Wᵀ act in the wrong order in the recurrent message",
          MESSAGE, "rnn.hidden-gradient-tanh"),
    # from the loss to the states
    Entry("output-gradient-at-last-step", "only the last step's output gradient reaches the states",
          MESSAGE, HIDDEN),
    Entry("output-gradient-repeated", "one step's output gradient reaches the states at every step",
          MESSAGE, HIDDEN),
    Entry("output-gradient-shifted", "the output gradient reaches the state of another step",
          MESSAGE, HIDDEN),
    Entry("output-gradient-skipped", "one step's output gradient never reaches its state",
          MESSAGE, HIDDEN),
    Entry("output-gradient-dropped", "no output gradient reaches the states", MESSAGE, HIDDEN),
    Entry("output-gradient-twice", "the output gradient reaches the states twice", MESSAGE, HIDDEN),
    Entry("output-gradient-smeared", "the output gradient is averaged before it is passed on",
          "∂L/∂o_t is that of its own step and sequence", "rnn.output-gradient"),
    Entry("output-transpose", "V where Vᵀ is needed", MESSAGE, "rnn.terminal-gradient"),
    Entry("another-loss", "the output gradient is that of another loss",
          "∂L/∂o_t = ŷ_t − y_t for softmax and NLL, o_t − y_t for ½ ‖o_t − y_t‖²",
          "rnn.output-gradient"),
    Entry("targets-shifted", "the output gradient compares with the target of another step",
          "∂L/∂o_t = ŷ_t − y_t", "rnn.output-gradient"),
    # the sums over time
    Entry("first-step-skipped", "the first step is left out", OVER, "rnn.W-gradient"),
    Entry("last-step-skipped", "the last step is left out", OVER, "rnn.W-gradient"),
    Entry("time-sum-missing", "one step's term stands where the sum over time should: "
          "= for +=, or no sum over t", OVER, "rnn.b-gradient"),
    Entry("batch-sum-missing", "the sum over the batch is missing or incomplete",
          OVER, "rnn.bptt-b"),
    Entry("axis-missing", "the sum runs over all entries, or over the wrong axis",
          "∂L/∂b = Σ_t Σ_b ∂L/∂a_t keeps the axis of b: sum(axis=(0, 1))", "rnn.bptt-b"),
    Entry("counted-again", "terms are added more than once as the loop goes on", OVER,
          "rnn.W-gradient"),
    Entry("sums-multiplied", "factors are summed before they are multiplied",
          "a sum of products, Σ_t Σ_b ∂L/∂a_t h_{t−1}ᵀ, is no product of sums", "rnn.W-gradient"),
    Entry("state-shifted", "the state of another step is used in the sum",
          "∂L/∂W = Σ_t ∂L/∂a_t h_{t−1}ᵀ, ∂L/∂V = Σ_t ∂L/∂o_t h_tᵀ", "rnn.W-gradient"),
    Entry("state-wraps-around", "the first step takes the last state for the initial one, as "
          "h[t − 1] does at t = 0", "∂L/∂W = Σ_t ∂L/∂a_t h_{t−1}ᵀ with h_0 at the first step",
          "rnn.W-gradient"),
    Entry("initial-state-forgotten", "the initial state counts as zero in the sum",
          "∂L/∂W = Σ_t ∂L/∂a_t h_{t−1}ᵀ with h_0 at the first step", "rnn.W-gradient"),
    Entry("state-for-input", "the state stands for the input in the sum",
          "∂L/∂U = Σ_t ∂L/∂a_t x_tᵀ", "rnn.U-gradient"),
    Entry("preactivation-for-state", "the pre-activation stands for the state in the sum",
          "∂L/∂W = Σ_t ∂L/∂a_t h_{t−1}ᵀ, ∂L/∂V = Σ_t ∂L/∂o_t h_tᵀ", "rnn.W-gradient"),
    Entry("step-shifted", "factors of two different steps are multiplied", SUMS, "rnn.U-gradient"),
    Entry("stale-cache", "one step's values are used at every step, as a cache that the forward "
          "loop overwrites leaves them", SUMS, "rnn.W-gradient"),
    Entry("recurrent-terms-missing", "the gradient lacks what comes back from later steps",
          SUMS, HIDDEN),
    Entry("output-terms-missing", "the gradient lacks what comes from the step's own output",
          SUMS, HIDDEN),
    Entry("input-gradient-without-recurrence", "the gradient of the inputs lacks what comes back "
          "from later steps", "∂L/∂x_t = Uᵀ ∂L/∂a_t", "rnn.bptt-inputs"),
    Entry("transposed-weight", "U where Uᵀ is needed", "∂L/∂x_t = Uᵀ ∂L/∂a_t", "rnn.bptt-inputs"),
    Entry("time-reversed", "the steps are in reverse order", "∂L/∂x_t = Uᵀ ∂L/∂a_t at step t",
          "rnn.bptt-inputs"),
    Entry("initial-gradient-short", "the gradient of the initial state stops short",
          "∂L/∂h_0 = Wᵀ ∂L/∂a_1", "rnn.initial-gradient"),
    # whatever the code is
    Entry("sign", "the sign is wrong", "∂L/∂o_t = ŷ_t − y_t, prediction minus target",
          "rnn.output-gradient"),
    Entry("common-factor", "every entry is off by one factor",
          "the gradient of a mean is divided by what the mean divides by, that of a sum is not",
          "rnn.total-loss"),
    Entry("zero", "the gradient is zero: it is never computed, or overwritten", OVER,
          "rnn.W-gradient"),
    Entry("transposed-gradient", "the gradient is transposed",
          "entry (i, j) is the derivative by entry (i, j) of the parameter", "rnn.W-gradient"),
    Entry("clipped", "clipping is left on inside the recursion",
          "clip what an optimiser takes, not what is passed on or checked", HIDDEN),
    Entry("clipped-result", "the gradient is clipped",
          "clip what an optimiser takes, not what is checked", "clipping.value-limit"),
    Entry("weight-decay", "a multiple of the parameter is added",
          "its term, λ/2 ‖θ‖², belongs in the loss too, or in neither"),
    Entry("changed-entrywise", "a function is applied to each entry",
          "the gradient itself is returned"),
    Entry("reversed", "the entries are in reverse order along an axis",
          "entry i is the derivative by entry i of the parameter"),
    Entry("rolled", "the entries are moved along an axis",
          "entry i is the derivative by entry i of the parameter"),
    Entry("gates-swapped", "equal parts of the gradient are in another order than the parameter's",
          "the gates' gradients are stacked as the gates are"),
    Entry("slice-missing", "one slice of the gradient is zero", OVER),
    Entry("names-swapped", "the gradient belongs to another parameter",
          "each gradient is returned under its parameter's name"),
)  # fmt: skip

CATALOGUE = {entry.id: entry for entry in _ENTRIES}
