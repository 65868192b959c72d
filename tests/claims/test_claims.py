"""The ledger: decided by machine, and seen to change when a claim or a table changes."""

import dataclasses
import json

import numpy as np
import pytest

from bpttcheck import expected
from bpttcheck import verification as v
from bpttcheck.arithmetic import finite_field
from bpttcheck.claims import CLAIMS, SOURCES
from bpttcheck.claims.claim import ClaimReading, holds_as, mistake
from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from bpttcheck.statements.judge import Outcome
from bpttcheck.verification.decision import counterexample_dict
from bpttcheck.verification.explore import sample
from bpttcheck.verification.paste import source_of
from bpttcheck.verification.smallest import complexity, smallest, sparse

pytestmark = pytest.mark.xdist_group("ledger")
"""One worker decides everything, once."""


@pytest.fixture
def result(everything):
    return everything


def test_every_decision_is_the_expected_one(result):
    assert expected.surprises(result, expected.load()) == []


def test_the_table_has_a_row_for_everything_and_for_nothing_else():
    table = expected.load()
    assert all(row.startswith("holds (") for row in table["identities"].values())
    assert list(table["identities"]) == [i.id for i in REGISTRY]
    assert list(table["claims"]) == list(CLAIMS)
    for name, row in table["claims"].items():
        assert list(row["readings"]) == [r.name for r in CLAIMS[name].readings]


def test_a_flipped_row_is_a_surprise(result):
    table = expected.load()
    table["claims"]["scalar.hidden-gradient"]["verdict"] = "holds"
    table["identities"]["softmax-nll.gradient"] = "refuted"
    table["claims"]["scalar.range"]["readings"] = {}
    del table["claims"]["scalar.forward"]
    lines = expected.surprises(result, table)
    assert "scalar.hidden-gradient: expected holds, decided refuted" in lines
    assert "softmax-nll.gradient: expected refuted, decided holds (exact)" in lines
    assert sum(line.startswith("scalar.range, read as") for line in lines) == 1
    assert sum(line.startswith("scalar.forward") for line in lines) == 2


def test_a_number_system_that_decides_nothing_any_more_is_a_surprise(monkeypatch):
    """Where tanh is any symbol, the field contradicts what holds; balls still enclose it."""
    monkeypatch.setattr(finite_field.Element, "tanh", lambda z: z.unknown("tanh"))
    name = "activations.tanh-derivative"
    result = v.verify([name], max_examples=10)
    assert result.identities[name].verdict == "holds"
    lines = expected.surprises(result, expected.load())
    assert lines == [f"{name}: expected holds (exact), decided holds (enclosed)"]


def test_ids_are_disjoint_and_lead_to_a_source():
    assert not {i.id for i in REGISTRY} & set(CLAIMS)
    assert {name.split(".")[0] for name in CLAIMS} <= set(SOURCES)
    for claim in CLAIMS.values():
        assert claim.source.document in SOURCES
        assert claim.id.startswith(claim.source.document)
        assert claim.says.endswith(".")
        assert claim.printed


def test_refuted_claims_carry_a_counterexample_and_what_is_right(result):
    for decision in result.claims.values():
        claim = CLAIMS[decision.id]
        if decision.verdict in ("refuted", "ill-typed"):
            assert decision.counterexample is not None
            assert claim.corrected
            assert result.identities[claim.corrected].verdict == "holds"
        if decision.verdict == "holds-if":
            assert claim.condition
            verdicts = {r.verdict for r in decision.readings}
            assert "holds" in verdicts
            assert len(verdicts) > 1


def test_the_counterexample_to_the_hidden_gradient_is_two_small_numbers(result):
    found = result.claims["scalar.hidden-gradient"].counterexample
    assert found.finding.sides == ("0.125", "0.5")
    assert (found.case.w, found.case.v) == (0, 0)
    assert not found.case.x.any()
    assert found.case.phi != found.case.theta


def test_a_counterexample_can_be_pasted_and_replayed(result):
    from bpttcheck.runs import activations, scalar_rnn, softmax_nll

    names = {"activations": activations, "scalar_rnn": scalar_rnn, "softmax_nll": softmax_nll}
    for name, outcome in (
        ("scalar.hidden-gradient", Outcome.FAILS),
        ("scalar.combined-recursion", Outcome.FAILS),
        ("scalar.range", Outcome.ILL_TYPED),
    ):
        text = source_of(result.claims[name].counterexample.case)
        (finding,) = v.replay(name, eval(text, names)).values()
        assert finding.outcome is outcome
    row = softmax_nll.Case([[0]], [[0]], "any")
    (finding,) = v.replay("vector.softmax-nll", row).values()
    assert finding.outcome is Outcome.FAILS
    (finding,) = v.replay("softmax-nll.gradient-any-targets", row).values()
    assert finding.outcome is Outcome.AGREES
    assert v.replay("scalar.range", row) == {}


