"""Shards of some work, done here or by whatever executor there is, lost ones again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from typing import Any, Protocol

from bpttcheck.verification.gathering import Gathering
from bpttcheck.verification.shards import NO_MEMORY, Failure, ShardOutcome, WrongVersions, do
from bpttcheck.verification.sources import versions

TRIES = 3
"""So often a shard is tried as it is; then its halves are, down to what is lost alone."""

TICK = 0.2
"""Seconds between two looks, which Ctrl-C has to wait for on some systems."""


class Work(Protocol):
    """What is to be done in shards: a :class:`Gathering`, or another.

    A shard is hashable and can be pickled, its text names it, and its ``halves`` do the same.
    """

    @property
    def do(self) -> Callable[..., ShardOutcome]:
        """What a worker calls with a shard, the versions of who asks, and the turn."""

    def next(self, sharers: int) -> Any | None:
        """Return a shard to be done; None while there is none, or no more."""

    def again(self, shards: Any) -> None:
        """Take back shards that were lost."""

    def take(self, shard: Any, outcome: ShardOutcome) -> None:
        """Take in what a shard found."""

    def fail(self, shard: Any, failure: Failure) -> None:
        """Note that a shard cannot be done."""


class ExecutorLost(Exception):
    """Nothing comes back any more."""


def drive_here(gathering: Gathering) -> None:
    """Do everything in this process."""
    lost: Counter[Any] = Counter()
    while (shard := gathering.next(1)) is not None:
        outcome = do(shard, versions(), progress=gathering.within)
        _take(gathering, shard, outcome, lost)


class Driver:
    """Has everything done by an executor.

    Arguments:
        work: what there is to do.
        executor: any of ``concurrent.futures``.
        sharers: how many shards it does at a time, about; none while it takes no work.
    """

    def __init__(
        self,
        work: Work,
        executor: Executor,
        sharers: Callable[[], int],
    ) -> None:
        self._work, self._executor, self._sharers = work, executor, sharers
        self._pending: dict[Future[ShardOutcome], Any] = {}
        self._lost: Counter[Any] = Counter()
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
            shard = self._work.next(sharers)
            if shard is None:
                return bool(self._pending)
            self._turn += 1
            try:
                future = self._executor.submit(self._work.do, shard, versions(), self._turn)
            except RuntimeError as error:  # a broken or closed executor says it so
                raise ExecutorLost(f"the executor takes no more work: {error}") from error
            self._pending[future] = shard
        return True

    def _end(self, future: Future[ShardOutcome], shard: Any) -> None:
        try:
            outcome = future.result()
        except CancelledError:  # not by us: its executor lost it, which is nothing of the shard's
            self._in_a_row += 1
            self._give_up("CancelledError")
            self._work.again([shard])
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
        _take(self._work, shard, outcome, self._lost)

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


def _take(work: Work, shard: Any, outcome: ShardOutcome, lost: Counter[Any]) -> None:
    """Take in an outcome; what died is tried again, and in halves, until it is known what kills."""
    failure = outcome.failure
    if failure is None:
        work.take(shard, outcome)
        return
    if not failure.ours:
        lost[shard] += 1
        smaller = failure.reason == NO_MEMORY and shard.halves()
        if lost[shard] < TRIES and not smaller:
            work.again([shard])
            return
    if halves := shard.halves():
        work.again(halves)
    else:
        work.fail(shard, failure)
