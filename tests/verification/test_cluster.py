"""A campaign on a Dask cluster of processes: killed workers, a scheduler that goes away."""

import json
import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

from bpttcheck.cli import main
from bpttcheck.verification import Incomplete, WrongVersions, cluster, sources, verify
from bpttcheck.verification.stored import VARIABLE, Decisions
from tests.cli.model import MODEL
from tests.docs import howto_campaign

distributed = pytest.importorskip("distributed")
pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.xdist_group("dask")]

NAME = "activations.tanh-peak"
ASKED = {"max_examples": 1500, "seed": 2}


def found(result):
    return [d.to_dict() for d in result.identities.values()]


class Cluster:
    """A scheduler and workers, each a process of its own."""

    def __init__(self, folder, **environment):
        self.folder, self.environment = folder, {**os.environ, **environment}
        self.processes = [self.start("scheduler", "--port", "0", "--scheduler-file", "file")]
        self.start_workers(2)

    def start(self, what, *arguments):
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{what}", "--host", "127.0.0.1",
             "--no-dashboard", *arguments],
            cwd=self.folder, env=self.environment, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def start_workers(self, count):
        worker = ("worker", "--scheduler-file", "file", "--nthreads", "1", "--no-nanny")
        self.workers = [self.start(*worker) for _ in range(count)]
        self.processes += self.workers

    def address(self):
        """Return the scheduler's address, once both workers are there."""
        with distributed.Client(scheduler_file=str(self.folder / "file"), timeout=60) as client:
            client.wait_for_workers(2, timeout=60)
            return client.scheduler.address

    def close(self):
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def started(tmp_path):
    made = []

    def start(**environment):
        made.append(Cluster(tmp_path, **environment))
        return made[-1]

    yield start
    for one in made:
        one.close()


def test_both_workers_killed_on_the_way(started):
    running = started()
    killed = []

    def kill(_what, done, _total):
        if done >= 400 and not killed:
            killed.extend(running.workers)
            for process in killed:
                process.send_signal(signal.SIGKILL)
            running.start_workers(2)

    with cluster.DaskCluster(running.address()) as dask:
        assert dask.sharers() == cluster.BACKLOG
        result = verify([NAME], **ASKED, executor=dask, progress=kill)
    assert all(process.wait() == -signal.SIGKILL for process in killed)
    assert len(killed) == 2
    assert found(result) == found(verify([NAME], **ASKED))
    assert result.identities[NAME].evidence.sampled.cases == 1500


def test_the_scheduler_goes_away(started, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "GONE", 0.5)
    running = started()
    kept = Decisions(tmp_path / "decisions")

    def kill(_what, done, _total):
        if done >= 400:
            running.processes[0].kill()

    with (
        cluster.DaskCluster(running.address()) as dask,
        pytest.raises(Incomplete, match="the connection to the Dask scheduler broke") as left,
    ):
        verify([NAME], max_examples=10**9, seed=2, executor=dask, progress=kill, kept=kept)
    cases = left.value.result.identities[NAME].evidence.sampled.cases
    assert cases >= 300
    assert left.value.result.left == 10**9 - cases
    again = verify([NAME], **ASKED, kept=Decisions(kept.path))
    assert found(again) == found(verify([NAME], **ASKED))


def test_workers_with_other_sources(started, tmp_path, monkeypatch, capsys):
    address = started().address()
    with cluster.DaskCluster(address) as dask, monkeypatch.context() as changed:
        mine = (*sources.versions()[:-1], ("the sources of bpttcheck", "others"))
        changed.setattr("bpttcheck.verification.driving.versions", lambda: mine)
        with pytest.raises(
            WrongVersions, match=r"the sources of bpttcheck: \w+ there, others here"
        ):
            verify([NAME], max_examples=1, executor=dask)
        monkeypatch.setenv(VARIABLE, str(tmp_path / "decisions"))
        assert main(["verify", NAME, "--scheduler", address]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.startswith("bpttcheck: --scheduler: its workers, and it itself, need the same bptt")


def test_cases_from_the_command_line(started, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "decisions"))
    arguments = ["verify", NAME, "--max-examples", "300", "--seed", "1", "--json"]
    address = started().address()
    by_the_page = howto_campaign.campaign(SimpleNamespace(scheduler_address=address), [NAME], 300)
    assert by_the_page.identities[NAME].evidence.sampled.cases == 300
    assert main([*arguments, "--scheduler", address]) == 0
    on_dask = capsys.readouterr().out
    assert main(arguments) == 0
    assert on_dask.split('"identities"')[1] == capsys.readouterr().out.split('"identities"')[1]


def test_a_campaign_of_checks(started, tmp_path, monkeypatch, capsys):
    (tmp_path / "model.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    asked = ["check", "--max-examples", "60", "--no-mend", "--json", "--scheduler"]
    asked += [started().address()]
    assert main([*asked, "model.py"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["search"]["checks"] == {"right": 2, "planned": 2}
    assert main([*asked, "model.py:wrong"]) == 1
    assert "check 0 of a campaign of 2 is wrong; again: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("tcp://127.0.0.1:1", "no Dask scheduler answers at 'tcp://127.0.0.1:1': "),
        ("127.0.0.1", "got '127.0.0.1': missing port number"),
        ("tcp:/x", "expected a scheduler's address, such as tcp://10.0.0.1:8786, got 'tcp:/x'"),
        ("foo://127.0.0.1:1", "unknown address scheme 'foo'"),
        ("tls://127.0.0.1:1", "no certificates: distributed.comm.tls"),
        (":8786", "no host"),
    ],
)
def test_an_address_without_a_scheduler(address, said, monkeypatch, capsys):
    monkeypatch.setattr(cluster, "CONNECT", 0.5)
    assert main(["verify", NAME, "--scheduler", address]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("bpttcheck: --scheduler: ")
    assert said in err
    assert len(err.splitlines()) == 1
