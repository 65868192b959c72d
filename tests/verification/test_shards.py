"""Work in shards: the same is found however it is divided, whoever does it, whatever dies."""

import importlib
import os
import signal
import sys
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import pytest

from bpttcheck.claims import CLAIMS
from bpttcheck.identities import REGISTRY
from bpttcheck.verification import (
    Incomplete,
    WrongVersions,
    driving,
    explore,
    gathering,
    shards,
    verify,
)
from bpttcheck.verification.examine import ENCLOSED
from bpttcheck.verification.paste import source_of
from bpttcheck.verification.stored import Decisions
from bpttcheck.verification.workers import WorkerDied, Workers
from tests.day import in_turn

NAMES = ["activations.tanh-peak", "clipping.value-limit"]
ASKED = {"max_examples": 20, "seed": 3}


def found(result):
    return [d.to_dict() for d in (*result.identities.values(), *result.claims.values())]


@pytest.fixture(scope="module")
def alone():
    return found(verify(NAMES, **ASKED))


@in_turn(2)
def test_as_many_cases_are_enclosed_as_the_page_says(alone):
    assert [one["evidence"]["enclosed"]["points"] for one in alone] == [ENCLOSED] * len(NAMES)


class Bad(Executor):
    """Does work at once, but not that of which it is told: it dies of it, or runs out of memory."""

    def __init__(self, dies=lambda shard: False, error=None):
        self.dies, self.done = dies, []
        self.error = error or WorkerDied("killed by signal 9")

    def submit(self, fn, /, *args):
        future = Future()
        self.done.append(args[0])
        if self.dies(args[0]):
            future.set_exception(self.error)
        else:
            future.set_result(fn(*args))
        return future


@in_turn(2)
def test_killed_workers_cost_their_shards_once(alone):
    with Workers(2) as workers:
        killed = []

        def kill_all(_what, done, _total):
            if done and not killed:
                killed.extend(workers.pids())
                for pid in killed:
                    os.kill(pid, signal.SIGTERM)

        result = verify(NAMES, **ASKED, jobs=2, executor=workers, progress=kill_all)
        assert killed
        assert not set(killed) & set(workers.pids())
    assert found(result) == alone


@in_turn(2, 1)
def test_a_worker_that_died_has_a_successor():
    with Workers(1) as workers:
        with pytest.raises(WorkerDied, match="exit status 3"):
            workers.submit(os._exit, 3).result()
        with pytest.raises(ZeroDivisionError):
            workers.submit(divmod, 1, 0).result()
        first, again = (workers.submit(os.getpid).result() for _ in range(2))
        assert first == again != os.getpid()
        assert workers.submit(print, "is no answer").result() is None
    with pytest.raises(RuntimeError, match="sent home"):
        workers.submit(print)


class Lost:
    """Can be sent, but not taken."""

    def __reduce__(self):
        return importlib.import_module, ("no_such_module",)


@in_turn(2)
def test_what_cannot_be_taken_is_told_not_waited_for(capfd):
    with Workers(1) as workers, pytest.raises(WorkerDied, match=r"started: exit status 1$"):
        workers.submit(print, Lost()).result()
    assert "No module named 'no_such_module'" in capfd.readouterr().err


@in_turn(3, 2)
def test_threads_take_turns(alone):
    with ThreadPoolExecutor(2) as threads:
        assert found(verify(NAMES, **ASKED, jobs=2, executor=threads)) == alone


@pytest.mark.parametrize("error", [WorkerDied("killed by signal 9"), MemoryError()])
@in_turn(2, 1)
def test_what_kills_its_worker_is_found_and_the_rest_is_decided(error):
    names = [i.id for i in REGISTRY if i.model == "activations"][:5]
    bad = Bad(lambda shard: ("", "", names[3]) in shard.keys, error)
    with pytest.raises(Incomplete) as left:
        verify(names, max_examples=1, executor=bad)
    result = left.value.result
    assert result.missing == [names[3]]
    assert list(result.identities) == [n for n in names if n != names[3]]
    (failure,) = result.failures
    assert (failure.deciding, failure.ours) == (names[3], False)
    assert type(error).__name__ in failure.reason


@in_turn(2)
def test_where_memory_runs_out_halves_are_done(monkeypatch):
    asked = []

    def short(shard, *arguments, **named):
        asked.append(len(shard.keys))
        if len(shard.keys) > 2:
            lack = shards.Failure(str(shard), shards.NO_MEMORY, ours=False)
            return shards.ShardOutcome(0.0, failure=lack)
        return shards.do(shard, *arguments, **named)

    monkeypatch.setattr(driving, "do", short)
    names = [i.id for i in REGISTRY if i.model == "activations"][:5]
    assert [*verify(names, max_examples=1).identities] == names
    assert asked == [5, 2, 3, 1, 2]


def test_an_executor_that_loses_everything_is_given_up():
    with pytest.raises(Incomplete, match="shards in a row did not come back, the last for Worker"):
        verify([i.id for i in REGISTRY][:30], max_examples=1, executor=Bad(lambda _: True))
    broken = ThreadPoolExecutor(1)
    broken.shutdown()
    with pytest.raises(Incomplete, match="the executor takes no more work: cannot schedule"):
        verify(NAMES, max_examples=1, executor=broken)


