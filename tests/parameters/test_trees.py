"""Parameters of any structure: names, the way back, gradients in it, what is passed on or refused.

The networks here are one line, h = Σ sin(W b): what is tested is how their arrays are nested.
"""

import dataclasses
import threading
from collections import OrderedDict, UserDict, defaultdict
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.check.program.tree import Tree
from tests.parameters.nested import B, Pair, W, nested, network


@dataclasses.dataclass(frozen=True)
class Cell:
    W: object
    size: int
    inner: object = None

    def __post_init__(self):
        if self.size > 3:
            raise ValueError("built by its own means, not by calling it")


@dataclasses.dataclass
class Slotted:
    __slots__ = ("W", "b")
    W: object
    b: object


class Layers(list):
    pass


class Attributes(dict):
    pass


STRUCTURES = [
    ({"W": W, "b": B}, ["W", "b"]),
    ({"cell": {"W": W, "b": B}, "c": B}, ["cell.W", "cell.b", "c"]),
    ({"ws": [W, B], "b": (B,)}, ["ws[0]", "ws[1]", "b[0]"]),
    ([W, B], ["params[0]", "params[1]"]),
    ((W, [B, {"x": B}]), ["params[0]", "params[1][0]", "params[1][1].x"]),
    (Pair(W, B), ["W", "b"]),
    ({"cell": Pair(W, B)}, ["cell.W", "cell.b"]),
    (Cell(W, 3, {"b": B}), ["W", "inner.b"]),
    (Slotted(W, B), ["W", "b"]),
    (SimpleNamespace(W=W, b=B), ["W", "b"]),
    (Layers([W, B]), ["params[0]", "params[1]"]),
    (OrderedDict(W=W, b=B), ["W", "b"]),
    (defaultdict(list, W=W, b=B), ["W", "b"]),
    (UserDict(W=W, b=B), ["W", "b"]),
    (Attributes(W=W, b=B), ["W", "b"]),
    ({0: W, ("a", 1): B, "k": {1: B, "two words": B}},
     ["params[0]", "params[('a', 1)]", "k[1]", "k['two words']"]),
    ({"lstm.weight": W, "two words": B, "": B}, ["lstm.weight", "two words", "params['']"]),
    ({"params": {"Dense_0": {"kernel": W}}}, ["params.Dense_0.kernel"]),
    ({"a": {"b": W}, "a.b": B}, ["params.a.b", "a.b"]),
    ({"w": 0.5, "v": np.float64(1.5), "f": np.float32(2)}, ["w", "v", "f"]),
    ({"w": [1.0, 2.0], "m": [[1.0], [2.0]], "t": (1.0, 2.0)}, ["w", "m", "t"]),
    (W, ["params"]),
    (0.5, ["params"]),
]  # fmt: skip


@pytest.mark.parametrize(("given", "names"), STRUCTURES, ids=[str(n) for _, n in STRUCTURES])
def test_names_and_the_way_back(given, names):
    tree = Tree(given)
    arrays = tree.arrays()
    assert list(arrays) == names
    moved = {name: 2 * a for name, a in arrays.items()}
    there = tree.built(tree.own(moved))
    assert type(there) is type(given)
    assert Tree(there).arrays().keys() == moved.keys()
    assert all(np.array_equal(a, moved[n]) for n, a in Tree(there).arrays().items())
    assert all(np.array_equal(a, arrays[n]) for n, a in Tree(given).arrays().items())
    came, extra = tree.read(there)  # gradients in the structure of the parameters
    assert all(np.array_equal(came[n], moved[n]) for n in names)
    assert extra == []
    came, extra = tree.read(moved | {"other": 1.0} if len(names) > 1 else there)  # or by name
    assert all(np.array_equal(came[n], moved[n]) for n in names)
    assert extra == (["other"] if len(names) > 1 else [])


def test_every_call_gets_arrays_of_its_own():
    given = {"cell": [W.copy(), B], "ids": np.arange(3), "made": np.random.default_rng(0)}
    tree = Tree(given)
    first, second = (tree.built(tree.own(tree.arrays())) for _ in range(2))
    first["cell"][0][...] = 0
    first["ids"][...] = 0
    assert first["made"].random() == second["made"].random()
    assert np.array_equal(second["cell"][0], W)
    assert np.array_equal(second["ids"], [0, 1, 2])
    assert np.array_equal(given["cell"][0], W)
    fixed = Tree({"W": W, "view": MappingProxyType({"b": B})})
    assert fixed.built(fixed.own(fixed.arrays()))["view"]["b"] is not B


