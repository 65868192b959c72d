"""Parameters of any structure: names, the way back, gradients in it, what is passed on or refused.

The networks here are one line, h = Σ sin(W b): what is tested is how their arrays are nested.
"""

import dataclasses
import threading
from collections import OrderedDict, UserDict, defaultdict
from types import MappingProxyType, SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.check.tree import Tree
from tests.refusals import refusals, refuses

W, B = np.arange(1.0, 7).reshape(2, 3) / 5, np.array([0.5, -1.0, 2.0])


class Pair(NamedTuple):
    W: object
    b: object


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


def network(W, b):
    h = np.sin(W @ b)
    return h.sum(), np.outer(np.cos(W @ b), b), W.T @ np.cos(W @ b)


def nested(p):
    loss, dW, db = network(p["cell"][0], p["cell"][1].b)
    return loss, {"cell": [dW, Pair(None, db)]}


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


class Sparse:
    dtype = np.dtype(np.float64)


within = [W]
within.append(within)
OWN = "whose operations are not those of an array: np.asarray(…) makes one of it"

REFUSED = [
    ({"W": np.ma.array([1.0, 2.0])}, TypeError,
     f"params['W']: expected a plain array, got a numpy.ma.MaskedArray, {OWN}"),
    ({"c": [np.ma.array([1.0])]}, TypeError,
     "params.c[0]: expected a plain array, got a numpy.ma.MaskedArray"),
    ({"W": np.ones((1, 1)).view(np.matrix)}, TypeError,
     f"params['W']: expected a plain array, got a numpy.matrix, {OWN}"),
    ({"W": W, "q": Sparse()}, TypeError,
     f"params['q']: expected a plain array, got a tests.Sparse, {OWN}"),
    ({"W": np.array([1.0, None])}, TypeError,
     "params['W']: expected an array of floats, got objects of type float"),
    ({"W": W, "q": np.array([None])}, TypeError,
     "params['q']: expected an array of floats, got objects of type NoneType"),
    ({"W": W, "q": np.zeros(2, [("a", float)])}, TypeError,
     "params['q']: expected an array of floats, got dtype [('a', '<f8')]"),
    ({"W": W, "q": np.array(["a"])}, TypeError,
     "params['q']: expected an array of floats, got dtype <U1"),
    ({"W": W, "q": np.array(["2020"], "M8[Y]")}, TypeError,
     "params['q']: expected an array of floats, got dtype datetime64[Y]"),
    ({"W": W, "q": [1.0, [2.0]]}, ValueError,
     "params['q']: expected a rectangular array of numbers, got setting an array element"),
    ({"cell": {"W": np.zeros((0, 2))}}, ValueError,
     "params.cell.W: expected at least one entry, got shape (0, 2)"),
    ({"cell": Pair([W, np.array([0, np.inf])], B)}, ValueError,
     "params.cell.W[1]: expected finite numbers, got inf at index (1,)"),
    ({"z": np.array([1j * np.inf])}, ValueError,
     "params['z']: expected finite numbers, got (nan+infj) at index (0,)"),
    ({"W": within}, ValueError,
     "params.W[1]: expected a structure without end, got one within itself"),
    (3, TypeError, "params: expected arrays of floats, in any structure, got int"),
    (None, TypeError, "params: expected arrays of floats, in any structure, got NoneType"),
    ("W", TypeError, "params: expected arrays of floats, in any structure, got str"),
    (np.sin, TypeError, "params: expected arrays of floats, in any structure, got ufunc"),
    (np.arange(3), TypeError, "params: expected arrays of floats, in any structure, got ndarray"),
    ([1, 2], TypeError, "params[0]: expected an array of floats, got dtype int64"),
    ({"a": {"b": "text"}}, TypeError, "params.a.b: expected an array of floats, got dtype <U4"),
    ([], ValueError, "params: expected at least one array, got none"),
    ({"a": {}, "b": []}, ValueError, "params: expected at least one array, got none"),
]  # fmt: skip


@refusals([(lambda given=given: check_gradients(nested, given), kind, message)
           for given, kind, message in REFUSED])  # fmt: skip
def test_what_is_refused(call, kind, message):
    refuses(call, kind, message)


DATA = [
    ([1.0], "data: expected a mapping of names to arrays, got list"),
    ({"y": "text"}, "data['y']: expected an array of numbers, got dtype <U4"),
    ({"y": None}, "data['y']: expected an array of numbers, got objects of type NoneType"),
    ({"y": [1.0, [2.0]]}, "data['y']: expected an array of numbers, got setting an array element"),
    ({"y": np.ma.array([1.0])},
     "data['y']: expected an array of numbers, got a numpy.ma.MaskedArray"),
]  # fmt: skip


