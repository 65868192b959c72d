"""Mistakes that are seen from the gradients alone: named with their constant, at any size."""

import numpy as np
import pytest

from bpttcheck.diagnosis.backward.along_time import without
from bpttcheck.diagnosis.explanation.explain import Observation, Spot, explanations
from bpttcheck.diagnosis.mistakes.whole_result import Scene

SHAPES = {"A": (3, 4), "B": (4, 3), "C": (3, 4), "s": (5,)}


def point(seed, size, lie):
    """Return a point of code that is no network of ours: gradients of about a size, changed."""
    rng = np.random.default_rng(seed)
    truths = {name: size * rng.normal(size=shape) for name, shape in SHAPES.items()}
    thetas = {name: rng.normal(size=shape) for name, shape in SHAPES.items()}
    claims = truths | lie(truths, thetas)
    seen = {k: Observation(k, "", g, 1e-12 * size) for k, g in claims.items()}
    return Spot(f"seed {seed}", seen, Scene(truths, thetas, claims=claims))


def norm(*arrays):
    return np.sqrt(sum((a**2).sum() for a in arrays))


def jointly(g, level, names):
    factor = min(1.0, level / norm(*(g[k] for k in names)))
    return {k: g[k] * factor for k in names}


MISTAKES = [
    ("common-factor", "times 0.7", 0, lambda g, p, u: {"A": 0.7 * g["A"]}),
    (
        "clipped-result",
        "each entry to {:.9g}",
        0.5,
        lambda g, p, u: {"A": np.clip(g["A"], -u / 2, u / 2)},
    ),
    (
        "clipped-result",
        "to the norm {:.9g}",
        2,
        lambda g, p, u: {"A": g["A"] * (2 * u / norm(g["A"]))},
    ),
    (
        "clipped-result",
        "all together to the norm {:.9g}",
        2,
        lambda g, p, u: jointly(g, 2 * u, "AB"),
    ),
    (
        "weight-decay",
        "{:+.9g} of the parameter",
        0.01,
        lambda g, p, u: {"A": g["A"] + 0.01 * u * p["A"]},
    ),
    ("slice-missing", "zero at index 1 of axis 0", 0, lambda g, p, u: {"A": without(g["A"], 1)}),
    ("names-swapped", "that of C", 0, lambda g, p, u: {"A": g["C"]}),
]


@pytest.mark.parametrize("size", [2.0**-40, 1.0, 2.0**40], ids=["tiny", "one", "huge"])
@pytest.mark.parametrize(
    ("cause", "told", "constant", "lie"), MISTAKES, ids=[m[1] for m in MISTAKES]
)
def test_the_constant_is_told(cause, told, constant, lie, size):
    points = [point(seed, size, lambda g, p: lie(g, p, size)) for seed in (0, 1)]
    (explanation,) = explanations(points)
    (mistake,) = explanation.mistakes
    assert (mistake.cause, mistake.detail) == (cause, told.format(constant * size))
