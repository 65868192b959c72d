"""The walk through a derivation: shows what was decided, and refuses to show anything else."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bpttcheck.arithmetic.balls import precision
from bpttcheck.notebook import Walk, agree, plain, show
from bpttcheck.notebook import walk as walking
from bpttcheck.runs import rnn, scalar_rnn
from bpttcheck.runs.systems import Balls
from bpttcheck.verification import replay
from tests.day import in_turn


@pytest.fixture(scope="module")
def decided():
    return Walk("scalar", also=["scalar-rnn.w-*"], max_examples=5)


@pytest.fixture
def walk(decided):
    decided.numbers.clear()
    decided.told.clear()
    return decided


def text(shown):
    return shown._repr_markdown_()


def case(**changes):
    numbers = {"w": 2, "v": 1, "x": [[1], [0]], "h0": [0], "y": [[0]], "theta": "sigmoid"}
    return scalar_rnn.Case(**numbers | changes)


@in_turn(2)
def test_an_equation_has_its_number_its_evidence_and_one_anchor(walk):
    shown = text(walk.step("scalar-rnn.boundary"))
    assert r"\tag{1}" in shown
    assert "](../reference/identities/scalar-rnn.md#scalar-rnn.boundary)" in shown
    mark = '<span id="scalar-rnn.boundary"></span><span class="verdict-holds">exact</span>'
    assert f'??? check "{mark}"' in shown
    assert '<span class="badge badge-exact">exact · ' in shown
    assert "`bpttcheck verify scalar-rnn.boundary`" in shown
    assert r"\tag{2}" in text(walk.step("scalar-rnn.w-gradient"))
    again = text(walk.step("scalar-rnn.boundary"))
    assert r"\tag{1}" in again
    assert "id=" not in again


def test_a_claim_that_holds_is_one_line(walk):
    shown = text(walk.claim("scalar.forward"))
    assert '<span class="verdict-holds">holds</span>' in shown
    assert shown.startswith("Claim [`scalar.forward`](../reference/claims.md#scalar.forward) ")
    assert "\n" not in shown


def test_any_other_claim_shows_what_was_printed_and_what_decides(walk):
    shown = text(walk.claim("scalar.hidden-gradient"))
    assert 'class="verdict-refuted"' in shown
    assert r"\phi'(h_t)" in shown
    assert "**0.125** ≠ **0.5** at *t* = 1" in shown
    assert "all else 0`" in shown
    assert "[`scalar-rnn.hidden-gradient`]" in shown
    ill_typed = text(walk.claim("scalar.range"))
    assert 'class="verdict-ill-typed"' in ill_typed
    assert "is not defined" in ill_typed


def test_what_a_source_says_of_one_thing_is_opened_together(walk):
    shown = text(walk.source("scalar.forward", "scalar.hidden-gradient", "scalar.boundary"))
    title, _, body = shown.partition("\n")
    assert 'verdict-holds">holds</span> (2), <span class="verdict-refuted">refuted' in title
    assert title.startswith('??? more "What the source says of it')
    assert "**0.125** ≠ **0.5** at *t* = 1" in body
    assert all(not line or line.startswith("    ") for line in body.split("\n"))
    assert walk.told[-3:] == ["scalar.forward", "scalar.hidden-gradient", "scalar.boundary"]


def test_a_summary_misses_no_claim(walk):
    for name in walk.claims[1:]:
        walk.claim(name)
    with pytest.raises(ValueError, match=rf"left out \['{walk.claims[0]}'\]"):
        walk.summary()
    walk.claim(walk.claims[0])
    rows = text(walk.summary()).split("\n")
    assert sum(row.count("claims.md#scalar.") for row in rows) == len(walk.claims)


def test_what_does_not_hold_is_not_shown(walk, monkeypatch):
    lie = replace(walk.result.identities["scalar-rnn.boundary"], verdict="refuted")
    monkeypatch.setitem(walk.result.identities, "scalar-rnn.boundary", lie)
    with pytest.raises(ValueError, match=r"scalar-rnn\.boundary: expected an identity .* holds"):
        walk.step("scalar-rnn.boundary")
    with pytest.raises(ValueError, match=r"rnn\.output: expected an identity of this walk"):
        walk.step("rnn.output")


def test_equations_are_judged_on_the_readers_numbers(walk, monkeypatch):
    walk.step("scalar-rnn.hidden-gradient")
    walk.step("scalar-rnn.w-gradient")
    assert walk.judge(case()) == 2
    # A liar: the slip of the question in the place of every identity.
    slip = replay("scalar.hidden-gradient", case())
    monkeypatch.setattr(walking, "replay", lambda _name, _case: slip)
    with pytest.raises(AssertionError, match=r"scalar-rnn\.hidden-gradient: .*FAILS"):
        walk.judge(case())
    monkeypatch.setattr(walking, "replay", lambda _name, _case: {"undecided": None})
    with pytest.raises(AssertionError, match="not settled"):
        walk.judge(case())


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"source": "nobody"}, "source: expected the prefix of some claims, got 'nobody'"),
        (
            {"source": "scalar", "also": ["scalar-rnn.nothing"]},
            "also: expected IDs of identities, got 'scalar-rnn.nothing'",
        ),
        ({"source": None}, "also: expected IDs of identities where there is no source, got none"),
    ],
)
def test_bad_arguments(arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        Walk(**arguments)


@pytest.fixture(scope="module")
def sourceless():
    return Walk(None, also=["scalar-rnn.hidden-gradient"], max_examples=5)


@in_turn(2, 1)
def test_a_walk_without_a_source_has_no_claims(sourceless):
    assert not sourceless.claims
    assert r"\tag{1}" in text(sourceless.step("scalar-rnn.hidden-gradient"))


STEP = """\
??? check "<span class="verdict-holds">exact</span>"

    [`scalar-rnn.hidden-gradient`]\