def test_workers_of_other_versions_are_refused(monkeypatch):
    mine = (("numpy", "2.0"), ("the sources of bpttcheck", "abc"))
    monkeypatch.setattr(driving, "versions", lambda: mine)
    monkeypatch.setattr(shards, "versions", lambda: (mine[0], (mine[1][0], "xyz")))
    with pytest.raises(WrongVersions, match=r"^the sources of bpttcheck: xyz there, abc here$"):
        verify(NAMES, max_examples=1, executor=Bad())
    absent = Bad(lambda _: True, ModuleNotFoundError("No module named 'bpttcheck'"))
    with pytest.raises(WrongVersions, match="bpttcheck cannot be imported there: No module"):
        verify(NAMES, max_examples=1, executor=absent)


def test_executor_is_one():
    with pytest.raises(TypeError, match=r"executor: expected one of concurrent\.futures, got 3"):
        verify(NAMES, executor=3)


@pytest.fixture
def small_blocks(monkeypatch):
    """Make a campaign of few cases."""
    monkeypatch.setattr(shards, "FIRST", 10)
    monkeypatch.setattr(gathering, "FIRST", 10)
    monkeypatch.setattr(shards, "BLOCK", 10)


@in_turn(2, 1)
def test_a_campaign_is_the_same_in_any_division(small_blocks, tmp_path, monkeypatch):
    names, asked = ["activations.tanh-peak"], {"max_examples": 65, "seed": 1}
    whole = verify(names, **asked)
    assert whole.identities[names[0]].evidence.sampled.cases == 65
    for jobs in (1, 8):
        worker = Bad()
        assert found(verify(names, **asked, jobs=jobs, executor=worker)) == found(whole)
    parts = [s for s in worker.done if isinstance(s, shards.Sampling)]
    assert sorted(b for s in parts for b in range(s.begin, s.end)) == [1, 2, 3, 4, 5, 6]
    # Stopped in the middle, and gone on with.
    kept = Decisions(tmp_path / "decisions")
    monkeypatch.setattr(gathering, "SECONDS", 0.0)  # one block a shard
    with pytest.raises(Incomplete) as left:
        verify(names, **asked, kept=kept, executor=Bad(lambda s: getattr(s, "begin", 0) in (2, 5)))
    assert left.value.result.left == 20
    assert left.value.result.identities[names[0]].evidence.sampled.cases == 45
    rest = Bad()
    again = verify(names, **asked, executor=rest, kept=Decisions(kept.path))
    assert [(s.begin, s.end) for s in rest.done] == [(2, 3), (5, 6)]
    assert found(again) == found(whole)
    # With more cases, whole blocks count; the last, which was shorter, does not.
    more = Bad()
    verify(names, max_examples=75, seed=1, executor=more, kept=Decisions(kept.path))
    assert {b for s in more.done for b in range(s.begin, s.end)} == {6, 7}


def test_blocks_have_the_seeds_that_numpy_spawns():
    import numpy as np

    for seed in (0, 7):
        spawned = np.random.SeedSequence(seed).spawn(4)
        numbers = [int.from_bytes(s.generate_state(4).tobytes(), "little") for s in spawned]
        assert [shards.block_seed(seed, block) for block in range(4)] == numbers


def test_the_same_is_drawn_whatever_modules_are_imported(tmp_path, monkeypatch):
    # Hypothesis draws constants of modules, of those outside site-packages.
    def drawn():
        cases = []
        explore.sample("rnn", 60, 5, lambda case: cases.append(source_of(case)))
        return cases

    first = drawn()
    numbers = ", ".join(str(10**6 + 997 * k) for k in range(400))
    (tmp_path / "constants.py").write_text(f"NUMBERS = [{numbers}]\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("constants")
    assert drawn() == first
    monkeypatch.delitem(sys.modules, "constants")


def test_nothing_counts_after_the_first_counterexample():
    part = shards.SampledBlocks
    none, one = part(), part(counterexample="first")
    none.sampled.cases, one.sampled.cases = 5, 3
    total = none + one + part(counterexample="second", undecided_cases=2)
    assert (total.counterexample, total.sampled.cases, total.undecided_cases) == ("first", 8, 0)
    assert (none + (one + none)).sampled.cases == 8


def test_every_statement_of_a_claim_has_its_trial():
    from bpttcheck.runs import MODELS
    from bpttcheck.verification.examine import Examiner
    from bpttcheck.verification.result import changed_keys

    changed = 0
    for claim in CLAIMS.values():
        readings = {reading.name: reading for reading in claim.readings}
        for key in changed_keys(claim):
            pairs = {i.id: (i.domain, s) for i, s in readings[key[1]].statements()}
            examiner = Examiner(MODELS[REGISTRY[key[2]].model], 0, None)
            trial = shards.trial_of(key, examiner)
            assert (trial.domain, trial.statement) == pairs[key[2]]
            assert trial.name == shards.name_of(key) == f"{claim.id} ({key[1]})"
            changed += trial.domain != REGISTRY[key[2]].domain
    assert changed
