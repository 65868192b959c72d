"""Arguments of the wrong kind or value: one error that names the argument, and no other end."""

import numpy as np
import pytest

import bpttcheck
from bpttcheck import Case, initial_weights, orthogonal, rnn, stack, strategies, verify
from bpttcheck.runs import MODELS

RNG = np.random.default_rng(0)
EYES = {"U": np.eye(2), "W": np.eye(2), "V": np.eye(2)}
X, Y = np.ones((3, 1, 2)), np.zeros((3, 1), int)
HIDDEN = np.ma.masked_array(X, mask=X == X)


def weights(**given):
    return initial_weights("rnn", **{"m": 1, "n": 2, "p": 1, "rng": RNG, **given})


def loss(p):
    return float(p["w"] ** 2) / 2, {"w": p["w"]}


def stacked(layers):
    params = {f"l0.{k}": a for k, a in EYES.items()}
    return stack.value_and_grad("rnn", params, X, Y, layers=layers)


def checked(**given):
    return bpttcheck.check_gradients(loss, {"w": 1.0}, **given)


def drawn(*models, **options):
    return strategies.cases(*models, **options)


WHOLE = "expected a whole number ≥ "
BAD = [
    (lambda: weights(rng=None), "rng: expected a numpy.random.Generator, got NoneType"),
    (lambda: weights(rng=0), "rng: expected a numpy.random.Generator, got int"),
    (lambda: weights(scale=np.nan), "scale: expected a finite number, got nan"),
    (lambda: weights(scale="1"), "scale: expected a finite number, got '1'"),
    (lambda: weights(keep=10**400), "keep: expected a finite number, got 1000000000"),
    (lambda: weights(n=True), f"n: {WHOLE}1, got True"),
    (lambda: orthogonal(-1, RNG), f"n: {WHOLE}1, got -1"),
    (lambda: orthogonal(2, 7), "rng: expected a numpy.random.Generator, got int"),
    (lambda: Case(seed=-1), f"seed: {WHOLE}0, got -1"),
    (lambda: Case(seed=0.5), f"seed: {WHOLE}0, got 0.5"),
    (lambda: checked(seed="1"), f"seed: {WHOLE}0, got '1'"),
    (lambda: checked(seconds="1"), "seconds: expected a number > 0 or None, got '1'"),
    (
        lambda: checked(seconds=10**400),
        "seconds: expected a number > 0 and ≤ 1.8e+308, or None, got 1000000000",
    ),
    (lambda: verify("rnn.*"), "identities: expected a list of IDs, got the string 'rnn.*'"),
    (lambda: verify([], "x"), "claims: expected a list of IDs, got the string 'x'"),
    (lambda: verify([], max_examples=0.5), f"max_examples: {WHOLE}1, got 0.5"),
    (lambda: verify([], jobs=None), f"jobs: {WHOLE}1, got None"),
    (lambda: verify([], seed=-1), f"seed: {WHOLE}0, got -1"),
    (lambda: stacked(10**30), f"layers: {WHOLE}1 and ≤ 3, got 1000000000"),
    (lambda: stacked(10**9000), f"layers: {WHOLE}1 and ≤ 3, got a whole number of 29,8"),
    (lambda: rnn.forward(EYES, X, mask=[[1], [1, 1], [1]]), "mask: expected a rectangular array"),
    (lambda: rnn.forward(EYES, X, mask=np.ones((3, 1), "c8,f4")), "mask: expected an array of num"),
    (
        lambda: rnn.forward(EYES, HIDDEN),
        "x: expected an array without a mask, got 6 masked entries",
    ),
    (lambda: drawn("rnn", regime="zzz"), "options: expected one of distribution, max_T"),
    (lambda: drawn(regime="zzz"), "options: expected one of max_T, "),
    (lambda: drawn("rmn"), "model: expected one of "),
    (lambda: drawn("rnn", max_T=10_001), f"max_T: {WHOLE}1 and ≤ 10,000, got 10001"),
]


@pytest.mark.parametrize(("call", "said"), BAD, ids=[said[:40] for _, said in BAD])
def test_one_error_that_names_the_argument(call, said):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert str(caught.value).startswith(said)
    assert len(str(caught.value)) < 400


def test_a_strategy_may_be_asked_for_ten_thousand_steps():
    assert drawn("rnn", max_T=10_000, max_B=10_000, max_n=10_000) is not None


def test_numbers_of_numpy_are_numbers():
    assert checked(seed=np.int64(1)).verdict == "right"
    assert Case(seed=np.uint8(3)).rng.integers(9) == Case(seed=3).rng.integers(9)
    same = (weights(scale=s, rng=np.random.default_rng(1)) for s in (2, np.float32(2)))
    assert np.array_equal(*(w["W"] for w in same))
    assert np.array_equal(rnn.forward(EYES, np.ma.masked_array(X)).h, rnn.forward(EYES, X).h)


def test_tensors_are_arrays():
    torch = pytest.importorskip("torch")
    for dtype, ours in ((torch.float64, "f8"), (torch.float32, "f4"), (torch.int64, "f8")):
        params = {k: torch.tensor(a, dtype=dtype) for k, a in EYES.items()}
        found = rnn.forward(params, torch.tensor(X, dtype=dtype), h0=0.0).h
        assert found.dtype == np.dtype(ours)
        assert np.array_equal(found, rnn.forward(EYES, X.astype(ours)).h.astype(ours))


def test_every_model_of_the_registry_takes_the_bounds_that_it_is_drawn_with():
    """Some hand their options on to another strategy, and do not name them."""
    for model in MODELS.values():
        for bounds in (model.small, {**model.smallest, "distribution": "integers"}):
            assert strategies.cases(model.name, **bounds) is not None
