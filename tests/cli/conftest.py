"""The folder in which the command runs: with problems in it, or with hostile code."""

import pytest

from bpttcheck.verification.stored import VARIABLE
from tests.cli.hostile import HOSTILE
from tests.cli.model import MODEL


@pytest.fixture(autouse=True)
def _decisions_of_the_test(tmp_path, monkeypatch):
    """Keep decisions where no other test, and nobody's cache, has any."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "decisions"))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "model.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def hostile(tmp_path, monkeypatch):
    (tmp_path / "hostile.py").write_text(HOSTILE)
    monkeypatch.chdir(tmp_path)
    return tmp_path
