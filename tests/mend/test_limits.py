"""An edit that asks for all memory fails alone, and Ctrl-C leaves what was found so far."""

import sys

import numpy as np
import pytest

from bpttcheck.check import check_problem
from bpttcheck.check.program.memory_limit import memory_limit
from bpttcheck.check.search.problem import Interrupted
from tests.mend.points import module


@pytest.mark.skipif(sys.platform != "linux", reason="no such limit there")
def test_memory_is_limited_within_the_block_alone():
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    with memory_limit(1 << 28):
        assert np.zeros(1 << 20).any() == np.False_
        with pytest.raises(MemoryError):
            np.empty(1 << 28)
        inside = resource.getrlimit(resource.RLIMIT_AS)
        with memory_limit(1 << 34):
            assert resource.getrlimit(resource.RLIMIT_AS) == inside
    assert resource.getrlimit(resource.RLIMIT_AS) == before


WRONG = """
import numpy as np

def back(h, v):
    return v * (1 - h)

def value_and_grad(params):
    h = np.tanh(params["w"])
    return (h**2).sum(), {"w": back(h, 2 * h)}

def problem(case):
    return value_and_grad, {"w": case.rng.normal(size=case.n)}
"""


def test_an_interrupted_mend_tells_the_lines_to_look_at(tmp_path, monkeypatch):
    mine = module(tmp_path, WRONG)
    kept = mine.back.__code__

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("bpttcheck.mend.bench.Bench.edits", stop)
    with pytest.raises(Interrupted) as stopped:
        check_problem(mine.problem, max_examples=1)
    mend = stopped.value.report.mend
    assert [one.line for one in mend.suspects] == [5]
    assert mend.note == "interrupted, 0 tried"
    assert mine.back.__code__ is kept
