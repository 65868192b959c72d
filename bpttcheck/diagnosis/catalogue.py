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
GATE = "∂L/∂a = (σ′ or tanh′ of a) ∘ (what multiplies the gate) ∘ (the gradient of that product)"
THROUGH = "∂L/∂h_{t−1} has a term W_kᵀ ∂L/∂a_k of every gate k"
CELL = "∂L/∂c_t = o_t ∘ (1 − tanh² c_t) ∘ ∂L/∂h_t + f_{t+1} ∘ ∂L/∂c_{t+1}"
CELLS = "lstm.bptt-cells"
DIRECT = ("∂L/∂h_{t−1} has the term z_t ∘ ∂L/∂h_t, past all gates; of the minimal gated unit, "
          "(1 − f_t) ∘ ∂L/∂h_t")  # fmt: skip
HIDDENS = "gru.bptt-hidden"
UPDATE = "h_t = z_t ∘ h_{t−1} + (1 − z_t) ∘ g_t: ∂L/∂z_t = (h_{t−1} − g_t) ∘ ∂L/∂h_t"
RESET = ("reset before: ∂L/∂a_r = σ′(a_r) ∘ h_{t−1} ∘ W_gᵀ ∂L/∂a_g, and r_t ∘ W_gᵀ ∂L/∂a_g goes on "
         "to h_{t−1}")  # fmt: skip
COUPLING = ("∂L/∂f_t has both terms of the mean that f_t takes: of c_t = f_t ∘ c_{t−1} + "
            "(1 − f_t) ∘ g_t, it is (c_{t−1} − g_t) ∘ ∂L/∂c_t")  # fmt: skip
READING = ("the candidate reads f_t ∘ h_{t−1}: ∂L/∂W_g = Σ_t ∂L/∂a_g (f_t ∘ h_{t−1})ᵀ, and f_t ∘ "
           "W_gᵀ ∂L/∂a_g goes on to h_{t−1}")  # fmt: skip
