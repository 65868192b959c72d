#!/bin/sh
# Dask: Client.get_executor() is an Executor of concurrent.futures, used as one.
# Expected: eight calls of uuid.uuid4 are eight numbers; keywords reach the function; shutdown takes
# cancel_futures, as every Executor does since Python 3.9.
# Seen: one number eight times, as equal calls are made once (pure=False is needed); keywords that Dask
# knows, such as retries, are taken from the function; cancel_futures is a TypeError.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check distributed==2026.8.0
cat > run.py <<'PY'
import uuid
from concurrent.futures import Executor, ProcessPoolExecutor

import distributed


def keywords(**given):
    return given


def seen(executor):
    numbers = {f.result() for f in [executor.submit(uuid.uuid4) for _ in range(8)]}
    given = executor.submit(keywords, retries=3, size=2).result()
    try:
        executor.shutdown(cancel_futures=True)
        ended = "taken"
    except TypeError as error:
        ended = f"TypeError: {error}"
    return len(numbers), given, ended


if __name__ == "__main__":
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster, distributed.Client(cluster) as client:
        ours = client.get_executor()
        print("distributed", distributed.__version__, "- an Executor:", isinstance(ours, Executor))
        dask, pool = seen(ours), seen(ProcessPoolExecutor(2))
    for name, (count, given, ended) in (("processes", pool), ("Dask", dask)):
        print(f"{name}: {count} numbers of 8 calls; keywords {given}; cancel_futures {ended}")
    same = pool == (8, {"retries": 3, "size": 2}, "taken")
    same &= dask[:2] == (1, {"size": 2}) and dask[2].startswith("TypeError")
    raise SystemExit(0 if same else "changed")
PY
venv/bin/python run.py
