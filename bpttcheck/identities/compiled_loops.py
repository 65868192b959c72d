"""Compiled loops: the list of operations of every cell gives what the derivations say."""

from __future__ import annotations

from bpttcheck.statements.identity import Source, about

identity = about("compiled", Source("bpttcheck", "compiled loops"))

ALL = (
    identity(
        "compiled.scores",
        "The way there gives what the cell's equations give.",
        "s[t] == loop_s[t]",
        t="steps(1, T)",
        wrong={"of the step before": "loop_s[t - 1]", "of the first step": "loop_s[1]"},
    ),
    identity(
        "compiled.weights",
        "The way back gives the gradient of all weights, summed over sequences.",
        "batch(d(L, theta)) == loop_theta",
        wrong={"the mean over steps": "loop_theta / T"},
    ),
    identity(
        "compiled.initial-states",
        "The way back ends at the gradient of the initial states.",
        "d(L, S[0]) == loop_S",
        wrong={"none": "0 * loop_S"},
    ),
    identity(
        "compiled.inputs",
        "The way back gives the gradient of every input.",
        "d(L, x[t]) == loop_x[t]",
        t="steps(1, T)",
        wrong={"in the order of the way back": "loop_x[T + 1 - t]"},
    ),
    identity(
        "compiled.kept-scores",
        "Where all pre-activations are kept, the way there gives the same.",
        "s[t] == kept_s[t]",
        t="steps(1, T)",
        wrong={"of the step before": "kept_s[t - 1]", "of the first step": "kept_s[1]"},
    ),
    identity(
        "compiled.kept-weights",
        "The way back from what was kept gives the gradient of all weights.",
        "batch(d(L, theta)) == kept_theta",
        wrong={"the mean over steps": "kept_theta / T"},
    ),
    identity(
        "compiled.preactivations",
        "It gives that of every pre-activation too.",
        "d(L, A[t]) == kept_A[t]",
        t="steps(1, T)",
        wrong={"in the order of the way back": "kept_A[T + 1 - t]"},
    ),
)
