"""Independent work spread over processes, with one report of progress."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from functools import partial
from multiprocessing import get_context
from queue import Empty
from typing import Any, TypeVar

Done = TypeVar("Done")
Report = Callable[[str, int, int], None]
Work = Callable[[Report], Done]
"""Work reports its progress: what, how many done, how many in all. Workers have to pickle it."""

_reports: Any = None


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def spread(work: Sequence[Work[Done]], jobs: int, report: Report) -> list[Done]:
    """Do every piece of work, in up to ``jobs`` processes; return the results in order.

    With one job, or one piece, everything happens here. Put long pieces first.
    """
    if jobs == 1 or len(work) <= 1:
        return [piece(report) for piece in work]
    context = get_context("spawn")  # a fork would copy the threads of a progress bar half-way
    queue = context.Queue()
    pool = ProcessPoolExecutor(min(jobs, len(work)), context, _connect, (queue,))
    try:
        futures = [pool.submit(_run, piece) for piece in work]
        pending: set[Future[Done]] = set(futures)
        while pending:
            _, pending = wait(pending, timeout=0.1)
            _pass_on(queue, report)
        return [future.result() for future in futures]
    finally:
        pool.shutdown(cancel_futures=True)


def _connect(queue: Any) -> None:
    """Give a worker its line to the one who reports, and let it collect garbage less often.

    Numbers that are objects come and go by the million, and hardly any in circles.
    """
    gc.set_threshold(100_000, 20, 20)
    global _reports  # a process has one, and work is pickled without it
    _reports = queue


def _run(piece: Work[Done]) -> Done:
    return piece(partial(_send, _reports))


def _send(queue: Any, *progress: Any) -> None:
    queue.put(progress)


def _pass_on(queue: Any, report: Report) -> None:
    while True:
        try:
            report(*queue.get_nowait())
        except Empty:
            return
