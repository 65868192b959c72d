"""Stdout that takes no more: the status is the verdict's, or says that nothing was printed."""

import errno
import os
import sys

import pytest

from bpttcheck import cli
from bpttcheck.cli.output import CannotWrite, hush


@pytest.mark.parametrize(
    ("error", "verdict", "status", "said"),
    [
        (CannotWrite(BrokenPipeError()), 1, 1, ""),
        (CannotWrite(BrokenPipeError()), None, 0, ""),
        (BrokenPipeError(), 3, 3, ""),
        (CannotWrite(OSError(errno.ENOSPC, "No space")), 1, 4, "cannot write to stdout: No space"),
        (OSError(errno.EIO, "Input/output error"), 1, 4, "OSError: [Errno 5] Input/output error"),
    ],
)
def test_a_reader_that_left_and_a_full_disk(error, verdict, status, said, monkeypatch, capsys):
    """A reader that has left has seen enough, of a verdict too; a full disk is an error."""

    def run(options):
        if verdict is not None:
            options.status = verdict
        raise error

    monkeypatch.setattr(cli, "_run", run)
    assert cli.main(["check", "model.py"]) == status
    assert capsys.readouterr() == ("", f"bpttcheck: {said}\n" if said else "")


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="/proc")
def test_without_stdout_there_is_nothing_to_hush(monkeypatch):
    """As under pythonw, or with >&-; and nothing is left open."""
    before = len(os.listdir("/proc/self/fd"))
    monkeypatch.setattr(sys, "stdout", None)
    hush()
    assert len(os.listdir("/proc/self/fd")) == before
