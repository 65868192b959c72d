"""Processes of this machine that do pieces of work: one that dies costs its piece, and no other.

The standard library's pool needs semaphores in shared memory, which not every machine has, and is
of no more use once a process of it has died.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

PROGRAM = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from bpttcheck.verification.worker import main; main()"
)

T = TypeVar("T")

STARTS = 3
"""So often in a row a process is started for one piece of work."""


class WorkerDied(Exception):
    """The process died that had a piece of work, or it could not be started."""


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Workers(Executor):
    """An executor over ``count`` processes, each of them started when there is work for it."""

    def __init__(self, count: int) -> None:
        self._work: queue.SimpleQueue[tuple[Future[Any], bytes] | None] = queue.SimpleQueue()
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Have a piece of work done; ``fn`` and what it takes are pickled by reference."""
        if self._closed:
            raise RuntimeError("these workers have been sent home")
        future: Future[T] = Future()
        self._work.put((future, pickle.dumps((fn, args, kwargs))))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End: after the work that was submitted, or with ``cancel_futures`` at once."""
        with self._lock:
            self._closed = True
            if cancel_futures:
                for process in self._processes:
                    process.kill()
        if cancel_futures:
            with contextlib.suppress(queue.Empty):
                while (item := self._work.get_nowait()) is not None:
                    item[0].cancel()
        for _ in self._threads:
            self._work.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def pids(self) -> list[int]:
        """Return the processes that live."""
        with self._lock:
            return [process.pid for process in self._processes]

    def _serve(self) -> None:
        """Have one piece of work after another done by a process, and by another if it dies."""
        process: subprocess.Popen[bytes] | None = None
        while (item := self._work.get()) is not None:
            future, call = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                process = self._sent(call, process)
                assert process.stdout is not None
                good, value = pickle.load(process.stdout)
            except (OSError, EOFError, pickle.UnpicklingError) as error:
                future.set_exception(WorkerDied(self._gone(process) or str(error)))
                process = None
            else:
                if good:
                    future.set_result(value)
                else:
                    future.set_exception(value)
        if process is not None:
            self._gone(process, patience=1.0)

    def _sent(
        self, call: bytes, process: subprocess.Popen[bytes] | None
    ) -> subprocess.Popen[bytes]:
        """Return a process that has begun with a call: another one, where one died without work.

        Raises:
            OSError: none can be started.
        """
        for _ in range(STARTS):
            if process is None:
                process = self._started()
            with contextlib.suppress(OSError, EOFError, pickle.UnpicklingError):
                assert process.stdin is not None
                assert process.stdout is not None
                process.stdin.write(call)
                process.stdin.flush()
                pickle.load(process.stdout)
                return process
            ended, process = self._gone(process), None
        raise OSError(f"no process can be started: {ended}")

    def _started(self) -> subprocess.Popen[bytes]:
        how: dict[str, Any] = {}
        if sys.platform == "win32":
            how["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP
        else:
            how["start_new_session"] = True  # Ctrl-C at a terminal is for the one who asked
        flags: list[str] = getattr(subprocess, "_args_from_interpreter_flags", list)()
        # As many threads for every product of small matrices would only wait for each other.
        environment = {"OPENBLAS_NUM_THREADS": "1", **os.environ}
        pipe = subprocess.PIPE
        with self._lock:
            if self._closed:
                raise OSError("these workers have been sent home")
            process = subprocess.Popen(
                [sys.executable, *flags, "-P", "-c", PROGRAM],
                stdin=pipe,
                stdout=pipe,
                env=environment,
                **how,
            )
            self._processes.add(process)
        assert process.stdin is not None
        with contextlib.suppress(OSError):  # it may be dead by now, which is seen soon enough
            pickle.dump([entry or os.getcwd() for entry in sys.path], process.stdin)
            process.stdin.flush()
        return process

    def _gone(self, process: subprocess.Popen[bytes] | None, patience: float = 0.0) -> str:
        """See a process off; return how it ended."""
        if process is None:
            return ""
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with self._lock:
            self._processes.discard(process)
        status = process.returncode
        return f"killed by signal {-status}" if status < 0 else f"exit status {status}"
