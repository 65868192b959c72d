"""What a statement hands back is the derivative: the complex step through the same text says so."""

import ast

import numpy as np
import pytest

from bpttcheck.mend.chain_rule import handed_back

STEP = 1e-30


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


RNG = np.random.default_rng(0)
NAMES = {
    "np": np,
    "sigmoid": sigmoid,
    "a": RNG.uniform(0.5, 1.5, (3, 4)),
    "c": RNG.uniform(0.5, 1.5, (3, 4)),
    "W": RNG.normal(size=(4, 3)),
    "y": [RNG.normal(size=(3, 4))],
}
EXPRESSIONS = [
    *("a * c", "a - c", "c - a", "-c + a", "a / c", "c / a", "c / 2", "0.5 * c", "c ** 2"),
    *("c ** 3 * a", "c @ W", "W @ c", "W @ (a * c)", "c.T @ a", "np.tanh(c) * a", "np.exp(c) @ W"),
    *("np.sqrt(c)", "np.sin(a * c)", "np.cos(c)", "np.log(c)", "np.square(c)", "sigmoid(c) * a"),
    *("a * (1 - np.tanh(a + 2 * c) ** 2)", "y[0] * c + a", "-(a / (c * c.T.T + a))"),
    *("0.5 * np.sum((c - y[0]) ** 2)", "(a * c).sum()", "((c - a) ** 2).sum() / 12"),
]


def text_of(whole):
    def text(node):
        found = ast.get_source_segment(whole, node)
        assert found is not None
        return found

    return text


@pytest.mark.parametrize("whole", EXPRESSIONS)
def test_it_is_the_derivative(whole):
    tree = ast.parse(whole, mode="eval").body
    parts = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == "c"]
    made = eval(whole, NAMES)
    g = RNG.normal(size=np.shape(made)) if np.ndim(made) else 1.0
    found = [
        handed_back(tree, part, "g" if np.ndim(made) else "", text_of(whole)) for part in parts
    ]
    sums = sum(eval(one, NAMES | {"g": g}) for one in found)
    way = RNG.normal(size=NAMES["c"].shape)
    shifted = eval(whole, NAMES | {"c": NAMES["c"] + 1j * STEP * way})
    slope = (g * np.imag(shifted) / STEP).sum()
    assert np.broadcast_to(sums, way.shape).ravel() @ way.ravel() == pytest.approx(slope, rel=1e-12)


TEXTS = [
    ("a @ c.T", "g.T @ a"),
    ("c.T @ a", "a @ g.T"),
    ("(W.T @ c.T).T @ a", "(a @ g.T).T @ W.T"),
    ("-c * a", "-g * a"),
    ("a - 2 * c", "-2 * g"),
]


@pytest.mark.parametrize(("whole", "text"), TEXTS)
def test_it_is_written_as_one_would(whole, text):
    tree = ast.parse(whole, mode="eval").body
    part = next(n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == "c")
    assert handed_back(tree, part, "g", text_of(whole)) == text


UNKNOWN = [
    "np.cumsum(c)",
    "c[1:]",
    "c ** a",
    "2 ** c",
    "c.sum(axis=0)",
    "np.sum(c, axis=1)",
    "f(c)",
]


@pytest.mark.parametrize("whole", UNKNOWN)
def test_of_what_has_no_rule_nothing_is_said(whole):
    tree = ast.parse(whole, mode="eval").body
    part = next(n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == "c")
    assert handed_back(tree, part, "g", text_of(whole)) is None
