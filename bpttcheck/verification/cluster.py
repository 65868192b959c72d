"""A Dask cluster as an executor; ``distributed`` is needed only where one is asked for."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

from bpttcheck.verification.driving import ExecutorLost

T = TypeVar("T")

CONNECT = 10.0
"""Seconds in which a scheduler has to answer."""

GONE = 30.0
"""Seconds for which a connection that broke may be down; Dask tries as long to mend it."""

LOOK = 2.0
"""Seconds between two questions how many workers there are."""

BACKLOG = 4
"""Shards at least to have in flight per two: a cluster that grows with its work has to see some."""


class NoCluster(Exception):
    """There is no Dask scheduler at an address, or no Dask here; one line says which."""


def _check(address: str) -> None:
    """Look at an address before a client does, which would hold up the end of this process.

    Raises:
        NoCluster: it is none.
    """
    from distributed.comm.addressing import parse_address, parse_host_port
    from distributed.comm.registry import get_backend
    from distributed.security import Security

    try:
        scheme, place = parse_address(address)
        get_backend(scheme)
        host, _ = parse_host_port(place)
        if not host:
            raise ValueError("no host")
        if scheme == "tls" and Security().get_connection_args("client")["ssl_context"] is None:
            raise ValueError("no certificates: distributed.comm.tls of Dask's configuration")
    except ValueError as error:
        raise NoCluster(
            f"expected a scheduler's address, such as tcp://10.0.0.1:8786, got {address!r}: "
            f"{str(error).partition(chr(10))[0]}"
        ) from error


def _why(error: BaseException | None) -> str:
    """Return the innermost reason that has words."""
    said = ""
    while error is not None:
        said = str(error).partition("\n")[0] or said
        error = error.__cause__
    return said


class DaskCluster(Executor):
    """The workers of a Dask scheduler, as many as there are at a time.

    Arguments:
        address: the scheduler's, such as ``"tcp://10.0.0.1:8786"``.

    Raises:
        NoCluster: there is none, or the package ``distributed`` is missing.
    """

    def __init__(self, address: str) -> None:
        try:
            import distributed
        except ImportError as error:
            raise NoCluster(
                f"a Dask cluster needs the package distributed: pip install distributed ({error})"
            ) from error
        _check(address)
        # What it has to say of a connection that broke comes as a line of ours.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # versions are compared by the workers themselves
                self._client = distributed.Client(address, timeout=CONNECT, set_as_default=False)
        except Exception as error:
            raise NoCluster(f"no Dask scheduler answers at {address!r}: {_why(error)}") from error
        # A call with the same arguments is to be made again, not looked up.
        self._executor = self._client.get_executor(pure=False)
        self._count, self._looked = 0, -LOOK
        self._down: float | None = None

    def sharers(self) -> int:
        """Return how many workers there are, or a few where they come with the work.

        Returns:
            Zero while the connection is down.

        Raises:
            ExecutorLost: it is down for good.
        """
        now = time.monotonic()
        if self._client.status != "running":
            self._down = self._down or now
            if now > self._down + GONE or self._client.status == "closed":
                raise ExecutorLost("the connection to the Dask scheduler broke")
            return 0
        self._down = None
        if now > self._looked + LOOK:
            self._looked = now
            try:
                self._count = len(self._client.scheduler_info(n_workers=-1)["workers"])
            except Exception:  # the connection broke just now: what was known will do
                return self._count
        return max(BACKLOG, self._count)

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Have a call made by a worker."""
        found: Future[T] = self._executor.submit(fn, *args, **kwargs)
        return found

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster to others; what has not come back is cancelled."""
        try:
            self._client.close(timeout=1.0)
        except Exception:  # it is gone, or does not answer: there is nothing to be closed
            return
