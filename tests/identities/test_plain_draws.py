"""Cases drawn by random numbers alone: the same ones everywhere, and as many kinds of them."""

from dataclasses import fields
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck import draws, strategies
from bpttcheck.runs import MODELS
from bpttcheck.verification.explore import distinct
from bpttcheck.verification.paste import source_of

by_model = pytest.mark.parametrize("model", MODELS)


@by_model
def test_a_stream_is_the_same_every_time_and_no_other(model):
    first, again = (list(map(source_of, distinct(model, 8, "one"))) for _ in range(2))
    assert first == again
    assert len(set(first)) == 8
    assert first != list(map(source_of, distinct(model, 8, "another")))


@by_model
def test_every_word_and_every_size_is_met(model):
    """Two hundred cases have all sizes from 1 to the largest, and every function by name."""
    bounds = {**MODELS[model].small}
    drawn = distinct(model, 200, "sizes", **bounds)
    for symbol in set(drawn[0].sizes) & set("Bnp") - ({"B", "p"} if model == "clipping" else set()):
        met = {case.sizes[symbol] for case in drawn}
        assert met == set(range(min(met), max(met) + 1)), symbol
        assert min(met) == 1
        assert max(met) == bounds.get(f"max_{symbol}", max(met))
    masked = model in ("masked", "functions", "compiled")  # all with squared errors
    for name in (f.name for f in fields(drawn[0]) if isinstance(getattr(drawn[0], f.name), str)):
        met = {getattr(case, name) for case in drawn}
        assert (len(met) > 1) != (masked and name in ("loss", "targets")), name


@by_model
def test_hypothesis_draws_nothing_that_is_not_drawn_plainly(model):
    """Both read one function: where its choices are handed on, the same case comes of them."""
    taken = []

    class Recorded(Random):
        def random(self):
            taken.append(super().random())
            return taken[-1]

    case = strategies.BY_MODEL[model].draws(draws.plainly(Recorded(3)))
    numbers = iter(taken)

    class Replayed(Random):
        def random(self):
            return next(numbers)

    assert source_of(strategies.BY_MODEL[model].draws(draws.plainly(Replayed()))) == source_of(case)
    assert next(numbers, None) is None


@given(st.integers(-5, 5), st.integers(0, 6), st.integers(0, 2**32))
def test_a_whole_number_is_within_its_bounds_and_reaches_them(least, more, seed):
    random = Random(seed)
    met = {draws.whole(least, least + more).drawn(random) for _ in range(60 * (more + 1))}
    assert met == set(range(least, least + more + 1))  # all but one in 10²⁶


def test_few_cases_are_all_that_there_are():
    """A number of one bit has two cases, however many are asked for."""
    found = distinct("activations", 300, "few", distribution="ties")
    sources = list(map(source_of, found))
    assert len(set(sources)) == len(sources) == sum(2**B for B in range(1, 5))


def test_an_option_that_a_strategy_hands_on_is_checked_before_it_is_drawn():
    with pytest.raises(ValueError, match="max_T: expected a whole number ≥ 1, got True"):
        strategies.cases("truncation", max_T=True)
    with pytest.raises(ValueError, match=r"options: expected one of .*, got 'max_Q'"):
        strategies.cases("compiled", max_Q=3)


def test_every_small_whole_number_is_met():
    drawn = distinct("rnn", 40, "w", distribution="integers")
    met = {float(w) for case in drawn for w in np.ravel(case.W)}
    assert {-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0} <= met
