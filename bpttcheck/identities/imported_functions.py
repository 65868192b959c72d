"""The functions that people import: each returns what the derivations say, of every cell."""

from __future__ import annotations

from bpttcheck.statements.identity import Source, about

identity = about("functions", Source("bpttcheck", "the functions of a network"))
EVERY = "steps(1, T)"

ALL = (
    identity(
        "functions.forward",
        "The function forward returns the scores of the cell's equations.",
        "s[t] == forward_s[t]",
        t=EVERY,
        wrong={"of the step before": "forward_s[t - 1]", "of the first step": "forward_s[1]"},
    ),
    identity(
        "functions.backward-weights",
        "The function backward returns the gradient of all weights, over steps and sequences.",
        "batch(d(L, theta)) == back_theta",
        wrong={"the mean over steps": "back_theta / T"},
    ),
    identity(
        "functions.backward-states",
        "The function backward returns the gradient of every state, at its step.",
        "d(L, S[t]) == back_S[t]",
        t="steps(0, T)",
        wrong={"in the order of the way back": "back_S[T - t]"},
    ),
    identity(
        "functions.value",
        "The loss that is returned with its gradients is that of all sequences.",
        "batch(L) == value",
        wrong={"the mean over steps that take place": "value / N"},
    ),
    identity(
        "functions.weights",
        "With it comes the gradient of all weights.",
        "batch(d(L, theta)) == grad_theta",
        wrong={"the mean over steps that take place": "grad_theta / N"},
    ),
    identity(
        "functions.initial-states",
        "With it comes the gradient of the initial states.",
        "d(L, S[0]) == grad_S",
        wrong={"none": "0 * grad_S"},
    ),
    identity(
        "functions.inputs",
        "With it comes the gradient of every input.",
        "d(L, x[t]) == grad_x[t]",
        t=EVERY,
        wrong={"in the order of the way back": "grad_x[T + 1 - t]"},
    ),
    identity(
        "functions.mean-value",
        "A mean is over the steps that take place.",
        "batch(L) == N * mean_value",
        wrong={"over all steps": "T * mean_value"},
    ),
    identity(
        "functions.mean-weights",
        "The gradient of a mean is that of the sum, over the number of steps that take place.",
        "batch(d(L, theta)) == N * mean_theta",
        wrong={"not divided": "mean_theta"},
    ),
    identity(
        "functions.state-jacobian",
        "The Jacobian of states that is returned is that of the last by any.",
        "d(S[T], S[t]) == jacobian[t]",
        t="steps(0, T)",
        wrong={"of the step after": "jacobian[t + 1]", "of the last step": "jacobian[T]"},
    ),
    identity(
        "functions.total-derivative",
        "The total derivative that is returned is that of states by weights of gates.",
        "d(S[t], theta) @ gates == total[t]",
        t="steps(0, T)",
        wrong={"of the step before": "total[t - 1]"},
    ),
)