def test_pasted_floats_are_the_same_floats():
    from bpttcheck.runs.activation_model import Case

    text = source_of(Case([0.1, 1e300, -3.0]))
    assert text == "activations.Case(a=[0.1, 1e+300, -3])"


def over(steps):
    """Return a reading of the recursion that is about other steps."""
    return ClaimReading("a range", ("scalar-rnn.recursion",), forall={"t": steps})


@pytest.mark.parametrize(
    ("readings", "verdict"),
    [
        ((holds_as("scalar-rnn.boundary"),), "holds"),
        ((mistake("scalar-rnn.boundary", "a one for a zero"),), "refuted"),
        ((holds_as("scalar-rnn.boundary"), mistake("scalar-rnn.boundary", "a one for a zero",
                                                  name="strong")), "holds-if"),
        ((over("steps(0, T)"),), "ill-typed"),
        ((over("steps(0, T)"),
          mistake("scalar-rnn.boundary", "a one for a zero", name="strong")), "refuted"),
        ((over("steps(2, 1)"),), "undecided"),
    ],
)  # fmt: skip
def test_readings_add_up(monkeypatch, readings, verdict):
    """Change what a claim is read as, and its verdict changes: nothing is looked up."""
    changed = dataclasses.replace(CLAIMS["scalar.boundary"], readings=readings)
    monkeypatch.setitem(CLAIMS, "scalar.boundary", changed)
    decision = v.verify([], ["scalar.boundary"], max_examples=20).claims["scalar.boundary"]
    assert decision.verdict == verdict


def test_a_false_identity_is_refuted_with_a_shrunk_case(monkeypatch):
    name = "scalar-rnn.terminal-state"
    good = REGISTRY[name]
    bad = dataclasses.replace(good, statement=good.version("θ′ forgotten"), wrong={})
    monkeypatch.setitem(REGISTRY._by_id, name, bad)
    result = v.verify([name], max_examples=30)
    decision = result.identities[name]
    assert decision.verdict == "refuted"
    assert not decision.ok
    assert decision.counterexample.case.sizes == {"T": 1, "B": 1}
    lines = expected.surprises(result, expected.load())
    assert lines[0] == f"{name}: expected holds (exact, kernel), decided refuted"


def test_a_wrong_version_that_is_right_is_a_surprise(monkeypatch):
    name = "scalar-rnn.terminal-state"
    good = REGISTRY[name]
    right = {"the factors in another order": "phi.prime(s[T]) * theta.prime(h[T]) * d(L, y_hat[T])"}
    monkeypatch.setitem(REGISTRY._by_id, name, dataclasses.replace(good, wrong=right))
    result = v.verify([name], max_examples=30)
    assert result.identities[name].survivors == ["the factors in another order"]
    lines = expected.surprises(result, expected.load())
    assert lines == [f"{name}: a wrong version is not rejected: the factors in another order"]


def test_a_stale_equivalent_is_a_surprise(monkeypatch):
    name = "scalar-rnn.boundary"
    stale = dataclasses.replace(REGISTRY[name], equivalent={"w": "no longer generated"})
    monkeypatch.setitem(REGISTRY._by_id, name, stale)
    result = v.verify([name], max_examples=10)
    assert "listed as equivalent, but not generated: w" in result.identities[name].survivors


def test_a_seed_repeats_and_another_differs():
    def first_cases(seed):
        seen = []
        sample("scalar_rnn", 8, seed, lambda case: seen.append(source_of(case)))
        return seen

    assert first_cases(3) == first_cases(3)
    assert first_cases(3) != first_cases(4)
    assert first_cases(None) == first_cases(None)


def test_no_smallest_case_where_nothing_fails():
    from bpttcheck.runs.activation_model import Case

    assert smallest([Case([1.0]), Case([2.0])], lambda case: False) is None
    assert smallest([Case([-7.0, 3.0])], lambda case: case.a[1] >= 1).a.tolist() == [0, 1]


def test_sparse_cases_have_few_numbers_and_are_the_same_every_time():
    drawn = []
    sample(
        "rnn",
        20,
        None,
        lambda c: drawn.append(c),
        distribution="integers",
        **MODELS["rnn"].smallest,
    )
    found = sparse(drawn, 60, 12)
    assert [source_of(case) for case in found] == [source_of(c) for c in sparse(drawn, 60, 12)]
    assert len(found) > 40
    assert found == sorted(found, key=complexity)
    for case in found:
        numbers = [np.asarray(getattr(case, name)) for name in ("U", "W", "V", "b", "c", "x", "h0")]
        assert sum(np.count_nonzero(a) for a in numbers) + np.count_nonzero(case.y) <= 12
        assert {float(a) for array in numbers for a in array.flat} <= {-1, 0, 1, 2}
    assert sparse([], 60, 12) == []


def test_decisions_are_json(result):
    for decision in [*result.identities.values(), *result.claims.values()]:
        row = json.loads(json.dumps(decision.to_dict()))
        assert row["id"] == decision.id
        assert row["verdict"]
    assert counterexample_dict(None) is None
