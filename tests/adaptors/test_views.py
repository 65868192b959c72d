"""Weights that are views of each other: a copy of the object has them so too."""

import numpy as np
import pytest

from bpttcheck import adaptors, check_gradients
from bpttcheck.adaptors.deep_copies import deep_copy

X = np.linspace(-2, 2, 15).reshape(5, 3)


class Flat:
    """A layer whose weights are views of one buffer, with a transpose that is kept."""

    def __init__(self, dtype=np.float64):
        self.all = np.linspace(-1, 1, 16).astype(dtype)
        self.W, self.b = self.all[:12].reshape(3, 4), self.all[12:]
        self.WT = self.W.T

    def run(self, slip=1.0):
        a = (self.WT @ X.T.astype(self.all.dtype)).T + self.b
        da = np.cos(a)
        dW, db = slip * X.T @ da, da.sum(0)
        return np.sin(a).sum(), {"all": np.concatenate([dW.reshape(-1), db]), "W": dW, "b": db}


def judged(params, dtype=np.float64, slip=1.0):
    def run(layer):
        loss, gradients = layer.run(slip)
        return loss, {name: gradients[name] for name in params}

    given = adaptors.from_object(Flat(dtype), run, params=params)
    return check_gradients(*given, locate=False, mend=False)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("params", [["all"], ["W", "b"]], ids=["the buffer", "its parts"])
def test_what_is_a_view_of_a_parameter_follows_it(params, dtype):
    report = judged(params, dtype)
    assert report.verdict == "right", report
    assert report.precision == "float64"
    assert judged(params, dtype, slip=1.01).verdict == "wrong"


def test_the_object_itself_is_left_alone():
    layer = Flat()
    before = layer.all.copy()
    deep_copy(layer, ()).all[:] = 0
    assert np.array_equal(layer.all, before)


def test_a_copy_has_the_same_views():
    """Backwards, with steps, read-only, and in Fortran's order."""
    grid = np.arange(24.0).reshape(4, 6)
    frozen = np.broadcast_to(grid[1, 2:3], (3,))
    views = [grid, grid[::-1, ::2], grid.T[1:], np.asfortranarray(grid), frozen]
    copied = deep_copy(views, ())
    copied[0][...] += 100
    for view, its in zip(views, copied, strict=True):
        shift = 100 * np.shares_memory(view, grid)
        assert np.array_equal(its, view + shift)
        assert its.flags.writeable == view.flags.writeable


def test_parameters_that_overlap_are_kept_apart():
    """They are given values of their own, each; as before, so that both can be asked about."""
    layer = Flat()
    copied = deep_copy(layer, (layer.all, layer.W))
    copied.all[:] = 0
    assert np.array_equal(copied.W, layer.W)
