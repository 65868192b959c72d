"""What could not be decided, read or started: it is counted, and said."""

import pickle

import pytest

from bpttcheck.statements.evidence import Evidence
from bpttcheck.verification import gathering, workers
from bpttcheck.verification.decision import StatementDecision
from bpttcheck.verification.sampled import SampledBlocks
from bpttcheck.verification.stored import FORM, Decisions
from bpttcheck.verification.workers import WorkerDied, Workers


def test_cases_left_undecided_add_up():
    """Those of the first round, and of what was sampled afterwards."""
    name = "activations.tanh-peak"
    before = StatementDecision(name, "undecided", Evidence(), undecided_cases=2)
    found = SampledBlocks(undecided_cases=3)
    joined = gathering._joined(before, ("", "", name), "activations", found, False)
    assert joined.undecided_cases == 5
    assert joined.verdict == "undecided"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (pickle.dumps(("another", "", {}, {})), f"ValueError: not of the form {FORM!r}"),
        (b"", "EOFError: Ran out of input"),
    ],
    ids=["another form", "empty"],
)
def test_a_file_without_decisions_is_put_aside(content, why, tmp_path):
    path, told = tmp_path / "decisions", []
    path.write_bytes(content)
    kept = Decisions(path, tell=told.append)
    assert len(kept) == 0
    assert told == [
        f"{path}: no decisions can be read from it ({why}); it is now decisions.unreadable"
    ]
    assert (tmp_path / "decisions.unreadable").read_bytes() == content


def test_where_no_process_can_be_started(monkeypatch):
    monkeypatch.setattr(workers, "PROGRAM", "raise SystemExit(3)")
    with Workers(1) as pool, pytest.raises(WorkerDied) as caught:
        pool.submit(abs, -1).result(timeout=60)
    assert str(caught.value) == "no process can be started: exit status 3"
