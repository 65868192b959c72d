"""The kernel by itself: its numbers against those of the judge, its opinion, its refusals."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck.arithmetic.dual import Dual
from bpttcheck.arithmetic.finite_field import Element, key
from bpttcheck.kernel.definitions import Definitions
from bpttcheck.kernel.equation import Kernel
from bpttcheck.kernel.numbers import PRIME, DoesNotCompose, Hashes, Refused, Residue

RNN = Definitions(
    {"T": 3, "B": 2, "m": 2, "n": 3},
    {"U": (3, 2), "W": (3, 3), "V": (2, 3), "b": (3,), "w": ()},
    {"x": (2,)},
    {"h": (3,)},
    (
        "a[t] == U @ x[t] + W @ h[t - 1] + w * b",
        "h[t] == phi(a[t])",
        "o[t] == V @ h[t]",
        "L == sum(loss(o[t]) for t in steps(1, T))",
    ),
    {"phi": "phi"},
    {"loss": "E"},
)
KERNEL = Kernel(RNN, "0", lambda _name, _t, _b: [[1], [1], [1]])
STEP, BEFORE = ("t", "steps(1, T)"), ("k", "steps(0, t - 1)")
ROW, COLUMN = ("i", "steps(1, n)"), ("j", "steps(1, n)")

HOLDS = {
    "d(L, a[t]) == diag(phi.prime(a[t])) @ d(L, h[t])": (STEP,),
    "d(L, h[t]) == V.T @ d(L, o[t]) + W.T @ d(L, a[t + 1])": (("t", "steps(1, T - 1)"),),
    "d(L, h[0]) == W.T @ d(L, a[1])": (),
    "d(L, h[T + 1]) == 0 * d(L, h[T]) == d(L, h[T]) - d(L, h[T])": (),
    "d(L, W) == sum(d(L, a[t]) @ h[t - 1].T for t in steps(1, T))": (),
    "d(L, W[i, j]) == sum(d(L, a[t][i]) * h[t - 1][j] for t in steps(1, T))": (ROW, COLUMN),
    "d(L, w) == sum(inner(b, d(L, a[t])) for t in steps(1, T))": (),
    "d(h[t], h[k]) == compose(diag(phi.prime(a[j])) @ W for j in down(t, k + 1))": (STEP, BEFORE),
    "immediate(a[t], W[i, j]) == d(a[t], a[t][i]) * h[t - 1][j]": (STEP, ROW, COLUMN),
    "d(a[t], W[i, j]) == immediate(a[t], W[i, j]) + W @ d(h[t - 1], W[i, j])": (STEP, ROW, COLUMN),
    "batch(d(L, b)) == batch(w * sum(d(L, a[t]) for t in steps(1, T)))": (),
    "ones == one": (),
    "prod(w for k in steps(1, 3)) == w ** 3 == w * w * square(w) / w": (),
    "prod(w for k in steps(1, 0)) == 1": (),
    "w / 4 == 0.25 * w == w * 1 / 4": (),
    "tanh.prime(w) == 1 - tanh(w) ** 2": (),
    "sigmoid.prime(w) == sigmoid(w) * sigmoid(-w)": (),
    "log.prime(w) == 1 / w": (),
    "exp(-w) * exp(w) == 1": (),
}


@pytest.mark.parametrize("says", HOLDS)
def test_what_holds(says):
    assert KERNEL.agrees(says, HOLDS[says])


@pytest.mark.parametrize(
    "says",
    [
        "d(L, a[t]) == d(L, h[t])",
        "d(L, h[t]) == V.T @ d(L, o[t])",  # true at the last step alone
        "d(L, x[t]) == U.T @ d(L, h[t])",
        "immediate(a[t], W[2, 1]) == d(a[t], W[2, 1])",  # true at the first step alone
        "one == one * 1 == 2 * one",
        "h[t] == a[t]",
        "tanh(w) == 2 * sigmoid(w + w) - 1",  # true, but e^(2w) is not known as (e^w)²
    ],
)
def test_what_does_not(says):
    assert not KERNEL.agrees(says, (STEP,))


def test_every_sequence_is_compared():
    """Of the first sequence alone it would be true."""
    given = Kernel(RNN, "0", lambda _name, _t, sequence: 1 + sequence)
    assert not given.agrees("number == 1")
    alone = Kernel(replace(RNN, sizes={**RNN.sizes, "B": 1}), "0", given.given)
    assert alone.agrees("number == 1")


@pytest.mark.parametrize(
    ("says", "complaint"),
    [
        ("W + b == W", r"shapes \[\(3, 3\), \(3, 1\)\] do not fit"),
        ("W @ x[1] == b", r"no matrix product of shapes \(3, 3\) and \(2, 1\)"),
        ("U * x[1] == b", "a matrix product is @"),
        ("w.T == w", "a number has no transpose"),
        ("diag(W) == W", "diag is of a column"),
        ("b / b == b", "b / b does not compose"),
        ("W ** 2 == W", r"W \*\* 2 does not compose"),
        ("h[w] == b", "w is no index"),
        ("h[T + 2] == b", "h is not defined at step 5"),
        ("x[0] == x[0]", "x is not defined at step 0"),
        ("b[4] == w", r"no entry \[3, 0\] of shape \(3, 1\)"),
        ("W[0, 1] == w", r"no entry \[-1, 0\] of shape \(3, 3\)"),
        ("W[1, 1, 1] == w", r"W\[1, 1, 1\] has too many indices"),
        ("compose(W for k in steps(1, 0)) == W", "an empty matrix product has no size"),
        ("d(h[1], W) == W", "a column by a matrix is no matrix"),
        ("b == 0", r"shapes \[\(3, 1\), \(\)\] do not fit"),
    ],
)
def test_what_does_not_compose(says, complaint):
    with pytest.raises(DoesNotCompose, match=complaint):
        KERNEL.agrees(says)


@pytest.mark.parametrize(
    ("says", "complaint"),
    [
        ("W <= W", "expected an equation"),
        ("W", "expected an equation"),
        ("norm(W) == w", "norm is not known here"),
        ("unheard(W, W) == w", "is not in the notation"),
        ("w if w else w == w", "expected an equation"),
        ("[w] == [w]", r"\[w\] is not in the notation"),
        ("__import__('os') == w", "__import__ is not known here|'os' is not in the notation"),
        ("w.real == w", "w.real is not in the notation"),
        ("w / (w - w) == w", "division by zero"),
        ("log(w - w) == w", "division by zero"),
        ("sum(w for k in W) == w", "W is no range"),
        ("sum(w for k in steps(1, 2) if k) == w", "is not in the notation"),
        ("(W @ W)[1] == w", "W @ W is no name"),
    ],
)
def test_what_the_kernel_does_not_know(says, complaint):
    with pytest.raises(Refused, match=complaint):
        KERNEL.agrees(says)


def test_a_function_may_be_named_and_a_target_given():
    """The softmax with the NLL: at o_t the gradient is ŷ_t Σy_t − y_t, whatever tanh is."""
    network = replace(
        RNN,
        equations=(
            *RNN.equations[:-1],
            "y_hat[t] == exp(o[t]) / (exp(o[t][1]) + exp(o[t][2]))",
            "L == -sum(y[t][i] * log(y_hat[t][i]) for i in steps(1, 2) for t in steps(1, T))",
        ),
    )
    with pytest.raises(Refused, match="not in the notation"):  # one range a sum
        Kernel(network, "0", lambda *_: [[1], [2]]).agrees("d(L, o[1]) == o[1]")
    loss = "L == -sum(sum(y[t][i] * log(y_hat[t][i]) for i in steps(1, 2)) for t in steps(1, T))"
    network = replace(
        network,
        equations=(*network.equations[:-1], loss),
        entrywise={"phi": "tanh"},
        constants=("y",),
    )
    kernel = Kernel(network, "0", lambda *_: [[1], [2]])
    assert kernel.agrees("d(L, o[t]) == 3 * y_hat[t] - y[t]", (STEP,))
    assert not kernel.agrees("d(L, o[t]) == y_hat[t] - y[t]", (STEP,))
    assert kernel.agrees("phi.prime(w) == 1 - tanh(w) ** 2")
    with pytest.raises(Refused, match="y is not defined"):
        kernel.agrees("d(L, y[1]) == y[1]")


def test_nothing_to_compare_is_no_agreement():
    with pytest.raises(Refused, match="nothing to compare"):
        KERNEL.agrees("w == w", (("t", "steps(2, 1)"),))


@pytest.mark.parametrize(
    ("equations", "complaint"),
    [
        (("h[t] == W @ h[t]", "L == w"), "h at step 1 is defined by itself"),
        (("h[t] == b", "h[t] == W @ h[t - 1]"), "h is defined twice"),
        (("W == 2 * W",), "W is defined twice"),
        (("h[t] <= b <= b",), "a definition is one equation, not"),
        (("2 * h[t] == b",), r"2 \* h\[t\] is no name"),
        (("L == w",), "h is not defined"),
    ],
)
def test_bad_definitions(equations, complaint):
    with pytest.raises(Refused, match=complaint):
        Kernel(replace(RNN, equations=equations), "0").agrees("h[1] == d(L, b)")


residues = st.integers(0, PRIME - 1)


@given(a=residues, b=residues, da=residues, db=residues)
def test_numbers_are_those_of_the_judge(a, b, da, db):
    """Two sets of rules, written apart: integers here, FLINT and another class there."""

    def same(mine, theirs):
        tangent = 0 if theirs.tangent is None else theirs.tangent.value
        return (mine.value, mine.parts.get("ε", 0)) == (theirs.value.value, tangent)

    x, y = Residue(a, {"ε": da}), Residue(b, {"ε": db})
    u, v = Dual(Element(a), Element(da)), Dual(Element(b), Element(db))
    hashes = Hashes("seed")
    with key("seed"):
        assert same(x + y, u + v)
        assert same(x * y, u * v)
        assert same(x.scaled(-1), -u)
        assert same(hashes.exp(x), u.exp())
        assert same(hashes.tanh(x), u.tanh())
        assert same(hashes.sigmoid(x), 1 / (1 + (-u).exp()))
        assert same(hashes.unknown("phi", x), u.unknown("phi"))
        assert same(hashes.joint("E", [x, y]), Dual.jointly("E", [u, v]))
        if a:
            assert same(x.inverse(), 1 / u)
            assert same(hashes.log(x), u.log())