(../reference/identities/scalar-rnn.md#scalar-rnn.hidden-gradient): \
Two paths leave h<sub>t</sub>: one to its own prediction, one to the next state.

    - <span class="badge badge-exact">exact · # shapes, B ≤ #, T ≤ #, false acceptance ≤ \
#<sup>−#</sup></span>
    - <span class="badge badge-enclosed">enclosed · # points, B ≤ #, T ≤ #, radius ≤ \
#<sup>−#</sup> of the terms</span>
    - <span class="badge badge-sampled">sampled · # cases, B ≤ #, T ≤ #</span>

    # wrong versions rejected. `bpttcheck verify scalar-rnn.hidden-gradient`"""


def test_what_is_told_of_an_identity(sourceless):
    """Whole, but for its numbers and its anchor."""
    name = "scalar-rnn.hidden-gradient"
    sourceless.numbers.clear()
    legend, formula, told = text(sourceless.step(name)).split("\n\n", 2)
    assert legend.startswith("*How to read a ✓.* ")
    assert "](../reference/../explanation/evidence.md)" in legend
    assert text(sourceless.step(name)).split("\n\n")[0] == formula
    assert formula.startswith("$$\n\\frac{\\partial L}{\\partial h_{t}} = ")
    assert re.sub(r"\d+", "#", told.replace(f'<span id="{name}"></span>', "")) == STEP


def test_a_mistake_is_shown_where_it_fails(sourceless):
    name = "scalar-rnn.hidden-gradient"
    version, other, *_ = sourceless.result.identities[name].rejected
    at = case(x=[[1], [-1], [2]], h0=[0.5], y=[[0], [1]])
    shown = text(sourceless.mistake(name, at, version, other))
    assert shown.startswith(f'??? more "Slips: {plain(version)}; ')
    assert shown.count("** ≠ **") + shown.count("is not defined") == 2
    assert all(not line or line.startswith("    ") for line in shown.split("\n")[1:])


def test_a_mistake_that_a_case_does_not_show_is_no_mistake(sourceless):
    nothing = case(w=0, v=0, x=[[0], [0], [0]], y=[[0], [0]])
    name = "scalar-rnn.hidden-gradient"
    with pytest.raises(AssertionError, match=name):
        sourceless.mistake(name, nothing, *sourceless.result.identities[name].rejected)
    for versions in ((), ("no such slip",)):
        with pytest.raises(ValueError, match=f"{name}: expected rejected versions"):
            sourceless.mistake(name, nothing, *versions)
    with pytest.raises(ValueError, match="version: expected a wrong version of"):
        replay(name, nothing, version="no such slip")


def test_enclosures_agree_only_if_they_are_close_and_narrow(capsys):
    def predicted(bits):
        return scalar_rnn.evaluate(case(), Balls(bits))["y_hat"][1]

    with precision(160):
        found = predicted(160)
        agree(found, found, "ŷ_1")
        assert capsys.readouterr().out.startswith("ŷ_1 ")
        with pytest.raises(AssertionError, match="ŷ_1: different numbers"):
            agree(found, found + 2.0**-100, "ŷ_1")
    with precision(20):
        wide = predicted(20)
        with pytest.raises(AssertionError, match="ŷ_1: too wide"):
            agree(wide, wide, "ŷ_1")


def test_a_matrix_is_shown_by_rows_and_a_column_flat(capsys):
    linear = rnn.Case(
        U=[[1], [2]], W=[[1, -2], [3, 4]], V=[[1, 0]], b=[0, 0], c=[0], x=[[[1]], [[0]]],
        h0=[[0, 0]], y=[[[0]]], phi="linear", loss="squared_error", targets="any",
    )  # fmt: skip
    with precision(60):
        run = rnn.evaluate(linear, Balls(60))
        show(run["W"], "W", " exactly")
        show(run["h"][1], "h_1")
    assert capsys.readouterr().out.splitlines() == [
        "W              1.00000  -2.00000 exactly",
        "               3.00000   4.00000",
        "h_1            1.00000   2.00000",
    ]
