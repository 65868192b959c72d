"""Mistakes at any magnitude are found, and what a report promises to find is found."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import magnitudes
from benchmarks.magnitudes import EXPONENTS, MISTAKES, asked, examples, matters, mistaken, spoilt
from tests.day import share

NAMES = [(one.name, one.large) for one in examples(0)]


def example(exponent, name, large):
    """Return one example of a magnitude."""
    return next(o for o in examples(exponent) if (o.name, o.large) == (name, large))


@pytest.mark.parametrize(("name", "large"), NAMES)
def test_the_right_versions_are_right(name, large):
    """By the complex step, which the code of the examples carries; 1e±20 is far from the ends."""
    for exponent in (-20, 0, 20):
        one = example(exponent, name.removesuffix(", floats alone"), large)
        gradients = one.function(one.params)[1]
        for key, theta in one.params.items():
            size = 2.0**-100 * np.abs(theta).max()
            for index in np.ndindex(theta.shape):
                moved = {k: a.astype(complex) for k, a in one.params.items()}
                moved[key][index] += 1j * size
                slope = np.asarray(one.function(moved)[0]).imag / size
                gap = abs(slope - gradients[key][index])
                assert gap <= 1e-14 * np.abs(gradients[key]).max()


@pytest.mark.parametrize("exponent", share([-300, -160, 8, 200], 2))
@pytest.mark.parametrize(("name", "large"), NAMES)
def test_none_is_called_right(exponent, name, large):
    one = example(exponent, name, large)
    assert asked(one.function, one.params).verdict in ("right", "undecided")
    for mistake in (k for k in ("3/2 of it", "another sign") if matters(one, k)):
        report = asked(mistaken(one, MISTAKES[mistake]), one.params)
        assert report.verdict in ("wrong", "undecided"), str(report)


@pytest.mark.parametrize("exponent", [-300, 0])
@pytest.mark.parametrize(("name", "large"), share(NAMES, 2))
def test_what_is_promised_to_be_found_is_found(exponent, name, large):
    one = example(exponent, name, large)
    report = asked(one.function, one.params)
    for block in report.blocks:
        if block.verdict == "right":
            answer = asked(spoilt(one, block.name, block.floor), one.params)
            assert answer.verdict == "wrong", str(answer)


def test_the_benchmark_asks_for_at_least_a_hundred():
    count = 0
    for exponent in EXPONENTS:
        some = [one for one in examples(exponent) if "floats" not in one.name]
        count += sum(matters(one, mistake) for one in some for mistake in MISTAKES)
    assert count > 1000


def test_a_liar_is_counted(monkeypatch):
    """A checker that says right of everything, with a floor of zero."""

    def liar(function, params, **_):
        return replace(right, blocks=tuple(replace(b, floor=0.0) for b in right.blocks))

    one = example(0, "Σ a²", "parameters")
    right = asked(one.function, one.params)
    monkeypatch.setattr(magnitudes, "check_gradients", liar)
    counts, lines = magnitudes.asked_at(0, "Σ a²")
    assert counts["wrong: right"] > 20
    assert counts["true floors"] == 0 < counts["floors"]
    assert len(lines) == counts["wrong: right"] + counts["floors"]
