"""A gathering's shards, done here or by whatever executor there is, lost ones again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait

from bpttcheck.verification.gathering import Gathering
from bpttcheck.verification.shards import Failure, Outcome, Shard, WrongVersions, do
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
        outcome = do(shard, versions(), gathering.within)
        _take(gathering, shard, outcome, lost)


class Driver:
    """Has everything done by an executor.

    Arguments:
        gathering: what there is to do.
        executor: any of ``concurrent.futures``.
        sharers: how many shards it does at a time, about.
        tick: called a few times a second.
    """

    def __init__(
        self,
        gathering: Gathering,
        executor: Executor,
        sharers: int,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        self._gathering, self._executor, self._sharers = gathering, executor, sharers
        self._tick = tick
        self._pending: dict[Future[Outcome], Shard] = {}
        self._lost: Counter[Shard] = Counter()
        self._in_a_row = 0

    def run(self) -> None:
        """Go on until everything is done, or known not to be to be had.

        Raises:
            WrongVersions: workers have other sources or versions, or none.
            ExecutorLost: the executor takes no more work, or loses all of it.
        """
        try:
            while self._submit():
                done, _ = wait(self._pending, TICK, FIRST_COMPLETED)
                for future in done:
                    self._end(future, self._pending.pop(future))
                self._tick()
        finally:
            for future in self._pending:
                future.cancel()

    def _submit(self) -> bool:
        """Keep every worker busy, and one shard more for each; return whether any is waited for."""
        while len(self._pending) < 2 * self._sharers:
            shard = self._gathering.next(self._sharers)
            if shard is None:
                break
            try:
                future = self._executor.submit(do, shard, versions())
            except RuntimeError as error:  # a broken or closed executor says it so
                raise ExecutorLost(f"the executor takes no more work: {error}") from error
            self._pending[future] = shard
        return bool(self._pending)

    def _end(self, future: Future[Outcome], shard: Shard) -> None:
        try:
            outcome = future.result()
        except WrongVersions:
            raise
        except ImportError as error:
            raise WrongVersions(f"bpttcheck cannot be imported there: {error}") from error
        except (Exception, CancelledError) as error:
            said = str(error).partition("\n")[0]
            outcome = Outcome(
                0.0, failure=Failure(str(shard), f"{type(error).__name__}: {said}", ours=False)
            )
            self._in_a_row += 1
            if self._in_a_row > 4 + 4 * self._sharers:
                raise ExecutorLost(
                    f"{self._in_a_row} shards in a row did not come back, the last for "
                    f"{type(error).__name__}: {said}"
                ) from error
        else:
            self._in_a_row = 0
        _take(self._gathering, shard, outcome, self._lost)


def _take(gathering: Gathering, shard: Shard, outcome: Outcome, lost: Counter[Shard]) -> None:
    """Take in an outcome; what died is tried again, and in halves, until it is known what kills."""
    failure = outcome.failure
    if failure is None:
        gathering.take(shard, outcome)
        return
    if not failure.ours:
        lost[shard] += 1
        if lost[shard] < TRIES:
            gathering.again([shard])
            return
    if halves := shard.halves():
        gathering.again(halves)
    else:
        gathering.fail(shard, failure)
