"""Verdicts without causes: a diagnosis costs ten times the verdict, and has a room of its own."""

import pytest

from bpttcheck.check.cause import diagnose


@pytest.fixture
def causes():
    """Ask for causes in the test that names this."""


@pytest.fixture(autouse=True)
def _no_cause(request, monkeypatch):
    if "causes" not in request.fixturenames:
        monkeypatch.setattr(diagnose, "_found", lambda *_: "none is asked for")