def test_numbers_stay_numbers():
    tree = Tree({"w": 0.5, "z": 1j, "f": np.float32(2.0), "list": [1.0, 2.0]})
    own = tree.built(tree.own(tree.arrays()))
    assert (type(own["w"]), type(own["z"])) == (float, complex)
    assert (own["f"].dtype, own["f"].shape) == (np.float32, ())
    assert isinstance(own["list"], np.ndarray)


def test_a_check_of_nested_parameters():
    params = {"cell": [W, Pair("unused", B)], "ids": np.arange(2), "mask": [True, False],
              "phi": np.sin, "none": None, "lock": threading.Lock()}  # fmt: skip
    report = check_gradients(nested, params)
    assert report.ok, report
    assert report.reason == "all 9 entries of cell[0], cell[1].b"
    assert report["cell[1].b"].shape == (3,)
    assert report.notes[0] == (
        "passed on, not checked: cell[1].W (str), ids (int64), mask (list), phi (ufunc), "
        "lock (lock)"
    )
    wrong = check_gradients(
        lambda p: (nested(p)[0], {"cell[0]": nested(p)[1]["cell"][0], "cell[1].b": B}), params
    )
    assert wrong.reason == "gradient of cell[1].b not the derivative of the loss; cell[0] right"


def test_a_long_list_of_what_is_passed_on_is_cut():
    params = {"W": W} | {f"n{k}": k for k in range(12)}
    assert Tree(params).note().endswith("n7 (int), and 4 more")


def written(p):
    p["cell"][0][...] = 0


def replaced(p):
    p["cell"][0] = 0 * p["cell"][0]


def added(p):
    p["more"] = 1


def taken(p):
    del p["cell"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (written, "params.cell[0]"),
        (replaced, "params.cell[0]"),
        (added, "params (a name was added)"),
        (taken, "params (something was taken out)"),
        (len, ""),
    ],
)
def test_changes_of_the_argument_are_seen_in_any_structure(change, what):
    def greedy(p):
        W, b = p["cell"][0].copy(), p["cell"][1].b.copy()
        change(p)
        loss, dW, db = network(W, b)
        return loss, {"cell[0]": dW, "cell[1].b": db}

    report = check_gradients(greedy, {"cell": [W, Pair(None, B)]})
    assert report.ok, report
    said = [note for note in report.notes if "changes its argument" in note]
    assert said == ([f"value_and_grad changes its argument {what}"] if what else [])


def test_whole_numbers_are_data_for_a_diagnosis():
    given = {"W": W, "c": [np.arange(2), 3, True], "list": [1, 0], "s": "x", "none": None}
    found = Tree(given).whole_numbers()
    assert {name: a.tolist() for name, a in found.items()} == {
        "c[0]": [0, 1], "c[1]": 3, "c[2]": True, "list": [1, 0],
    }  # fmt: skip


def test_the_mistake_in_a_nested_network_is_named():
    rng = np.random.default_rng(0)
    x, targets = rng.normal(size=(4, 3)), np.array([0, 1, 1, 0])
    sizes = {"U": (3, 4), "W": (4, 4), "b": (4,)}
    params = {
        "cell": {n: rng.normal(size=s) for n, s in sizes.items()},
        "out": [rng.normal(size=(4, 2)), np.zeros(2)],
        "targets": targets,
    }

    def rnn(p):
        U, W, b = p["cell"].values()
        V, c = p["out"]
        h = [np.zeros(4)]
        for x_t in x:
            h.append(np.tanh(x_t @ U + h[-1] @ W + b))
        o = np.stack(h[1:]) @ V + c
        q = np.exp(o) / np.exp(o).sum(axis=1, keepdims=True)
        do = q - np.eye(2)[p["targets"]]
        da = np.zeros((5, 4))
        for t in reversed(range(4)):
            da[t] = (do[t] @ V.T + da[t + 1] @ W) * (1 - h[t + 1] ** 2)
        cell = {"U": x.T @ da[:4], "W": np.stack(h[:4]).T @ da[:4], "b": da.sum(axis=0)}
        loss = -np.log(q[range(4), p["targets"]]).sum()
        return loss, {"cell": cell, "out": [np.stack(h[1:]).T @ do, do.sum(axis=0)]}

    report = check_gradients(rnn, params)
    assert report.cause is not None, report
    assert str(report.cause).startswith("recurrent-transpose")
    assert "in the gradients of cell.W, cell.U, cell.b" in str(report.cause)
