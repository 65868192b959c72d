"""Peak memory and time of a loss with its gradients against T, beside PyTorch and JAX: ``--help``.

Each call has a process of its own, in which the same has been done for few steps before. The peak
is what the process had at most during the call (VmHWM of Linux, set back before it) less what it
had before, with the arguments: so it is what the call itself needs, and returns. B = 1; softmax +
NLL of class indices. ``checkpoints`` is ours with ``checkpoint_every`` = 1000.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from bisect import bisect_right
from pathlib import Path
from typing import Any

from benchmarks.timing import installed, table

STEPS = tuple(10**k for k in range(2, 7))
SIZES = {"m": 4, "n": 64, "p": 4}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cell", default="rnn", choices=("rnn", "lstm", "gru"))
    parser.add_argument("--most", type=int, default=STEPS[-1], help="steps (default: a million)")
    parser.add_argument("--one", nargs=2, metavar=("CONTENDER", "T"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        name, T = given.one
        print(json.dumps(measured(given.cell, name, int(T))))
        return
    names = ["ours", "checkpoints", *installed("torch", "jax")]
    head = [f"{given.cell}, T", *(f"{name}, MB (s)" for name in names)]
    lengths = STEPS[: bisect_right(STEPS, given.most)]
    table(head, ([f"{T:,}", *(of_process(given.cell, name, T) for name in names)] for T in lengths))


def of_process(cell: str, name: str, T: int) -> str:
    """Return the peak in megabytes and the time in seconds of a process of its own."""
    command = [sys.executable, "-m", "benchmarks.memory", "--cell", cell, "--one", name, str(T)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return "failed"
    peak, seconds = json.loads(done.stdout.splitlines()[-1])
    return f"{peak / 1e6:.3g} ({seconds:.2g})"


def measured(cell: str, name: str, T: int) -> tuple[float, float]:
    """Return the peak of a call in bytes, and its processor time in seconds."""
    prepared(cell, name, 100)()
    call = prepared(cell, name, T)
    if name == "jax":
        call = call.compiled()  # for this T, and never run: what has run keeps its room
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before, start = high_water(), time.process_time()
    call()
    return high_water() - before, time.process_time() - start


def high_water() -> float:
    """Return the most memory that the process had, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * float(next(line for line in lines if line.startswith("VmHWM")).split()[1])


def prepared(cell: str, name: str, T: int) -> Any:
    """Return a call that computes a loss and every gradient over T steps."""
    import numpy as np  # here: what is not asked about is not loaded

    from benchmarks import networks, peers

    shape = (T, 1, *SIZES.values())
    params, x, y, states = networks.problem(cell, shape, np.float64)
    params |= {k: v / 2 for k, v in params.items() if k[0] == "W"}
    if name in ("torch", "jax"):
        return peers.BY_NAME[name](cell, params, x, y, states)[1]
    every = 1000 if name == "checkpoints" else None
    return networks.ours(cell, params, x, y, states, checkpoint_every=every)[1]


if __name__ == "__main__":
    main()
