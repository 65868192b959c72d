"""Whole numbers as indices of one-hot rows: alone, or in a last axis of one."""

import numpy as np

from bpttcheck.diagnosis.recognition.layouts import sequences


def test_indices_in_a_last_axis_of_one():
    indices = np.array([[0, 2, 1], [1, 1, 0]])
    for array in (indices, indices[..., None]):
        (read, *_) = [one.read(array) for one in sequences(array, 4)]
        assert read.shape == (2, 3, 4)
        assert (read.argmax(axis=-1) == indices).all()
        assert (read.sum(axis=-1) == 1).all()


def test_several_indices_a_step_are_none():
    several = np.zeros((2, 3, 5), dtype=int)
    assert [*sequences(several, 4)] == []
    assert [*sequences(np.array([[0, 4]]), 4)] == []
    assert [*sequences(np.array([[0, -1]]), 4)] == []
