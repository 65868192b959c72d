"""``verify`` ends with what is decided: interrupted, short of memory, where something breaks."""

import json
import os
import signal
import subprocess
import sys

import pytest

from bpttcheck.cli import main
from bpttcheck.cli import verify as verify_command
from bpttcheck.verification import Incomplete, Result, driving, verify
from bpttcheck.verification.examine import Examiner
from bpttcheck.verification.shards import Failure
from bpttcheck.verification.stored import VARIABLE, Decisions
from tests.day import in_turn

NAME = "activations.tanh-peak"

PROGRAM = """\
import sys
from bpttcheck.cli import main
from bpttcheck.verification.gathering import Gathering

take = Gathering.take


def told(self, shard, outcome):
    take(self, shard, outcome)
    print("taken", file=sys.stderr, flush=True)


Gathering.take = told
sys.exit(main(sys.argv[1:]))
"""

WAITS = """\
import sys, time
from bpttcheck.verification.workers import Workers

workers = Workers(1)
workers.submit(abs, -1).result()
done = workers.submit(time.sleep, 600)
print("begun", file=sys.stderr, flush=True)
done.result()
"""

SPARE = """\
import resource, sys

resource.setrlimit(resource.RLIMIT_AS, (400_000_000, 400_000_000))
sys.modules["_multiprocessing"] = None  # as good as a system without shared memory

from bpttcheck.cli import main

sys.exit(main(sys.argv[1:]))
"""


def started(program, *arguments, **environment):
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        start_new_session=True, env={**os.environ, **environment},
    )  # fmt: skip


@pytest.mark.skipif(os.name != "posix", reason="signals")
class TestInterrupted:
    def interrupted(self, *arguments):
        with started(PROGRAM, "verify", NAME, "--max-examples", "1000000000", *arguments) as run:
            for line in run.stderr:
                if line == "taken\n":
                    break
            os.killpg(run.pid, signal.SIGINT)  # as a terminal does, to all that it started
            out, err = run.communicate(timeout=60)
        assert run.returncode == 130
        assert "Traceback" not in err
        assert err.splitlines()[-1] == "bpttcheck: interrupted; --resume goes on from here"
        return out

    def test_what_is_decided_is_reported_and_gone_on_from(self, monkeypatch):
        found = json.loads(self.interrupted("--json"))
        assert (found["partial"], found["ok"], found["unexpected"]) == (True, False, [])
        (identity,) = found["identities"]
        assert (identity["id"], identity["verdict"]) == (NAME, "holds")
        assert identity["evidence"]["sampled"]["cases"] + found["cases_left"] == 1000000000
        monkeypatch.setattr(driving, "do", None)  # nothing is left to be done
        assert main(["verify", NAME, "--resume"]) == 0

    def test_a_person_reads_what_is_left(self):
        out = self.interrupted()
        assert "1 of 1 identities hold" in out
        assert "random cases were not looked at" in out


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_workers_leave_when_nobody_waits_for_them():
    with started(WAITS) as run:
        assert run.stderr.readline() == "begun\n"
        run.kill()
        run.communicate(timeout=60)  # the pipe is open until its last holder, the worker, is gone


@pytest.mark.skipif(sys.platform != "linux", reason="a limit on memory")
@in_turn(2, 1)
def test_without_shared_memory_in_400_mb_where_nothing_can_be_written():
    arguments = ["verify", NAME, "--max-examples", "320", "--json", "--resume"]
    where = {VARIABLE: "/dev/null/decisions", "OPENBLAS_NUM_THREADS": "1"}
    with started(SPARE, *arguments, **where) as run:
        out, err = run.communicate(timeout=60)
    assert run.returncode == 0, err
    assert json.loads(out)["identities"][0]["evidence"]["sampled"]["cases"] == 320
    assert "Traceback" not in err


def test_an_interrupt_before_anything_is_decided(monkeypatch, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(verify_command, "verify", interrupted)
    assert main(["verify", NAME, "--json"]) == 130
    out, err = capsys.readouterr()
    assert json.loads(out)["missing"] == [NAME]
    assert err == "bpttcheck: interrupted\n"


@in_turn(2, 1)
def test_an_error_of_ours_names_what_was_being_decided(monkeypatch, capsys):
    decide = Examiner.decide_identity

    def broken(self, identity, trial):
        self.deciding = identity.id
        if identity.id == NAME:
            raise ZeroDivisionError("here")
        return decide(self, identity, trial)

    monkeypatch.setattr(Examiner, "decide_identity", broken)
    arguments = ["verify", "activations.*-peak", "--max-examples", "1"]
    assert main([*arguments, "--json"]) == 4
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert [i["id"] for i in found["identities"]] == ["activations.sigmoid-peak"]
    assert found["missing"] == [NAME]
    assert found["failures"][0]["deciding"] == NAME
    (line,) = [line for line in err.splitlines() if line.startswith("bpttcheck:")]
    assert line.startswith("bpttcheck: ZeroDivisionError: here (test_verify_survives.py:")
    assert f"while deciding {NAME}: this is an error of bpttcheck" in line
    assert main([*arguments, "--debug"]) == 4
    assert "Traceback" in capsys.readouterr().err


def test_what_cannot_be_decided_is_exit_3(monkeypatch, capsys):
    lost = Failure(NAME, "WorkerDied: killed by signal 9", ours=False)

    def left(*_, **__):
        raise Incomplete(Result(missing=[NAME], failures=[lost]))

    monkeypatch.setattr(verify_command, "verify", left)
    assert main(["verify", NAME]) == 3
    out, err = capsys.readouterr()
    assert "Nothing is decided: 1 are missing." in out
    assert err == f"bpttcheck: {NAME}: not decided: WorkerDied: killed by signal 9\n"


@in_turn(2)
def test_resume_says_what_there_is_to_go_on_from(tmp_path, monkeypatch, capsys):
    file = tmp_path / "decisions"
    arguments = ["verify", NAME, "--max-examples", "1", "--resume"]
    assert main(arguments) == 0
    assert f"bpttcheck: --resume: nothing is kept in {file}\n" in capsys.readouterr().err
    verify([NAME], max_examples=1, kept=Decisions(file))
    assert main(arguments) == 0
    assert "--resume" not in capsys.readouterr().err
    with monkeypatch.context() as changed:
        changed.setattr("bpttcheck.verification.stored.fingerprint", lambda: "other sources")
        assert main(arguments) == 0
    assert "by other sources or versions: everything" in capsys.readouterr().err
    file.write_bytes(b"no pickle")
    assert main(arguments) == 0
    assert "bpttcheck: --resume: nothing is kept" in capsys.readouterr().err


def test_a_scheduler_without_dask_is_a_mistake_in_the_question(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["verify", NAME, "--scheduler", "tcp://127.0.0.1:8786"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "--scheduler: a Dask cluster needs the package distributed: pip install" in line
