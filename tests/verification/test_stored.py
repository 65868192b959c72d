"""Decisions kept in a file: believed for the very sources that made them, and no others."""

import os
import pickle

import pytest

from bpttcheck import verification
from bpttcheck.notebook import Walk
from bpttcheck.verification import driving, sources, stored, verify
from bpttcheck.verification.decided import decided
from bpttcheck.verification.stored import Decisions
from tests.day import in_turn

CLAIM = "scalar.terminal-hidden"


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    kept = Decisions(tmp_path_factory.mktemp("kept") / "decisions")
    found = verify(["scalar-rnn.w-gradient"], [CLAIM], max_examples=5, kept=kept)
    return found, kept.path.read_bytes()


@pytest.fixture
def file(tmp_path, monkeypatch, result):
    path = tmp_path / "decisions"
    path.write_bytes(result[1])
    monkeypatch.setenv(stored.VARIABLE, str(path))
    return path


@pytest.fixture
def calls(monkeypatch):
    """Note what would be decided, and stop there."""
    asked = []

    def note(shard, *_, **__):
        asked.append(shard)
        raise KeyboardInterrupt

    monkeypatch.setattr(driving, "do", note)
    return asked


def stopped(identities, claims, max_examples):
    with pytest.raises(verification.VerifyInterrupted):
        decided(identities, claims, max_examples)


@in_turn(2)
def test_what_is_kept_is_not_decided_again(file, calls, result):
    found = decided([], [CLAIM], 5)
    assert calls == []
    assert found.claims[CLAIM].verdict == "holds"
    assert list(found.identities) == result[0].claims[CLAIM].identities  # and no others
    assert list(file.parent.iterdir()) == [file]  # nothing half-written is left


def test_anything_else_is_decided_anew(file, calls, monkeypatch):
    stopped([], [CLAIM], 6)  # more random cases than were looked at
    stopped(["scalar-rnn.v-gradient"], [], 5)  # not in the file
    with monkeypatch.context() as changed:  # other sources
        changed.setattr(stored, "fingerprint", lambda: "other sources")
        stopped([], [CLAIM], 5)
    monkeypatch.setenv(stored.VARIABLE, str(file.with_name("nowhere")))
    stopped([], [CLAIM], 5)
    monkeypatch.delenv(stored.VARIABLE)
    stopped([], [CLAIM], 5)
    assert len(calls) == 5


def test_only_what_is_missing_is_decided(file, calls):
    stopped(["scalar-rnn.v-gradient", "scalar-rnn.w-gradient"], [CLAIM], 5)
    assert [shard.keys for shard in calls] == [(("", "", "scalar-rnn.v-gradient"),)]


def test_a_walk_shows_what_is_kept(file, calls, monkeypatch):
    monkeypatch.setattr("bpttcheck.notebook.walk.CLAIMS", {CLAIM: verification.CLAIMS[CLAIM]})
    walk = Walk("scalar", max_examples=5)
    assert "holds" in walk.claim(CLAIM).text
    assert calls == []


@pytest.mark.parametrize("broken", ["cut short", "no pickle", "another form"])
def test_a_file_that_cannot_be_read_is_set_aside(broken, file):
    content = file.read_bytes()
    made = {
        "cut short": content[: len(content) // 2],
        "no pickle": b"decisions",
        "another form": pickle.dumps(("key", 5, None)),
    }
    file.write_bytes(made[broken])
    said = []
    assert len(Decisions(file, tell=said.append)) == 0
    assert len(said) == 1
    assert said[0].startswith(f"{file}: no decisions can be read from it (")
    assert said[0].endswith("it is now decisions.unreadable")
    assert file.with_name("decisions.unreadable").read_bytes() == made[broken]
    assert not file.exists()
    assert len(Decisions(file, tell=said.append)) == 0
    assert len(said) == 1


def test_a_folder_that_takes_no_file_costs_a_line(tmp_path):
    (tmp_path / "file").touch()
    said = []
    kept = Decisions(tmp_path / "file" / "decisions", tell=said.append)
    verify(["activations.tanh-peak"], max_examples=1, kept=kept)
    kept.write()
    assert len(said) == 1
    assert f"{kept.path}: decisions cannot be kept there: " in said[0]
    with pytest.warns(UserWarning, match="file: no decisions can be read from it"):
        Decisions(tmp_path / "file")


def test_the_place_is_the_users_cache(monkeypatch, tmp_path):
    monkeypatch.delenv(stored.VARIABLE, raising=False)
    variable = "LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME"
    monkeypatch.setenv(variable, str(tmp_path))
    assert stored.place() == tmp_path / "bpttcheck" / "decisions"
    monkeypatch.setenv(stored.VARIABLE, str(tmp_path / "mine"))
    assert stored.place() == tmp_path / "mine"


def test_the_key_knows_sources_names_and_versions(tmp_path, monkeypatch):
    keys = [sources.fingerprint(tmp_path)]
    source = tmp_path / "cells" / "rnn.py"
    source.parent.mkdir()
    for text in ("h = 1", "h = 2"):
        source.write_text(text, encoding="utf-8")
        keys.append(sources.fingerprint(tmp_path))
    source.rename(source.with_name("lstm.py"))
    keys.append(sources.fingerprint(tmp_path))
    monkeypatch.setattr("importlib.metadata.version", lambda package: "0")
    keys.append(sources.fingerprint(tmp_path))
    assert len(set(keys)) == len(keys)
