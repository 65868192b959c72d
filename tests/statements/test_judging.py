"""The judge, and the liars it must see through."""

import numpy as np
import pytest
from flint import arb

from bpttcheck.runs import MODELS
from bpttcheck.runs.activation_model import Case as Point
from bpttcheck.runs.scalar_rnn_model import Case
from bpttcheck.runs.softmax_nll_model import Case as Row
from bpttcheck.runs.systems import Balls
from bpttcheck.statements.judge import FLOOR_BITS, Outcome, _radius_bits, in_balls
from bpttcheck.statements.notation import Statement
from bpttcheck.statements.terms import Term
from tests.statements.trials import CASE, trial


def test_a_small_lie_is_not_seen_by_floats_but_by_balls():
    """An error of 10⁻⁹ is within the float screen; the balls resolve 2⁻⁴⁰."""
    small = trial("d(L, w) == sum(d(L, s[t]) * h[t - 1] for t in steps(1, T)) * (1 + 1 / 10 ** 9)")
    small.sample(CASE)
    assert small.open
    small.enclose(CASE)
    assert small.verdict == "refuted"


def test_a_lie_at_one_of_many_steps_is_seen():
    lie = trial("ds[t] == d(L, s[t]) + (1 - t) * (2 - t) * w", t="steps(1, T)")
    long = Case(1, 1, np.ones((31, 1)), [0], np.zeros((30, 1)))
    lie.sample(long)
    assert lie.verdict == "refuted"


def test_rounding_is_no_lie():
    """1 − tanh² in float64 is wrong in every digit at 30; the identity is not."""
    honest = trial("D(tanh)(a) == 1 - tanh(a) ** 2", "activations")
    honest.sample(Point([30.0, -25.0, 400.0]))
    honest.enclose(Point([30.0, -25.0, 400.0]))
    assert honest.verdict == "holds"


def test_huge_logits_are_settled_in_balls():
    huge = trial("y_hat[i] == exp(o[i]) / sum(exp(o[k]) for k in steps(1, p))", "softmax_nll",
                 i="steps(1, p)")  # fmt: skip
    huge.sample(Row([[1e4, -1e4]], [[0, 1]]))
    assert huge.evidence.sampled.settled == 1
    assert huge.open


def test_the_field_sees_every_lie_and_is_silent_where_it_is_not_competent():
    exact = MODELS["scalar_rnn"].exact_cases()[2]
    lie = trial("ds[t] == d(L, s[t]) + w / 10 ** 12", t="steps(1, T)")
    lie.decide_exactly(exact, "x")
    assert lie.not_rational  # a reason to ask the balls, no verdict
    assert lie.verdict == "undecided"
    relu = trial("relu.prime(a) == D(relu)(a)", "activations")
    relu.decide_exactly(Point([1.0]), "x")
    assert relu.evidence.exact.cases == 0
    inequality = trial("0 <= D(tanh)(a)", "activations")
    inequality.decide_exactly(Point([1.0]), "x")
    assert inequality.evidence.exact.cases == 0


def test_inequalities():
    for says, verdict in (
        ("0 <= D(tanh)(a) <= 1", "holds"),
        ("D(tanh)(a) <= 1 - 1 / 1024", "refuted"),
        ("D(tanh)(a) + 1 / 1024 <= 1", "refuted"),
    ):
        t = trial(says, "activations")
        t.sample(Point([0.0]))
        t.enclose(Point([0.0]))
        assert t.verdict == verdict, says


def test_ill_typed_sides_are_said_to_be():
    for says in ("d(L, o) == y_hat.T", "d(L, o) == L", "d(L, o) == y_hat @ y"):
        t = trial(says, "softmax_nll")
        t.sample(Row([[1, 2]], [[0, 1]]))
        assert t.verdict == "ill-typed"
        with t.cache.symbols(Row([[1, 2]], [[0, 1]]), Balls(80)) as symbols:
            assert in_balls(t.statement, symbols).outcome is Outcome.ILL_TYPED