@refusals([(lambda given=given: check_gradients(nested, W, data=given), TypeError, message)
           for given, message in DATA])  # fmt: skip
def test_data_that_are_refused(call, kind, message):
    refuses(call, kind, message)


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
    assert report.reason.startswith("gradients: raised RuntimeError at test_trees.py:")
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


COMPLEX = {"z": np.array([1 + 2j, 0.5 - 1j]), "w": 0.5 + 0.25j, "b": B[:2]}


def modulus(p, sign):
    """Return Σ |z w + b|² and gradients ∂L/∂Re ± i ∂L/∂Im."""
    y = p["z"] * p["w"] + p["b"]
    grads = {"z": 2 * y * np.conj(p["w"]), "w": (2 * y * np.conj(p["z"])).sum(), "b": 2 * y.real}
    return (abs(y) ** 2).sum(), {n: g if sign > 0 else np.conj(g) for n, g in grads.items()}


@pytest.mark.parametrize(("sign", "library"), [(1, "PyTorch"), (-1, "JAX")])
@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_complex_parameters(sign, library, dtype):
    params = COMPLEX | {"z": COMPLEX["z"].astype(dtype)}
    report = check_gradients(lambda p: modulus(p, sign), params)
    assert report.ok, report
    assert report["z"].shape == (2, 2)
    assert report["w"].shape == (2,)
    assert any(note.endswith(f"as in {library}") for note in report.notes), report.notes
    assert any(note.startswith("complex: z, w; index") for note in report.notes)

    def slipped(p):
        loss, grads = modulus(p, sign)
        return loss, grads | {"z": grads["z"] + 1e-3j}

    wrong = check_gradients(slipped, params, locate=False)
    assert [b.name for b in wrong.blocks if b.verdict == "wrong"] == ["z"]


def test_two_conventions_in_one_function_are_wrong():
    def mixed(p):
        loss, grads = modulus(p, 1)
        return loss, grads | {"w": np.conj(grads["w"])}

    report = check_gradients(mixed, COMPLEX, locate=False)
    assert report.verdict == "wrong"
    assert len([b for b in report.blocks if b.verdict == "wrong"]) == 1
    assert any("as in PyTorch; that of w is" in n or "as in JAX; that of z is" in n
               for n in report.notes)  # fmt: skip


def test_a_real_gradient_of_a_complex_array_has_no_imaginary_part():
    real = check_gradients(lambda p: (p["z"].real.sum(), {"z": np.ones(2)}), {"z": COMPLEX["z"]})
    assert real.ok, real
    assert (
        check_gradients(
            lambda p: ((p["z"].real + p["z"].imag).sum(), {"z": np.ones(2)}), {"z": COMPLEX["z"]}
        ).verdict
        == "wrong"
    )


@pytest.mark.parametrize("name", ["float16", "float32", "longdouble", "bfloat16"])
def test_float_types(name):
    dtype = pytest.importorskip("ml_dtypes").bfloat16 if name == "bfloat16" else np.dtype(name)

    def typed(p):
        b = B.astype(p["W"].dtype)
        loss, dW, _ = network(p["W"], b)
        return loss, {"W": slip * dW}

    slip = 1.0
    report = check_gradients(typed, {"W": W.astype(dtype)}, locate=False)
    assert report.ok, report
    assert report.precision == "float64"  # the code follows
    narrow = name in ("float16", "bfloat16")  # whatever else is read is rounded to that too
    slip = 2.0 if narrow else 1.001
    found = check_gradients(typed, {"W": W.astype(dtype)}, locate=False)
    assert found.verdict in (("wrong", "undecided") if narrow else ("wrong",)), found


def test_bfloat16_that_the_code_does_not_leave():
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16

    def narrow(p):
        W = p["W"].astype(bfloat16)
        h = np.sin(W.astype(np.float32)).sum()
        return bfloat16(h), {"W": np.cos(W.astype(np.float32)).astype(bfloat16)}

    report = check_gradients(narrow, {"W": W.astype(bfloat16)}, locate=False)
    assert report.verdict in ("right", "undecided"), report
    assert report.precision == "bfloat16"


def test_gradients_of_huge_numbers():
    huge = 1e307
    report = check_gradients(
        lambda p: ((p["a"] * huge).sum(), {"a": np.full(3, huge)}), {"a": B / 4}, locate=False
    )
    assert report.verdict in ("right", "undecided"), report
