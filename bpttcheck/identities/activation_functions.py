"""Activations: derivatives decided from exp, their ranges, and the reference derivatives."""

from __future__ import annotations

from bpttcheck.statements.identity import Domain, Source, about

NOTES = Source("notes", "vanishing gradient")
DEFINITION = Source("the definition", "of the function")

OURS = Source("bpttcheck", "the exact form of a claim in prose")

identity = about("activations", NOTES)

tanh_definition = identity(
    "activations.tanh-definition",
    "tanh is sinh over cosh.",
    "tanh(a) == sinh(a) / cosh(a)",
    wrong={"upside down": "cosh(a) / sinh(a)", "sinh alone": "sinh(a)"},
)

tanh_derivative = identity(
    "activations.tanh-derivative",
    "The derivative of tanh in terms of its value.",
    "D(tanh)(a) == 1 - tanh(a) ** 2",
    wrong={
        "the square forgotten": "1 - tanh(a)",
        "the sign": "1 + tanh(a) ** 2",
        "the sigmoid's rule": "tanh(a) * (1 - tanh(a))",
    },
)

tanh_range = identity(
    "activations.tanh-range",
    "The derivative of tanh lies between 0 and 1.",
    "0 <= D(tanh)(a) <= 1",
    wrong={"the sigmoid's bound": "1 / 4", "one half": "1 / 2"},
)

tanh_peak = identity(
    "activations.tanh-peak",
    "The upper end is attained, at zero.",
    "D(tanh)(zero) == 1",
    wrong={"the sigmoid's peak": "1 / 4"},
)

tanh_prime = identity(
    "activations.tanh-prime",
    "The reference derivative of tanh.",
    "tanh.prime(a) == D(tanh)(a)",
    source=DEFINITION,
    wrong={"the value": "tanh(a)", "the sigmoid's": "D(sigmoid)(a)"},
)

sigmoid_definition = identity(
    "activations.sigmoid-definition",
    "The sigmoid from one exponential.",
    "sigmoid(a) == 1 / (1 + exp(-a))",
    source=DEFINITION,
    wrong={"the sign of a": "1 / (1 + exp(a))", "tanh": "tanh(a)"},
)

sigmoid_derivative = identity(
    "activations.sigmoid-derivative",
    "The derivative of the sigmoid in terms of its value.",
    "D(sigmoid)(a) == sigmoid(a) * (1 - sigmoid(a))",
    wrong={
        "tanh's rule": "1 - sigmoid(a) ** 2",
        "the complement forgotten": "sigmoid(a)",
        "the sign": "sigmoid(a) * (1 + sigmoid(a))",
    },
)

sigmoid_range = identity(
    "activations.sigmoid-range",
    "The derivative of the sigmoid lies between 0 and 1, as the source says.",
    "0 <= D(sigmoid)(a) <= 1",
    wrong={"one eighth": "1 / 8"},
)

sigmoid_quarter = identity(
    "activations.sigmoid-quarter",
    "What the derivative lacks to a quarter is a square, so a quarter is its maximum.",
    "1 / 4 - D(sigmoid)(a) == (1 / 2 - sigmoid(a)) ** 2",
    source=Source("bpttcheck", "the sharp form of the sigmoid's bound"),
    wrong={"the square forgotten": "1 / 2 - sigmoid(a)"},
)

sigmoid_peak = identity(
    "activations.sigmoid-peak",
    "The largest derivative of the sigmoid, at zero.",
    "D(sigmoid)(zero) == 1 / 4",
    source=Source("bpttcheck", "the sharp form of the sigmoid's bound"),
    wrong={"the interval [0, 1] read as sharp": "1", "one half": "1 / 2"},
)

sigmoid_prime = identity(
    "activations.sigmoid-prime",
    "The reference derivative of the sigmoid.",
    "sigmoid.prime(a) == D(sigmoid)(a)",
    source=DEFINITION,
    wrong={"the value": "sigmoid(a)", "tanh's": "D(tanh)(a)"},
)

relu_prime = identity(
    "activations.relu-prime",
    "The reference derivative of ReLU, zero at the kink by convention.",
    "relu.prime(a) == D(relu)(a)",
    source=DEFINITION,
    wrong={"the value": "relu(a)", "one everywhere": "1"},
)

relu_zero_or_one = identity(
    "activations.relu-zero-or-one",
    "The derivative of ReLU is zero or one: nothing else solves z (1 − z) = 0.",
    "D(relu)(a) * (1 - D(relu)(a)) == 0",
    wrong={"always one": "D(relu)(a) - 1", "always zero": "D(relu)(a)"},
)

tanh_of_sigmoid = identity(
    "activations.tanh-of-sigmoid",
    "tanh is the sigmoid stretched: the same slopes, four times as steep and half as far.",
    "D(tanh)(a) == 4 * D(sigmoid)(2 * a)",
    source=OURS,
    wrong={"the slopes taken for equal": "D(sigmoid)(a)", "half as far": "4 * D(sigmoid)(a)"},
)

mean_slope = identity(
    "activations.mean-slope",
    "Over a range around zero, the mean slope of tanh is the larger one.",
    "(sigmoid(a) - sigmoid(-a)) / (2 * a) <= (tanh(a) - tanh(-a)) / (2 * a)",
    source=OURS,
    domain=Domain("a is not zero: the range is [−a, a]", lambda case: bool((case.a != 0).all())),
    wrong={
        "the slope at the end of the range": "D(tanh)(a)",
        "a quarter of it": "(tanh(a) - tanh(-a)) / (8 * a)",
    },
    equivalent={
        "tanh(a) / (2 * a)": "half of it, and still the larger one",
        "(tanh(a) - tanh(-a)) / a": "twice as much",
    },
)

ALL = (
    tanh_definition,
    tanh_derivative,
    tanh_range,
    tanh_peak,
    tanh_prime,
    sigmoid_definition,
    sigmoid_derivative,
    sigmoid_range,
    sigmoid_quarter,
    sigmoid_peak,
    sigmoid_prime,
    relu_prime,
    relu_zero_or_one,
    tanh_of_sigmoid,
    mean_slope,
)