def test_one_wrong_entry_of_many_is_enough():
    """The first entry agrees, the second does not: in the field, in floats and in balls."""
    half = "d(L, o[i]) == (y_hat[i] - y[i]) * (2 - i)"
    case = Row([[1, 2]], [[0, 1]])
    lie = trial(half, "softmax_nll", i="steps(1, 2)")
    lie.decide_exactly(case, "x")
    assert lie.not_rational
    column = trial("d(L, o) == S * y_hat - y[1] * unit", "softmax_nll")
    evaluate = column.cache.evaluate
    unit = np.array([[[1.0], [0.0]]])

    def with_unit(case, system):
        return evaluate(case, system) | {"unit": Term(system.constant(unit), system.modulus)}

    column.cache.evaluate = with_unit
    row = Row([[1, 2]], [[0.5, 1]], "any")
    column.decide_exactly(row, "x")
    assert column.not_rational
    column.sample(row)
    assert column.verdict == "refuted"


def test_an_inequality_that_is_not_sharp_enough_asks_for_more():
    equal = Statement("sigmoid(a) <= 1 - sigmoid(-a)")
    with trial(equal.says, "activations").cache.symbols(Point([0.3]), Balls(20)) as symbols:
        assert in_balls(equal, symbols).outcome is Outcome.UNDECIDED
    with trial(equal.says, "activations").cache.symbols(Point([0.3]), Balls(200)) as symbols:
        assert in_balls(equal, symbols).outcome is Outcome.AGREES


def test_what_is_no_number_agrees_with_nothing():
    for says in ("1 / zero == a", "a == 1 / zero", "1 / zero == 1 / zero", "1 / zero <= a"):
        statement = Statement(says)
        with trial(says, "activations").cache.symbols(Point([0.5]), Balls(200)) as symbols:
            assert in_balls(statement, symbols).outcome is Outcome.UNDECIDED, says


def test_a_radius_beside_nothing_settles_nothing():
    assert _radius_bits(arb(2) ** -300, arb(0)) == 0
    assert _radius_bits(arb(0), arb(0)) == float("inf")
    assert _radius_bits(arb(2) ** -1200, arb(0)) == FLOOR_BITS
    assert _radius_bits(arb(2) ** -50, arb(1)) == pytest.approx(50)


def test_a_lie_at_the_third_of_thirty_steps_is_seen_in_time():
    lie = trial("ds[t] == d(L, s[t]) + w * 0 ** ((t - 3) ** 2)", t="steps(1, T)")
    long = Case(1, 1, np.ones((31, 1)), [0], np.zeros((30, 1)), phi="linear")
    for _ in range(3):
        lie.sample(long)
    assert lie.verdict == "refuted"


def test_infinite_sides_are_settled_in_balls():
    lie = trial("exp(a) == 3 * a", "activations")
    lie.sample(Point([1000.0]))
    assert lie.verdict == "refuted"


@pytest.mark.parametrize(
    ("says", "model"),
    [
        ("dw == d(L, w)", "scalar_rnn"),
        ("dw + d(L, v) == dw", "scalar_rnn"),
        ("d(x[1], w) == w", "scalar_rnn"),
        ("d(L, ds[1]) == w", "scalar_rnn"),
        ("h[T / 2] == w", "scalar_rnn"),
        ("w ** w == w", "scalar_rnn"),
        ("1 == 1", "scalar_rnn"),
        ("d(L, o) == z", "softmax_nll"),
        ("y_hat @ 2 == o", "softmax_nll"),
        ("d(o, o) == I", "softmax_nll"),
        ("d(log_y_hat, o) == I", "softmax_nll"),
    ],
)
def test_what_does_not_compose_or_is_not_defined(says, model):
    case = CASE if model == "scalar_rnn" else Row([[1, 2]], [[0, 1]])
    wrong = trial(says, model)
    wrong.sample(case)
    assert wrong.verdict == "ill-typed"


def test_literal_numbers_are_exact_in_every_system():
    third = trial("a / 3 == a * (1 / 3)", "activations")
    third.sample(Point([0.1]))
    third.enclose(Point([0.1]))
    third.decide_exactly(Point([0.1]), "x")
    assert third.verdict == "holds"
    assert third.evidence.level == "exact"
    tiny = trial("a == a * (1 + 1 / 10 ** 20)", "activations")
    tiny.decide_exactly(Point([0.1]), "x")
    assert tiny.not_rational
