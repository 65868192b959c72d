"""What an edit costs beyond the run of the program itself: ``--help``.

The program of the how-to page is asked for its mend; its edits are run at the first point, and the
time of making the problem and calling it, which is the user's own, is taken off.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from bpttcheck.check.search import mending, mending_point
from bpttcheck.check.search.problem import check_problem
from bpttcheck.mend import Asked, Mend
from bpttcheck.mend.bench import Bench
from bpttcheck.mend.exchange import Living
from bpttcheck.mend.program import program_of

FILE = Path(__file__).parents[1] / "docs" / "how-to" / "layer.py"


COMPILED = 200


def options() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--file", type=Path, default=FILE, help="a wrong program with a problem")
    parser.add_argument("--edits", type=int, default=500, help="edits that are run (default 500)")
    return parser.parse_args()


def seconds(calls: Iterable[Callable[[], Any]]) -> float:
    """Return what each of some calls takes of the processor: asking the time takes some itself."""
    some = [*calls]
    start = time.process_time()
    for call in some:
        call()
    return (time.process_time() - start) / len(some)


def measured(asked: Asked, count: int) -> tuple[float, float, float]:
    """Return what an edit takes, the user's own run, and compiling the longest function anew."""
    place = asked.places[0]
    assert isinstance(place, mending_point.Point)
    program = program_of(asked.codes, asked.kept_out)
    bench = Bench(program, Living(program.living), program.codes())
    params = place._here.params
    with bench.ready():
        bench.look(place)
        edits = bench.edits(place, {slot.number for slot in bench.slots})[:count]
        some = [edit for edit in edits if bench.run(edit, place) is not None]
        tried = seconds(partial(bench.run, edit, place) for edit in some)
    own = seconds([lambda: place._made()(params)] * len(some))
    texts = [ast.unparse(node) for _, _, node in program.running()]
    anew = [seconds([partial(compile, text, "anew", "exec")] * COMPILED) for text in texts]
    return tried, own, max(anew)


def main() -> None:
    """Measure and print."""
    given = options()
    spec = importlib.util.spec_from_file_location("asked", given.file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: list[tuple[float, float, float]] = []

    def instead(asked: Asked) -> Mend:
        found.append(measured(asked, given.edits))
        return Mend()

    mending.mend = instead
    check_problem(module.problem, max_examples=0)
    edit, own, anew = (1e3 * value for value in found[0])
    print(
        f"{given.file.name}: an edit {edit:.3f} ms, the program's own run {own:.3f} ms of it: "
        f"{edit - own:.3f} ms more, {(edit - own) / anew:.2f} of compiling the longest function "
        f"anew, {anew:.3f} ms; {1e3 / edit:.0f} edits a second."
    )


if __name__ == "__main__":
    main()
