"""What may be missing at the end of a loop, and where there is no place for it."""

import pytest

from bpttcheck.mend import codes_of
from bpttcheck.mend.bench import Bench
from bpttcheck.mend.exchange import Living
from bpttcheck.mend.insertions import insertions
from bpttcheck.mend.program import program_of
from tests.mend.points import module, points

SUMS = """
import numpy as np

rng = np.random.default_rng(3)
x = rng.normal(size=(3, 2))
PARAMS = {"w": rng.normal(size=2)}

def value_and_grad(params):
    w, dw, loss = params["w"], np.zeros(2), 0.0
    for t in range(3):
        e = x[t] * w
        loss = loss + (e**2).sum() / 2
    return loss, {"w": dw}
"""


def inserted(folder, text):
    """Return what may be put in at the ends of loops, in words, with the lines of the file then."""
    mine = module(folder, text)
    place, *_ = points(mine, mine)
    program = program_of(codes_of(place.call), lambda code: "points" in code.co_filename)
    bench = Bench(program, Living(program.living), program.codes())
    with bench.ready():
        bench.look(place)
        found = [edit for _, some in insertions(bench.slots, bench.sites, 90) for edit in some]
    return {edit.term: edit.source.replaced(edit.pieces).text for edit in found}


def test_what_is_added_stands_below_the_last_statement(tmp_path):
    found = inserted(tmp_path, SUMS)
    below = SUMS.replace(".sum() / 2\n", ".sum() / 2\n        dw += e * x[t]\n")
    assert found["e * x[t]"] == below


@pytest.mark.parametrize(
    "line",
    [
        "    for t in range(3): e = x[t] * w; loss = loss + (e**2).sum() / 2\n",
        "    for t in range(3):\n        e = x[t] * w; loss = loss + (e**2).sum() / 2\n",
    ],
)
def test_there_is_no_place_below_what_shares_its_line(line, tmp_path):
    head, tail = SUMS.index("    for t"), SUMS.index("    return")
    assert inserted(tmp_path, SUMS[:head] + line + SUMS[tail:]) == {}
