"""What it takes to decide the registry: this build and another, in turns.

    python -m benchmarks.deciding FOLDER            # a checkout of the other build
    python -m benchmarks.deciding FOLDER --turns 5

One process each decides every claim, and the identities that the other build has, with 200 random
cases of each model; this build also decides all of its own. The seconds are those of the processor.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parents[1]

WORKER = """
import json, resource, sys, time
from bpttcheck.claims import CLAIMS
from bpttcheck.identities import REGISTRY
from bpttcheck.verification import verify
every = [identity.id for identity in REGISTRY]
chosen = json.loads(sys.argv[1])
asked = every if chosen is None else [name for name in every if name in chosen]
start = time.process_time()
found = verify(asked, list(CLAIMS))
seconds = time.process_time() - start
assert all(d.verdict == "holds" and not d.survivors for d in found.identities.values())
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([asked, seconds, peak]))
"""


def decided(folder: Path, asked: list[str] | None) -> tuple[list[str], float, float]:
    """Return what a build decided, the processor's seconds, and the peak of memory in MB."""
    done = subprocess.run(
        [sys.executable, "-c", WORKER, json.dumps(asked)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=folder,
        env={"PYTHONPATH": str(folder), "OPENBLAS_NUM_THREADS": "1", "PATH": "/usr/bin"},
    )
    found: Any = json.loads(done.stdout)
    return tuple(found)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="a checkout of the other build")
    parser.add_argument("--turns", type=int, default=3, help="default 3")
    chosen = parser.parse_args()
    other = chosen.folder.resolve()
    theirs, ours, all_ours = [], [], []
    for _ in range(chosen.turns):
        theirs.append(decided(other, None))
        ours.append(decided(HERE, theirs[0][0]))
        all_ours.append(decided(HERE, None))
    print("| build | identities | seconds | of the other's | peak, MB |\n|---|---:|---:|---:|---:|")
    base = median(seconds for _, seconds, _ in theirs)
    rows = (("the other", theirs), ("this", ours), ("this", all_ours))
    for name, found in rows:
        seconds = median(s for _, s, _ in found)
        peak = max(p for _, _, p in found)
        print(
            f"| {name} | {len(found[0][0])} | {seconds:.1f} | {seconds / base:.2f} | {peak:.0f} |"
        )


if __name__ == "__main__":
    main()
