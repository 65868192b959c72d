"""Decisions kept in a file: believed for the very sources that made them, and no others."""

import pytest

from bpttcheck import verification
from bpttcheck.notebook import Walk
from bpttcheck.verification import Result, stored, verify

CLAIM = "scalar.terminal-hidden"


@pytest.fixture(scope="module")
def result():
    return verify(["scalar-rnn.w-gradient"], [CLAIM], max_examples=5)


@pytest.fixture
def file(tmp_path, monkeypatch, result):
    path = tmp_path / "decisions"
    stored.save(path, result, 5)
    monkeypatch.setenv(stored.VARIABLE, str(path))
    return path


@pytest.fixture
def calls(monkeypatch):
    """Replace deciding by noting that it was asked for."""
    asked = []

    def note(identities, claims, max_examples):
        asked.append((identities, claims, max_examples))
        return Result()

    monkeypatch.setattr(stored, "verify", note)
    return asked


def test_what_is_kept_is_not_decided_again(file, calls, result):
    found = stored.decided([], [CLAIM], 5)
    assert calls == []
    assert found.claims[CLAIM].verdict == "holds"
    assert list(found.identities) == result.claims[CLAIM].identities  # and no others
    assert list(file.parent.iterdir()) == [file]  # nothing half-written is left


def test_anything_else_is_decided_anew(file, calls, monkeypatch):
    stored.decided([], [CLAIM], 6)  # more random cases than were looked at
    stored.decided(["scalar-rnn.v-gradient"], [], 5)  # not in the file
    with monkeypatch.context() as changed:  # other sources
        changed.setattr(stored, "fingerprint", lambda: "other sources")
        stored.decided([], [CLAIM], 5)
    monkeypatch.setenv(stored.VARIABLE, str(file.with_name("nowhere")))
    stored.decided([], [CLAIM], 5)
    monkeypatch.delenv(stored.VARIABLE)
    stored.decided([], [CLAIM], 5)
    assert len(calls) == 5


def test_a_walk_shows_what_is_kept(file, calls, monkeypatch):
    monkeypatch.setattr("bpttcheck.notebook.walk.CLAIMS", {CLAIM: verification.CLAIMS[CLAIM]})
    walk = Walk("scalar", max_examples=5)
    assert "holds" in walk.claim(CLAIM).text
    assert calls == []


def test_the_key_knows_sources_names_and_versions(tmp_path, monkeypatch):
    keys = [stored.fingerprint(tmp_path)]
    source = tmp_path / "cells" / "rnn.py"
    source.parent.mkdir()
    for text in ("h = 1", "h = 2"):
        source.write_text(text, encoding="utf-8")
        keys.append(stored.fingerprint(tmp_path))
    source.rename(source.with_name("lstm.py"))
    keys.append(stored.fingerprint(tmp_path))
    monkeypatch.setattr("importlib.metadata.version", lambda package: "0")
    keys.append(stored.fingerprint(tmp_path))
    assert len(set(keys)) == len(keys)
