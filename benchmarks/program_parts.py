"""What right programs are made of: data, losses and networks, each in several usual spellings."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

FACTORS = {"float64": ("1e-160", "1e-310", "1e-200"), "float32": ("1e-20", "1e-42", "1e-30")}
"""Factors of weights and of inputs at which products, slopes or numbers themselves underflow."""


@dataclass
class Spelling:
    """The choices that one program is made of, in the order in which they are asked."""

    seed: int
    style: str = ""
    precision: str = ""
    model: str = ""
    loss: str = ""
    batch: bool = True
    every: bool = True
    listed: bool = True
    chance: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def pick(self, *choices: str) -> str:
        """Return one of some choices; ``random()`` alone is the same in every Python."""
        return choices[int(self.chance.random() * len(choices))]

    def often(self, share: float) -> bool:
        """Return True in this share of the programs."""
        return self.chance.random() < share

    @property
    def narrow(self) -> str:
        """The type that sets the range of numbers."""
        return "float64" if self.precision in ("float64", "float32 loss") else "float32"

    def product(self, x: str, W: str) -> str:
        """Return W applied to x: rows in a batch, a column alone."""
        return f"{x} @ {W}" if self.batch else f"{W} @ {x}"

    def outer(self, x: str, da: str) -> str:
        """Return the gradient of W in ``product(x, W)``."""
        if self.batch:
            return f"{x}.T @ {da}"
        return self.pick(f"np.outer({da}, {x})", f"{da}[:, None] * {x}[None, :]")

    def back(self, da: str, W: str) -> str:
        """Return the gradient of x in ``product(x, W)``."""
        return f"{da} @ {W}.T" if self.batch else f"{W}.T @ {da}"

    def total(self, da: str) -> str:
        """Return the gradient of a bias."""
        return self.pick(f"{da}.sum(axis=0)", f"np.sum({da}, axis=0)") if self.batch else da

    def shape(self, rows: str, columns: str) -> str:
        """Return the shape of weights from so many numbers to so many."""
        return f"({rows}, {columns})" if self.batch else f"({columns}, {rows})"

    def state(self, size: str = "n") -> str:
        """Return the shape of a state."""
        return f"(B, {size})" if self.batch else f"{size}"

    def zeros(self, shape: str) -> str:
        """Return a buffer for what is computed."""
        typed = self.precision == "float32 parameters" or self.often(0.3)
        return f"np.zeros({shape}, dtype=FLOAT)" if typed else f"np.zeros({shape})"


def data(s: Spelling) -> list[str]:
    """Return the lines that draw the inputs ``x``, (T, B, m) or (T, m)."""
    shape = "(T, B, m)" if s.batch else "(T, m)"
    lines = [f"x = rng.normal(size={shape})"]
    if s.style == "standardised" or s.often(0.15):
        lines += [s.pick(
            "x = (x - x.mean()) / (x.std() or 1.0)",
            "x = (x - x.mean()) / (x.std() + 1e-8)",
            "x = (x - x.mean(axis=0)) / (x.std(axis=0) + 1e-6)",
            "x = (x - x.min()) / (x.max() - x.min() + 1e-12)",
            "x = x / np.linalg.norm(x)",
        )]  # fmt: skip
    if (s.style == "trace" and s.model != "filter") or s.often(0.08):
        lines += s.pick(
            "trace = np.zeros_like(x)\ntrace[0] = 0.1 * x[0]\nfor t in range(1, T):\n"
            "    trace[t] = 0.9 * trace[t - 1] + 0.1 * x[t]\nx = trace",
            "x = np.cumsum(x, axis=0) / np.arange(1, T + 1).reshape((T,) + (1,) * (x.ndim - 1))",
            "x = 0.1 * np.cumsum(x, axis=0)",
            "decay = np.exp(-1 / 3)\nfor t in range(1, T):\n"
            "    x[t] = decay * x[t - 1] + (1 - decay) * x[t]",
        ).splitlines()  # fmt: skip
    if s.style == "underflow" and s.often(0.3):
        lines += [f"x = {FACTORS[s.narrow][2]} * x"]
    if s.precision == "float32 parameters":
        lines += ["x = x.astype(FLOAT)"]
    return lines


def targets(s: Spelling, shape: str) -> list[str]:
    """Return the lines that draw the targets, in the shape of the outputs."""
    if s.loss == "softmax":
        rows = shape.replace(", p)", ",)") if shape != "p" else "()"
        y = s.pick(
            f"y = np.eye(p)[rng.integers(p, size={rows})]",
            f"y = rng.uniform(0.1, 1, size={shape})|y = y / y.sum(axis=-1, keepdims=True)",
        ).split("|")
        y += ["y = 0.9 * y + 0.1 / p"] if s.often(0.3) else []
    elif s.loss == "sigmoid":
        y = [s.pick(f"y = rng.integers(2, size={shape}) * 1.0", f"y = rng.uniform(size={shape})")]
    else:
        y = [f"y = rng.normal(size={shape})"]
        y += ["y = (y - y.mean()) / (y.std() + 1e-8)"] if s.style == "standardised" else []
    return y + (["y = y.astype(FLOAT)"] if s.precision == "float32 parameters" else [])


LOSSES = (
    "squared",
    "squared",
    "squared",
    "softmax",
    "softmax",
    "sigmoid",
    "huber",
    "cosh",
    "cauchy",
)

WHOLE = (
    "loss = {terms}.sum()|do = {slope}",
    "loss = np.sum({terms})|do = {slope}",
)
CONSTANT = (
    "loss = 0.1 * {terms}.sum()|do = 0.1 * ({slope})",
    "loss = {terms}.sum() / 3|do = ({slope}) / 3",
    "loss = {terms}.sum() / 3|do = (1 / 3) * ({slope})",
    "loss = (1 / 3) * {terms}.sum()|do = (1 / 3) * ({slope})",
    "loss = np.sum({terms}) * 0.7|do = ({slope}) * 0.7",
    "loss = np.sum({terms}) / np.sqrt(p)|do = ({slope}) / np.sqrt(p)",
    "loss = np.sum({terms}) / 10|do = 0.1 * ({slope})",
)
MEAN = (
    "loss = {terms}.sum() / N|do = ({slope}) / N",
    "loss = (1.0 / N) * {terms}.sum()|do = (1.0 / N) * ({slope})",
    "loss = {terms}.sum() * (1.0 / N)|do = ({slope}) * (1.0 / N)",
    "loss = np.sum({terms}) / N|do = (1.0 / N) * ({slope})",
)
MEAN_OF_ENTRIES = (
    *MEAN,
    "loss = {terms}.mean()|do = (1.0 / N) * ({slope})",
    "loss = np.mean({terms})|do = ({slope}) / N",
)
MEAN_SQUARE = (
    "loss = {e2}.mean()|do = (2.0 / N) * e",
    "loss = np.mean({e2})|do = 2 * e / N",
    "loss = np.mean({e2})|do = 2.0 * e * (1.0 / N)",
    "loss = {e2}.mean() / 2|do = (1.0 / N) * e",
    "loss = (1.0 / N) * {e2}.sum()|do = (2 / N) * e",
    "loss = np.sum({e2}) / (2 * N)|do = e / N",
    "loss = {e2}.mean(axis=0).sum()|do = 2 * e / len(e)",
)


def loss(s: Spelling) -> list[str]:
    """Return the lines from the outputs ``o`` to ``loss`` and ``do``, its gradient."""
    before, terms, slope = {"softmax": softmax, "sigmoid": sigmoid}.get(s.loss, smooth)(s)
    inside = s.precision == "float32 loss" and s.often(0.5)
    e2 = s.pick("(e ** 2)", "(e * e)")
    if inside:
        terms, e2 = f"({terms}).astype(LOSS)", f"{e2}.astype(LOSS)"
    if s.style == "mean" or s.often(0.3):
        spellings = MEAN_OF_ENTRIES if s.loss != "softmax" else MEAN
        spelt = s.pick(*(MEAN_SQUARE if s.loss == "squared" else spellings))
    else:
        spelt = s.pick(*(CONSTANT if s.style == "constants" or s.often(0.2) else WHOLE))
    lines = list(before)
    if "N" in spelt:
        of_entries = s.loss != "softmax"
        lines += ["N = o.size" if of_entries else f"N = {s.pick('len(o)', 'len(o) * 1.0')}"]
    lines += spelt.format(terms=f"({terms})", slope=slope, e2=e2).split("|")
    if s.precision == "float32 loss" and not inside:
        lines += ["loss = LOSS(loss)"]
    return lines


def smooth(s: Spelling) -> tuple[list[str], str, str]:
    """Return the lines before, the terms and their derivatives of a smooth loss of o − y."""
    lines = ["e = o - y"]
    match s.loss:
        case "huber":
            return [*lines, "r = np.sqrt(1 + e ** 2)"], "r - 1", "e / r"
        case "cosh":
            return lines, "np.log(np.cosh(e))", "np.tanh(e)"
        case "cauchy":
            return lines, "np.log(1 + e ** 2)", "2 * e / (1 + e ** 2)"
    terms, slope = s.pick("0.5 * e ** 2|e", "e ** 2|2 * e", "e * e / 2|e").split("|")
    return lines, terms, slope


def softmax(s: Spelling) -> tuple[list[str], str, str]:
    """Return the same of the cross-entropy of a softmax."""
    shift = "o - o.max(axis=-1, keepdims=True)"
    # Where q underflows, log q is −∞, and times a target of zero NaN.
    if s.style != "saturated" and s.often(0.5):
        lines = [f"q = np.exp({shift})", "q = q / q.sum(axis=-1, keepdims=True)"]
        return lines, "-y * np.log(q)", "q - y"
    lines = [f"z = {shift}", "logq = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))"]
    return lines, "-y * logq", "np.exp(logq) - y"


def sigmoid(s: Spelling) -> tuple[list[str], str, str]:
    """Return the same of the cross-entropy of independent sigmoids."""
    lines = [f"q = {logistic(s, 'o')}"]
    if s.style == "saturated" or s.often(0.5):
        terms = s.pick("np.log1p(np.exp(-o)) + (1 - y) * o", "np.log(1 + np.exp(o)) - y * o")
        return lines, terms, "q - y"
    return lines, "-y * np.log(q) - (1 - y) * np.log(1 - q)", "q - y"


def logistic(s: Spelling, a: str) -> str:
    """Return σ(a)."""
    return s.pick(
        f"1 / (1 + np.exp(-{a}))", f"1.0 / (1.0 + np.exp(-{a}))",
        f"np.exp({a}) / (1 + np.exp({a}))", f"0.5 * (1 + np.tanh(0.5 * {a}))",
    )  # fmt: skip
