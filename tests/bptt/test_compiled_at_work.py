"""Compiled loops are what runs where they are asked for."""

import numpy as np
import pytest

from bpttcheck import compile_loops
from bpttcheck.bptt.compiled import compiled_passes
from tests.bptt.test_compiled import DTYPES, SHAPES, drawn

pytestmark = pytest.mark.xdist_group("compiled")  # by one worker, who compiles once


@pytest.fixture(autouse=True)
def _off_at_last():
    yield
    compile_loops(False)


@pytest.mark.parametrize("form", ["rnn", "lstm"])
def test_compiled_loops_are_what_runs(form, monkeypatch):
    """NumPy's would give the same numbers: nobody would see that they are slow."""
    gone, go = [], compiled_passes._go
    monkeypatch.setattr(compiled_passes, "_go", lambda *a: gone.append(a[1]) or go(*a))
    network, params, x, y, given = drawn(form, *SHAPES[1], DTYPES[0])
    states = {k: given[k] for k in ("h0", "c0") if k in given}
    compile_loops()
    run = network.forward(params, x, **states)
    assert len(gone) == 1, "there"
    network.backward(params, run, np.ones_like(run.s))
    assert len(gone) == 2, "back"
    network.value_and_grad(params, x, y, **given)
    assert len(gone) == 3, "both"
