"""Gradients that come back: in the structure of the parameters, or in another one."""

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.check.program.tree import Tree
from tests.parameters.nested import B, Pair, W, network

P = {"cell": {"W": np.ones((3, 4)), "b": np.ones(4)}, "ws": [np.ones(2), np.ones(2)], "n": 3}


def gradients(**changed):
    own = {"cell": dict(P["cell"]), "ws": list(P["ws"])}
    own["cell"] |= changed.pop("cell", {})
    return own | changed


RETURNED = [
    (gradients(cell={"W": np.ones((4, 3))}), "wrong", "shape",
     "gradients.cell.W: expected shape (3, 4), got (4, 3)"),
    (gradients(ws=[np.ones(2), np.ones(3)]), "wrong", "shape",
     "gradients.ws[1]: expected shape (2,), got (3,)"),
    (gradients(cell={"b": np.full(4, np.nan)}), "wrong", "nan",
     "gradients.cell.b: expected finite numbers, got nan at index (0,)"),
    (gradients(cell={"b": None}), "wrong", "dtype",
     "gradients.cell.b: expected real numbers, got objects of type NoneType"),
    (gradients(cell={"b": np.ones(4) * 1j}), "wrong", "dtype",
     "gradients.cell.b: expected real numbers, got dtype complex128"),
    (gradients(ws=[np.ones(2)]), "wrong", "names", "gradients.ws: expected 2 gradients, got 1"),
    (gradients(ws=np.ones((2, 2))), "undecided", "contract",
     "gradients.ws: expected a list of arrays, got ndarray"),
    (gradients(ws={"0": 1}), "undecided", "contract",
     "gradients.ws: expected a list of arrays, got dict"),
    ({"cell": {"W": 1}, "ws": []}, "wrong", "names",
     "gradients.cell: expected the names W, b, got W"),
    ({"cell": P["cell"]}, "wrong", "names", "gradients: expected the names cell, ws, got cell"),
    ({"cell": [1, 2], "ws": []}, "undecided", "contract",
     "gradients.cell: expected a mapping of names to arrays, got list"),
    (gradients(cell={"b": np.ma.array(np.ones(4))}), "undecided", "contract",
     "gradients.cell.b: expected an array, got a numpy.ma.MaskedArray"),
    (gradients(cell={"b": [1.0, [2.0]]}), "wrong", "shape",
     "gradients.cell.b: expected an array, got setting an array element"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("returned", "verdict", "kind", "reason"), RETURNED, ids=[r for *_, r in RETURNED]
)
def test_gradients_of_another_structure(returned, verdict, kind, reason):
    report = check_gradients(lambda p: (1.0, returned), P)
    assert (report.verdict, report.kind) == (verdict, kind), report
    assert report.reason.startswith(reason)
    assert "\n" not in report.reason


class Unreadable(dict):
    def __getitem__(self, key):
        raise RuntimeError("not today")


class Key:
    def __repr__(self):
        raise RuntimeError


def test_classes_of_ones_own_that_raise():
    report = check_gradients(lambda p: (1.0, Unreadable(P)), P)
    assert (report.verdict, report.kind) == ("undecided", "raised")
    assert report.reason.startswith("gradients: raised RuntimeError at test_returned.py:")
    assert list(Tree({Key(): W, "k": {Key(): B, Key(): B}}).leaves) == [
        "params[Key]", "params.k[Key]", "params.k[Key] #2",
    ]  # fmt: skip


def test_gradients_of_python_numbers_and_objects():
    for convert in (lambda g: g.tolist(), lambda g: g.astype(object)):
        report = check_gradients(
            lambda p, convert=convert: (np.sin(p["W"]).sum(), {"W": convert(np.cos(p["W"]))}),
            {"W": W}, locate=False,
        )  # fmt: skip
        assert report.ok, report


def test_leaves_that_came_besides_are_named():
    returned = gradients(cell={"c": 1.0}, n=None, more=2.0)
    report = check_gradients(lambda p: (1.0, returned), P)
    assert "not checked, since not among params: more, cell.c" in report.notes


def test_sequences_answer_each_other():
    assert check_gradients(lambda p: (network(*p)[0], network(*p)[1:]), Pair(W, B)).ok
    assert check_gradients(lambda p: (network(*p)[0], [*network(*p)[1:]]), (W, B)).ok
    assert check_gradients(lambda p: (network(*p)[0], Pair(*network(*p)[1:])), Pair(W, B)).ok
    with_size = check_gradients(  # None for what is no float
        lambda p: (network(p[0], p[2])[0], [network(p[0], p[2])[1], None, network(p[0], p[2])[2]]),
        [W, 3, B],
    )
    assert with_size.ok


def test_a_single_array_is_a_structure_too():
    report = check_gradients(lambda w: (np.sin(w).sum(), np.cos(w)), W)
    assert (report.verdict, report.reason) == ("right", "all 6 entries of params")
