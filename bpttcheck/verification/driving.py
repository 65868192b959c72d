"""A gathering's shards, done here or by whatever executor there is, lost ones again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait

from bpttcheck.verification.gathering import Gathering
from bpttcheck.verification.shards import NO_MEMORY, Failure, Shard, ShardOutcome, WrongVersions, do
from bpttcheck.verification.sources import versions

TRIES = 3
"""So often a shard is tried as it is; then its halves are, down to what is lost alone."""

TICK = 0.2
"""Seconds between two looks, which Ctrl-C has to wait for on some systems."""


class ExecutorLost(Exception):
    """Nothing comes back any more."""


def drive_here(gathering: Gathering) -> None:
    """Do everything in this process."""
    lost: Counter[Shard] = Counter()
    while (shard := gathering.next(1)) is not None:
        outcome = do(shard, versions(), progress=gathering.within)
        _take(gathering, shard, outcome, lost)


class Driver:
    """Has everything done by an executor.

    Arguments:
        gathering: what there is to do.
        executor: any of ``concurrent.futures``.
        sharers: how many shards it does at a time, about; none while it takes no work.
    """

    def __init__(
        self,
        gathering: Gathering,
        executor: Executor,
        sharers: Callable[[], int],
    ) -> None:
        self._gathering, self._executor, self._sharers = gathering, executor, sharers
        self._pending: dict[Future[ShardOutcome], Shard] = {}
        self._lost: Counter[Shard] = Counter()
        self._in_a_row = self._turn = 0

    def run(self) -> None:
        """Go on until everything is done, or known not to be had.

        Raises:
            WrongVersions: workers have other sources or versions, or none.
            ExecutorLost: the executor takes no more work, or loses all of it.
        """
        try:
            while self._submit():
                if not self._pending:
                    time.sleep(TICK)  # until there is somebody to do it
                done, _ = wait(self._pending, TICK, FIRST_COMPLETED)
                for future in done:
                    self._end(future, self._pending.pop(future))
        finally:
            for future in self._pending:
                future.cancel()

    def _submit(self) -> bool:
        """Keep every worker busy, and one shard more for each; return whether any is waited for."""
        sharers = self._sharers()
        while len(self._pending) < 2 * sharers:
            shard = self._gathering.next(sharers)
            if shard is None:
                return bool(self._pending)
            self._turn += 1
            try:
                future = self._executor.submit(do, shard, versions(), self._turn)
            except RuntimeError as error:  # a broken or closed executor says it so
                raise ExecutorLost(f"the executor takes no more work: {error}") from error
            self._pending[future] = shard
        return True

    def _end(self, future: Future[ShardOutcome], shard: Shard) -> None:
        try:
            outcome = future.result()
        except CancelledError:  # not by us: its executor lost it, which is nothing of the shard's
            self._in_a_row += 1
            self._give_up("CancelledError")
            self._gathering.again([shard])
            return
        except Exception as error:
            error = _innermost(error)
            if isinstance(error, WrongVersions):
                raise error from None
            if isinstance(error, ImportError):
                raise WrongVersions(f"bpttcheck cannot be imported there: {error}") from error
            said = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
            outcome = ShardOutcome(0.0, failure=Failure(str(shard), said, ours=False))
            self._in_a_row += 1
            self._give_up(said)
        else:
            self._in_a_row = 0
        _take(self._gathering, shard, outcome, self._lost)

    def _give_up(self, said: str) -> None:
        """End it where nothing comes back.

        Raises:
            ExecutorLost: too much in a row was lost.
        """
        if self._in_a_row > 4 + 4 * max(1, self._sharers()):
            raise ExecutorLost(
                f"{self._in_a_row} shards in a row did not come back, the last for {said}"
            )


def _innermost(error: Exception) -> Exception:
    """Return what an error is put down to in the end, as through an executor that wraps it."""
    while isinstance(error.__cause__, Exception) and not isinstance(error, WrongVersions):
        error = error.__cause__
    return error


def _take(gathering: Gathering, shard: Shard, outcome: ShardOutcome, lost: Counter[Shard]) -> None:
    """Take in an outcome; what died is tried again, and in halves, until it is known what kills."""
    failure = outcome.failure
    if failure is None:
        gathering.take(shard, outcome)
        return
    if not failure.ours:
        lost[shard] += 1
        smaller = failure.reason == NO_MEMORY and shard.halves()
        if lost[shard] < TRIES and not smaller:
            gathering.again([shard])
            return
    if halves := shard.halves():
        gathering.again(halves)
    else:
        gathering.fail(shard, failure)
