"""``--scheduler``: the workers of a Dask scheduler, for a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bpttcheck.cli.usage import UsageError
from bpttcheck.verification.cluster import DaskCluster, NoCluster
from bpttcheck.verification.shards import WrongVersions


@contextmanager
def cluster_of(scheduler: str) -> Iterator[DaskCluster]:
    """Provide the workers of a Dask scheduler.

    Raises:
        UsageError: there is no such scheduler, or its workers would not find the same.
    """
    try:
        cluster = DaskCluster(scheduler)
    except NoCluster as wrong:
        raise UsageError(f"--scheduler: {wrong}") from wrong
    try:
        yield cluster
    except WrongVersions as wrong:
        raise UsageError(
            f"--scheduler: its workers, and it itself, need the same bpttcheck: {wrong}"
        ) from wrong
    finally:
        cluster.shutdown()
