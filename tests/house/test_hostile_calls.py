"""Each kind of badness in each argument of the public API: a slice of the matrix, and its edges.

All of it: ``python -m benchmarks.hostile_calls --count 20000``.
"""

import inspect
from functools import cache

import numpy as np
import pytest

import bpttcheck
from benchmarks.hostile import ends
from benchmarks.hostile.matrix import outcomes
from benchmarks.hostile.valid import Valid
from benchmarks.hostile.valid_calls import NOT_CALLED, every, public
from tests.day import share

LIBRARIES = {"from_torch", "from_module", "from_jax"}
"""Adaptors that are asked where all of the matrix is, since they import another library."""

SLOW = ("verify", "replay", "check_", "assert_", "Report")


@cache
def calls():
    return every(libraries=False)


def test_no_public_callable_is_missing():
    assert public() - set(calls()) - LIBRARIES - set(NOT_CALLED) == set()


def test_every_public_callable_declares_its_arguments():
    for name, valid in calls().items():
        given = valid.function
        plain = inspect.isroutine(given) or isinstance(given, type)
        declared = (given if plain else type(given).__call__).__takes__
        parameters = inspect.signature(given).parameters.values()
        own = {p.name for p in parameters if p.kind is not p.VAR_KEYWORD}
        assert own <= set(declared), name


@pytest.mark.parametrize("seed", share(range(8), 8))
def test_a_slice_of_the_matrix_ends_as_documented(seed):
    quick = {k: v for k, v in calls().items() if not k.startswith(SLOW)}
    for cell, end in outcomes(quick, 1000, seed):
        assert not end.wrong, f"{cell}: {end.wrong}: {end.seen}"


def nan(o):
    """Return what is no number."""
    return np.asarray(o) * np.nan


def changes(o):
    """Change what it is given."""
    o[...] = 0
    return o


def foreign(o):
    """Fail within NumPy.

    Raises:
        ValueError: always.
    """
    return np.linalg.inv(np.zeros((2, 3)))


def nameless(o):
    """Refuse without a name.

    Raises:
        ValueError: always.
    """
    raise ValueError("no")


@pytest.mark.parametrize(
    ("function", "wrong"),
    [
        (nan, "a number that is not finite comes out"),
        (changes, "an input is changed"),
        (foreign, "an error from inside another library"),
        (nameless, "an error that names no argument"),
        (lambda o: 1 / 0, "an error of a kind that is not documented"),
        (lambda o: o + 1.0, "the same numbers, and another result"),
    ],
)
def test_what_ends_badly_is_seen(function, wrong):
    made = Valid(function, {"o": np.ones((2, 3))})
    package = ends.PACKAGE
    try:
        ends.PACKAGE = __file__
        assert ends.end_of(made, "o", None, True, np.ones((2, 3))).wrong == wrong
    finally:
        ends.PACKAGE = package


def test_a_name_that_is_misspelt():
    with pytest.raises(TypeError) as caught:
        bpttcheck.nll([[1.0, 2.0]], [0], Reduction="mean")
    said = "Reduction: expected one of o, targets, reduction of nll; did you mean 'reduction'?"
    assert str(caught.value) == said
    with pytest.raises(ValueError, match=r"got 'MEAN'; did you mean 'mean'\?$"):
        bpttcheck.nll([[1.0, 2.0]], [0], reduction="MEAN")
