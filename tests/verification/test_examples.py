"""Failing cases kept in Hypothesis's example database."""

import dataclasses

import pytest
from hypothesis.database import InMemoryExampleDatabase

from bpttcheck.cli import main
from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from bpttcheck.verification import examples, explore, verify
from bpttcheck.verification.paste import source_of
from tests.day import in_turn

NAME, WRONG = "scalar-rnn.terminal-state", "θ′ forgotten"
KEY = ("", "", NAME)


@pytest.fixture(autouse=True)
def _as_outside_of_tests(monkeypatch):
    """Hypothesis uses no database where the seed of all tests is given, as it is here."""
    monkeypatch.setattr("hypothesis.core.global_force_seed", None)
    # What is looked for where a domain has one case alone is not found, however long it takes.
    for name in ("FURTHER", "STOCK", "ENCLOSED", "POOL", "SPARSE"):
        monkeypatch.setattr(f"bpttcheck.verification.examine.{name}", 2)


class _Only:
    """A domain of cases that a test picks."""

    says = "some cases"

    def __init__(self, holds):
        self.holds = holds

    def __contains__(self, case):
        return self.holds(source_of(case))


def registered(monkeypatch, wrong, holds):
    """Put a version of an identity, wrong or not, for some cases alone."""
    good = REGISTRY[NAME]
    statement = good.version(WRONG) if wrong else good.statement
    changed = dataclasses.replace(good, statement=statement, domain=_Only(holds), wrong={})
    monkeypatch.setitem(REGISTRY._by_id, NAME, changed)


@pytest.mark.parametrize("first", [0, 200])
@in_turn(2)
def test_a_case_of_a_campaign_is_tried_first_the_next_time(monkeypatch, first):
    seen, database = set(), InMemoryExampleDatabase()
    explore.sample(MODELS["scalar_rnn"].name, first or 30, 5, lambda c: seen.add(source_of(c)))
    with monkeypatch.context() as now:
        registered(now, True, lambda case: first == 0 or case not in seen)
        result = verify([NAME], max_examples=first + 30, seed=5, database=database)
        assert result.identities[NAME].verdict == "refuted"
        kept = examples.recalled([KEY], database)[KEY].counterexample.case
    assert (source_of(kept) in seen) == (first == 0)
    with monkeypatch.context() as now:  # with another seed, no case but that one
        registered(now, True, lambda case: case == source_of(kept))
        assert verify([NAME], max_examples=1, seed=6).identities[NAME].verdict != "refuted"
        again = verify([NAME], max_examples=1, seed=6, database=database).identities[NAME]
        assert again.verdict == "refuted"
        assert source_of(again.counterexample.case) == source_of(kept)
    # What holds again is kept no longer.
    again = verify([NAME], max_examples=1, seed=6, database=database).identities[NAME]
    assert again.verdict == "holds"
    assert examples.recalled([KEY], database) == {}


def test_identities_are_kept_apart(monkeypatch):
    database = InMemoryExampleDatabase()
    registered(monkeypatch, True, lambda _: True)
    verify([NAME], max_examples=5, seed=5, database=database)
    others = [("", "", one.id) for one in REGISTRY if one.model == "scalar_rnn"]
    assert list(examples.recalled(others, database)) == [KEY]


def test_from_the_command_line(monkeypatch, tmp_path, capsys):
    folder = tmp_path / "a" / "examples"
    asked = ["verify", NAME, "--max-examples", "5", "--database", str(folder), "--seed"]
    registered(monkeypatch, True, lambda _: True)
    assert main([*asked, "5"]) == 1
    assert list(folder.rglob("*"))
    monkeypatch.undo()
    (tmp_path / "file").touch()
    for wrong, said in (
        ([*asked[:-1]], "--database: expected --seed with it"),
        (["verify", NAME, "--seed", "1", "--database", str(tmp_path / "file" / "x")], "file/x: "),
    ):
        capsys.readouterr()
        assert main(wrong) == 2
        assert said in capsys.readouterr().err


def test_what_is_no_database():
    with pytest.raises(TypeError, match=r"database: expected one of hypothesis.database, got 'a'"):
        verify([NAME], seed=1, database="a")
    with pytest.raises(ValueError, match="database: expected a seed with it"):
        verify([NAME], database=InMemoryExampleDatabase())
