"""The float type that noise shows: one table that is quiet by chance decides nothing."""

import numpy as np
import pytest

from bpttcheck.check.derivative import working_precision
from bpttcheck.check.derivative.working_precision import FLAT, STAIRS, detected
from bpttcheck.check.program.calls import Calls
from bpttcheck.check.program.probe_point import probe


@pytest.mark.parametrize(
    ("quiet", "name"),
    [
        ((4e-12, 5e-11, 5e-11), "float64"),  # a steep loss, whose rounding is magnified
        ((5e-12, 4e-12, 5e-11), "float32 inside"),
        ((4e-12, 5e-12, 4e-12), "float32 inside"),
    ],
)
def test_a_stair_is_flat_in_two_tables_of_three(quiet, name, monkeypatch):
    point = {"a": np.array([3.0, 4.5])}
    calls = Calls(lambda p: ((p["a"] ** 2).sum() + 1.7, {"a": 2 * p["a"]}), None, point, None)
    noise = {STAIRS: 4e-10} | dict(zip((FLAT, FLAT / 2, FLAT / 4), quiet, strict=True))
    monkeypatch.setattr(working_precision, "_noise", lambda _, step: noise[step])
    assert detected(probe(calls, point)).name == name
