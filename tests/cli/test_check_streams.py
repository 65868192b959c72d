"""Streams that are closed, full or left: the exit status is the verdict's all the same."""

import errno
import json
import os
import subprocess
import sys

import pytest

from tests.cli.model import FEW, program
from tests.day import in_turn, share


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="/dev/full")
@pytest.mark.parametrize("json_too", [(), ("--json",)])
@in_turn(2, 1)
def test_a_report_that_cannot_be_written(folder, json_too):
    with open("/dev/full", "w") as full:
        process = program("check", "model.py:wrong", *FEW, *json_too, stdout=full)
        _, err = process.communicate()
    assert process.returncode == 4
    assert err.splitlines()[-1] == f"bpttcheck: cannot write to stdout: {os.strerror(errno.ENOSPC)}"
    assert "Traceback" not in err


@pytest.mark.parametrize("json_too", [(), ("--json",)])
@in_turn(2, 1)
def test_a_reader_that_leaves_gets_the_status_all_the_same(folder, json_too):
    reading, writing = os.pipe()
    os.close(reading)
    process = program("check", "model.py:wrong", *FEW, *json_too, stdout=writing)
    os.close(writing)
    _, err = process.communicate()
    assert process.returncode == 1
    assert "Traceback" not in err
    assert "bpttcheck:" not in err


CLOSED = ["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"]


@pytest.mark.skipif(os.name != "posix", reason="a shell")
@pytest.mark.parametrize("closed", share(CLOSED, 4))
@in_turn(2)
def test_closed_streams(folder, closed):
    done = subprocess.run(
        f"{sys.executable} -m bpttcheck check model.py:wrong {' '.join(FEW)} {closed}",
        shell=True, capture_output=True, text=True, check=False, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    if closed == ">&-":
        assert done.stderr.splitlines()[-1] == "bpttcheck: stdout is closed: nothing was printed"


@pytest.mark.skipif(os.name != "posix", reason="a shell")
@pytest.mark.parametrize(("target", "status"), [("model.py:wrong", 1), ("model.py:gone", 2)])
@in_turn(2)
def test_without_stderr_nothing_of_it_reaches_stdout(folder, target, status):
    command = f"{sys.executable} -m bpttcheck check {target} {' '.join(FEW)} --json"
    done = subprocess.run(
        f"{command} --save-case case.json 2>&-",
        shell=True, capture_output=True, text=True, check=False, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == status
    assert json.loads(done.stdout)["exit"] == status
