"""The gallery of mistakes on the site is what a run says, and every exhibit has its right cause."""

import pytest

from bpttcheck.check.gallery import NETWORKS
from bpttcheck.diagnosis.explanation.catalogue import CATALOGUE
from site_tools.gallery import recorded, rows
from site_tools.generated import quiz
from tests.day import share

NAMES = [name for _, mistakes in NETWORKS.values() for name, _, _ in mistakes]


def test_everything_planted_is_on_record_and_named():
    record = recorded()
    assert list(record) == NAMES
    for name, found in record.items():
        assert found["verdict"] == "wrong"
        assert found["wrong"]
        assert name in CATALOGUE
        # Two words where they are the same product, as of a slope and of what it multiplies.
        assert name in found["cause"].split(" | ")
        assert {found["right_line"], found["wrong_line"]}.isdisjoint({"", "import numpy as np"})
    assert sum(found["cause"] != name for name, found in record.items()) <= 1


def test_a_mend_on_record_changes_the_planted_line():
    """And none is of the forward pass, which is right."""
    record = recorded()
    mended = {n: f for n, f in record.items() if f["mend"]["changed"] and not f["mend"]["partial"]}
    for name, found in mended.items():
        assert found["wrong_line"] in [before for before, _ in found["mend"]["changed"]], name
    assert len(mended) >= 0.9 * len(record)


@pytest.mark.parametrize("name", share(NAMES, 50))
def test_the_record_is_what_a_run_says(name):
    """But for the mend, which is looked for in ``tests/mend``."""
    assert rows([name])[name] | {"mend": recorded()[name]["mend"]} == recorded()[name]


@pytest.mark.parametrize("network", NETWORKS)
def test_a_question_shows_what_its_backward_pass_goes_back_through(network):
    """Without it nobody could say whether W or its transpose is right."""
    source, _ = NETWORKS[network]
    first, *_, last = quiz.forward(source).split("\n")
    assert first.startswith("h[0]")
    assert last in ("do = o - y", "ds = s - y")
    assert ".T" in quiz.forward(source)
    asked = {recorded()[name]["network"] for name in quiz.QUESTIONS}
    assert quiz.page().count(quiz.forward(source)) == (network in asked)


def test_a_question_has_one_changed_line_and_it_is_the_answer():
    record = recorded()
    for name in quiz.QUESTIONS:
        lines, at = quiz.lines(name)
        assert lines[at].strip() == record[name]["wrong_line"]
        assert lines.count(lines[at]) == 1
        assert record[name]["right_line"] not in [line.strip() for line in lines]
    with pytest.raises(ValueError, match="sign: expected one changed line of the loop, got 0"):
        quiz.lines("sign")
