"""``check_gradients`` in float32: promoted, kept narrow, or narrow in the buffers alone."""

import numpy as np
import pytest

from bpttcheck import check_gradients
from tests.day import in_turn, share
from tests.diagnosis.mistaken_rnn import drawn, network


@in_turn(2, 1)
def test_float32_that_stays_is_judged_by_what_it_can_promise():
    params, y = drawn(np.random.default_rng(0), dtype=np.float32)

    def narrow(given):
        return network(y)({k: a.astype(np.float32) for k, a in given.items()})

    wide = check_gradients(network(y), params)
    assert wide.precision == "float64"
    assert any("judged in float64" in note for note in wide.notes)
    report = check_gradients(narrow, params)
    assert report.precision == "float32"
    assert any("little can be seen" in note for note in report.notes)
    assert report["W"].floor > 1e4 * wide["W"].floor
    hidden = check_gradients(narrow, {k: a.astype(np.float64) for k, a in params.items()})
    assert hidden.precision == "float32"

    def lie(given):
        return network(y, "transpose")({k: a.astype(np.float32) for k, a in given.items()})

    assert check_gradients(lie, params).verdict == "wrong"


def point(seed):
    """Return a small network in one of four regimes: states of one unit show few stairs."""
    rng = np.random.default_rng([5, seed])
    T, B, m, n, p = (int(k) for k in rng.integers(1, (13, 4, 4, 6, 4)))
    return drawn(rng, T, B, m, n, p, scale=(1.0, 16.0)[seed % 2], dtype=np.float32)


@in_turn(2)
def test_stairs_of_float32_buffers_are_no_mistake():
    """V and the loss follow their input to float64; the states do not."""
    verdicts = []
    seeds = share(range(30), 3)
    for seed in seeds:
        params, y = point(seed)
        report = check_gradients(network(y, buffers=np.float32), params, seed=seed, locate=False)
        assert report.verdict != "wrong", (seed, str(report))
        verdicts.append(report.verdict)
    assert verdicts.count("right") > len(seeds) / 2


def test_a_stair_too_wide_to_be_seen_from_the_point():
    """A unit is so saturated that its float32 moves at long steps alone: no slope is read off."""

    def stair(given):
        height = np.float32(np.tanh(given["a"][0]))
        return float(height) + 1.0, {"a": np.array([1 / np.cosh(given["a"][0]) ** 2])}

    for a in share(np.linspace(5.0, 8.5, 60), 4):
        report = check_gradients(stair, {"a": np.array([a])})
        assert report.verdict != "wrong", (a, str(report))


@pytest.mark.parametrize("seed", share(range(6), 3))
def test_a_mistake_shows_through_float32_buffers(seed):
    params, y = drawn(np.random.default_rng(seed), dtype=np.float32)
    report = check_gradients(network(y, "transpose", buffers=np.float32), params, locate=False)
    assert report.verdict == "wrong"
    assert report.precision == "float32"


@pytest.mark.parametrize("seed", range(2))
def test_a_huge_wrong_claim_is_wrong_not_chaotic(seed):
    """1 − a² for 1 − h²: in saturation, a factor of hundreds a step; its own noise is huge too."""
    params, y = drawn(np.random.default_rng([seed, 2]), m=2, scale=16.0)

    def floats_alone(given):
        loss, gradients = network(y, "slope of a")(given)
        return float(loss), gradients

    assert np.abs(floats_alone(params)[1]["h0"]).max() > 1e30
    report = check_gradients(floats_alone, params, locate=False)
    assert report.verdict == "wrong"
    assert report["h0"].verdict == "wrong"
