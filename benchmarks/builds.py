"""Two builds of the package, in turns: forward and backward together, for every cell.

    python -m benchmarks.builds FOLDER          # a checkout of the other build
    python -m benchmarks.builds FOLDER --cells lstm gru --turns 40

Each build runs in a process of its own, and one waits while the other runs; a turn gives the ratio
of two times of one core, this build's over the other's. Other programs on the machine take time of
neither.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import geometric_mean, quantiles
from typing import Any

SHAPES = (
    (8, 3, 4, 5, 3),
    (50, 1, 8, 16, 8),
    (20, 16, 16, 32, 10),
    (40, 32, 64, 128, 64),
    (200, 8, 32, 64, 32),
    (128, 64, 256, 512, 256),
)
CELLS = {"rnn": ("",), "lstm": tuple("ifgo"), "gru": tuple("zrg")}

WORKER = """
import json, sys, time
import numpy as np
import bpttcheck
alike = hasattr(bpttcheck, "Network")  # since then every cell has the bias b_s
for line in sys.stdin:
    cell, gates, shape, calls = json.loads(line)
    T, B, m, n, p = shape
    rng, w = np.random.default_rng(0), {}
    for gate in gates:
        end = f"_{gate}" if gate else ""
        w |= {"U" + end: rng.normal(size=(n, m)) / m**0.5, "b" + end: rng.normal(size=n)}
        w |= {"W" + end: rng.normal(size=(n, n)) / n**0.5}
    w |= {"V": rng.normal(size=(p, n)) / n**0.5}
    w |= {"b_s" if alike or cell == "lstm" else "c": rng.normal(size=p)}
    options = {}
    if cell == "gru":
        w["b_Wg"], options = rng.normal(size=n), {"reset": "after"}
    x, y = rng.normal(size=(T, B, m)), rng.integers(0, p, (T, B))
    network = getattr(bpttcheck, cell)
    start = time.process_time()
    for _ in range(calls):
        network.value_and_grad(w, x, y, **options)
    print((time.process_time() - start) / calls, flush=True)
"""


class Build:
    """A process that times a build's calls when it is asked."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
            env={"PYTHONPATH": str(folder), "OPENBLAS_NUM_THREADS": "1", "PATH": "/usr/bin"},
        )

    def seconds(self, *asked: Any) -> float:
        """Return the seconds of a call."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="a checkout of the other build")
    parser.add_argument("--cells", nargs="+", default=list(CELLS), choices=CELLS)
    parser.add_argument("--turns", type=int, default=30, help="of each shape (default 30)")
    chosen = parser.parse_args()
    ours, theirs = Build(Path(__file__).parents[1]), Build(chosen.folder.resolve())
    print("| cell | (T, B, m, n, p) | this build, ms | this / the other |\n|---|---|---:|---:|")
    medians = []
    for cell in chosen.cells:
        of_cell = []
        for shape in SHAPES:
            T, B, _, n, _ = shape
            calls = max(1, min(50, 200_000 // (T * B * n)))
            turns = chosen.turns if T * B * n < 10**6 else max(5, chosen.turns // 5)
            ratios, times = [], []
            for _ in range(turns + 1):
                mine = ours.seconds(cell, CELLS[cell], shape, calls)
                ratios.append(mine / theirs.seconds(cell, CELLS[cell], shape, calls))
                times.append(mine)
            low, middle, high = quantiles(ratios[1:], n=4)  # the first turn warms up
            of_cell.append(middle)
            print(
                f"| {cell} | {shape} | {1e3 * sorted(times)[len(times) // 2]:.3g} "
                f"| {middle:.2f} ({low:.2f}–{high:.2f}) |",
                flush=True,
            )
        print(f"| {cell} | geometric mean | | {geometric_mean(of_cell):.2f} |")
        medians += of_cell
    print(f"| all | geometric mean | | {geometric_mean(medians):.2f} |")


if __name__ == "__main__":
    main()