USES = "∂L/∂f_t = (g_t − h_{t−1}) ∘ ∂L/∂h_t + h_{t−1} ∘ W_gᵀ ∂L/∂a_g"

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
    Entry("output-ignored", "what the loss takes of the last state or cell, or of each beside the "
          "outputs, is left out",
          "∂L/∂c_T is what came in for c_T, plus o_T ∘ (1 − tanh² c_T) ∘ ∂L/∂h_T", HIDDEN),
    Entry("output-gradient-twice", "the output gradient reaches the states twice", MESSAGE, HIDDEN),
    Entry("output-gradient-smeared", "the output gradient is averaged before it is passed on",
          "∂L/∂o_t is that of its own step and sequence", "rnn.output-gradient"),
    Entry("output-transpose", "V where Vᵀ is needed", MESSAGE, "rnn.terminal-gradient"),
    Entry("another-loss", "the output gradient is that of another loss",
          "∂L/∂o_t = ŷ_t − y_t for softmax and NLL, o_t − y_t for ½ ‖o_t − y_t‖²",
          "rnn.output-gradient"),
    Entry("targets-shifted", "the output gradient compares with the target of another step",
          "∂L/∂o_t = ŷ_t − y_t", "rnn.output-gradient"),
    Entry("axes-reshaped", "time and batch are exchanged by a reshape, which moves no entry",
          "∂L/∂o_t is that of its own step and sequence: transpose", "rnn.output-gradient"),
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
    Entry("cache-reused", "all of a step is read from one step's cache, at every step",
          "step t reads its own x_t, h_{t−1}, gates and cells", "rnn.W-gradient"),
    Entry("rows-overwritten", "where a token repeats, its gradients overwrite each other",
          "a row's gradient is the sum over all positions of its token: np.add.at(g, tokens, d), "
          "neither g[tokens] = d nor g[tokens] += d", "rnn.U-gradient"),
    Entry("tied-weights-once", "weights that are used twice, tied, get the gradient of one use",
          "the gradient of tied weights is the sum of those of both uses", "rnn.V-gradient"),
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
    # gates, cells, and what multiplies them
    Entry("gate-slope-missing", "σ′ or tanh′ of a gate is left out", GATE),
    Entry("gate-slope-twice", "σ′ or tanh′ of a gate is applied twice", GATE),
    Entry("gate-slope-of-preactivation", "a gate's slope in terms of its value, s ∘ (1 − s) or "
          "1 − s², is given the pre-activation", GATE),
    Entry("gate-slope-of-activated", "a gate's slope in terms of the pre-activation is given the "
          "gate's value", GATE),
    Entry("gate-slope-of-another-step", "a gate's slope is taken at another step", GATE),
    Entry("gate-slope-of-another-function", "a gate's slope is not that of its activation", GATE),
    Entry("gate-slope-scaled", "a gate's slope is a multiple of the right one, as where "
          "σ(a) = ½ (1 + tanh(a/2)) is differentiated without a ½", GATE),
    Entry("gate-partner-missing", "what multiplies a gate in the forward pass is left out of its "
          "gradient", GATE),
    Entry("gate-partner-wrong", "a gate's gradient is multiplied by something else than the "
          "gate is in the forward pass", GATE),
    Entry("gate-of-another-step", "a gate is taken at another step", GATE),
    Entry("gate-message-missing", "what comes back through a gate is left out", THROUGH),
    Entry("gate-message-twice", "what comes back through a gate is added twice", THROUGH),
    Entry("gate-message-sign", "what comes back through a gate has the wrong sign", THROUGH),
    Entry("gate-from-another", "the forward pass makes a gate with another gate's weights, and the "
          "backward pass credits the gate's own",
          "weights that two gates use get the sum of both gradients, those of no gate none"),
    Entry("wrong-slice", "of the gradient of [h, x] the wrong part goes on",
          "∂L/∂[h_{t−1}, x_t] is cut where h and x were joined"),
    Entry("cell-shifted", "the cell of another step is used",
          "∂L/∂a_f = σ′(a_f) ∘ c_{t−1} ∘ ∂L/∂c_t", "lstm.bptt-a_f"),
    Entry("initial-cell-forgotten", "the initial cell counts as zero in the forget gate's gradient",
          "∂L/∂a_f = σ′(a_f) ∘ c_{t−1} ∘ ∂L/∂c_t", "lstm.bptt-a_f"),
    Entry("cell-for-state", "the cell stands for the state in the sum",
          "∂L/∂W = Σ_t ∂L/∂a_t h_{t−1}ᵀ, ∂L/∂V = Σ_t ∂L/∂o_t h_tᵀ", "lstm.bptt-cells"),
    Entry("cell-for-candidate", "tanh c_t stands for the candidate g_t",
          "∂L/∂a_i = σ′(a_i) ∘ g_t ∘ ∂L/∂c_t, ∂L/∂a_g = (1 − g_t²) ∘ i_t ∘ ∂L/∂c_t",
          "lstm.bptt-a_i"),
    Entry("squash-missing", "c_t stands for tanh c_t in the output gate's gradient",
          "∂L/∂a_o = σ′(a_o) ∘ tanh c_t ∘ ∂L/∂h_t", "lstm.bptt-a_o"),
    Entry("cell-slope-missing", "tanh′(c_t) is left out on the way from h_t to c_t", CELL, CELLS),
    Entry("cell-slope-twice", "tanh′(c_t) is applied twice", CELL, CELLS),
    Entry("cell-slope-of-cell", "1 − tanh² c_t is taken as 1 − c_t²", CELL, CELLS),
    Entry("cell-slope-of-squashed", "tanh′ is taken of tanh c_t", CELL, CELLS),
    Entry("cell-slope-of-another-step", "tanh′ is taken of another step's cell", CELL, CELLS),
    Entry("cell-slope-of-another-function", "tanh′(c_t) is another function", CELL, CELLS),
    Entry("output-gate-missing", "o_t is left out on the way from h_t to c_t", CELL, CELLS),
    Entry("output-gate-wrong", "another factor stands for o_t on the way from h_t to c_t",
          CELL, CELLS),
    Entry("state-not-through-cell", "the gradient of h_t does not reach c_t", CELL, CELLS),
    Entry("cell-message-dropped", "no gradient flows from c_{t+1} back to c_t", CELL, CELLS),
    Entry("cell-message-sign", "the gradient that flows from c_{t+1} to c_t has the wrong sign",
          CELL, CELLS),
    Entry("cell-message-cut-short", "what flows from c_t back to c_{t−1} lacks what came from "
          "later cells", CELL, CELLS),
    Entry("cell-gradient-for-state", "a gate hears of the state where it should of the cell, or "
          "the reverse", CELL, CELLS),
    Entry("forget-gate-missing", "the cell's gradient is passed on without f_t", CELL, CELLS),
    Entry("forget-gate-wrong", "the cell's gradient is passed on with another factor than f_t",
          CELL, CELLS),
    Entry("direct-path-missing", "what goes past the gates is left out", DIRECT, HIDDENS),
    Entry("direct-path-wrong", "past the gates, ∂L/∂h_t is passed on with another factor",
          DIRECT, HIDDENS),
    Entry("direct-path-twice", "what goes past the gates is added twice", DIRECT, HIDDENS),
    Entry("direct-path-sign", "what goes past the gates has the wrong sign", DIRECT, HIDDENS),
    Entry("update-sign", "∂L/∂z_t has the wrong sign", UPDATE, "gru.bptt-a_z"),
    Entry("update-swapped", "z_t and 1 − z_t are swapped", UPDATE, "gru.bptt-a_z"),
    Entry("update-path-missing", "of the two terms of ∂L/∂z_t not both are there",
          UPDATE, "gru.bptt-a_z"),
    Entry("candidate-path-missing", "no gradient reaches the candidate", UPDATE, "gru.bptt-a_g"),
    Entry("reset-forgotten", "r_t is left out", RESET, "gru.bptt-a_r"),
    Entry("reset-wrong", "something else stands for r_t", RESET, "gru.bptt-a_r"),
    Entry("reset-path-missing", "no gradient reaches the reset gate", RESET, "gru.bptt-a_r"),
    Entry("reset-driver-wrong", "the reset gate's gradient does not come from W_gᵀ ∂L/∂a_g",
          RESET, "gru.bptt-a_r"),
    Entry("bias-of-reset-missing", "the bias inside the reset is left out of ∂L/∂r_t",
          RESET, "gru.bptt-a_r"),
    # gates that do two things at once
    Entry("coupling-forgotten", "a gate that shares out between old and new hears of one alone",
          COUPLING, "coupled_lstm.gate-gradient-f"),
    Entry("coupling-sign", "the difference of old and new in a gate's gradient has the wrong sign",
          COUPLING, "coupled_lstm.gate-gradient-f"),
    Entry("coupling-swapped", "the shares of old and new, f_t and 1 − f_t, are swapped",
          "c_t = f_t ∘ c_{t−1} + (1 − f_t) ∘ g_t: ∂L/∂g_t = (1 − f_t) ∘ ∂L/∂c_t, and f_t ∘ ∂L/∂c_t "
          "goes on to c_{t−1}", "coupled_lstm.gate-gradient-g"),
    Entry("reading-forgotten", "the gate is left out of what the candidate reads",
          READING, "mgu.W-gradient-g"),
    Entry("reading-wrong", "something else stands for what the candidate reads",
          READING, "mgu.W-gradient-g"),
    Entry("gate-use-missing", "a gate that is used twice hears of one use alone",
          USES, "mgu.gate-gradient-f"),
    Entry("gate-use-wrong", "what a gate hears of, through the candidate, is wrong",
          USES, "mgu.gate-gradient-f"),
    # whatever the code is
    Entry("loss-epsilon", "the loss has a small constant that the gradient leaves out",
          "ln(p + ε) has the derivative 1/(p + ε): differentiate the epsilon too, or leave it out "
          "of the loss; ln ŷ = o − ln Σ exp o needs none"),
    Entry("mask-forgotten", "steps that the loss does not count take part in the gradient",
          "∂L/∂o_t is zero where the loss does not count step t", "rnn.output-gradient"),
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
